"""A reference of apportion's answers in plain Python, written from SPEC.md alone.

It is written to be read: every function follows the text of one section and makes no attempt to be
fast. Build a `Topology` (`nodes.py`), place it with one of the algorithms (`placements.py` lists
them), and ask `candidates(placement.sequence(key_hash))` for the slots of the nodes of a key.
"""
