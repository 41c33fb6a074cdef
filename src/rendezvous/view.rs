//! The scores as a diff sees them.

use super::named::Rendezvous;
use super::slice::{RendezvousSlice, WeightedRendezvousSlice};
use super::weighted::WeightedRendezvous;
use crate::placement::{Scores, Structure, View, Viewed};

impl Viewed for Rendezvous {
    fn view(&self) -> View<'_> {
        View { algorithm: "rendezvous", structure: Structure::Scores(Scores::Equal) }
    }
}

impl Viewed for RendezvousSlice<'_> {
    fn view(&self) -> View<'_> {
        View { algorithm: "rendezvous", structure: Structure::Scores(Scores::Equal) }
    }
}

impl Viewed for WeightedRendezvous {
    fn view(&self) -> View<'_> {
        View { algorithm: "weighted-rendezvous", structure: Structure::Scores(Scores::Weighted) }
    }
}

impl Viewed for WeightedRendezvousSlice<'_> {
    fn view(&self) -> View<'_> {
        let scores = Scores::Given(self.nodes());
        View { algorithm: "weighted-rendezvous", structure: Structure::Scores(scores) }
    }
}
