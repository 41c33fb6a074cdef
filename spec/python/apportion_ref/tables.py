"""Partition tables (SPEC.md, section 13)."""

from typing import Iterator, Protocol, Sequence

from .nodes import Topology, candidates
from .rendezvous import weighted_nodes
from .words import ceil_div, reduce, word


class Placement(Protocol):
    """What all placements have."""

    topology: Topology

    def sequence(self, h: int) -> Iterator[int]:
        """The live nodes for a key hash; a node may occur more than once."""


class PartitionTable:
    """Rows of holders (slots), one row for each partition."""

    def __init__(self, topology: Topology, rows: Sequence[Sequence[int]]) -> None:
        self.topology, self.rows = topology, [list(row) for row in rows]

    def partition(self, h: int) -> int:
        """The partition of a key."""
        return reduce(h, len(self.rows))

    def replicas(self, h: int) -> list[int]:
        """The holders of the key's partition, the owner first."""
        return self.rows[self.partition(h)]

    def sequence(self, h: int) -> Iterator[int]:
        """The holders, then all live nodes by weighted rendezvous."""
        yield from self.replicas(h)
        yield from weighted_nodes(h, self.topology)

    def split(self, m: int) -> "PartitionTable":
        """The table with m partitions in place of each one."""
        return PartitionTable(self.topology, [row for row in self.rows for _ in range(m)])


def derived(placement: Placement, partitions: int, replicas: int) -> PartitionTable:
    """A table that copies another placement."""
    rows = []
    for p in range(partitions):
        first = ceil_div(p << 64, partitions)
        width = ceil_div((p + 1) << 64, partitions) - first
        h = first + reduce(word(p, partitions), width) if partitions > 1 else word(0, 1)
        rows.append(list(candidates(placement.sequence(h)))[:replicas])
    return PartitionTable(placement.topology, rows)
