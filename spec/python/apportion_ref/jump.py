"""Bucket functions (SPEC.md, section 7) and the permutation of buckets (section 8)."""

from typing import Callable, Iterator

from .words import MASK, high32, log2, low32, mix, reduce, word

STEP = 2862933555777941757


def jump(h: int, n: int) -> int:
    """Jump hash as Lamping and Veach published it."""
    b, j, k = 0, 0, h
    while j < n:
        b = j
        k = (k * STEP + 1) & MASK
        j = int((b + 1) * (2147483648.0 / float((k >> 33) + 1)))
    return b


def jump_guava(h: int, n: int) -> int:
    """Jump hash as Guava's Hashing.consistentHash."""
    b, k = 0, h
    while True:
        k = (k * STEP + 1) & MASK
        d = (k >> 33) + 1
        if d == 2**31:
            d = -(2**31)
        j = int((b + 1.0) / (float(d) / 2147483648.0))
        j = max(-(2**31), min(j, 2**31 - 1))
        if j < 0 or j >= n:
            return b
        b = j


def jump_back(h: int, n: int) -> tuple[int, int]:
    """A bucket, and the number of words of the key's stream that were used."""
    if n <= 1:
        return 0, 0
    r = word(h, 0)
    lo, hi, used = low32(r), high32(r), 1
    x = (lo ^ hi) & (2 ** (n - 1).bit_length() - 1)
    while x:
        m = 2 ** log2(x)
        half = lo if x.bit_count() % 2 == 0 else hi
        b = m + (half & (m - 1))
        if b < n:
            return b, used
        c = m
        while c >= m:
            r = word(h, used)
            used += 1
            for c in (low32(r) & (2 * m - 1), high32(r) & (2 * m - 1)):
                if c < m:
                    break
                if c < n:
                    return c, used
        x ^= m
    return 0, used


def flip(h: int, seed: int, end: int) -> int:
    """A bucket in 0..end, inclusive."""

    def draw(k: int, o: int, i: int) -> int:
        k = k * (2 * o + 1) & MASK
        k = (k ^ (k >> 27)) * 0x3C79AC492BA7B653 & MASK
        k = k * (2 * i + 1) & MASK
        k = (k ^ (k >> 33)) * 0x1C69B3F74AC4AE35 & MASK
        return k ^ (k >> 27)

    def power(k: int, mask: int) -> int:
        d = draw(k, 0, 0) & mask
        return d ^ (draw(k, log2(d), 0) & ((1 << log2(d)) - 1)) if d else 0

    if end == 0:
        return 0
    k, o = h ^ seed, log2(end)
    mask = (1 << (o + 1)) - 1
    f = power(k, mask)
    if f <= end:
        return f
    for i in range(1, 65):
        d = draw(k, o, i) & mask
        if d <= mask >> 1:
            break
        if d <= end:
            return d
    return power(k, mask >> 1)


BUCKET_FUNCTIONS: dict[str, Callable[[int, int], int]] = {
    "jump": jump,
    "jump-guava": jump_guava,
    "jump-back": lambda h, n: jump_back(h, n)[0],
    "flip": lambda h, n: flip(h, 0, n - 1),
}


def within(k: int, e: int, index: int) -> int:
    """Element `index` of a permutation of the buckets of octave e, counted from its first one."""
    size = 1 << (e - 1)
    if size <= 64:
        items = list(range(size))
        for i in range(index + 1):
            j = i + reduce(word(k, i), size - i)
            items[i], items[j] = items[j], items[i]
        return items[index]
    lb = (e - 1) // 2
    hb = e - 1 - lb
    low, high = index & ((1 << lb) - 1), index >> lb

    def f(r: int, x: int, b: int) -> int:
        return ((word(k, 2 * r) * x + word(k, 2 * r + 1)) & MASK) >> (64 - b)

    for r in (0, 2, 4):
        low ^= f(r, high, lb)
        high ^= f(r + 1, low, hb)
    return high << lb | low


def permutation(h: int, n: int) -> Iterator[int]:
    """The key's permutation of 0..n-1."""
    key = mix(h ^ 0x7065726D75746531)

    def w(e: int, c: int) -> int:
        return word(key, e * 2**32 + c)

    def size(e: int) -> int:
        return 1 << (e - 1) if e else 1

    top = (n - 1).bit_length()
    left, taken = 1 << top, [0] * (top + 1)
    while left > 0:
        l, e = left, top
        while e > 0:
            here = size(e) - taken[e]
            if reduce(w(e, l), l) < here:
                break
            l, e = l - here, e - 1
        index = taken[e]
        taken[e], left = index + 1, left - 1
        bucket = size(e) + within(w(e + 64, 0), e, index) if e else 0
        if bucket < n:
            yield bucket


def bucket_sequence(bucket: int, h: int, n: int) -> Iterator[int]:
    """A key's bucket, then its permutation without it."""
    yield bucket
    yield from (b for b in permutation(h, n) if b != bucket)
