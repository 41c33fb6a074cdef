//! The keys of all measurements: random, created before any measurement, and too many for a branch
//! predictor to learn.

/// Random keys. Both lengths are powers of two.
pub struct Keys {
    /// 131,072 numbers.
    pub ids: Vec<u64>,
    /// 65,536 strings of 16 to 32 bytes.
    pub names: Vec<String>,
}

impl Keys {
    /// Creates the same keys in every run.
    pub fn new() -> Self {
        let mut random = Random(0x5EED);
        let ids = (0..1 << 17).map(|_| random.next()).collect();
        let names = (0..1 << 16).map(|_| name(&mut random)).collect();
        Self { ids, names }
    }
}

fn name(random: &mut Random) -> String {
    let digits = format!("{:016x}{:016x}", random.next(), random.next());
    let length = 16 + random.next() % 17;
    digits[..length as usize].to_owned()
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    /// The next word.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
