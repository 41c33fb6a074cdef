//! Saved forms: a documented, versioned layout, checked on the way in.
//!
//! Every form has its version first. A newer form gives the error "saved by a newer release", whatever
//! else it contains; every later release of the same major version reads a form of this one.
//!
//! | value | restored |
//! |---|---|
//! | [`Locator`](crate::Locator) | as it is, or by [`Saved`] with a hasher and a limit |
//! | [`Topology`](crate::Topology) | as it is |
//! | [`Plan`](crate::partition::Plan) | by [`SavedPlan`](crate::partition::SavedPlan), with its planner and old table |
//! | [`TableReport`](crate::partition::TableReport) | as it is |
//! | [`Migration`](crate::migration::Migration), [`Schedule`](crate::migration::Schedule) | as they are |
//! | [`Progress`](crate::migration::Progress) of a transition | as it is; then [`resume`](crate::migration::Transition::resume) with the placements |
//! | [`BoundedLoads`](crate::bounded::BoundedLoads) | as they are, or by [`SavedLoads`](crate::bounded::SavedLoads) with a hasher and a limit |
//! | [`MoveReport`](crate::analysis::MoveReport) | by [`SavedMoveReport`](crate::analysis::SavedMoveReport), without the locators |
//!
//! Values of nodes may borrow from the input if the version comes first, as it is written; in a locator
//! always.
//!
//! Configurations have no version: they are text that is read as it is written.

mod fields;
mod form;
mod nodes;
mod read;
mod topology;

pub use form::Saved;

pub use crate::algorithms::Savable;
