//! Saved values.

use super::Label;
use alloc::string::String;
use core::fmt;

/// What is wrong with a saved value.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SavedFault {
    Newer { version: u32, known: u32 },
    NoVersion { version: u32 },
    Fingerprint { saved: u64, rebuilt: u64 },
    Hasher { saved: u64, given: u64 },
    Algorithm { saved: String, wanted: String },
    Numbering { entry: u32 },
    NumberingLength { entries: usize, live: usize },
    Scale { points: u64, weight: u64 },
    NoScale,
    Label(String),
    Points { points: u128, limit: u64 },
    Rule { name: String },
    Lists { label: Label },
    List { label: Label },
    TableSize { entries: u32, limit: u64 },
    TooLarge { points: u64, limit: u64 },
    TooLong { list: &'static str, max: usize },
    Value { label: Label, spelled: Label },
}

impl fmt::Display for SavedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { version, known } => write!(
                f,
                "saved by a newer release: form {version}, this one reads forms up to {known}"
            ),
            Self::NoVersion { version } => write!(f, "there is no saved form {version}"),
            Self::Fingerprint { saved, rebuilt } => write!(
                f,
                "saved for 0x{saved:016x}, but what was read gives 0x{rebuilt:016x}: the saved \
                 value was altered"
            ),
            Self::Hasher { saved, given } => {
                write!(f, "saved under key hasher 0x{saved:016x}, but this one is 0x{given:016x}")
            }
            Self::Algorithm { saved, wanted } => {
                write!(f, "saved from {saved}, but {wanted} is asked for")
            }
            Self::Numbering { entry } => write!(
                f,
                "the saved numbering names slot {entry}, which is not a live node or comes twice"
            ),
            Self::NumberingLength { entries, live } => {
                write!(f, "the saved numbering has {entries} entries for {live} live nodes")
            }
            Self::Scale { points, weight } => {
                write!(f, "the saved scale, {points} points to {weight} of weight, is not a ratio")
            }
            Self::NoScale => f.write_str(
                "the saved ring has neither a scale nor a number of points to a node of average weight",
            ),
            Self::Label(why) => write!(f, "a saved label is malformed: {why}"),
            Self::Rule { name } => write!(f, "there is no ring rule {name:?}"),
            Self::Lists { label } => write!(
                f,
                "the saved lists of points are not in the order of their labels, or one comes \
                 twice, at node {label}"
            ),
            Self::List { label } => {
                write!(f, "the saved points of node {label} are not ascending, or one comes twice")
            }
            Self::TooLarge { points, limit } => write!(
                f,
                "this value has {points} ring points or table entries, more than the {limit} that \
                 are restored by default: save it with `save_within` and restore it with \
                 `restore_within`"
            ),
            Self::TooLong { list, max } => write!(
                f,
                "the saved list `{list}` has more entries than the maximum of {max}: the saved value \
                 was altered, or it is of another program"
            ),
            Self::Value { label, spelled } => write!(
                f,
                "the value of node {label} spells the label {spelled}: the saved value was altered, \
                 or labels are not spelled by values"
            ),
            Self::TableSize { entries, limit } => write!(
                f,
                "the saved table asks for {entries} entries, more than {limit}: restore it with a \
                 limit of your own if that is meant"
            ),
            Self::Points { points, limit } => write!(
                f,
                "the saved ring asks for {points} points, more than {limit}: restore it with a \
                 limit of your own if that is meant"
            ),
        }
    }
}
