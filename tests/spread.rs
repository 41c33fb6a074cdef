//! Replicas under failure domains: what the rules say, what moves, what is refused.

#[path = "spread/errors.rs"]
mod errors;
#[path = "spread/filters.rs"]
mod filters;
#[path = "spread/model.rs"]
mod model;
#[path = "spread/movement.rs"]
mod movement;
#[path = "spread/oracles.rs"]
mod oracles;
#[path = "spread/orders.rs"]
mod orders;
mod support;
