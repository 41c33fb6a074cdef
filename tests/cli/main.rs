//! The examples, run as programs.
#![cfg(feature = "std")]

mod html;
mod key_movement;
mod plan;
mod report;
mod resharding;
mod route;
mod short;
#[path = "../support/mod.rs"]
mod support;
#[path = "../../examples/common/text.rs"]
#[allow(dead_code)] // what the report needs of it
mod text;
mod values;
