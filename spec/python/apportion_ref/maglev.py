"""Maglev (SPEC.md, section 11)."""

import heapq
from typing import Iterator

from .nodes import Change, Topology
from .words import ceil_div, mix, reduce


class Maglev:
    """A table of M entries that the live nodes fill in turns."""

    def __init__(self, topology: Topology, table_size: int = 65537) -> None:
        if len(topology.live) > table_size:
            raise ValueError("more nodes than entries")
        self.topology, self.table_size = topology, table_size
        self.table = self._fill() if topology.live else []

    def _fill(self) -> list[int]:
        m, live = self.table_size, self.topology.live
        order = sorted(live, key=lambda slot: live[slot].identity)
        identities = [live[slot].identity for slot in order]
        entry = [mix(i ^ 0x6D61676C65766F66) % m for i in identities]  # the next one to try
        skip = [mix(i ^ 0x6D61676C6576736B) % (m - 1) + 1 for i in identities]
        weights = [live[slot].weight for slot in order]
        largest = max(weights)
        table: list[int | None] = [None] * m
        turns = [(1, node, 1) for node in range(len(order))]  # round, node, number of its turn
        for _ in range(m):
            at, node, k = heapq.heappop(turns)
            while table[entry[node]] is not None:
                entry[node] = (entry[node] + skip[node]) % m
            table[entry[node]] = order[node]
            following = max(at + 1, ceil_div(k * largest, weights[node]))
            heapq.heappush(turns, (following, node, k + 1))
        return [slot for slot in table if slot is not None]

    def change(self, topology: Topology, _changes: list[Change]) -> "Maglev":
        """The nodes alone decide."""
        return Maglev(topology, self.table_size)

    def sequence(self, h: int) -> Iterator[int]:
        """The nodes of the entry of the key and all entries after it."""
        start = reduce(h, self.table_size)
        return iter(self.table[start:] + self.table[:start])
