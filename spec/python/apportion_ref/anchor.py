"""JumpBackAnchor and AnchorHash (SPEC.md, section 9)."""

from itertools import count
from typing import Iterator

from .jump import bucket_sequence, jump_back
from .nodes import Change, Topology
from .words import low32, reduce, word


class Anchor:
    """Buckets of which any may be removed."""

    def __init__(self, size: int, log: list[int] | None = None) -> None:
        self.size = size
        self.log: list[int] = []
        self.left: dict[int, int] = {}
        self.instead: dict[int, int] = {}
        self.w = list(range(size))
        self.l = list(range(size))
        for bucket in log or []:
            self.remove(bucket)

    def remove(self, b: int) -> None:
        """Removes a working bucket that is not the only one."""
        if not self.log and b == self.size - 1:
            self.size -= 1
            self.w.pop()
            self.l.pop()
            return
        self.log.append(b)
        self.left[b] = self.size - len(self.log)
        self.instead[b] = self.w[self.left[b]]
        p = self.l[b]
        self.w[p] = self.instead[b]
        self.l[self.instead[b]] = p

    def add(self) -> int:
        """Adds a bucket and returns it."""
        if not self.log:
            self.w.append(self.size)
            self.l.append(self.size)
            self.size += 1
            return self.size - 1
        b = self.log.pop()
        q = self.left.pop(b)
        del self.instead[b]
        r = self.w[q]
        self.w[self.l[b]] = b
        self.l[r] = q
        return b

    def working(self) -> list[int]:
        """The working buckets, ascending."""
        return [b for b in range(self.size) if b not in self.left]

    def lookup(self, h: int) -> int:
        """The bucket of a hash."""
        b, used = jump_back(h, self.size)
        while b in self.left:
            l = self.left[b]
            u, used = _uniform(h, l, used)
            while u in self.left and self.left[u] >= l:
                u = self.instead[u]
            b = u
        return b

    def sequence(self, h: int) -> Iterator[int]:
        """The bucket of the lookup, then the permutation of the other working buckets."""
        buckets = bucket_sequence(self.lookup(h), h, self.size)
        return (b for b in buckets if b not in self.left)


def _uniform(h: int, l: int, used: int) -> tuple[int, int]:
    """A number in 0..l-1 and the number of words used so far."""
    m = low32(word(h, used)) * l
    used += 1
    if low32(m) < l:
        t = (2**32 - l) % l
        while low32(m) < t:
            m = low32(word(h, used)) * l
            used += 1
    return m >> 32, used


class JumpBackAnchor:
    """An anchor whose working buckets are nodes: slot `nodes[b]` has bucket b."""

    def __init__(
        self, topology: Topology, anchor: Anchor | None = None, nodes: dict[int, int] | None = None
    ) -> None:
        if not topology.equal_weights():
            raise ValueError("all live nodes need the same weight")
        self.topology = topology
        self.anchor = anchor or Anchor(len(topology.live))
        self.nodes = dict(enumerate(topology.live)) if nodes is None else nodes

    def change(self, topology: Topology, changes: list[Change]) -> "JumpBackAnchor":
        """The changes one after the other."""
        anchor, nodes = Anchor(self.anchor.size, self.anchor.log), dict(self.nodes)
        for change in changes:
            if change.leaves and not change.joins:
                bucket = next(b for b in nodes if nodes[b] == change.slot)
                del nodes[bucket]
                if nodes:
                    anchor.remove(bucket)
                else:
                    anchor = Anchor(0)
            if change.joins and not change.leaves:
                nodes[anchor.add()] = change.slot
        return JumpBackAnchor(topology, anchor, nodes)

    def sequence(self, h: int) -> Iterator[int]:
        """The nodes of the anchor's sequence."""
        return (self.nodes[b] for b in self.anchor.sequence(h)) if self.nodes else iter(())


class FixedAnchor(Anchor):
    """Buckets among a fixed capacity; those from `size` on never had a node."""

    def __init__(self, size: int, log: list[int] | None = None, *, capacity: int) -> None:
        super().__init__(size, log)
        self.capacity = capacity

    def lookup(self, h: int) -> int:
        """The bucket of a hash."""
        b = reduce(h, self.capacity)
        draws = count()
        while b in self.left or b >= self.size:
            l = self.left.get(b, b)
            u = reduce(word(h, next(draws)), l)
            while u in self.left and self.left[u] >= l:
                u = self.instead[u]
            b = u
        return b


class AnchorHash(JumpBackAnchor):
    """Nodes in the buckets of a fixed capacity."""

    def __init__(
        self,
        topology: Topology,
        anchor: Anchor | None = None,
        nodes: dict[int, int] | None = None,
        *,
        asked: int | None = None,
        capacity: int | None = None,
    ) -> None:
        super().__init__(topology, anchor, nodes)
        live = len(topology.live)
        self.asked = asked
        self.capacity = capacity or asked or min(max(16, 2 * live), 2**26)
        if live > self.capacity:
            raise ValueError("more live nodes than the capacity")
        self.anchor = FixedAnchor(self.anchor.size, self.anchor.log, capacity=self.capacity)

    def change(self, topology: Topology, changes: list[Change]) -> "AnchorHash":
        """First all nodes leave, then others join; the capacity stays once a node is live."""
        changes = sorted(changes, key=lambda change: change.joins and not change.leaves)
        after = super().change(topology, changes)
        capacity = self.capacity if self.nodes else None
        return AnchorHash(topology, after.anchor, after.nodes, asked=self.asked, capacity=capacity)
