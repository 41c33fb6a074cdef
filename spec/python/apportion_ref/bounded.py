"""Bounded loads (SPEC.md, section 15)."""

from fractions import Fraction
from math import ceil
from typing import Iterable

from .nodes import candidates
from .tables import Placement


def cap(factor: Fraction, keys: int, weight: int, total: int) -> int:
    """The maximum number of keys of a node."""
    return ceil(factor * keys * weight / total)


class Loads:
    """Keys and their nodes. Holders are labels, so that they outlive changes of the nodes."""

    def __init__(self, placement: Placement, factor: Fraction, canonical: bool) -> None:
        self.placement, self.factor, self.canonical = placement, factor, canonical
        self.holder: dict[int, bytes] = {}

    def _caps(self, keys: int, factor: Fraction | None = None) -> dict[bytes, int]:
        live = self.placement.topology.live.values()
        total = sum(node.weight for node in live)
        return {n.label: cap(factor or self.factor, keys, n.weight, total) for n in live}

    def _loads(self) -> dict[bytes, int]:
        loads = {node.label: 0 for node in self.placement.topology.live.values()}
        for label in self.holder.values():
            loads[label] += 1
        return loads

    def _candidates(self, h: int) -> Iterable[bytes]:
        live = self.placement.topology.live
        return (live[slot].label for slot in candidates(self.placement.sequence(h)))

    def _place(self, keys: Iterable[int], caps: dict[bytes, int]) -> None:
        loads = self._loads()
        for h in keys:
            label = next(c for c in self._candidates(h) if loads[c] < caps[c])
            self.holder[h] = label
            loads[label] += 1

    def _settle(self, keys: Iterable[int]) -> None:
        """Canonical: all keys anew, ascending."""
        keys = sorted(keys)
        self.holder = {}
        self._place(keys, self._caps(len(keys)))

    def add(self, h: int) -> None:
        """Adds a key."""
        if self.canonical:
            self._settle(self.holder.keys() | {h})
        elif h not in self.holder:
            self._place([h], self._caps(len(self.holder) + 1))

    def remove(self, h: int) -> None:
        """Removes a key."""
        if self.canonical:
            return self._settle(self.holder.keys() - {h})
        self.holder.pop(h, None)
        self._release(self._caps(len(self.holder)))
        return None

    def _release(self, caps: dict[bytes, int]) -> None:
        """Takes keys from nodes above their caps, the highest hashes first, and places them."""
        loads, released = self._loads(), []
        for h in sorted(self.holder, reverse=True):
            if loads[self.holder[h]] > caps[self.holder[h]]:
                loads[self.holder.pop(h)] -= 1
                released.append(h)
        self._place(released, caps)

    def change(self, placement: Placement) -> None:
        """Other nodes."""
        old = {node.label: node.weight for node in self.placement.topology.live.values()}
        self.placement = placement
        if self.canonical:
            return self._settle(self.holder)
        live = {node.label: node.weight for node in placement.topology.live.values()}
        caps = self._caps(len(self.holder))
        homeless = sorted(h for h, label in self.holder.items() if label not in live)
        for h in homeless:
            del self.holder[h]
        self._place(homeless, caps)
        self._release(caps)
        gaining = {label for label, weight in live.items() if weight > old.get(label, 0)}
        self._fill(gaining)
        return None

    def _fill(self, gaining: set[bytes]) -> None:
        """Gaining nodes take keys that prefer them, up to their fair loads."""
        fair, loads, again = self._caps(len(self.holder), Fraction(1)), self._loads(), True
        while again:
            again = False
            for h in sorted(self.holder):
                wanting = {label for label in gaining if loads[label] < fair[label]}
                if not wanting:
                    break
                m = self.holder[h]
                label = next(c for c in self._candidates(h) if c == m or c in wanting)
                if label != m:
                    self.holder[h] = label
                    loads[label] += 1
                    loads[m] -= 1
                    again |= m in gaining


def pick(
    ranked: list[tuple[int, int]],
    factor: Fraction,
    loads: dict[int, int],
    *,
    cost: int = 1,
    margin: int = 0,
    gateways: int = 1,
    max_load: int | None = None,
    shedding: bool = False,
) -> int | None:
    """The node for a request, of the live candidates (node, weight) in order; None: refused."""
    total = sum(loads.values()) + max(cost, 1)
    weights = sum(weight for _, weight in ranked)
    share = None if max_load is None else max_load // gateways

    def limit(weight: int) -> int:
        even = Fraction(total * weight, weights)
        return ceil(max(factor * even, even + Fraction(margin, gateways)))

    fits = [c for c in ranked if share is None or loads[c[0]] + cost <= share]
    for node, weight in fits:
        if loads[node] < limit(weight):
            return node
    if shedding or not fits:
        return None
    return min(fits, key=lambda c: Fraction(loads[c[0]], c[1]))[0]
