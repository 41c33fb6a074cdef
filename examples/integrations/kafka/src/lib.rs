//! Kafka: partitioners for `rdkafka`, and reassignments from the planner.

mod partitioner;
mod reassign;
mod rule;

pub use partitioner::KeyPartitioner;
pub use reassign::{Broker, Reassignment, reassign};
pub use rule::Rule;
