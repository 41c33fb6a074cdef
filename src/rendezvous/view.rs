//! The scores as a diff sees them.

use super::named::{self, Rendezvous};
use super::slice::{RendezvousSlice, WeightedRendezvousSlice};
use super::weighted::{self, WeightedRendezvous};
use crate::placement::{Scores, Structure, View, Viewed};

impl Viewed for Rendezvous {
    fn view(&self) -> View<'_> {
        View { algorithm: named::NAME, structure: Structure::Scores(Scores::Equal) }
    }
}

impl Viewed for RendezvousSlice<'_> {
    fn view(&self) -> View<'_> {
        View { algorithm: named::NAME, structure: Structure::Scores(Scores::Equal) }
    }
}

impl Viewed for WeightedRendezvous {
    fn view(&self) -> View<'_> {
        View { algorithm: weighted::NAME, structure: Structure::Scores(Scores::Weighted) }
    }
}

impl Viewed for WeightedRendezvousSlice<'_> {
    fn view(&self) -> View<'_> {
        let scores = Scores::Given(self.nodes());
        View { algorithm: weighted::NAME, structure: Structure::Scores(scores) }
    }
}
