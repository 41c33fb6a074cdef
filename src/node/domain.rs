//! Failure domains: where a node stands.

use super::label::NodeLabel;
use crate::error::{DomainFault, Error, NodeFault};
use crate::limits::{MAX_DOMAIN_BYTES, MAX_DOMAIN_LEVELS};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The path of a node through its failure domains, outermost level first: region, zone, rack, …
///
/// A domain is its whole path: rack `r1` of zone `z1` is not rack `r1` of zone `z2`. Paths are
/// stored with the nodes and are part of a topology's fingerprint.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Domain {
    path: Option<Arc<[(String, String)]>>,
}

impl Domain {
    /// Levels and names, outermost first.
    pub fn path(&self) -> impl Iterator<Item = (&str, &str)> {
        self.levels().iter().map(|(level, name)| (level.as_str(), name.as_str()))
    }

    /// The name at a level.
    #[must_use]
    pub fn at(&self, level: &str) -> Option<&str> {
        self.path().find(|(l, _)| *l == level).map(|(_, name)| name)
    }

    /// Number of levels.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.levels().len()
    }

    fn levels(&self) -> &[(String, String)] {
        self.path.as_deref().unwrap_or_default()
    }

    /// Checks a path; `label` names the node in the error.
    pub(crate) fn new(path: Vec<(String, String)>, label: &NodeLabel) -> Result<Self, Error> {
        let fault = |level: &str, why| {
            let level = level.chars().take(64).collect();
            Err(NodeFault::Domain { label: label.shown(), level, why }.into())
        };
        let levels = path.len();
        if levels > MAX_DOMAIN_LEVELS {
            return fault("", DomainFault::TooDeep { levels, max: MAX_DOMAIN_LEVELS });
        }
        for (i, (level, name)) in path.iter().enumerate() {
            let bytes = level.len().max(name.len());
            if level.is_empty() {
                return fault(level, DomainFault::EmptyLevel);
            } else if bytes > MAX_DOMAIN_BYTES {
                return fault(level, DomainFault::TooLong { bytes, max: MAX_DOMAIN_BYTES });
            } else if path.iter().take(i).any(|(earlier, _)| earlier == level) {
                return fault(level, DomainFault::Repeated);
            }
        }
        Ok(Self { path: (levels > 0).then(|| path.into()) })
    }
}
