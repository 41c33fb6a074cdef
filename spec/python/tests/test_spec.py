"""The worked numbers of SPEC.md, and the saved forms in the repository."""

import json
import unittest
from fractions import Fraction
from itertools import islice
from pathlib import Path

from apportion_ref import asura, fingerprints, jump, keys, maglev, nodes, rendezvous, ring, saved
from apportion_ref.anchor import Anchor, FixedAnchor
from apportion_ref.words import le32, mix, of_id, reduce, word

ROOT = Path(__file__).resolve().parents[3]
USER = 0x9FC1E605FA7174AA  # "user:42"


def abc(*weights: int) -> nodes.Topology:
    """Nodes a, b, c of these weights."""
    return nodes.topology(nodes.Node(bytes([97 + i]), w) for i, w in enumerate(weights))


class WorkedNumbers(unittest.TestCase):
    """Each test is named after its section."""

    def test_01_notation(self) -> None:
        self.assertEqual(mix(1), 0x5692161D100B05E5)
        self.assertEqual(word(0, 0), 0xE220A8397B1DCDAF)
        self.assertEqual(word(1, 2), 0xF893A2EEFB32555E)
        self.assertEqual(of_id(42), 0xBDD732262FEB6E95)
        self.assertEqual([reduce(USER, 10), reduce(USER, 65537)], [6, 40898])

    def test_03_hashers(self) -> None:
        self.assertEqual(keys.MD5.hash("user:42"), 0x34BAC36818DFDA56)
        self.assertEqual(keys.SHA1.hash("user:42"), 0x29A1CAD3234DF1AD)
        self.assertEqual(keys.sip_hasher(b"sixteen byte key").id, 0xDE8D176622620178)
        self.assertEqual(keys.seeded(keys.XXH3, 1).id, 0xDC50ECBA45FB1044)
        self.assertEqual(keys.with_seed(USER, 1), 0x096C5FC028749792)

    def test_06_ring(self) -> None:
        small = ring.Ring(abc(1, 2, 1), ring.RingConfig(Fraction(2, 1)))
        self.assertIn((0x6ABB7B6CF64062B4, nodes.Node(b"c").identity, 2), small.points)
        for key, order in [("user:42", [1, 2, 0]), ("user:43", [2, 1, 0]), ("a", [0, 1, 2])]:
            sequence = small.sequence(keys.XXH3.hash(key))
            self.assertEqual(list(nodes.candidates(sequence)), order)
        points = [5, 7, 9, 2**64 - 1]
        visits = {
            "first-at-or-after": [7, 9, 2**64 - 1, 5],
            "first-after": [9, 2**64 - 1, 5, 7],
            "last-at-or-before": [7, 5, 2**64 - 1, 9],
            "nearest": [7, 5, 9, 2**64 - 1],
        }
        for rule, order in visits.items():
            self.assertEqual(sorted(points, key=lambda p: ring.RULES[rule](7, p)), order)

    def test_07_buckets(self) -> None:
        self.assertEqual(jump.jump(0xF22B4CF71A9A6983, 5), 1)
        self.assertEqual(jump.jump_guava(0xF22B4CF71A9A6983, 5), 0)
        self.assertEqual(jump.jump(3139627907299950787, 2048), 2047)
        self.assertEqual(jump.jump_back(USER, 10)[0], 2)
        self.assertEqual(jump.jump_back(0xBBB08E672F9190B3, 5)[0], 3)
        self.assertEqual(jump.flip(USER, 0, 9), 2)
        self.assertEqual(jump.flip(0x81AFBF86B72A36C5, 0, 4), 1)
        self.assertEqual(jump.flip(USER, 0, 2**64 - 1), 0x29EB94E14F07D058)

    def test_08_permutation(self) -> None:
        self.assertEqual(list(jump.permutation(USER, 10)), [3, 7, 2, 4, 9, 8, 5, 0, 6, 1])
        self.assertEqual(list(islice(jump.permutation(USER, 300), 4)), [68, 154, 117, 170])

    def test_09_anchor(self) -> None:
        anchor = Anchor(7, [2, 4])
        state = b"".join(map(le32, [anchor.size, *anchor.log]))
        self.assertEqual(state.hex(), "070000000200000004000000")
        orders = {"k6": [1, 6, 3], "k7": [6, 0, 5], "k9": [0, 6, 5], "k0": [3, 5, 1]}
        for key, order in orders.items():
            self.assertEqual(list(islice(anchor.sequence(keys.XXH3.hash(key)), 3)), order)

    def test_09_1_anchor_hash(self) -> None:
        anchor = FixedAnchor(7, [2, 4], capacity=9)
        orders = {"k3": [1, 3, 5], "k1": [6, 0, 3], "k4": [0, 3, 1], "k8": [6, 5, 3]}
        for key, order in orders.items():
            self.assertEqual(list(islice(anchor.sequence(keys.XXH3.hash(key)), 3)), order)

    def test_10_scores(self) -> None:
        logarithms = {
            0: 9223372036854775687,
            1: 9223372036854775687,
            2**63: 144115188075855751,
            0xC000000000000000: 59813207267103462,
            2**64 - 1: 1,
            0x0EF9692FD18DC059: 590236301303856697,
        }
        for r, logarithm in logarithms.items():
            self.assertEqual(rendezvous.neg_log2(r), logarithm)
        weighted = rendezvous.WeightedRendezvous(abc(1, 2, 1))
        self.assertEqual(list(weighted.sequence(keys.XXH3.hash("k13"))), [1, 2, 0])

    def test_11_maglev(self) -> None:
        table = maglev.Maglev(abc(1, 2, 1), 7)
        self.assertEqual(table.table, [1, 1, 2, 0, 2, 0, 1])

    def test_12_asura(self) -> None:
        self.assertEqual(asura.OCTAVE[31], 0xFE7387C9EA1393C3)
        thrown = list(islice(asura.darts(0x63CBE1E459320DD7, 2), 5))
        darts = [(1, 1861906518), (2, 1286526947), (3, 700791560), (0, 1846791252), (2, 1002967772)]
        self.assertEqual(thrown, darts)
        board = asura.Asura(abc(40, 60, 3))
        self.assertEqual((board.unit, board.exponent), (3, 4))
        self.assertEqual(board.weights[12:], [2**30, 3 * 2**28])
        self.assertEqual(list(nodes.candidates(board.sequence(USER))), [1, 0, 2])
        self.assertEqual(board.compacted().exponent, 4)

    def test_16_fingerprints(self) -> None:
        three = [nodes.Node(b"a"), nodes.Node(b"b", 2), nodes.Node(b"c", 1, (("zone", "z"),))]
        topology = nodes.topology(three)
        self.assertEqual(fingerprints.of_nodes(topology), 0xAB3BE829D6D6E46D)
        content = fingerprints.of_content(rendezvous.WeightedRendezvous(topology))
        self.assertEqual(content, 0x6F34DFF80317E329)
        self.assertEqual(fingerprints.of_locator(content, keys.XXH3), 0x84E12BFBB71BA46F)
        content = fingerprints.of_content(ring.Ring(topology))
        self.assertEqual(fingerprints.of_locator(content, keys.XXH3), 0x6011753C832E4436)


class SavedForms(unittest.TestCase):
    """What the library saved is read here, and its fingerprints are those of this text."""

    def test_locators(self) -> None:
        files = sorted((ROOT / "tests" / "saved").glob("locator-*.v1.json"))
        self.assertGreaterEqual(len(files), 16)
        for file in files:
            with self.subTest(file.name):
                form = json.loads(file.read_text(encoding="utf-8"))
                placement = saved.restore(form, keys.XXH3)
                live = sum(node.weight > 0 for node in placement.topology.slots if node)
                self.assertEqual(len(list(nodes.candidates(placement.sequence(USER)))), live)
                form["fingerprint"] = "0" * 16
                self.assertRaises(ValueError, saved.restore, form, keys.XXH3)

    def test_partition_table(self) -> None:
        file = ROOT / "tests" / "saved" / "locator-partition-table.v1.json"
        table = saved.restore(json.loads(file.read_text(encoding="utf-8")), keys.XXH3)
        self.assertEqual(table.partition(USER), 9)
        self.assertEqual(list(nodes.candidates(table.sequence(USER))), [1, 5, 4, 2, 0, 3])


if __name__ == "__main__":
    unittest.main()
