//! `CLUSTER KEYSLOT` of a real redis-server is the preset's slot.

use apportion::interop::redis::{SLOTS, slot, tag};
use apportion_real_server::{find, or_skip};
use apportion_redis::servers::RedisServer;
use std::collections::BTreeSet;

/// Keys of all bytes, with braces in every arrangement, from none to some thousands of bytes.
fn keys() -> Vec<Vec<u8>> {
    let mut state = 1_u64;
    let mut random = |bound: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(state) * u128::from(bound)) >> 64) as u64
    };
    let mut keys: Vec<Vec<u8>> = vec![Vec::new()];
    let chosen = [
        "{}",
        "{}{tag}",
        "{",
        "}",
        "}{",
        "{{}}",
        "{{tag}}",
        "a{tag}b",
        "a{tag}b{other}",
        "a{}b{tag}",
        "{tag",
        "tag}",
        "}a{tag}",
        "{a}{b}",
        "{a{b}c}",
        "{{{a}}}",
        "\u{e9}{\u{1f980}}",
        "123456789",
    ];
    keys.extend(chosen.map(|key| key.as_bytes().to_vec()));
    keys.extend((0..=255).map(|byte| vec![byte]));
    keys.extend((0..=255).map(|byte| vec![b'{', byte, b'}', byte]));
    keys.extend([1000, 16_384, 65_536].map(|len| vec![0xff; len]));
    while keys.len() < 10_000 {
        // Many braces, so that tags are empty, nested and unfinished.
        let braces = random(3) > 0;
        let len = if random(20) == 0 { random(3000) } else { random(24) };
        let byte = |_| match random(6) {
            0 if braces => b'{',
            1 if braces => b'}',
            _ => random(256) as u8,
        };
        keys.push((0..len).map(byte).collect());
    }
    keys
}

#[test]
fn ten_thousand_binary_keys() {
    if or_skip(find("redis-server", "redis-server")).is_none() {
        return;
    }
    let server = RedisServer::start(&["--cluster-enabled", "yes"]).unwrap();
    let mut connection = server.connect().unwrap();
    let keys = keys();
    let (mut asked, mut tagged) = (BTreeSet::new(), 0);
    for keys in keys.chunks(500) {
        let mut pipe = redis::pipe();
        for key in keys {
            pipe.cmd("CLUSTER").arg("KEYSLOT").arg(key);
        }
        let slots: Vec<u16> = pipe.query(&mut connection).unwrap();
        assert_eq!(slots.len(), keys.len());
        for (key, theirs) in keys.iter().zip(slots) {
            assert_eq!(slot(key), theirs, "\"{}\"", key.escape_ascii());
            tagged += usize::from(tag(key).len() < key.len());
            asked.insert(theirs);
        }
    }
    assert_eq!(keys.len(), 10_000);
    // The keys are no easy ones: most slots are met, and a quarter of the keys have a tag.
    assert!(asked.len() > SLOTS as usize / 3, "{} slots", asked.len());
    assert!(tagged > 2500, "{tagged} keys with a tag");
}
