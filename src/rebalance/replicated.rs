//! A locator with a number of replicas, and the questions that start a diff.

use super::compare::Compare;
use super::diff::Diff;
use crate::error::{CompareFault, Error};
use crate::hash::Portable;
use crate::locator::Locator;

/// A locator seen with a number of replicas: see [`Locator::replicated`].
#[derive(Debug)]
pub struct Replicated<'a, N, P, H> {
    locator: &'a Locator<N, P, H>,
    replicas: usize,
}

impl<N, P, H> Clone for Replicated<'_, N, P, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N, P, H> Copy for Replicated<'_, N, P, H> {}

impl<'a, N, P, H> Replicated<'a, N, P, H> {
    /// What moves from this side to the other one.
    ///
    /// # Errors
    /// Another number of replicas, another key hasher, another algorithm; more than one replica
    /// where exact figures exist for one only.
    pub fn diff<Q>(&self, new: &Replicated<'a, N, Q, H>) -> Result<Diff<'a, N>, Error>
    where
        P: Compare<Q>,
        H: Portable,
    {
        if self.replicas != new.replicas {
            let (old, new) = (self.replicas, new.replicas);
            return Err(CompareFault::OtherReplicas { old, new }.into());
        }
        Diff::new(self.locator, new.locator, self.replicas)
    }
}

impl<N, P, H> Locator<N, P, H> {
    /// This locator with `replicas` replicas a key, to be compared with another:
    /// `old.replicated(3)?.diff(&new.replicated(3)?)`.
    ///
    /// # Errors
    /// 0 replicas.
    pub fn replicated(&self, replicas: usize) -> Result<Replicated<'_, N, P, H>, Error> {
        if replicas == 0 {
            return Err(CompareFault::NoReplicas.into());
        }
        Ok(Replicated { locator: self, replicas })
    }

    /// What moves from this locator to another one, one replica a key, exactly and over all keys.
    ///
    /// # Errors
    /// Another key hasher (two SipHash secrets are two hashers), another algorithm.
    pub fn diff<'a, Q>(&'a self, new: &'a Locator<N, Q, H>) -> Result<Diff<'a, N>, Error>
    where
        P: Compare<Q>,
        H: Portable,
    {
        self.replicated(1)?.diff(&new.replicated(1)?)
    }
}
