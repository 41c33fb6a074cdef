//! The results of the steps.

use apportion::error::Infeasible;
use serde_core::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeMap;

pub(crate) struct Outcome {
    pub(crate) steps: Vec<Done>,
    pub(crate) error: Option<Stopped>,
}

/// A step that was planned.
#[derive(Default)]
pub(crate) struct Done {
    pub(crate) label: String,
    pub(crate) moved: u64,
    pub(crate) lower_bound: u64,
    pub(crate) optimal: bool,
    pub(crate) max_over_quota: f64,
    pub(crate) min_over_quota: f64,
    pub(crate) outside_floor_ceil: u64,
    pub(crate) domain_violations: u64,
    pub(crate) partitions_with_two_or_more_moved: u64,
    /// 0 if no two nodes in different failure domains share a partition.
    pub(crate) worst_pair: f64,
    pub(crate) worst_pair_shared: u64,
    pub(crate) distinct_copysets: u64,
    pub(crate) plan_ms: f64,
    pub(crate) disperse_ms: f64,
    pub(crate) certificate_ms: f64,
    pub(crate) peak_bytes: u64,
    pub(crate) thawed: Vec<u32>,
    pub(crate) missing_replicas: u64,
    pub(crate) max_led_over_quota: f64,
    pub(crate) min_led_over_quota: f64,
    pub(crate) transfers: u64,
    pub(crate) rounds: u32,
    pub(crate) round_bound: u32,
    pub(crate) peak_over_quota: f64,
    pub(crate) guarantee: String,
    /// A partition whose transfers require rounds beyond the bound.
    pub(crate) extra_partition: Option<u32>,
    pub(crate) leaders_moved: u64,
    pub(crate) leaders_lower_bound: u64,
    pub(crate) leaders_outside_floor_ceil: u64,
    pub(crate) max_leaders_over_quota: f64,
    pub(crate) worst_takeover: f64,
    pub(crate) worst_takeover_led: u64,
    /// With sizes: the greatest size of a node over its fair size.
    pub(crate) size_max_over_fair: Option<f64>,
    pub(crate) size_lower_bound: Option<f64>,
    pub(crate) size_gap: Option<f64>,
    pub(crate) size_moved: Option<u64>,
    /// With `--steps`: the number of bounded steps.
    pub(crate) bounded_steps: Option<u64>,
    /// With `--nodes`.
    pub(crate) nodes: Option<Vec<NodeRow>>,
    /// With `--moves`.
    pub(crate) moves: Option<Vec<Copied>>,
    /// With `--moves`.
    pub(crate) deletions: Option<Vec<Deleted>>,
    /// With `--explain`: one line for the partition and one for each replica.
    pub(crate) explanation: Option<Vec<String>>,
    /// With `--dry-run`.
    pub(crate) dry_run: Option<Tried>,
}

/// A plan tried on paper.
pub(crate) struct Tried {
    pub(crate) verdict: String,
    pub(crate) checks: Vec<Check>,
    /// What is printed of it.
    pub(crate) text: String,
}

/// A check of a plan.
#[derive(Clone)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) verdict: String,
    pub(crate) finding: String,
}

/// A node in a step.
#[derive(Clone, Default)]
pub(crate) struct NodeRow {
    pub(crate) id: String,
    /// Names by level; none for a node that is gone.
    pub(crate) domains: BTreeMap<String, String>,
    /// `None` for a node that is gone.
    pub(crate) weight: Option<u64>,
    pub(crate) quota: f64,
    pub(crate) load: u64,
    /// `None` if the quota is 0.
    pub(crate) load_over_quota: Option<f64>,
    pub(crate) led: u64,
    pub(crate) moved_in: u64,
    pub(crate) moved_out: u64,
    pub(crate) peak: u64,
}

impl NodeRow {
    /// The replicas that it held before the step.
    pub(crate) fn before(&self) -> u64 {
        (self.load + self.moved_out).saturating_sub(self.moved_in)
    }
}

/// A replica that is copied.
pub(crate) struct Copied {
    pub(crate) partition: u32,
    /// `None` if no holder survives.
    pub(crate) from: Option<String>,
    pub(crate) to: String,
}

/// A replica that is deleted.
pub(crate) struct Deleted {
    pub(crate) partition: u32,
    pub(crate) node: String,
}

/// A step in which no table keeps the rules.
pub(crate) struct Stopped {
    kind: &'static str,
    domain: String,
    quota: u64,
    limit: u64,
    step: String,
    pub(crate) message: String,
}

impl Stopped {
    pub(crate) fn new(step: &str, infeasible: &Infeasible, message: String) -> Self {
        let Infeasible { kind, domain, quota, limit, .. } = infeasible;
        let (kind, domain, step) = (kind.name(), domain.clone(), step.to_owned());
        Self { kind, domain, quota: *quota, limit: *limit, step, message }
    }
}

/// Serializes these fields under their names, and after a `?` those that are there. By hand, so the
/// examples do not have to compile a derive macro.
macro_rules! fields {
    ($type:ident: $($field:ident),+ $(; $($maybe:ident?),+)?) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                let there = 0 $($(+ usize::from(self.$maybe.is_some()))+)?;
                let fields = [$(stringify!($field)),+].len() + there;
                let mut out = to.serialize_struct(stringify!($type), fields)?;
                $(out.serialize_field(stringify!($field), &self.$field)?;)+
                $($(if let Some(value) = &self.$maybe {
                    out.serialize_field(stringify!($maybe), value)?;
                })+)?
                out.end()
            }
        }
    };
}

fields!(Done: label, moved, lower_bound, optimal, max_over_quota, min_over_quota, outside_floor_ceil, domain_violations, partitions_with_two_or_more_moved, worst_pair, worst_pair_shared, distinct_copysets, plan_ms, disperse_ms, certificate_ms, peak_bytes, thawed, missing_replicas, max_led_over_quota, min_led_over_quota, transfers, rounds, round_bound, peak_over_quota, guarantee, extra_partition, leaders_moved, leaders_lower_bound, leaders_outside_floor_ceil, max_leaders_over_quota, worst_takeover, worst_takeover_led; size_max_over_fair?, size_lower_bound?, size_gap?, size_moved?, bounded_steps?, nodes?, moves?, deletions?, explanation?, dry_run?);
fields!(Tried: verdict, checks);
fields!(Check: name, verdict, finding);
fields!(NodeRow: id, domains, weight, quota, load, load_over_quota, led, moved_in, moved_out, peak);
fields!(Copied: partition, from, to);
fields!(Deleted: partition, node);
fields!(Stopped: kind, domain, quota, limit, step);

/// The field `error` is left out if there was none.
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut out = to.serialize_struct("Outcome", 1 + usize::from(self.error.is_some()))?;
        out.serialize_field("steps", &self.steps)?;
        if let Some(error) = &self.error {
            out.serialize_field("error", error)?;
        }
        out.end()
    }
}

impl Outcome {
    pub(crate) fn json(&self) -> String {
        // Serializing numbers and text cannot fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}
