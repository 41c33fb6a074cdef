//! How two structures are compared.

use super::boards::Boards;
use super::lookups::Lookup;
use super::numberings::Numberings;
use super::scores::Weights;
use crate::circle::Rule;
use crate::error::{CompareFault, Error};
use crate::placement::{OnCircle, Placement, Structure};
use crate::replica::Spread;
use crate::topology::{Members, Topology, Union};

/// One of the two locators.
pub(super) struct Compared<'a, N> {
    pub(super) topology: &'a Topology<N>,
    pub(super) placement: &'a (dyn Placement + Send + Sync + 'a),
    pub(super) spread: Option<&'a Spread>,
    pub(super) structure: Structure<'a>,
}

/// How the two structures are compared.
#[derive(Debug)]
pub(super) enum By {
    /// Circles of the same direction, at any number of replicas.
    Circles,
    /// Pieces of hashes with one owner each: one replica.
    Cuts,
    /// Pieces of hashes on which all keys have the same candidates.
    Lookups,
    /// Rows of partitions.
    Tables,
    Numberings(Numberings),
    Boards(Boards),
    Weights(Weights),
}

/// What is asked of two locators.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) replicas: usize,
    /// The rules by which replicas are chosen, before and after.
    pub(super) spreads: Option<(&'a Spread, &'a Spread)>,
}

impl<N> Compared<'_, N> {
    pub(super) fn members(&self) -> &Members {
        self.topology.members()
    }

    pub(super) fn lookup(&self, replicas: usize) -> Lookup<'_> {
        Lookup { placement: self.placement, spread: self.spread, replicas }
    }
}

impl By {
    pub(super) fn new<N>(
        (old, before): (&Compared<'_, N>, &'static str),
        (new, after): (&Compared<'_, N>, &'static str),
        union: &Union,
        Question { replicas, spreads }: Question<'_>,
    ) -> Result<Self, Error> {
        let plain = spreads.is_none();
        let owners_only = |algorithm: &'static str| match (replicas, plain) {
            (1, true) => Ok(()),
            (_, true) => fault(CompareFault::OneReplicaOnly { algorithm, replicas }),
            (_, false) => fault(CompareFault::NoSpread { algorithm }),
        };
        let same = before == after;
        match (&old.structure, &new.structure) {
            (Structure::Circle(a), Structure::Circle(b)) if plain && run_alike(a, b) => {
                Ok(Self::Circles)
            }
            (Structure::Rows(_), Structure::Rows(_)) if plain => Ok(Self::Tables),
            (Structure::Numbering(a), Structure::Numbering(b)) if same => {
                owners_only(before)?;
                let numberings = Numberings::new(a, b, union).map(Self::Numberings);
                let (algorithm, capacity) = (before, a.capacity.is_some());
                let equal = if capacity { "capacity" } else { "number of buckets" };
                numberings.ok_or(CompareFault::OtherHistory { algorithm, equal }.into())
            }
            (Structure::Board(a), Structure::Board(b)) if same => {
                owners_only(before)?;
                let boards = Boards::new(a, b, union).map(Self::Boards);
                boards.ok_or(CompareFault::Fallback.into())
            }
            (Structure::Scores(a), Structure::Scores(b)) if same => {
                owners_only(before)?;
                let members = (old.members(), new.members());
                Ok(Self::Weights(Weights::of(union, (*a, members.0), (*b, members.1))))
            }
            (a, b) if a.has_pieces() && b.has_pieces() => {
                if plain && replicas == 1 {
                    return Ok(Self::Cuts);
                }
                for (structure, algorithm) in [(a, before), (b, after)] {
                    if structure.orders_pieces(plain) {
                        continue;
                    }
                    owners_only(structure.owners_only_name().unwrap_or(algorithm))?;
                }
                Ok(Self::Lookups)
            }
            _ => fault(CompareFault::OtherAlgorithm { old: before, new: after }),
        }
    }
}

/// True if lookups search the stored points of both circles in the same direction.
fn run_alike(a: &OnCircle<'_>, b: &OnCircle<'_>) -> bool {
    let forward = |rule| matches!(rule, Rule::FirstAtOrAfter | Rule::FirstAfter);
    let backward = |rule| rule == Rule::LastAtOrBefore;
    forward(a.rule) && forward(b.rule) || backward(a.rule) && backward(b.rule)
}

pub(super) fn fault<T>(fault: CompareFault) -> Result<T, Error> {
    Err(fault.into())
}
