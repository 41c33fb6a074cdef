//! libketama, the original of RJ. Checked against its commit 18cf9a7.

use super::super::key_hash::KeyFunction;
use super::super::named_ring::{Named, NamedRing, PointRules};
use super::super::server_line::decimal;
use super::{host_port, ketama};
use crate::error::{Error, InteropFault};
use crate::ring::{Rule, Ties};
use alloc::vec::Vec;

const SYSTEM: &str = "libketama";

/// Longest name of a server; the original rejects a file with a longer one.
const NAME_MAX: usize = 23;

/// The ring of a file with lines `HOST:PORT MEMORY`. The memory is the weight, and the name is hashed as
/// it stands, its port included.
///
/// Keys end at their first zero byte, as texts of C do. Equal points belong to the server that is listed
/// first; the original does not specify it.
///
/// # Errors
/// A line that is not a server and its memory, a name of more than 23 characters, and no server.
pub fn ring<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<NamedRing, Error> {
    let servers: Vec<Named> = lines.into_iter().map(read).collect::<Result<_, _>>()?;
    if servers.is_empty() {
        return Err(InteropFault::NoServer { system: SYSTEM }.into());
    }
    let counts = |weights: &[u64]| {
        let all: u64 = weights.iter().sum();
        let groups = |weight: &u64| {
            let share = f64::from(*weight as f32 / all as f32);
            ((share * 40.0 * weights.len() as f64) as f32) as u64
        };
        weights.iter().map(|weight| 4 * groups(weight)).collect()
    };
    let (rule, ties) = (Rule::FirstAtOrAfter, Ties::First);
    let key = KeyFunction::Md5CString;
    PointRules { counts, points: ketama::groups(4), rule, ties, key }.ring(servers)
}

fn read(line: &str) -> Result<Named, Error> {
    let refused = |token: &str, expected: &str| {
        Error::from(InteropFault::token(SYSTEM, line, token, expected))
    };
    let mut tokens = line.split_ascii_whitespace();
    let server = tokens.next().ok_or_else(|| refused("", "a server"))?;
    let memory = tokens.next().ok_or_else(|| refused("", "the memory of the server"))?;
    if let Some(more) = tokens.next() {
        return Err(refused(more, "the end of the line"));
    }
    host_port(SYSTEM, line, server)?;
    if server.len() > NAME_MAX {
        return Err(refused(server, "a name of at most 23 characters"));
    }
    let weight = decimal(memory).filter(|memory| (1..=u64::from(u32::MAX)).contains(memory));
    let weight = weight.ok_or_else(|| refused(memory, "a memory of at least 1"))?;
    Ok(Named { text: server.into(), name: server.into(), weight })
}
