//! The facade's questions under a spread.

use super::Spread;
use crate::hash::Key;
use crate::locator::{Locator, Replicas};
use crate::node::NodeIdx;
use crate::placement::Placement;

impl<N, P: Placement, H> Locator<N, P, H> {
    /// The nodes that hold the key's `R` replicas when they are spread over failure domains, the
    /// owner first. See [`Spread`].
    pub fn replicas_under<const R: usize>(
        &self,
        spread: &Spread,
        key: &(impl Key<H> + ?Sized),
    ) -> Replicas<'_, N, R> {
        self.replicas_under_where(spread, key, |_| true)
    }

    /// As [`replicas_under`](Self::replicas_under), among the nodes that `accept` lets pass. See
    /// [`Spread::replicas_where`].
    pub fn replicas_under_where<const R: usize>(
        &self,
        spread: &Spread,
        key: &(impl Key<H> + ?Sized),
        accept: impl FnMut(NodeIdx) -> bool,
    ) -> Replicas<'_, N, R> {
        let mut at = [NodeIdx::default(); R];
        let len = spread.replicas_where(self.placement(), self.hash(key), &mut at, accept);
        Replicas::new(self.topology(), at, len)
    }
}
