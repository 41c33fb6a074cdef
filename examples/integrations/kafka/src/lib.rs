//! Kafka: partitioners for `rdkafka`, and reassignments from the planner.

mod partitioner;
mod reassign;

pub use partitioner::{KeyPartitioner, Rule};
pub use reassign::{Broker, Reassignment, reassign};
