"""Asura (SPEC.md, section 12)."""

from dataclasses import dataclass
from typing import Any, Iterator

from .nodes import Change, Topology
from .rendezvous import weighted_order
from .words import MASK, mix, word

FULL = 2**31
OCTAVE = [mix((o + 1) * 0xA0761D6478BD642F) for o in range(32)]


def darts(key: int, exponent: int) -> Iterator[tuple[int, int]]:
    """The (slot, height) of the darts of a key on a board with 2^exponent slots, without end."""
    place = [0] * exponent
    number = 0
    while True:
        o, p, read = 0, number, []
        for j in reversed(range(exponent)):
            read.append(j)
            p = place[j]
            if word(key, p) >> j & 1:
                o = j + 1
                break
        for j in read:
            place[j] += 1
        number += 1
        y = (word(key, p) ^ OCTAVE[o]) * 0xD6E8FEB86659FD93
        bits = (y & MASK) ^ (y >> 64)
        slot = 2 ** (o - 1) + (bits & (2 ** (o - 1) - 1)) if o else 0
        yield slot, bits >> 33


def board_sequence(key: int, exponent: int, weights: list[int], limit: int) -> Iterator[int]:
    """The slots of the darts that hit, then all slots by weighted rendezvous."""
    for _, (slot, height) in zip(range(limit), darts(key, exponent)):
        if slot < len(weights) and height < weights[slot]:
            yield slot
    yield from weighted_order(key, ((s, w, s) for s, w in enumerate(weights)))


@dataclass(frozen=True)
class AsuraConfig:
    """Darts, and the exponent and the logarithm of the unit if they are configured."""

    darts: int = 256
    exponent: int | None = None
    unit: int | None = None


class Asura:
    """A board whose slots belong to nodes."""

    def __init__(self, topology: Topology, config: AsuraConfig = AsuraConfig()) -> None:
        self._set(topology, config)
        self._apply([Change(slot, False, True) for slot in topology.live])

    def _set(self, topology: Topology, config: AsuraConfig) -> None:
        self.topology, self.config = topology, config
        self.unit = config.unit
        self.exponent = config.exponent or 0
        self.holders: list[int | None] = []  # the node of each slot of the board
        self.partial: dict[int, int] = {}  # the recorded partial slot of a node

    def _slots_of(self, node: int) -> list[int]:
        return [s for s, holder in enumerate(self.holders) if holder == node]

    def _wanted(self, weight: int, unit: int) -> int:
        return (weight >> unit) + (weight % (1 << unit) > 0)

    def _apply(self, changes: list[Change]) -> None:
        live = self.topology.live
        if self.unit is None and live:
            weights = [node.weight for node in live.values()]
            self.unit = 0
            while sum(self._wanted(w, self.unit) for w in weights) > 8 * len(live):
                self.unit += 1
        for change in changes:
            if change.leaves and not change.joins:
                self.partial.pop(change.slot, None)
                for s in self._slots_of(change.slot):
                    self.holders[s] = None
        joining = [change.slot for change in changes if change.joins]
        for node in joining:
            slots, wanted = self._slots_of(node), self._wanted(live[node].weight, self.unit or 0)
            if len(slots) > wanted and node in self.partial:
                slots.remove(self.partial[node])
                self.holders[self.partial.pop(node)] = None
            while len(slots) > wanted:
                self.holders[slots.pop()] = None
        for node in joining:
            missing = self._wanted(live[node].weight, self.unit or 0) - len(self._slots_of(node))
            for _ in range(missing):
                if None not in self.holders:
                    self.holders.append(None)
                slot = self.holders.index(None)
                self.holders[slot] = node
                self.partial[node] = slot
        while self.holders and self.holders[-1] is None:
            self.holders.pop()
        while 2**self.exponent < len(self.holders):
            self.exponent += 1
        self._weigh()

    def _weigh(self) -> None:
        live = self.topology.live
        self.weights = [0 if holder is None else FULL for holder in self.holders]
        partial = {n: self.partial.get(n, max(self._slots_of(n))) for n in live}
        for node, slot in partial.items():
            self.weights[slot] = self._rest(node)
        self.partial = {n: slot for n, slot in partial.items() if self.weights[slot] < FULL}

    def _rest(self, node: int) -> int:
        unit = self.unit or 0
        r = self.topology.live[node].weight % (1 << unit)
        return max(1, (r * FULL) >> unit) if r else FULL

    def restore(self, topology: Topology, config: AsuraConfig, saved: dict[str, Any]) -> None:
        """Takes the state of the saved form."""
        self._set(topology, config)
        self.unit, self.exponent, self.holders = saved["unit"], saved["exponent"], saved["slots"]
        self.partial = {self.holders[s]: s for s in saved["rests"]}
        self._weigh()

    def change(self, topology: Topology, changes: list[Change]) -> "Asura":
        """All changes as one step."""
        after = Asura.__new__(Asura)
        after._set(topology, self.config)
        after.unit, after.exponent = self.unit, self.exponent
        after.holders, after.partial = self.holders[:], dict(self.partial)
        after._apply(changes)
        return after

    def compacted(self) -> "Asura":
        """The board with the smallest exponent; the configured exponent is forgotten."""
        after = self.change(self.topology, [])
        after.config = AsuraConfig(self.config.darts, None, self.config.unit)
        after.exponent = (len(self.holders) - 1).bit_length() if self.holders else 0
        return after

    def sequence(self, h: int) -> Iterator[int]:
        """The nodes of the board's sequence of slots."""
        key = mix(h ^ 0x6173757261203031)
        for s in board_sequence(key, self.exponent, self.weights, self.config.darts):
            node = self.holders[s]
            assert node is not None
            yield node
