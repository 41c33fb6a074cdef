//! Requests with skewed keys.

/// SplitMix64: the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }
}

/// Zipf's law with exponent 1: key k is asked for in proportion to 1/(k + 1).
pub(crate) struct Zipf {
    /// The sums of the frequencies up to each key.
    sums: Vec<u64>,
}

impl Zipf {
    pub(crate) fn new(keys: u32) -> Self {
        let frequency = |key: u64| (1_u64 << 40) / (key + 1);
        let sums = (0..u64::from(keys)).scan(0, |sum, key| {
            *sum += frequency(key);
            Some(*sum)
        });
        Self { sums: sums.collect() }
    }

    pub(crate) fn key(&self, random: &mut Random) -> u32 {
        let at = random.below(self.sums.last().copied().unwrap_or(0));
        self.sums.partition_point(|sum| *sum <= at) as u32
    }
}
