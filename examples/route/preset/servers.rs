//! Clients of memcached whose nodes are servers.

use super::given::Given;
use super::lookup::Lookup;
use apportion::interop::NamedRing;
use apportion::interop::memcached::{
    dalli, libketama, libmemcached, pymemcache, spymemcached, twemproxy,
};

fn on(given: &Given, ring: Result<NamedRing, apportion::Error>) -> Result<Lookup, String> {
    ring.map(|ring| Lookup::ring(ring, given.replicas)).map_err(text)
}

fn text(e: apportion::Error) -> String {
    e.to_string()
}

fn libmemcached_hash(given: &Given) -> Result<libmemcached::Hash, String> {
    use libmemcached::Hash;
    given.choice(
        "hash",
        &[
            ("default", Hash::Default),
            ("md5", Hash::Md5),
            ("crc", Hash::Crc),
            ("fnv1a_64", Hash::Fnv1a64),
            ("fnv1_64", Hash::Fnv64),
            ("fnv1_32", Hash::Fnv32),
            ("fnv1a_32", Hash::Fnv1a32),
            ("murmur", Hash::Murmur),
            ("jenkins", Hash::Jenkins),
            ("murmur3", Hash::Murmur3),
        ],
    )
}

pub(super) fn weighted(given: &Given) -> Result<Lookup, String> {
    on(given, libmemcached::weighted(given.lines()))
}

pub(super) fn ketama(given: &Given) -> Result<Lookup, String> {
    on(given, libmemcached::unweighted(given.lines(), libmemcached_hash(given)?))
}

pub(super) fn spy(given: &Given) -> Result<Lookup, String> {
    on(given, libmemcached::spy(given.lines(), libmemcached_hash(given)?))
}

pub(super) fn modula(given: &Given) -> Result<Lookup, String> {
    let modula = libmemcached::Modula::new(given.lines(), libmemcached_hash(given)?);
    let modula = modula.map_err(text)?;
    Ok(Lookup::place(move |key| Some(modula.get(key.bytes()))))
}

pub(super) fn libketama(given: &Given) -> Result<Lookup, String> {
    on(given, libketama::ring(given.lines()))
}

pub(super) fn twemproxy(given: &Given) -> Result<Lookup, String> {
    use twemproxy::Hash;
    let hash = given.choice(
        "hash",
        &[
            ("fnv1a_64", Hash::Fnv1a64),
            ("md5", Hash::Md5),
            ("one_at_a_time", Hash::OneAtATime),
            ("crc32", Hash::Crc32),
            ("crc32a", Hash::Crc32a),
            ("murmur", Hash::Murmur),
        ],
    )?;
    let tag: Option<[u8; 2]> = match given.option("hash-tag") {
        None => None,
        Some(tag) => {
            let bytes = tag.as_bytes().try_into();
            Some(bytes.map_err(|_| given.wrong("hash-tag", "two characters, for example {}"))?)
        }
    };
    if given.choice("distribution", &[("ketama", false), ("modula", true)])? {
        if given.replicas > 1 {
            return Err(format!("--replicas {}: modula has one server", given.replicas));
        }
        let modula = twemproxy::Modula::new(given.lines(), hash).map_err(text)?;
        return Ok(Lookup::place(move |key| Some(modula.get(tagged(key.bytes(), tag)))));
    }
    let ring = twemproxy::ketama(given.lines(), hash).map_err(text)?;
    Ok(Lookup::located(ring, given.replicas, move |ring, key| ring.hash(tagged(key.bytes(), tag))))
}

fn tagged(key: &[u8], tag: Option<[u8; 2]>) -> &[u8] {
    tag.map_or(key, |tag| twemproxy::tagged(key, tag))
}

pub(super) fn spymemcached(given: &Given) -> Result<Lookup, String> {
    use spymemcached::{Format, Hash};
    let formats = [("SPYMEMCACHED", Format::Spymemcached), ("LIBMEMCACHED", Format::Libmemcached)];
    let format = given.choice("format", &formats)?;
    let hashes = [("KETAMA_HASH", Hash::Ketama), ("FNV1A_64_HASH", Hash::Fnv1a64)];
    let hash = given.choice("hash", &hashes)?;
    let weighted = given.choice("weighted", &[("false", false), ("true", true)])?;
    on(given, spymemcached::ketama(given.lines(), format, hash, weighted))
}

pub(super) fn dalli(given: &Given) -> Result<Lookup, String> {
    on(given, dalli::ring(given.lines()))
}

pub(super) fn pymemcache(given: &Given) -> Result<Lookup, String> {
    let seed = given.number("seed", 0)?;
    let nodes = pymemcache::Rendezvous::new(given.lines(), seed).map_err(text)?;
    Ok(Lookup::places(move |key| Ok(vec![nodes.get(key.text()?)])))
}
