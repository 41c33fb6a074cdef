"""Saved forms of locators (SPEC.md, section 17)."""

from fractions import Fraction
from typing import Any

from . import fingerprints
from .anchor import Anchor, AnchorHash, JumpBackAnchor
from .asura import Asura, AsuraConfig
from .keys import Hasher
from .maglev import Maglev
from .nodes import Node, Topology
from .numbered import Numbered
from .rendezvous import Rendezvous, WeightedRendezvous
from .ring import GivenPoints, Ring, RingConfig
from .tables import PartitionTable


def _label(form: dict[str, str]) -> bytes:
    return form["text"].encode() if "text" in form else bytes.fromhex(form["hex"])


def _node(form: dict[str, Any] | None) -> Node | None:
    if form is None:
        return None
    domains = tuple((level, name) for level, name in form["domains"])
    return Node(_label(form["label"]), form["weight"], domains)


def _row_lengths(form: dict[str, Any]) -> list[int]:
    """The length of each row of a table; shorter ones if it is under-replicated."""
    copies = dict(form["copies"])
    lengths = [copies.get(p, form["replicas"]) for p in range(form["partitions"])]
    m = max(lengths)
    while form["under_replicated"] and sum(min(m, n) for n in lengths) > len(form["holders"]):
        m -= 1
    return [min(m, n) for n in lengths]


def _placement(topology: Topology, name: str, form: dict[str, Any]) -> Any:
    if name == "ring":
        scale = Fraction(*form["scale"]) if form["scale"] else None
        per_node, budget = form["points_per_node"], form["budget"]
        configured = None if per_node is not None else scale
        return Ring(topology, RingConfig(configured, per_node, budget), scale)
    if name == "given-points":
        lists = {_label(label): [int(p, 16) for p in points] for label, points in form["lists"]}
        return GivenPoints(topology, lists, form["rule"])
    if name == "numbered":
        return Numbered(topology, form["algorithm"], form["order"])
    if name in ("jump-back-anchor", "anchor"):
        anchor = Anchor(form["state"][0])
        for bucket in form["state"][1:]:
            anchor.remove(bucket)
        nodes = dict(zip(anchor.working(), form["order"]))
        if name == "jump-back-anchor":
            return JumpBackAnchor(topology, anchor, nodes)
        asked, capacity = form["asked_capacity"], form["capacity"]
        return AnchorHash(topology, anchor, nodes, asked=asked, capacity=capacity)
    if name == "asura":
        asked = form["asked_unit"]
        unit = None if asked is None else asked.bit_length() - 1
        board = Asura.__new__(Asura)
        board.restore(topology, AsuraConfig(form["darts"], form["asked_exponent"], unit), form)
        return board
    if name == "maglev":
        return Maglev(topology, form["table_size"])
    if name == "rendezvous":
        return Rendezvous(topology)
    if name == "weighted-rendezvous":
        return WeightedRendezvous(topology)
    rows, holders = [], iter(form["holders"])
    for length in _row_lengths(form):
        rows.append([next(holders) for _ in range(length)])
    return PartitionTable(topology, rows)


def restore(form: dict[str, Any], hasher: Hasher) -> Any:
    """The placement of a saved locator. Raises `ValueError` if its fingerprint differs."""
    if form["version"] > 1:
        raise ValueError("saved by a newer release")
    topology = Topology(tuple(map(_node, form["nodes"])))
    saved = form["placement"]
    name, fields = (saved, {}) if isinstance(saved, str) else next(iter(saved.items()))
    placement = _placement(topology, name, fields)
    if name == "partition-table":
        content = fingerprints.of_table(placement, fields)
    else:
        content = fingerprints.of_content(placement)
    if fingerprints.of_locator(content, hasher) != int(form["fingerprint"], 16):
        raise ValueError(f"another fingerprint than {form['fingerprint']}")
    return placement
