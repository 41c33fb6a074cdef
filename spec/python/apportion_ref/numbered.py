"""Nodes numbered in the order in which they joined (SPEC.md, section 7, "Nodes")."""

from typing import Iterator

from .jump import BUCKET_FUNCTIONS, bucket_sequence
from .nodes import Change, Topology


class Numbered:
    """The jump family over nodes: bucket i is the node of slot order[i]."""

    def __init__(self, topology: Topology, algorithm: str, order: list[int] | None = None) -> None:
        if not topology.equal_weights():
            raise ValueError("all live nodes need the same weight")
        self.topology, self.algorithm = topology, algorithm
        self.order = list(topology.live) if order is None else order

    def change(self, topology: Topology, changes: list[Change]) -> "Numbered":
        """Takes off the leaving nodes, which must be the last ones; then adds the joining ones."""
        leaving = {c.slot for c in changes if c.leaves and not c.joins}
        stay = len(self.order) - len(leaving)
        if set(self.order[stay:]) != leaving:
            raise ValueError("only the nodes with the last numbers can leave")
        joining = [c.slot for c in changes if c.joins and not c.leaves]
        return Numbered(topology, self.algorithm, self.order[:stay] + joining)

    def sequence(self, h: int) -> Iterator[int]:
        """The bucket of the key, then its permutation of the others."""
        n = len(self.order)
        if n == 0:
            return iter(())
        bucket = BUCKET_FUNCTIONS[self.algorithm](h, n)
        return (self.order[b] for b in bucket_sequence(bucket, h, n))
