//! Failure domains: the zone, rack or other place of a node.

use super::label::NodeLabel;
use crate::error::{DomainFault, Error, NodeFault};
use crate::limits::{MAX_DOMAIN_BYTES, MAX_DOMAIN_LEVELS};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The path of a node through its failure domains, outermost level first: region, zone, rack, …
///
/// The whole path identifies a domain: rack `r1` of zone `z1` is not rack `r1` of zone `z2`. Paths are
/// stored with the nodes and are part of a topology's fingerprint.
///
/// A path prints as in error messages, with its names joined by slashes: `z1/r1`. A path without
/// levels prints nothing.
///
/// ```
/// use apportion::{Node, Topology};
///
/// let node = Node::new("disk-1").domain("zone", "z1").domain("rack", "r1");
/// let topology = Topology::of([node])?;
/// let domain = topology.domain("disk-1").ok_or("no such disk")?;
/// assert_eq!((domain.to_string().as_str(), domain.at("zone")), ("z1/r1", Some("z1")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "zone")]
#[doc(alias = "rack")]
#[doc(alias = "region")]
#[doc(alias = "locality")]
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Domain {
    path: Option<Arc<[(String, String)]>>,
}

impl Domain {
    /// The levels with their names, outermost first.
    pub fn path(&self) -> impl Iterator<Item = (&str, &str)> {
        self.levels().iter().map(|(level, name)| (level.as_str(), name.as_str()))
    }

    /// The name at a level; `None` if the path has no such level.
    #[must_use]
    pub fn at(&self, level: &str) -> Option<&str> {
        self.path().find(|(l, _)| *l == level).map(|(_, name)| name)
    }

    /// The number of levels.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.levels().len()
    }

    fn levels(&self) -> &[(String, String)] {
        self.path.as_deref().unwrap_or_default()
    }

    /// Checks a path. `label` names the node in the error.
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

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (_, name)) in self.path().enumerate() {
            f.write_str(if i == 0 { "" } else { "/" })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}
