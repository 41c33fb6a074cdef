//! What is asked of the program besides the scenario.

use super::kafka::Topic;
use std::path::PathBuf;

/// What the command line asks for.
#[derive(Default)]
pub(crate) struct Options {
    /// `None` is standard input.
    pub(crate) source: Option<PathBuf>,
    /// The file with the table to start from.
    pub(crate) from: Option<PathBuf>,
    pub(crate) json: bool,
    pub(crate) nodes: bool,
    pub(crate) moves: bool,
    /// The partition to explain.
    pub(crate) explain: Option<u32>,
    pub(crate) dry_run: bool,
    pub(crate) no_disperse: bool,
    pub(crate) dump: Option<PathBuf>,
    pub(crate) dump_schedule: Option<PathBuf>,
    pub(crate) html: Option<PathBuf>,
    /// The maximum number of transfers in a bounded step.
    pub(crate) steps: Option<u32>,
    /// How many transfers a node sends and receives at a time.
    pub(crate) schedule: Option<(u32, u32)>,
    pub(crate) export: Option<Topic>,
}

impl Options {
    /// Whether rounds are asked for. A file with a schedule is reason enough to print its rounds.
    pub(crate) fn schedules(&self) -> bool {
        self.schedule.is_some() || self.dump_schedule.is_some()
    }

    /// How many transfers a node sends and receives at a time.
    pub(crate) fn limits(&self) -> (u32, u32) {
        self.schedule.unwrap_or((1, 1))
    }

    /// Whether anything asked for depends on what is copied and deleted.
    pub(crate) fn carries_out(&self) -> bool {
        let printed = self.json || self.nodes || self.moves || self.html.is_some();
        printed || self.schedules() || self.steps.is_some() || self.export.is_some()
    }
}
