//! A migration in steps of bounded size.
//!
//! ```text
//!  unit 7:  a b c  →  a d e          exchanges:  b→d, then c→e      each keeps the limits
//!  unit 9:  b c f  →  b d f                      c→d
//!
//!  step 1   b→d of 7, c→d of 9       copies run together; then the rows switch,
//!  step 2   c→e of 7                 then the old replicas are deleted
//! ```

#[cfg(test)]
mod cost_tests;
mod exchange;
mod exhaustive;
mod ledger;
mod order;
mod rules;
mod search;
mod untangle;
mod vertices;

pub use order::{Prefix, Step, Steps};
pub use rules::StepRules;
