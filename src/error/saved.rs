//! Errors of saved values.

use super::kind::ErrorKind;
use super::words::Count;
use super::words::Label;
use alloc::string::String;
use core::fmt;

/// What is wrong with a saved value.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SavedFault {
    Newer {
        version: u32,
        known: u32,
    },
    NoVersion {
        version: u32,
    },
    Fingerprint {
        saved: u64,
        rebuilt: u64,
    },
    Hasher {
        saved: u64,
        given: u64,
    },
    Algorithm {
        saved: String,
        wanted: String,
    },
    Numbering {
        entry: u32,
    },
    NumberingLength {
        entries: usize,
        live: usize,
    },
    Scale {
        points: u64,
        weight: u64,
    },
    NoScale,
    Label(String),
    Points {
        points: u128,
        limit: u64,
    },
    Rule {
        name: String,
    },
    Lists {
        label: Label,
    },
    List {
        label: Label,
    },
    TableSize {
        entries: u32,
        limit: u64,
    },
    TooLarge {
        points: u64,
        limit: u64,
    },
    TooLong {
        list: &'static str,
        max: usize,
    },
    Value {
        label: Label,
        spelled: Label,
    },
    /// Pairs of an old and a new holder in a migration.
    Pairs {
        pairs: u64,
        limit: u64,
    },
    Planner {
        saved: u64,
        given: u64,
    },
    /// `None` for a fresh plan.
    OldTable {
        saved: Option<u64>,
        given: Option<u64>,
    },
    /// Fields of a form that do not fit together.
    Malformed {
        form: &'static str,
        why: String,
    },
}

impl SavedFault {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Newer { .. } => ErrorKind::SavedByNewerRelease,
            Self::Hasher { .. } => ErrorKind::OtherHasher,
            Self::Algorithm { .. } => ErrorKind::OtherAlgorithm,
            Self::Planner { .. } | Self::OldTable { .. } => ErrorKind::InvalidArgument,
            Self::Points { .. }
            | Self::TableSize { .. }
            | Self::TooLarge { .. }
            | Self::Pairs { .. } => ErrorKind::OverLimit,
            Self::NoVersion { .. }
            | Self::Fingerprint { .. }
            | Self::Numbering { .. }
            | Self::NumberingLength { .. }
            | Self::Scale { .. }
            | Self::NoScale
            | Self::Label(_)
            | Self::Rule { .. }
            | Self::Lists { .. }
            | Self::List { .. }
            | Self::TooLong { .. }
            | Self::Value { .. }
            | Self::Malformed { .. } => ErrorKind::Altered,
        }
    }
}

impl fmt::Display for SavedFault {
    #[allow(clippy::too_many_lines)] // one line a fault
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { version, known } => write!(
                f,
                "saved by a newer release: form {version}, but this release reads forms up to {known}"
            ),
            Self::NoVersion { version } => {
                write!(f, "the saved value says it has form {version}; forms are counted from 1")
            }
            Self::Fingerprint { saved, rebuilt } => write!(
                f,
                "the saved value was altered: its fingerprint is 0x{saved:016x}, and its content has \
                 0x{rebuilt:016x}"
            ),
            Self::Hasher { saved, given } => write!(
                f,
                "the saved value uses key hasher 0x{saved:016x}, but the given one is \
                 0x{given:016x}; restore it with the hasher, seed and secret it was saved with"
            ),
            Self::Algorithm { saved, wanted } => write!(
                f,
                "the saved value uses algorithm {saved}, but it is restored as {wanted}; restore it \
                 as {saved}"
            ),
            Self::Numbering { entry } => write!(
                f,
                "the saved numbering names slot {entry}, which has no live node or is named twice"
            ),
            Self::NumberingLength { entries, live } => write!(
                f,
                "the saved numbering has {} for {}",
                Count(*entries as u64, "entry"),
                Count(*live as u64, "live node")
            ),
            Self::Scale { points, weight } => write!(
                f,
                "the saved scale, {} for a weight of {weight}, is not a ratio of positive numbers",
                Count(*points, "point")
            ),
            Self::NoScale => {
                f.write_str("the saved ring has neither a scale nor a number of points per node")
            }
            Self::Label(why) => write!(f, "a saved label is malformed: {why}"),
            Self::Rule { name } => write!(f, "the saved ring has an unknown rule {name:?}"),
            Self::Lists { label } => write!(
                f,
                "the saved lists of points are not in ascending order of their labels, or a label \
                 occurs twice, at node {label}"
            ),
            Self::List { label } => write!(
                f,
                "the saved points of node {label} are not in ascending order, or a point occurs twice"
            ),
            Self::TooLarge { points, limit } => write!(
                f,
                "this value has {points} ring points or table entries, but at most {limit} are \
                 restored by default; save it with `save_within` and restore it with \
                 `restore_within`"
            ),
            Self::TooLong { list, max } => write!(
                f,
                "the saved list `{list}` has more entries than the maximum of {max}: the saved value \
                 was altered, or it was written by another program"
            ),
            Self::Value { label, spelled } => write!(
                f,
                "the value of node {label} makes the label {spelled}: the saved value was altered, or \
                 labels are not made from values"
            ),
            Self::Pairs { pairs, limit } => write!(
                f,
                "the migration has {pairs} pairs of an old and a new holder of a unit, and at most \
                 {limit} are saved and restored; migrate fewer replicas at once"
            ),
            Self::Planner { saved, given } => write!(
                f,
                "the saved plan is of a planner with fingerprint 0x{saved:016x}, and the given one has \
                 0x{given:016x}; restore it with the same nodes in the same slots, configuration, pins \
                 and frozen partitions"
            ),
            Self::OldTable { saved, given } => {
                let rows = |hash: &Option<u64>| match hash {
                    Some(hash) => alloc::format!("an old table with fingerprint 0x{hash:016x}"),
                    None => "no old table".into(),
                };
                let (saved, given) = (rows(saved), rows(given));
                write!(
                    f,
                    "the saved plan starts from {saved}, and it is restored with {given}; restore it \
                     with the table from which it was planned"
                )
            }
            Self::Malformed { form, why } => write!(f, "the saved {form} is malformed: {why}"),
            Self::TableSize { entries, limit } => write!(
                f,
                "the saved table asks for {entries} entries, and at most {limit} are restored; raise \
                 the limit with `restore_within` if the source is trusted"
            ),
            Self::Points { points, limit } => write!(
                f,
                "the saved ring asks for {points} points, and at most {limit} are restored; raise \
                 the limit with `restore_within` if the source is trusted"
            ),
        }
    }
}
