#!/usr/bin/env python3
"""Checks a planned partition table and its certificate, by SPEC.md, section 18, alone.

usage: check_plan.py FILE.json

Prints what the table moves and the minimum that the certificate proves. Exit status 1 if the table
breaks a rule, which is printed, or if it is not proved that no other table moves less. Shares no
code with the library, and none with the reference in `apportion_ref`. The fields of the file are
described in ../vectors/README.md, under `plans.json`.
"""

import json
import math
import sys
from fractions import Fraction
from typing import Any, Sequence

import xxhash


# What changes, and the least that is proved to change.
FIGURES = [("moved", "minimum"), ("leaders_moved", "leaders_minimum")]


class Broken(Exception):
    """A rule that the table or the certificate breaks."""


def need(condition: bool, rule: str) -> None:
    """Raises `Broken` with the rule unless the condition holds."""
    if not condition:
        raise Broken(rule)


def hash_of(text: str) -> int:
    """XXH3-64 of a text."""
    return xxhash.xxh3_64_intdigest(text.encode())


def word(h: int, c: int) -> int:
    """Word c of the stream that starts at h (section 1)."""
    mask = 2**64 - 1
    z = (h + (c + 1) * 0x9E3779B97F4A7C15) & mask
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & mask
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & mask
    return z ^ (z >> 31)


class Tree:
    """The vertices (section 18.1): the root, the domains, then the nodes. Parents come first."""

    def __init__(self, nodes: list[dict[str, Any]], config: dict[str, Any], longest: int) -> None:
        name = config.get("name", "")
        salt = max(1, hash_of(name)) if name else None

        def key(n: int) -> tuple[Any, ...]:
            label, names = nodes[n]["label"], [d[1].encode() for d in nodes[n].get("domains", [])]
            if salt is None:
                return names, label.encode()
            salted = [(word(salt, xxhash.xxh3_64_intdigest(d)), d) for d in names]
            return salted, word(salt, hash_of(label)), label.encode()

        self.order = sorted(range(len(nodes)), key=key)
        levels = {tuple(level for level, _ in node.get("domains", [])) for node in nodes}
        need(len(levels) <= 1, "all nodes have the same levels in the same order")
        limits = dict(config.get("limits", []))
        self.parent, self.cap = [-1], [longest]
        domains: dict[tuple[str, ...], int] = {(): 0}
        self.above: dict[int, int] = {}
        for n in self.order:
            path: tuple[str, ...] = ()
            for level, domain in nodes[n].get("domains", []):
                above, path = domains[path], (*path, domain)
                if path not in domains:
                    domains[path] = len(self.parent)
                    self.parent.append(above)
                    self.cap.append(min(limits.get(level, longest), longest))
            self.above[n] = domains[path]
        self.leaf = {n: len(self.parent) + i for i, n in enumerate(self.order)}
        self.parent += [self.above[n] for n in self.order]
        self.cap += [1] * len(self.order)

    def path(self, v: int) -> list[int]:
        """A vertex and all above it."""
        return [v, *self.path(self.parent[v])] if v >= 0 else []

    def sums(self, of_leaves: dict[int, Any]) -> list[Any]:
        """The sum below each vertex of values of nodes."""
        total = [0] * len(self.parent)
        for n, value in of_leaves.items():
            for v in self.path(self.leaf[n]):
                total[v] += value
        return total

    def room(self, live: set[int]) -> int:
        """The replicas of one partition that these nodes can hold."""
        room = self.sums({})
        for n in live:
            room[self.leaf[n]] = 1
        for v in reversed(range(1, len(room))):
            room[self.parent[v]] += min(room[v], self.cap[v])
        return int(min(room[0], self.cap[0]))


def quotas(
    tree: Tree, sizes: list[int], weight: dict[int, int], capacity: dict[int, int],
    closed: dict[int, Fraction],
) -> dict[int, Fraction]:
    """The max-min fair quotas (section 18.2), for rows of any sizes."""
    # min(r, t(S)), summed over the rows, is the minimum over k of first + wide * t(S), where `wide`
    # rows are longer than k and the others have `first` replicas. So a tree walk finds tight sets.
    longest = max(sizes)
    lines = [(sum(r for r in sizes if r <= k), sum(r > k for r in sizes)) for k in range(longest)]
    quota = {n: Fraction(0) for n in weight} | closed
    open_nodes = {n for n in weight if weight[n] and n not in closed}

    def tightest(level: Fraction, first: int, wide: int) -> tuple[Fraction, set[int], int]:
        """Of first + wide * t(S) - quotas(S): the minimum over S, such an S, and its t(S)."""
        q = {n: level * weight[n] if n in open_nodes else quota[n] for n in weight}
        below = tree.sums(q)
        best: list[tuple[Fraction, set[int], int]] = [(Fraction(0), set(), 0)] * len(tree.parent)
        members: list[set[int]] = [set() for _ in tree.parent]
        for n, v in tree.leaf.items():
            members[v] = {n}
        for v in reversed(range(len(tree.parent))):
            whole = wide * tree.cap[v] - below[v]
            if members[v] and whole < best[v][0]:
                best[v] = (whole, members[v], tree.cap[v])
            if v:
                slack, group, t = best[tree.parent[v]]
                best[tree.parent[v]] = (slack + best[v][0], group | best[v][1], t + best[v][2])
                members[tree.parent[v]] |= members[v]
        return first + best[0][0], best[0][1], best[0][2]

    while open_nodes:
        alone = {n: Fraction(capacity[n], weight[n]) for n in open_nodes}
        level = min(alone.values())
        tight = {n for n in open_nodes if alone[n] == level}
        total = sum(sizes) - sum((quota[n] for n in weight if n not in open_nodes), Fraction(0))
        full = total / sum(weight[n] for n in open_nodes)
        if full <= level:
            level, tight = full, set(open_nodes)
        searching = True
        while searching:
            searching = False
            for first, wide in lines:
                slack, group, t = tightest(level, first, wide)
                if slack < 0:
                    fixed = sum((quota[n] for n in group - open_nodes), Fraction(0))
                    tight, searching = group & open_nodes, True
                    need(bool(tight), "the nodes can hold all replicas")
                    level = (first + wide * t - fixed) / sum(weight[n] for n in tight)
        for n in tight:
            quota[n] = level * weight[n]
        open_nodes -= tight
    need(sum(quota.values()) == sum(sizes), "the nodes can hold all replicas")
    return quota


def old_rows(plan: dict[str, Any]) -> list[list[int]]:
    """The old rows by the numbers of the new nodes; lost nodes have numbers above them."""
    if not plan.get("old"):
        return []
    number = {node["label"]: n for n, node in enumerate(plan["nodes"])}
    labels = plan["old"]["labels"]
    place = [number.get(label, len(number) + i) for i, label in enumerate(labels)]
    return [[place[n] for n in row] for row in plan["old"]["rows"]]


def check(plan: dict[str, Any]) -> dict[str, int]:
    """What the table moves and the minimum that is proved; raises `Broken`."""
    nodes, config, rows = plan["nodes"], plan["config"], plan["rows"]
    weight = {n: node.get("weight", 1) for n, node in enumerate(nodes)}
    live = {n for n in weight if weight[n]}
    copies = dict(config.get("copies", []))
    partitions, old = config["partitions"], old_rows(plan)
    sizes = [copies.get(p, config["replicas"]) for p in range(partitions)]
    if config.get("under_replicated"):
        room = Tree(nodes, config, max(sizes)).room(live)
        sizes = [min(size, room) for size in sizes]
    tree, longest = Tree(nodes, config, max(sizes)), max(sizes)
    need(not old or partitions % len(old) == 0, "partitions are a multiple of those before")
    before = [old[p * len(old) // partitions] if old else [] for p in range(partitions)]
    kept = [set(row) & live for row in before]  # K(p); lost nodes have higher numbers
    held = {n: sum(n in row for row in before) for n in weight}
    state = {n: node.get("state") for n, node in enumerate(nodes)}
    capacity = {n: min(partitions, nodes[n].get("slots", partitions)) for n in weight}
    capacity |= {n: min(capacity[n], held[n]) for n in weight if state[n]}
    fixed = {n: Fraction(held[n]) for n in weight if state[n] == "maintenance"}
    quota = quotas(tree, sizes, weight, capacity, fixed)

    if plan.get("only_leaders"):
        return check_leaders(plan["leaders"], nodes, tree, quota, rows, before if old else [])

    need(len(rows) == partitions, "there is a row for each partition")
    pins = [{n for q, n in plan.get("pins", []) if q == p} for p in range(partitions)]
    frozen, soft = set(plan.get("frozen", [])), set(plan.get("frozen_if_possible", []))
    for p, row in enumerate(rows):
        need(len(row) == sizes[p] and len(set(row)) == len(row), f"{p}: as many nodes as copies")
        need(set(row) <= live, f"{p}: all holders are live nodes")
        counts = tree.sums({n: 1 for n in row})
        need(all(c <= cap for c, cap in zip(counts, tree.cap)), f"{p}: the limits of domains")
        need(pins[p] <= set(row), f"{p}: pinned nodes hold the partition")
        need(all(n in kept[p] or not state[n] for n in row), f"{p}: a node took a new replica")
        need(p not in frozen or set(row) == set(before[p]), f"{p}: a frozen row keeps its holders")
    loads = tree.sums({n: sum(n in row for row in rows) for n in weight})
    shares = tree.sums(quota)
    for v, load in enumerate(loads):
        need(math.floor(shares[v]) <= load <= math.ceil(shares[v]), f"vertex {v}: its quota")

    potential = plan.get("certificate") or [0] * len(tree.parent)
    need(len(potential) == len(tree.parent), "the certificate has one number for each vertex")
    kept_max, could = -sum(sizes) * potential[0], [min(len(b), s) for b, s in zip(before, sizes)]
    for p, row in enumerate(rows):
        value = {n: potential[tree.leaf[n]] + (n in kept[p]) for n in live}
        if p in frozen:
            kept_max += sum(value[n] for n in row)
            continue
        chosen = pins[p] | {n for n in row if n in kept[p] and state[n] == "maintenance"}
        if p in soft and len(before[p]) <= sizes[p]:
            chosen |= set(row) & kept[p]
        counts = tree.sums({n: 1 for n in chosen})
        for n in sorted(live - chosen, key=lambda n: -value[n]):
            path = tree.path(tree.leaf[n])
            allowed = n in kept[p] or not state[n]
            if len(chosen) < sizes[p] and allowed and all(counts[v] < tree.cap[v] for v in path):
                chosen.add(n)
                for v in path:
                    counts[v] += 1
        kept_max += sum(value[n] for n in chosen)
    for v in range(1, len(tree.parent)):
        z = potential[v] - potential[tree.parent[v]]
        kept_max -= z * (math.floor(shares[v]) if z > 0 else math.ceil(shares[v]))
    moves = [max(0, c - len(set(row) & k)) for c, row, k in zip(could, rows, kept)]
    result = {"moved": sum(moves), "minimum": max(0, sum(could) - kept_max) if old else 0}
    if plan.get("leaders"):
        result |= check_leaders(plan["leaders"], nodes, tree, quota, rows, before if old else [])
    return result


def check_leaders(
    leaders: dict[str, Any], nodes: list[dict[str, Any]], tree: Tree, quota: dict[int, Fraction],
    rows: Sequence[Sequence[int]], before: Sequence[Sequence[int]],
) -> dict[str, int]:
    """The leaders that change and the minimum that is proved (section 18.5)."""
    weight = dict(quota)
    denominator = math.lcm(*(q.denominator for q in quota.values()))
    if sum(quota.values()) * denominator >= 2**84:
        weight = {n: Fraction(math.floor(q * 2**40), 2**40) for n, q in quota.items()}
    if leaders.get("weights"):
        weight = {n: Fraction(node.get("weight", 1)) for n, node in enumerate(nodes)}
        weight |= {n: Fraction(w) for n, w in leaders["weights"]}
        weight = {n: w if quota[n] else Fraction(0) for n, w in weight.items()}
    block = dict(zip(tree.order, leaders["blocks"], strict=True))
    y = dict(zip(tree.order, leaders["potentials"], strict=True))
    kinds = [{block[n] for n in weight if bool(weight[n]) == kind} for kind in (True, False)]
    need(all(a < b for a in kinds[0] for b in kinds[1]), "blocks without weight come last")
    own = {n: w or Fraction(1) for n, w in weight.items()}
    of_row = [min(block[n] for n in row) for row in rows]
    per_weight = {b: of_row.count(b) / sum(own[n] for n in own if block[n] == b)
                  for b in set(block.values())}
    for kind in kinds:
        levels = [per_weight[b] for b in sorted(kind)]
        need(levels == sorted(levels), "later blocks lead at least as many for their weight")
    minimum = 0
    for n in weight:
        led, share = sum(row[0] == n for row in rows), own[n] * per_weight[block[n]]
        low, high = math.floor(share), math.ceil(share)
        need(low <= led <= high, f"node {n} leads {led} partitions, its quota is {share}")
        minimum -= y[n] * (high if y[n] > 0 else low)
    if not before:
        return {"leaders_moved": 0, "leaders_minimum": 0}
    for row, previous in zip(rows, before):
        stays = previous[0] in row
        minimum += min(y[n] + (stays and n != previous[0]) for n in row) + (not stays)
    moved = sum(row[0] != previous[0] for row, previous in zip(rows, before))
    return {"leaders_moved": moved, "leaders_minimum": max(0, minimum)}


def main() -> int:
    """Checks the file that the command line names."""
    if len(sys.argv) != 2:
        print("usage: check_plan.py FILE.json", file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    try:
        result = check(plan)
    except Broken as broken:
        print(f"broken: {broken}")
        return 1
    text = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in result.items())
    proved = all(result[m] == result[n] for m, n in FIGURES if m in result)
    print(text, "(proved)" if proved else "(not proved to be the minimum)")
    return 0 if proved else 1


if __name__ == "__main__":
    sys.exit(main())
