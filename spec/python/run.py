#!/usr/bin/env python3
"""Runs the reference and the checker of plans over all vectors, and counts what agrees.

usage: run.py [--vectors FOLDER] [TOPIC]...

Exit status 1 if any answer differs.
"""

import json
import string
import sys
from fractions import Fraction
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Iterable

import check_plan
from apportion_ref import bounded, fingerprints, keys, ring, spread, tables
from apportion_ref.anchor import Anchor, AnchorHash
from apportion_ref.asura import Asura, AsuraConfig, board_sequence
from apportion_ref.jump import BUCKET_FUNCTIONS, bucket_sequence, flip
from apportion_ref.maglev import Maglev
from apportion_ref.nodes import Edit, Node, Topology, candidates, topology
from apportion_ref.placements import ALGORITHMS
from apportion_ref.rendezvous import score, weighted_order
from apportion_ref.words import le32

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
Case = dict[str, Any]


class Tally:
    """Counts answers that agree and prints those that do not."""

    def __init__(self, topic: str) -> None:
        self.topic, self.agree, self.differ = topic, 0, 0

    def same(self, where: str, mine: Any, recorded: Any) -> None:
        """Compares one answer."""
        if mine == recorded:
            self.agree += 1
            return
        self.differ += 1
        if self.differ <= 5:
            print(f"{self.topic}: {where}: computed {mine}, recorded {recorded}")


def first(sequence: Iterable[int], k: int) -> list[int]:
    """The first k candidates of a sequence."""
    return list(islice(candidates(sequence), k))


def read_nodes(listed: list[Case]) -> list[Node]:
    """The nodes of a list."""
    return [
        Node(n["label"].encode(), n["weight"], tuple((l, d) for l, d in n.get("domains", [])))
        for n in listed
    ]


def hashes(case: Case) -> list[int]:
    """The hashes of a case's keys."""
    return [int(text, 16) for text in case["keys"]]


def read_key(typed: Case) -> Any:
    """A key as the reference takes it."""
    ((kind, value),) = typed.items()
    if kind in ("text", "bool"):
        return value
    if kind == "bytes":
        return bytes.fromhex(value)
    if kind == "repeat":
        return value[0] * value[1]
    if kind == "int":
        return int(value)
    if kind == "int128":
        return keys.Int128(int(value))
    if kind == "char":
        return keys.Char(value)
    if kind == "tuple":
        return tuple(map(read_key, value))
    if kind == "list":
        return list(map(read_key, value))
    if kind == "none":
        return None
    if kind == "some":
        return keys.Some(read_key(value))
    if kind == "enum":
        return keys.Enum(value[0], tuple(map(read_key, value[1])))
    if kind == "duration":
        return tuple(value)
    if kind in ("ipv4", "ipv6", "ip"):
        address = ip_address(value)
        return keys.EitherFamily(address) if kind == "ip" else address
    socket = keys.Socket(ip_address(value[0]), *value[1:])
    return keys.EitherFamily(socket) if kind == "socket" else socket


def check_keys(case: Case, tally: Tally) -> None:
    """Bytes of keys and their hashes."""
    if "key" in case:
        key, sip = read_key(case["key"]), keys.sip_hasher(b"sixteen byte key")
        if case["bytes"] is not None:
            tally.same(f"bytes of {key}", keys.whole(key).hex(), case["bytes"])
        tally.same(f"XXH3 of {key}", f"{keys.XXH3.hash(key):016x}", case["xxh3"])
        tally.same(f"SipHash of {key}", f"{sip.hash(key):016x}", case["siphash"])
    elif "seed" in case:
        h, seed = int(case["hash"], 16), int(case["seed"], 16)
        tally.same("seeded", f"{keys.with_seed(h, seed):016x}", case["seeded"])
        tally.same("id", f"{keys.seeded(keys.XXH3, seed).id:016x}", case["hasher_id"])
    else:
        hasher = keys.sip_hasher(bytes.fromhex(case["secret"]))
        tally.same("id", f"{hasher.id:016x}", case["hasher_id"])


def check_functions(case: Case, tally: Tally) -> None:
    """Functions of numbers alone."""
    replicas = case.get("replicas", [])
    for i, h in enumerate(hashes(case)):
        if "buckets" in case:
            n, by = case["buckets"], BUCKET_FUNCTIONS[case["replicas_by"]]
            for name, function in BUCKET_FUNCTIONS.items():
                if name in case:
                    tally.same(f"{name}({h:016x}, {n})", function(h, n), case[name][i])
            buckets = first(bucket_sequence(by(h, n), h, n), len(replicas[i]))
            tally.same(f"replicas of {h:016x} in {n}", buckets, replicas[i])
        elif "end" in case:
            mine = flip(h, int(case["seed"], 16), int(case["end"], 16))
            tally.same(f"flip of {h:016x}", f"{mine:016x}", case["flip"][i])
        elif "anchor" in case:
            anchor = Anchor(case["anchor"])
            for op, bucket in case["history"]:
                if op == "add":
                    tally.same("added bucket", anchor.add(), bucket)
                else:
                    anchor.remove(bucket)
            state = b"".join(map(le32, [anchor.size, *anchor.log]))
            tally.same("state", state.hex(), case["state"])
            tally.same(f"anchor of {h:016x}", first(anchor.sequence(h), 3), replicas[i])
        elif "board" in case:
            sequence = board_sequence(h, case["board"], case["weights"], case["darts"])
            tally.same(f"board of {h:016x}", first(sequence, 4), replicas[i])
        else:
            ids = [int(text, 16) for text in case["identities"]]
            plain = sorted(range(len(ids)), key=lambda n: -score(h, ids[n]))
            tally.same(f"rendezvous of {h:016x}", plain, case["rendezvous"][i])
            items = [(i, int(w), n) for n, (i, w) in enumerate(zip(ids, case["weights"]))]
            weighted = weighted_order(h, items)
            tally.same(f"weighted of {h:016x}", weighted, case["weighted-rendezvous"][i])


def start(case: Case) -> Any:
    """The placement with which a history starts."""
    nodes, name, config = topology(read_nodes(case["nodes"])), case["algorithm"], case["config"]
    if name == "ring" and config:
        scale = Fraction(*config["scale"]) if "scale" in config else None
        budget = config.get("budget", 2**24)
        return ring.Ring(nodes, ring.RingConfig(scale, config.get("points_per_node"), budget))
    if name == "asura" and config:
        unit = config["unit"].bit_length() - 1
        return Asura(nodes, AsuraConfig(config.get("darts", 256), config.get("board"), unit))
    if name == "anchor":
        return AnchorHash(nodes, asked=config.get("capacity"))
    if name == "maglev" and config:
        return Maglev(nodes, config["table_size"])
    return ALGORITHMS[name](nodes)


def edit(step: Case, before: Topology) -> Edit:
    """The changes of a step."""
    changes = Edit(before)
    for node in read_nodes(step.get("add", [])):
        changes.add(node)
    for label in step.get("remove", []):
        changes.remove(label.encode())
    for label, weight in step.get("reweight", []):
        changes.reweight(label.encode(), weight)
    if "replace" in step:
        changes.replace(read_nodes(step["replace"]))
    return changes


def check_histories(case: Case, tally: Tally) -> None:
    """Every algorithm through changes of its nodes."""
    placement, name = start(case), case["algorithm"]
    for number, step in enumerate(case["steps"]):
        where = f"{name} {case['config']}, step {number}"
        if number:
            if "compact" in step:
                placement = placement.compacted()
            changes = edit(step, placement.topology)
            try:
                placement = placement.change(changes.done(), changes.changes)
            except ValueError as error:
                tally.same(f"{where}: {error}", True, step.get("refused", False))
                continue
        after = step.get("after", step)
        if step.get("refused"):
            tally.same(where, "an answer", "refused")
            return
        labels = [n and n.label.decode() for n in placement.topology.slots]
        tally.same(f"{where}, slots", labels, after["slots"])
        fingerprint = fingerprints.of_locator(fingerprints.of_content(placement), keys.XXH3)
        tally.same(f"{where}, fingerprint", f"{fingerprint:016x}", after["fingerprint"])
        for h, recorded in zip(hashes(case), after["replicas"]):
            mine = first(placement.sequence(h), 5)
            tally.same(f"{where}, {h:016x}", mine, recorded)


def check_rings(case: Case, tally: Tally) -> None:
    """Rings of given points and of points from labels."""
    if "points_32" in case:
        for (_, short), (_, points) in zip(case["points_32"], case["points"]):
            tally.same("points", [f"{p << 32:016x}" for p in short], points)
        return
    nodes = topology(read_nodes(case["nodes"]))
    circle: Any
    if "label_points" in case:
        circle = ring.LabelPoints(nodes, case["label_points"])
    else:
        lists = {
            node.label: [int(p, 16) for p in points]
            for node, points in zip(nodes.slots, case["points"])
            if node
        }
        circle = ring.GivenPoints(nodes, lists, case["rule"])
        content = fingerprints.of_content(circle)
        mine = f"{fingerprints.of_locator(content, keys.XXH3):016x}"
        tally.same("fingerprint", mine, case["fingerprint"])
    for h, recorded in zip(hashes(case), case["replicas"]):
        replicas = first(circle.sequence(h), len(recorded))
        tally.same(f"{case.get('rule')}, {h:016x}", replicas, recorded)


def check_tables(case: Case, tally: Tally) -> None:
    """Lookups in tables, splits, derived tables."""
    nodes = topology(read_nodes(case["nodes"]))
    if "derived_from" in case:
        placement = ALGORITHMS[case["derived_from"]](nodes)
        table = tables.derived(placement, case["partitions"], 3)
        tally.same(f"derived from {case['derived_from']}", table.rows, case["rows"])
        return
    table = tables.PartitionTable(nodes, case["rows"])
    content = fingerprints.of_table(table, case["settings"])
    fingerprint = f"{fingerprints.of_locator(content, keys.XXH3):016x}"
    tally.same(f"fingerprint with {case['settings']}", fingerprint, case["fingerprint"])
    tally.same("split", table.split(case["split"]["ways"]).rows, case["split"]["rows"])
    for i, h in enumerate(hashes(case)):
        tally.same("partition", table.partition(h), case["partitions"][i])
        tally.same("candidates", first(table.sequence(h), 9), case["candidates"][i])


def check_domains(case: Case, tally: Tally) -> None:
    """Subsets of tenants, and replicas in failure domains."""
    nodes = topology(read_nodes(case["nodes"]))
    for h, recorded in zip(hashes(case), case["subsets"]):
        tally.same("subset", spread.subset(nodes, h, case["k"]), recorded)
    for each in case["spreads"]:
        limits = tuple((level, limit) for level, limit in each["limits"])
        rule = spread.Spread(each["rule"], each["k"], limits)
        tally.same(f"{rule} refused", rule.refused(nodes), each.get("refused", False))
        for i, h in enumerate(hashes(each) if "keys" in each else []):
            sequence = list(ALGORITHMS[case["algorithm"]](nodes).sequence(h))
            replicas = rule.choose(nodes, sequence)
            tally.same(f"{rule}", replicas, each["replicas"][i])
            tally.same(f"{rule} kept", rule.kept(nodes, replicas), each["kept"][i])
            up = [slot for slot in sequence if slot != each["down"]]
            mine = rule.choose(nodes, up)
            tally.same(f"{rule} filtered", mine, each["replicas_without"][i])
            mine = spread.subset(nodes, h, each["k"], rule)
            tally.same(f"{rule} subset", mine, each["subsets"][i])


def check_bounded(case: Case, tally: Tally) -> None:
    """Bounded loads through histories, and picks for requests."""
    if "pick" in case:
        nodes = topology(read_nodes(case["nodes"]))
        h = int(case["pick"], 16)
        order = ALGORITHMS["weighted-rendezvous"](nodes).sequence(h)
        ranked = [(slot, nodes.live[slot].weight) for slot in order]
        loads = {slot: case["loads"][slot] for slot in nodes.live}
        mine = bounded.pick(
            ranked, Fraction(*case["factor"]), loads, cost=case["cost"], margin=case["margin"],
            gateways=case["gateways"], max_load=case["cap"], shedding=case["shedding"],
        )
        tally.same(f"pick {case}", mine, case["node"])
        return
    placement = ALGORITHMS[case["algorithm"]](topology(read_nodes(case["nodes"])))
    held = bounded.Loads(placement, Fraction(*case["factor"]), case["mode"] == "canonical")
    for number, step in enumerate(case["steps"]):
        for text in step.get("add", []):
            held.add(int(text, 16))
        for text in step.get("remove", []):
            held.remove(int(text, 16))
        if "replace" in step:
            changes = edit(step, placement.topology)
            placement = placement.change(changes.done(), changes.changes)
            held.change(placement)
        slot = {n.label: i for i, n in enumerate(placement.topology.slots) if n}
        holders = [slot[label] for _, label in sorted(held.holder.items())]
        tally.same(f"{case['algorithm']} {case['mode']}, step {number}", holders, step["holders"])


def result_of(plan: Case) -> dict[str, int] | None:
    """What the checker says of a plan; None if it refuses it."""
    try:
        return check_plan.check(plan)
    except check_plan.Broken:
        return None


def unpack(steps: list[Case]) -> list[Case]:
    """The steps of `plan-history` in the form of the other plans."""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    for before, case in zip([None, *steps], steps):
        case["rows"] = [[digits.index(c) for c in row] for row in case["rows"].split()]
        case["nodes"] = [
            {"label": label, "weight": weight, "domains": [
                [level, f"{level[0]}{number}"] for level, number in zip(["zone", "rack"], numbers)
            ]}
            for label, weight, *numbers in case["nodes"]
        ]
        for member, field in [("slots", "slots"), ("states", "state")]:
            for n, value in case.get(member, []):
                case["nodes"][n][field] = value
        if before and case["step"]:
            labels = [node["label"] for node in before["nodes"]]
            case["old"] = {"labels": labels, "rows": before["rows"]}
    return steps


def check_plans(case: Case, tally: Tally) -> None:
    """Plans, their certificates, and what is wrong with others."""
    tally.same(f"plan {json.dumps(case)}", result_of(case), case["expected"])
    for variant in case.get("variants", []):
        rows = [row[:] for row in case["rows"]]
        for p, i, node in variant.get("put", []):
            rows[p][i] = node
        other = {**case, "rows": rows}
        if "certificate" in variant:
            other["certificate"] = variant["certificate"]
        tally.same(f"variant {json.dumps(other)}", result_of(other), variant["expected"])
    for variant in case.get("leader_variants", []):
        leaders = {**case["leaders"], **variant}
        mine = result_of({**case, "leaders": leaders, "only_leaders": True})
        tally.same(f"leaders {variant} of {json.dumps(case)}", mine, variant["expected"])


TOPICS: dict[str, Callable[[Case, Tally], None]] = {
    "keys": check_keys,
    "functions": check_functions,
    "histories": check_histories,
    "rings": check_rings,
    "tables": check_tables,
    "domains": check_domains,
    "bounded": check_bounded,
    "plans": check_plans,
    "plan-history": check_plans,
    "leaders": check_plans,
}


def main(topics: list[str]) -> int:
    """Runs some topics, or all."""
    folder, differ = VECTORS, 0
    if topics[:1] == ["--vectors"]:
        folder, topics = Path(topics[1]), topics[2:]
    for topic in topics or TOPICS:
        tally = Tally(topic)
        cases = json.loads((folder / f"{topic}.json").read_text(encoding="utf-8"))
        for case in unpack(cases) if topic == "plan-history" else cases:
            TOPICS[topic](case, tally)
        print(f"{topic}: {len(cases)} cases, {tally.agree} answers agree, {tally.differ} differ")
        differ += tally.differ
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
