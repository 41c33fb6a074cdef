"""Fingerprints (SPEC.md, section 16)."""

from typing import Any

from .anchor import AnchorHash, JumpBackAnchor
from .asura import Asura
from .keys import Hasher, xxh3
from .maglev import Maglev
from .nodes import Topology
from .numbered import Numbered
from .rendezvous import Rendezvous, WeightedRendezvous
from .ring import GivenPoints, Ring
from .tables import PartitionTable
from .words import MASK, le64, mix


def text(x: bytes) -> bytes:
    """The bytes with their length before them."""
    return le64(len(x)) + x


def of_nodes(topology: Topology) -> int:
    """The fingerprint of the nodes, drained ones included."""
    data = text(b"apportion members 1")
    for node in sorted((n for n in topology.slots if n), key=lambda n: n.label):
        data += text(node.label) + text(le64(node.weight)) + text(le64(len(node.domains)))
        data += b"".join(text(level.encode()) + text(name.encode()) for level, name in node.domains)
    return xxh3(data)


def _name_and_words(placement: Any) -> tuple[str, list[int]]:
    slots = placement.topology.slots
    identity = {slot: node.identity for slot, node in enumerate(slots) if node}
    if isinstance(placement, Ring):
        scale, config = placement.scale, placement.config
        words = [scale.numerator, scale.denominator] if scale else [0, 0]
        if config.points_per_node is not None:
            words += [1, config.points_per_node, 0]
        else:
            assert config.scale
            words += [0, config.scale.numerator, config.scale.denominator]
        return "ring 1", words + [config.budget]
    if isinstance(placement, GivenPoints):
        words = [xxh3(placement.rule.encode())]
        for label in sorted(placement.lists):
            points = placement.lists[label]
            words += [xxh3(label), len(points), *points]
        return "given-points 1", words
    if isinstance(placement, Numbered):
        return placement.algorithm, [identity[slot] for slot in placement.order]
    if isinstance(placement, JumpBackAnchor):
        anchor = placement.anchor
        nodes = [identity[placement.nodes[b]] for b in anchor.working()]
        words = [anchor.size, *anchor.log, *nodes]
        if isinstance(placement, AnchorHash):
            return "anchor 1", [placement.capacity, placement.asked or 0, *words]
        return "jump-back-anchor 1", words
    if isinstance(placement, Rendezvous):
        return "rendezvous 1", []
    if isinstance(placement, WeightedRendezvous):
        return "weighted-rendezvous 1", []
    if isinstance(placement, Maglev):
        return "maglev 1", [placement.table_size]
    if isinstance(placement, Asura):
        asked = placement.config
        words = [placement.exponent, asked.darts]
        words += [MASK if x is None else x for x in (placement.unit, asked.exponent)]
        words.append(0 if asked.unit is None else 2**asked.unit)
        for slot, holder in enumerate(placement.holders):
            words += [] if holder is None else [slot, identity[holder]]
        return "asura 1", words + sorted(placement.partial.values())
    raise TypeError(f"no fingerprint of {placement!r}")


def of_table(table: PartitionTable, settings: dict[str, Any]) -> int:
    """The content of a partition table. Settings are the fields of the saved form."""
    named = bool(settings["name"]) or settings["under_replicated"]
    version = 3 if settings["copies"] else 2 if named else 1
    words = [len(table.rows), settings["replicas"], len(settings["limits"])]
    if version > 1:
        words += [xxh3(settings["name"].encode()), int(settings["under_replicated"])]
        words.append(max(map(len, table.rows)))
    for pair in sorted((xxh3(level.encode()), limit) for level, limit in settings["limits"]):
        words += pair
    for pair in sorted(settings["copies"]):
        words += pair
    for row in table.rows:
        for slot in row:
            node = table.topology.slots[slot]
            assert node
            words.append(node.identity)
    return _content(table.topology, f"partition-table {version}", words)


def _content(topology: Topology, name: str, words: list[int]) -> int:
    return xxh3(text(name.encode()) + le64(of_nodes(topology)) + b"".join(map(le64, words)))


def of_content(placement: Any) -> int:
    """The fingerprint of a placement with its nodes."""
    return _content(placement.topology, *_name_and_words(placement))


def of_locator(content: int, hasher: Hasher) -> int:
    """The fingerprint of a placement with its hasher."""
    return mix(content ^ mix(hasher.id))
