"""Replicas in failure domains (SPEC.md, section 14), and subsets of tenants (section 10.3)."""

from dataclasses import dataclass
from typing import Iterable

from .nodes import Topology, candidates
from .rendezvous import weighted_nodes


@dataclass(frozen=True)
class Spread:
    """A rule: `strict`, `best-effort` or `even`; (level, limit) pairs, the outermost level first.

    An even spread has no limits.
    """

    rule: str
    k: int
    limits: tuple[tuple[str, int | None], ...]

    def _domains(self, topology: Topology, slot: int) -> list[tuple[str, ...]]:
        """For each level of the rule the names of the node's domains down to it."""
        domains = topology.live[slot].domains
        levels = [level for level, _ in domains]
        names = [name for _, name in domains]
        return [tuple(names[: levels.index(level) + 1]) for level, _ in self.limits]

    def _counts(self, topology: Topology, chosen: list[int], slot: int) -> list[int]:
        own = self._domains(topology, slot)
        others = [self._domains(topology, c) for c in chosen]
        return [sum(o[i] == own[i] for o in others) for i in range(len(own))]

    def refused(self, topology: Topology) -> bool:
        """Whether the rule is strict and the domains have no room for k replicas."""
        room = {self._path(topology, slot): 1 for slot in topology.live}
        for depth in reversed(range(len(self.limits) + 1)):
            inside: dict[tuple[tuple[str, ...], ...], int] = {}
            for path, count in room.items():
                inside[path[:depth]] = inside.get(path[:depth], 0) + count
            limit = self.limits[depth - 1][1] if depth else self.k
            room = {path: min(count, limit or self.k) for path, count in inside.items()}
        return self.rule == "strict" and room.get((), 0) < self.k

    def _path(self, topology: Topology, slot: int) -> tuple[tuple[str, ...], ...]:
        return (*self._domains(topology, slot), (str(slot),))

    def choose(self, topology: Topology, sequence: Iterable[int]) -> list[int]:
        """The replicas of a key with this sequence of (admitted) candidates."""
        ranked = list(candidates(sequence))
        chosen: list[int] = []
        if self.rule == "even":
            while len(chosen) < min(self.k, len(ranked)):
                free = [c for c in ranked if c not in chosen]
                chosen.append(min(free, key=lambda c: self._counts(topology, chosen, c)))
            return chosen
        passes = len(self.limits) if self.rule == "best-effort" else 0
        for dropped in range(passes + 1):
            limits = [limit for _, limit in self.limits][: len(self.limits) - dropped]
            for c in ranked:
                if c in chosen or len(chosen) == self.k:
                    continue
                counts = self._counts(topology, chosen, c)
                if all(count < (limit or self.k) for count, limit in zip(counts, limits)):
                    chosen.append(c)
        return chosen

    def kept(self, topology: Topology, chosen: list[int]) -> int:
        """The number of levels, from the outermost one on, whose limit holds."""
        for i, (_, limit) in enumerate(self.limits):
            if limit and any(self._counts(topology, chosen, c)[i] > limit for c in chosen):
                return i
        return len(self.limits)


def subset(topology: Topology, tenant: int, k: int, spread: Spread | None = None) -> list[int]:
    """The nodes of a tenant with this hash."""
    ranked = weighted_nodes(tenant, topology)
    return spread.choose(topology, ranked) if spread else ranked[:k]
