//! Explanations: every reason is true, and none is missing.

mod random;
mod sentences;
