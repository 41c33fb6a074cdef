"""Nodes, slots and changes; candidates (SPEC.md, sections 4 and 5)."""

from dataclasses import dataclass, field
from typing import Iterable, Iterator

from .keys import xxh3


@dataclass(frozen=True)
class Node:
    """A node. Its label has the whole-key bytes of its id."""

    label: bytes
    weight: int = 1
    domains: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> int:
        """The hash of the label, whatever hasher the keys have."""
        return xxh3(self.label)


@dataclass(frozen=True)
class Change:
    """What happens to the node of a slot: it joins or leaves, or both (another live weight)."""

    slot: int
    leaves: bool
    joins: bool


@dataclass(frozen=True)
class Topology:
    """A list of slots, each with a node or None."""

    slots: tuple[Node | None, ...] = ()
    live: dict[int, Node] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        live = {i: node for i, node in enumerate(self.slots) if node and node.weight}
        object.__setattr__(self, "live", live)

    def slot_of(self, label: bytes) -> int:
        """The slot of the node with this label."""
        return next(i for i, node in enumerate(self.slots) if node and node.label == label)

    def equal_weights(self) -> bool:
        """Whether all live nodes have the same weight."""
        return len({node.weight for node in self.live.values()}) <= 1


class Edit:
    """Changes of a topology, one after the other."""

    def __init__(self, topology: Topology) -> None:
        self.slots = list(topology.slots)
        self.changes: list[Change] = []

    def add(self, node: Node) -> None:
        """A node joins and takes the lowest free slot."""
        if None not in self.slots:
            self.slots.append(None)
        slot = self.slots.index(None)
        self.slots[slot] = node
        self.changes.append(Change(slot, False, node.weight > 0))

    def _find(self, label: bytes) -> tuple[int, Node]:
        slot = Topology(tuple(self.slots)).slot_of(label)
        node = self.slots[slot]
        assert node
        return slot, node

    def remove(self, label: bytes) -> None:
        """A node leaves and empties its slot."""
        slot, node = self._find(label)
        self.slots[slot] = None
        self.changes.append(Change(slot, node.weight > 0, False))

    def reweight(self, label: bytes, weight: int) -> None:
        """A node has another weight and stays in its slot. From and to 0 it joins and leaves."""
        slot, node = self._find(label)
        self.slots[slot] = Node(label, weight, node.domains)
        self.changes.append(Change(slot, node.weight > 0, weight > 0))

    def replace(self, nodes: list[Node]) -> None:
        """A whole new list of nodes, matched with the present ones by label."""
        old = {node.label: node for node in self.slots if node}
        new = {node.label: node for node in nodes}
        for label in sorted(old.keys() - new.keys()):
            self.remove(label)
        for label in sorted(old.keys() & new.keys()):
            if old[label].weight and old[label].weight != new[label].weight:
                self.reweight(label, new[label].weight)
        for node in nodes:
            if node.label not in old:
                self.add(node)
            elif old[node.label].weight == 0 and node.weight:
                self.reweight(node.label, node.weight)
        self.slots = [node and new[node.label] for node in self.slots]

    def done(self) -> Topology:
        """The topology after the changes. Empty slots at the end are dropped."""
        slots = self.slots[:]
        while slots and slots[-1] is None:
            slots.pop()
        return Topology(tuple(slots))


def topology(nodes: Iterable[Node]) -> Topology:
    """A fresh topology: slots 0, 1, … in the order given."""
    return Topology(tuple(nodes))


def candidates(sequence: Iterable[int]) -> Iterator[int]:
    """The sequence of a key without repetitions."""
    seen: set[int] = set()
    for slot in sequence:
        if slot not in seen:
            seen.add(slot)
            yield slot
