"""Notation and mixing functions (SPEC.md, section 1)."""

MASK = 2**64 - 1
PHI = 0x9E3779B97F4A7C15


def log2(x: int) -> int:
    """The position of the highest set bit of x > 0, counted from 0."""
    return x.bit_length() - 1


def low32(w: int) -> int:
    """The lower half of a u64."""
    return w & 0xFFFFFFFF


def high32(w: int) -> int:
    """The upper half of a u64."""
    return w >> 32


def high(a: int, b: int) -> int:
    """The upper 64 bits of the exact product."""
    return (a * b) >> 64


def mix(z: int) -> int:
    """The finaliser of SplitMix64."""
    z &= MASK
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def word(h: int, c: int) -> int:
    """Word c of the stream of words that starts at h."""
    return mix(h + (c + 1) * PHI)


def reduce(w: int, n: int) -> int:
    """A number in 0..n-1; 0 if n is 0."""
    return high(w, n)


def of_id(i: int) -> int:
    """The hash of a number that is not uniform."""
    return mix(i + PHI)


def le64(x: int) -> bytes:
    """x as 8 bytes, little-endian; negative numbers as their two's complement."""
    return (x & MASK).to_bytes(8, "little")


def le32(x: int) -> bytes:
    """x as 4 bytes, little-endian."""
    return x.to_bytes(4, "little")


def ceil_div(a: int, b: int) -> int:
    """The ceiling of a / b."""
    return -(-a // b)
