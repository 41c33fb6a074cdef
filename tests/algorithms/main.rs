//! Each algorithm against its specification, a slow reference or recorded answers.

mod anchor;
mod anchor_hash;
mod asura;
mod asura_shares;
mod cluster_points;
mod foreign_rings;
mod rings;
#[path = "../support/mod.rs"]
mod support;
