"""The algorithms by name, and a placement with its history."""

from functools import partial
from typing import Any, Callable

from .anchor import AnchorHash, JumpBackAnchor
from .asura import Asura
from .jump import BUCKET_FUNCTIONS
from .maglev import Maglev
from .nodes import Edit, Topology, candidates
from .numbered import Numbered
from .rendezvous import Rendezvous, WeightedRendezvous
from .ring import Ring

ALGORITHMS: dict[str, Callable[[Topology], Any]] = {
    "ring": Ring,
    **{name: partial(Numbered, algorithm=name) for name in BUCKET_FUNCTIONS},
    "jump-back-anchor": JumpBackAnchor,
    "asura": Asura,
    "maglev": Maglev,
    "rendezvous": Rendezvous,
    "weighted-rendezvous": WeightedRendezvous,
    "anchor": AnchorHash,
}


def changed(placement: Any, edit: Callable[[Edit], None]) -> Any:
    """The placement after changes of its nodes."""
    changes = Edit(placement.topology)
    edit(changes)
    return placement.change(changes.done(), changes.changes)


def replicas(placement: Any, h: int, k: int) -> list[bytes]:
    """The labels of the first k candidates of a key."""
    slots = list(candidates(placement.sequence(h)))[:k]
    return [placement.topology.slots[slot].label for slot in slots]
