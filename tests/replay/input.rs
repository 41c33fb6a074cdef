//! A byte string read as decisions. Past its end every answer is 0, so that every string is an
//! input and a shorter one is a simpler one.

#[derive(Clone)]
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// Eight bytes, little-endian.
    pub fn word(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// A small number below `n`, from one byte.
    pub fn below(&mut self, n: u8) -> usize {
        usize::from(self.byte() % n.max(1))
    }

    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len() as u8)]
    }

    pub fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub fn rest(&mut self) -> &'a [u8] {
        self.bytes(usize::MAX)
    }

    /// Any u64; small numbers and those around powers of two are as likely as all others.
    pub fn number(&mut self) -> u64 {
        let shape = self.byte();
        match shape {
            0..=127 => u64::from(shape % 8),
            128..=159 => u64::from(shape),
            160..=191 => 1 << self.below(64),
            192..=223 => (1 << self.below(64)) - 1,
            224..=239 => u64::MAX - u64::from(self.byte()),
            240..=255 => self.word(),
        }
    }

    /// Text of up to 15 characters, of one, two and four bytes each.
    pub fn text(&mut self) -> String {
        let len = self.below(16);
        (0..len).map(|_| *self.pick(&['a', 'b', '0', '\0', '"', '\\', 'é', '🦀'])).collect()
    }
}
