//! Parses hexadecimal digits of either case.

/// The fault of a line of digits.
pub(crate) enum Fault {
    Digit,
    Odd,
}

/// Decodes two digits per byte into `bytes`.
pub(crate) fn decode(digits: &[u8], bytes: &mut Vec<u8>) -> Result<(), Fault> {
    bytes.clear();
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(Fault::Digit);
    }
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(Fault::Odd);
    }
    bytes.extend(pairs.map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | value(*digit))));
    Ok(())
}

/// Parses 16 digits, the most significant first.
pub(crate) fn word(digits: &[u8]) -> Option<u64> {
    let all = digits.len() == 16 && digits.iter().all(u8::is_ascii_hexdigit);
    all.then(|| digits.iter().fold(0, |word, digit| word << 4 | u64::from(value(*digit))))
}

/// The value of a hexadecimal digit.
fn value(digit: u8) -> u8 {
    if digit.is_ascii_digit() { digit - b'0' } else { (digit | 0x20) - b'a' + 10 }
}
