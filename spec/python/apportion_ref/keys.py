"""From a key to bytes, and from bytes to a hash (SPEC.md, sections 2 and 3).

Python's own types stand for most keys: `str`, `bytes`, `int`, `bool`, `tuple` (also for structs),
`list`, `None` (an absent optional value) and the addresses of `ipaddress`. The classes below stand
for the others.
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Callable

import xxhash

from .words import MASK, le64, mix, word


@dataclass(frozen=True)
class Char:
    """A character."""

    value: str


@dataclass(frozen=True)
class Int128:
    """An integer whose type has 128 bits."""

    value: int


@dataclass(frozen=True)
class Some:
    """An optional value that is present."""

    value: Any


@dataclass(frozen=True)
class Enum:
    """Variant number `variant` (from 0) of an enum, with the fields of this variant."""

    variant: int
    fields: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Socket:
    """A socket address of the family of its IP address."""

    ip: IPv4Address | IPv6Address
    port: int
    flow: int = 0
    scope: int = 0


@dataclass(frozen=True)
class EitherFamily:
    """An IP address or `Socket` whose type admits both families."""

    value: IPv4Address | IPv6Address | Socket


def part(key: Any) -> bytes:
    """The bytes of a key within a larger key."""
    if isinstance(key, str):
        key = key.encode()
    if isinstance(key, bytes):
        return le64(len(key)) + key
    if isinstance(key, (bool, int)):
        return le64(int(key))
    if isinstance(key, Char):
        return le64(ord(key.value))
    if isinstance(key, Int128):
        return (key.value & (2**128 - 1)).to_bytes(16, "little")
    if isinstance(key, tuple):
        return b"".join(map(part, key))
    if isinstance(key, Enum):
        return bytes([key.variant]) + part(key.fields)
    if isinstance(key, list):
        return le64(len(key)) + part(tuple(key))
    if key is None:
        return b"\0"
    if isinstance(key, Some):
        return b"\1" + part(key.value)
    if isinstance(key, (IPv4Address, IPv6Address)):
        return key.packed
    if isinstance(key, Socket):
        if key.ip.version == 4:
            return key.ip.packed + le64(key.port)
        return key.ip.packed + le64(key.port) + le64(key.flow) + le64(key.scope)
    if isinstance(key, EitherFamily):
        ip = key.value.ip if isinstance(key.value, Socket) else key.value
        return bytes([ip.version]) + part(key.value)
    raise TypeError(f"no encoding of {key!r}")


def whole(key: Any) -> bytes:
    """The bytes of a whole key. Only text and bytes differ from a part."""
    if isinstance(key, str):
        return key.encode()
    return key if isinstance(key, bytes) else part(key)


@dataclass(frozen=True)
class Hasher:
    """A function from bytes to a hash, and its id."""

    hash_bytes: Callable[[bytes], int]
    id: int

    def hash(self, key: Any) -> int:
        """The hash of a whole key."""
        return self.hash_bytes(whole(key))


def xxh3(data: bytes) -> int:
    """XXH3-64 with seed 0."""
    return xxhash.xxh3_64_intdigest(data)


def siphash13(secret: bytes, data: bytes) -> int:
    """SipHash-1-3 with 64 bits of output."""
    k0, k1 = (int.from_bytes(secret[i : i + 8], "little") for i in (0, 8))
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D]
    v += [k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rotate(x: int, n: int) -> int:
        return (x << n | x >> (64 - n)) & MASK

    def sip_round() -> None:
        v[0] = (v[0] + v[1]) & MASK
        v[1] = rotate(v[1], 13) ^ v[0]
        v[0] = rotate(v[0], 32)
        v[2] = (v[2] + v[3]) & MASK
        v[3] = rotate(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & MASK
        v[3] = rotate(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & MASK
        v[1] = rotate(v[1], 17) ^ v[2]
        v[2] = rotate(v[2], 32)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for start in range(0, len(padded), 8):
        block = int.from_bytes(padded[start : start + 8], "little")
        v[3] ^= block
        sip_round()
        v[0] ^= block
    v[2] ^= 255
    for _ in range(3):
        sip_round()
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def with_seed(h: int, seed: int) -> int:
    """A hash under a seed."""
    s = mix(seed ^ 0x6C6576656C206F66)
    return mix(mix(h ^ word(s, 0)) ^ word(s, 1)) ^ word(s, 2)


def _digest(name: str) -> Callable[[bytes], int]:
    def first_eight(data: bytes) -> int:
        return int.from_bytes(hashlib.new(name, data).digest()[:8], "little")

    return first_eight


XXH3 = Hasher(xxh3, 1)
MD5 = Hasher(_digest("md5"), 2)
SHA1 = Hasher(_digest("sha1"), 3)


def sip_hasher(secret: bytes) -> Hasher:
    """The hasher SipHash13 with a secret of 16 bytes."""
    hash_bytes = partial(siphash13, secret)
    return Hasher(hash_bytes, hash_bytes(b"apportion hasher id: SipHash-1-3"))


def seeded(hasher: Hasher, seed: int) -> Hasher:
    """Another hasher under a seed."""
    return Hasher(lambda data: with_seed(hasher.hash_bytes(data), seed), with_seed(hasher.id, seed))
