//! What several tests of this package share.

pub mod plan_oracle;
pub mod request;
#[path = "../../support/mod.rs"]
pub mod support;
