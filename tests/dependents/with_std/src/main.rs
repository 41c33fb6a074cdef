//! Places a key, saves the locator and reads it back.

use apportion::Locator;
use apportion::analysis::count_moves;
use apportion::hash::Md5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ring = Locator::ring(["a".to_string(), "b".into()])?.with_hasher(Md5);
    let text = serde_json::to_string(&ring)?;
    let again: Locator<String, apportion::Ring, Md5> = serde_json::from_str(&text)?;
    assert_eq!(again.get("key"), ring.get("key"));
    let moved = count_moves(&ring, &again.with("c".into())?, 1, (0..1000).map(|k| (k, 1)))?.moved();
    println!("{moved} of 1000 keys move");
    Ok(())
}
