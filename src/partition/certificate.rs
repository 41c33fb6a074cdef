//! A proof that no table moves less.

use super::tree::Tree;
use alloc::vec::Vec;

/// A dual solution: what a replica is worth on each node, and at each failure domain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    potentials: Vec<i32>,
}

impl Certificate {
    pub(super) fn fresh() -> Self {
        Self { potentials: Vec::new() }
    }

    pub(super) fn new(_tree: &Tree, potentials: &[i32]) -> Self {
        Self { potentials: potentials.to_vec() }
    }
}
