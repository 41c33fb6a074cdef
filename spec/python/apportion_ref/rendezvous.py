"""Scores, rendezvous and weighted rendezvous (SPEC.md, section 10 and appendix A)."""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Iterable, Iterator

from .nodes import Change, Topology
from .words import MASK, high, le64, mix
from .keys import xxh3


def score(h: int, identity: int) -> int:
    """The score of a key and a node."""
    return mix(mix(h ^ 0x6A09E667F3BCC909) ^ ((identity + 1) * 0xE7037ED1A0B428DB & MASK))


def _anchor_table() -> list[int]:
    with localcontext() as context:
        context.prec = 60
        exact = [2**57 * (1 - (Decimal(257 + i) / 256).ln() / Decimal(2).ln()) for i in range(256)]
        table = [int(x.to_integral_value()) for x in exact]
    for i in (123, 134, 161):
        table[i] += 1
    return table


RECIPROCAL = [(2**73 // (257 + i) + 1) // 2 for i in range(256)]
ANCHOR = _anchor_table()
assert xxh3(b"".join(map(le64, RECIPROCAL))) == 0xDA7047C5D96DBEF0
assert xxh3(b"".join(map(le64, ANCHOR))) == 0x5AD75799094F017A


def neg_log2(r: int) -> int:
    """−log2(r / 2^64) with 57 fractional bits, at least 1."""
    r = r or 1
    z = 64 - r.bit_length()
    m = r << z
    step = (m >> 55) & 255
    d = ((257 + step) << 55) - m
    delta = (d * RECIPROCAL[step]) >> 55
    e = delta >> 8
    q = 0x3333333333333333
    q = 2**62 + high(q, e)
    q = 0x5555555555555555 + high(q, e)
    q = 2**63 + high(q, e)
    q = high(q, e)
    s = delta + high(delta, q)
    s = (s * 0xB8AA3B295C17F0BC) >> 78
    return (z << 57) + ANCHOR[step] + s or 1


def weighted_order(h: int, items: Iterable[tuple[int, int, int]]) -> list[int]:
    """The last elements of (identity, weight, element) in weighted rendezvous order."""
    ranked = [(Fraction(neg_log2(score(h, i)), w), i, element) for i, w, element in items if w]
    return [element for _, _, element in sorted(ranked)]


def weighted_nodes(h: int, topology: Topology) -> list[int]:
    """All live nodes in weighted rendezvous order."""
    return weighted_order(h, ((n.identity, n.weight, slot) for slot, n in topology.live.items()))


class Rendezvous:
    """All live nodes by score, the highest first."""

    def __init__(self, topology: Topology) -> None:
        if not topology.equal_weights():
            raise ValueError("all live nodes need the same weight")
        self.topology = topology

    def change(self, topology: Topology, _changes: list[Change]) -> "Rendezvous":
        """The nodes alone decide."""
        return Rendezvous(topology)

    def sequence(self, h: int) -> Iterator[int]:
        """All live nodes by score."""
        live = self.topology.live
        return iter(sorted(live, key=lambda slot: score(h, live[slot].identity), reverse=True))


class WeightedRendezvous:
    """All live nodes by logarithm of the score over weight, the smallest first."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology

    def change(self, topology: Topology, _changes: list[Change]) -> "WeightedRendezvous":
        """The nodes alone decide."""
        return WeightedRendezvous(topology)

    def sequence(self, h: int) -> Iterator[int]:
        """All live nodes in weighted rendezvous order."""
        return iter(weighted_nodes(h, self.topology))
