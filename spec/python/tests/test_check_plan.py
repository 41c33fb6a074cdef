"""The checker of plans accepts what keeps every rule, and refuses everything else."""

import copy
import json
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest import mock

import check_plan
import run
from check_plan import Broken, Tree, check, quotas

SAVED = Path(__file__).resolve().parents[3] / "tests" / "saved"


def node(label: str, weight: int = 1, zone: str | None = None) -> dict[str, Any]:
    """A node, in a zone if one is given."""
    domains = [] if zone is None else [["zone", zone]]
    return {"label": label, "weight": weight, "domains": domains}


def example() -> dict[str, Any]:
    """The worked example of section 18: nodes a, b, c, then d joins."""
    return {
        "nodes": [node(label) for label in "abcd"],
        "config": {"partitions": 4, "replicas": 2},
        "old": {"labels": ["a", "b", "c"], "rows": [[0, 1], [0, 2], [1, 0], [2, 1]]},
        "rows": [[0, 1], [3, 2], [3, 0], [2, 1]],
        "certificate": [0, 0, 0, 0, 1],
    }


def by_vertices(
    tree: Tree, partitions: int, weight: dict[int, int], capacity: dict[int, int],
    closed: dict[int, Fraction],
) -> dict[int, Fraction]:
    """Quotas for rows of one size, vertex by vertex as section 18.2 says."""
    bound: list[int] = [cap * partitions for cap in tree.cap]
    for n, v in tree.leaf.items():
        bound[v] = capacity[n] if n not in closed else partitions
    quota = {n: Fraction(0) for n in weight} | closed
    still = {n for n in weight if weight[n] and n not in closed}
    while still:
        full = tree.sums({n: q for n, q in quota.items() if n not in still})
        open_weight = tree.sums({n: weight[n] for n in still})
        levels = {v: Fraction(bound[v] - full[v]) / w for v, w in enumerate(open_weight) if w}
        level = min(levels.values())
        tight = {v for v in levels if levels[v] == level}
        closing = {n for n in still if tight & set(tree.path(tree.leaf[n]))}
        quota |= {n: level * weight[n] for n in closing}
        still -= closing
    return quota


class Plans(unittest.TestCase):
    """Tables and certificates."""

    def test_worked_example(self) -> None:
        self.assertEqual(check(example()), {"moved": 2, "minimum": 2})

    def test_a_replica_moved_needlessly_is_not_optimal(self) -> None:
        plan = example()
        plan["rows"] = [[2, 3], [0, 3], [1, 0], [2, 1]]
        self.assertEqual(check(plan), {"moved": 3, "minimum": 2})
        self.assertIn("not proved", self.command(plan).stdout)

    def test_a_replica_on_another_node_breaks_quotas(self) -> None:
        plan = example()
        plan["rows"][0] = [0, 3]
        self.assertRaisesRegex(Broken, "quota", check, plan)
        self.assertEqual(self.command(plan).returncode, 1)

    def test_certificate_of_another_plan(self) -> None:
        plan = example() | {"certificate": [0, 1, 0, 0, 0]}
        self.assertLess(check(plan)["minimum"], 2)
        self.assertEqual(self.command(plan).returncode, 1)
        plan["certificate"] = [0, 0, 0, 0, 1, 0]
        self.assertRaisesRegex(Broken, "certificate", check, plan)
        self.assertEqual(self.command(example()).returncode, 0)

    def test_each_rule_is_checked(self) -> None:
        changes: list[tuple[str, Any]] = [
            ("pinned", {"pins": [[0, 3]]}),
            ("frozen", {"frozen": [1]}),
            ("as many", {"rows": [[0], [3, 2], [3, 0], [2, 1]]}),
            ("as many", {"rows": [[0, 0], [3, 2], [3, 1], [2, 1]]}),
            ("each partition", {"rows": [[0, 1], [3, 2], [3, 0]]}),
            ("live", {"nodes": [node("a", 0), *map(node, "bcd")]}),
            (
                "new replica",
                {
                    "nodes": [*map(node, "ab"), node("c") | {"state": "no_new"}, node("d")],
                    "old": {"labels": ["a", "c"], "rows": [[0, 1], [0, 1], [0, 1], [0]]},
                },
            ),
        ]
        for rule, change in changes:
            with self.subTest(rule):
                self.assertRaisesRegex(Broken, rule, check, example() | change)
        zones = [node(label, 1, "x" if label in "ab" else "y") for label in "abcd"]
        plan = example() | {"nodes": zones}
        plan["config"] = plan["config"] | {"limits": [["zone", 1]]}
        self.assertRaisesRegex(Broken, "limits", check, plan)

    def test_quotas_of_the_worked_example(self) -> None:
        nodes = [node("a", 8, "x"), node("b", 1, "y"), node("c", 1, "y"), node("d", 1, "z")]
        tree = Tree(nodes, {"limits": [["zone", 1]]}, 2)
        weight = {n: each["weight"] for n, each in enumerate(nodes)}
        mine = quotas(tree, [2] * 4, weight, {n: 4 for n in weight}, {})
        self.assertEqual(mine, {0: 4, 1: Fraction(4, 3), 2: Fraction(4, 3), 3: Fraction(4, 3)})

    def test_both_ways_to_quotas_agree(self) -> None:
        original, calls = check_plan.quotas, []

        def both(tree: Tree, sizes: list[int], *rest: Any) -> dict[int, Fraction]:
            result = original(tree, sizes, *rest)
            if len(set(sizes)) == 1:
                calls.append(1)
                self.assertEqual(by_vertices(tree, len(sizes), *rest), result)
            return result

        with mock.patch.object(check_plan, "quotas", both):
            for case in json.loads((run.VECTORS / "plans.json").read_text(encoding="utf-8")):
                check(case)
        self.assertGreater(len(calls), 50)

    def test_vectors_tampered_with(self) -> None:
        """Each replica of every small plan, on each other node: no bound is above the moves."""
        worse = broken = 0
        cases = json.loads((run.VECTORS / "plans.json").read_text(encoding="utf-8"))
        for case in (case for case in cases if case["old"] and len(case["rows"]) <= 8):
            for p, row in enumerate(case["rows"]):
                for i, n in ((i, n) for i in range(len(row)) for n in range(len(case["nodes"]))):
                    if n in row:
                        continue
                    other = copy.deepcopy(case)
                    other["rows"][p][i] = n
                    try:
                        result = check(other)
                    except Broken:
                        broken += 1
                        continue
                    self.assertGreaterEqual(result["moved"], result["minimum"])
                    worse += result["moved"] > result["minimum"]
        self.assertGreater(worse, 10)
        self.assertGreater(broken, 100)

    def test_saved_plan(self) -> None:
        """The change of `tests/saved` that section 18 names."""
        fresh, change = (
            json.loads((SAVED / f"plan-{name}.v1.json").read_text(encoding="utf-8"))
            for name in ("fresh", "change")
        )

        def rows(holders: list[int], size: int) -> list[list[int]]:
            return [holders[i : i + size] for i in range(0, len(holders), size)]

        before = [node(f"n{i}", 1 + i % 3, f"z{i % 2}") for i in range(7)]
        after = [node("n9", 1, "z0") if i == 2 else each for i, each in enumerate(before)]
        plan = {
            "nodes": after,
            "config": {"partitions": 64, "replicas": 3, "limits": [["zone", 2]]},
            "old": {"labels": [n["label"] for n in before], "rows": rows(fresh["holders"], 3)},
            "rows": rows(change["holders"], 3),
            "certificate": change["certificate"],
            "pins": [[3, 2]],
            "frozen_if_possible": [0, 1, 2, 40],
        }
        self.assertEqual(check(plan), {"moved": 45, "minimum": 45})

    def command(self, plan: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        """What the program says of a plan in a file."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plan.json"
            path.write_text(json.dumps(plan), encoding="utf-8")
            program = [sys.executable, check_plan.__file__, str(path)]
            return subprocess.run(program, capture_output=True, text=True, check=False)


class Vectors(unittest.TestCase):
    """The vectors themselves."""

    def test_all_agree(self) -> None:
        self.assertEqual(run.main([]), 0)


if __name__ == "__main__":
    unittest.main()
