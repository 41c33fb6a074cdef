"""Ring (SPEC.md, section 6)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Callable, Iterable, Iterator, Mapping

from .keys import xxh3
from .nodes import Change, Topology
from .words import MASK, le32, mix, word


def first_at_or_after(h: int, p: int) -> tuple[int, int]:
    """Clockwise from h."""
    return (p - h) & MASK, 0


def first_after(h: int, p: int) -> tuple[int, int]:
    """Clockwise; a point equal to h comes last."""
    return (p - h - 1) & MASK, 0


def last_at_or_before(h: int, p: int) -> tuple[int, int]:
    """Counter-clockwise from h."""
    return (h - p) & MASK, 0


def nearest(h: int, p: int) -> tuple[int, int]:
    """Outward in both directions."""
    d = (h - p) & MASK
    return (d, 0) if 1 <= d <= 2**63 else ((p - h) & MASK, 1)


RULES: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "first-at-or-after": first_at_or_after,
    "first-after": first_after,
    "last-at-or-before": last_at_or_before,
    "nearest": nearest,
}


class Circle:
    """Points of nodes on a circle of 2^64 positions, and a rule."""

    def __init__(self, topology: Topology, rule: str = "first-at-or-after") -> None:
        self.topology, self.distance = topology, RULES[rule]
        self.points: list[tuple[int, int, int]] = []  # position, identity, slot

    def put(self, slot: int, positions: Iterable[int]) -> None:
        """Gives a node its points."""
        identity = self.topology.live[slot].identity
        self.points += [(p, identity, slot) for p in positions]

    def sequence(self, h: int) -> Iterator[int]:
        """The nodes of all points by distance from the hash."""
        ranked = sorted((self.distance(h, p), identity, slot) for p, identity, slot in self.points)
        return (slot for _, _, slot in ranked)


def native_points(identity: int, count: int) -> list[int]:
    """The points of a node of the scheme `ring`."""
    s = mix(identity ^ 0x72696E67706F696E)
    return [word(s, i) for i in range(count)]


def point_count(weight: int, scale: Fraction) -> int:
    """The number of points of a node of this weight."""
    return max(1, weight * scale.numerator // scale.denominator)


def total_points(weights: Iterable[int], scale: Fraction) -> int:
    """The number of points of all nodes."""
    return sum(point_count(weight, scale) for weight in weights)


def derived_scale(weights: list[int], points_per_node: int, budget: int) -> Fraction:
    """The scale that gives the first live nodes about `points_per_node` points each."""
    total = sum(weights)
    wanted = min(points_per_node * len(weights), budget)
    ratio = Fraction(wanted, total)
    while max(ratio.numerator, ratio.denominator) > MASK:
        ratio = Fraction(max(1, ratio.numerator // 2), max(1, ratio.denominator // 2))
    if total_points(weights, ratio) <= budget:
        return ratio
    while total > MASK:
        total >>= 1
    low, high = 1, wanted  # the number of points grows with m
    while low < high:
        middle = (low + high + 1) // 2
        fits = total_points(weights, Fraction(middle, total)) <= budget
        low, high = (middle, high) if fits else (low, middle - 1)
    return Fraction(low, total)


@dataclass
class RingConfig:
    """A constant scale (points, weight), or the number of points of each node to derive it from."""

    scale: Fraction | None = Fraction(160, 1)
    points_per_node: int | None = None
    budget: int = 2**24


class Ring(Circle):
    """The native ring."""

    def __init__(
        self, topology: Topology, config: RingConfig | None = None, scale: Fraction | None = None
    ) -> None:
        super().__init__(topology)
        self.config = config or RingConfig()
        self.scale = scale or self.config.scale
        if self.config.points_per_node is not None and scale is None:
            weights = [node.weight for node in topology.live.values()]
            per_node, budget = self.config.points_per_node, self.config.budget
            self.scale = derived_scale(weights, per_node, budget) if weights else None
        for slot, node in topology.live.items():
            assert self.scale
            self.put(slot, native_points(node.identity, point_count(node.weight, self.scale)))
        if len(self.points) > self.config.budget:
            raise ValueError("the points exceed the budget")

    def change(self, topology: Topology, _changes: list[Change]) -> "Ring":
        """The ring after changes. A scale once derived stays."""
        return Ring(topology, self.config, self.scale)


class GivenPoints(Circle):
    """A ring whose points are listed for each label."""

    def __init__(self, topology: Topology, lists: Mapping[bytes, Iterable[int]], rule: str) -> None:
        super().__init__(topology, rule)
        self.rule, self.lists = rule, {label: sorted(set(lists[label])) for label in lists}
        for slot, node in topology.live.items():
            self.put(slot, self.lists.get(node.label, []))


class LabelPoints(Circle):
    """A ring whose points are hashes of the label and a number, 160 by default."""

    def __init__(self, topology: Topology, count: int = 160) -> None:
        super().__init__(topology)
        for slot, node in topology.live.items():
            self.put(slot, (xxh3(node.label + le32(i)) for i in range(count)))
