//! The saved form of a plan: its table, its figures and its certificate. Everything else follows from
//! the planner and the old table, with which it is restored.

use super::certificate::Certificate;
use super::leading::{LeaderCertificate, LeaderFigures};
use super::old_rows::OldRows;
use super::plan::Plan;
use super::planner::Planner;
use super::problem::Problem;
use super::table::PartitionTable;
use super::tree::NONE;
use super::work::Work;
use crate::error::{Error, SavedFault, VerifyFault};
use crate::form::{self, malformed};
use crate::hash::{BytesHasher, Xxh3, hex};
use crate::limits::{MAX_DOMAIN_LEVELS, MAX_NODES, MAX_PARTITION_SLOTS, MAX_PARTITIONS};
use crate::node::NodeIdx;
use crate::placement::bounded;
use crate::topology::Members;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The version written; every version up to it is read.
const VERSION: u32 = 1;

/// The saved form of a [`Plan`], to be written to a file or sent to another process, with the feature
/// `serde`.
///
/// It is restored with the planner that made the plan, or one with the same nodes, configuration, pins,
/// frozen partitions and sizes, and with the old table. The restored plan equals the saved one: it verifies,
/// it can be dispersed, and it moves the same replicas.
///
/// ```
/// use apportion::{Planner, Topology};
/// use apportion::partition::{SavedPlan, TableConfig};
///
/// let config = TableConfig::new(64, 2);
/// let five = Topology::new(["a", "b", "c", "d", "e"])?;
/// let old = Planner::new(five.members(), &config)?.fresh()?.into_table();
///
/// let (four, _) = five.without("c")?;
/// let planner = Planner::new(four.members(), &config)?;
/// let plan = planner.rebalance(&old, five.members())?;
/// let text = serde_json::to_string(&plan).unwrap();
///
/// let saved: SavedPlan = serde_json::from_str(&text).unwrap();
/// let again = saved.restore(&planner, Some((&old, five.members())))?;
/// assert_eq!(again, plan);
/// # Ok::<(), apportion::Error>(())
/// ```
///
/// # Layout
/// Version 1: `version`; `planner` and `old`, fingerprints of the planner and of the old rows, 16
/// hexadecimal digits each, `old` null for a fresh plan; the figures `moved`, `lower_bound`,
/// `partitions_moved_twice` and `missing_replicas`; `thawed`, the thawed partitions; `dispersed`;
/// `certificate`, its potentials; `holders`: the slots of the holders of partition 0, then those of
/// partition 1 and so on; `leaders`, null unless the planner [balances
/// leaders](Planner::balance_leaders): `lower_bound`, and the `potentials` and `blocks` of their
/// certificate. The figures of sizes follow from the tables.
///
/// # Untrusted input
/// A restored plan was [verified](Planner::verify), and its certificates prove that it moves the
/// minimum and changes the fewest leaders. So a plan of [`Planner::lead`] for a table out of balance
/// is not restored: save its table instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedPlan(PlanForm);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a saved plan")]
struct PlanForm {
    version: u32,
    #[serde(with = "hex")]
    planner: u64,
    old: Option<hex::Hex>,
    moved: u64,
    lower_bound: u64,
    partitions_moved_twice: u64,
    missing_replicas: u64,
    #[serde(deserialize_with = "thawed")]
    thawed: Vec<u32>,
    dispersed: bool,
    #[serde(deserialize_with = "certificate")]
    certificate: Vec<i32>,
    #[serde(deserialize_with = "holders")]
    holders: Vec<u32>,
    #[serde(default)]
    leaders: Option<LeadersForm>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeadersForm {
    lower_bound: u64,
    #[serde(deserialize_with = "potentials")]
    potentials: Vec<i64>,
    #[serde(deserialize_with = "blocks")]
    blocks: Vec<u32>,
}

fn potentials<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i64>, D::Error> {
    bounded(from, "potentials of leaders", MAX_NODES)
}

fn blocks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "blocks of leaders", MAX_NODES)
}

fn thawed<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "thawed", MAX_PARTITIONS as usize)
}

/// A potential for each node, for each of its domains and for the cluster.
fn certificate<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i32>, D::Error> {
    bounded(from, "certificate", MAX_NODES * (MAX_DOMAIN_LEVELS + 1) + 1)
}

fn holders<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "holders", MAX_PARTITION_SLOTS as usize)
}

impl Serialize for SavedPlan {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for SavedPlan {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        form::read(from, VERSION).map(Self)
    }
}

/// As [`Plan::save`].
impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.save().serialize(to)
    }
}

impl Plan {
    /// The saved form of this plan. See [`SavedPlan`].
    #[must_use]
    pub fn save(&self) -> SavedPlan {
        let table = self.table();
        SavedPlan(PlanForm {
            version: VERSION,
            planner: self.planner(),
            old: fingerprint(self.before()),
            moved: self.moved(),
            lower_bound: self.lower_bound(),
            partitions_moved_twice: self.partitions_moved_twice(),
            missing_replicas: self.missing_replicas(),
            thawed: self.thawed().to_vec(),
            dispersed: self.dispersed(),
            certificate: self.certificate().potentials().to_vec(),
            holders: table.holders().map(NodeIdx::get).collect(),
            leaders: self.leaders().map(|leaders| LeadersForm {
                lower_bound: leaders.lower_bound,
                potentials: leaders.certificate.potentials().to_vec(),
                blocks: leaders.certificate.blocks().to_vec(),
            }),
        })
    }
}

/// A hash of old rows; `None` for those of a fresh plan.
fn fingerprint(before: &OldRows) -> Option<hex::Hex> {
    let hash = || {
        Xxh3.hash_parts(&mut |part| {
            part(&(before.sizes().stride() as u64).to_le_bytes());
            before.sizes().list().into_iter().for_each(&mut *part);
            part(&before.ways().to_le_bytes());
            before.rows().iter().for_each(|leaf| part(&leaf.to_le_bytes()));
        })
    };
    (!before.is_empty()).then(|| hex::Hex(hash().get()))
}

impl SavedPlan {
    /// Restores the plan, with the planner that made it and the old table from which it started, with
    /// its nodes; `None` for a fresh plan.
    ///
    /// # Complexity
    /// That of [`Planner::verify`].
    ///
    /// # Errors
    /// - another planner or another old table: the message has both fingerprints
    /// - figures that are not those of the tables, and a certificate that does not prove the movement
    /// - as [`Planner::verify`]
    pub fn restore(
        self,
        planner: &Planner<'_>,
        old: Option<(&PartitionTable, &Members)>,
    ) -> Result<Plan, Error> {
        let Self(form) = self;
        let (saved, given) = (form.planner, planner.identity());
        if saved != given {
            return Err(SavedFault::Planner { saved, given }.into());
        }
        let problem = &planner.problem;
        let before = match old {
            Some((table, members)) => problem.rows_of(table, members)?,
            None => OldRows::default(),
        };
        let hash = |rows: Option<hex::Hex>| rows.map(|hex::Hex(hash)| hash);
        let (saved, given) = (hash(form.old), hash(fingerprint(&before)));
        if saved != given {
            return Err(SavedFault::OldTable { saved, given }.into());
        }
        let (table, rows) = form.table(planner)?;
        let fresh = before.is_empty();
        let lower_bound = if fresh { 0 } else { planner.lower_bound(&before) };
        let (partitions, sizes) = (problem.config.partitions(), &problem.sizes);
        let mut work = Work::new(&problem.tree, &problem.constraints, partitions, sizes, before);
        work.adopt(rows);
        // As planned: a fresh plan keeps nothing before it is dispersed.
        let as_planned = fresh && !form.dispersed;
        let (thawed, kept) = if as_planned { (Vec::new(), None) } else { planner.thawed(&work) };
        let figures = [
            ("lower_bound", form.lower_bound, lower_bound),
            ("missing_replicas", form.missing_replicas, planner.missing()),
        ];
        if let Some((what, claimed, found)) = figures.into_iter().find(|(_, a, b)| a != b) {
            return Err(wrong(format!("its {what} is {claimed}, and the tables give {found}")));
        }
        if form.thawed != thawed {
            let differ = form.thawed.iter().zip(&thawed).position(|(a, b)| a != b);
            let at = differ.unwrap_or(form.thawed.len().min(thawed.len()));
            let partition = form.thawed.get(at).or(thawed.get(at)).copied().unwrap_or(0);
            return Err(wrong(format!("its list of thawed partitions is wrong at {partition}")));
        }
        if form.leaders.is_some() != planner.balances_leaders() {
            return Err(wrong(
                "it has balanced leaders and its planner has not, or the reverse".into(),
            ));
        }
        let leaders = form.leaders.map(|leaders| LeaderFigures {
            certificate: LeaderCertificate::from_parts(leaders.potentials, leaders.blocks),
            lower_bound: leaders.lower_bound,
        });
        let certificate = Certificate::from_potentials(form.certificate);
        let plan = Plan::new(
            table,
            form.moved,
            lower_bound,
            form.partitions_moved_twice,
            certificate,
            form.planner,
            planner.inputs(old),
        );
        let sizes = planner.size_figures(&work.rows, &work.before);
        let plan = plan.with_thawed((thawed, kept)).since(work.before).missing(planner.missing());
        let plan = plan.with_sizes(sizes);
        let plan = plan.with_dispersed(form.dispersed).with_leaders(leaders);
        let verified = planner.verify(&plan, old)?;
        if !verified.optimal() {
            return Err(wrong(format!(
                "it moves {} replicas, and its certificate proves only that {} have to move",
                verified.moved, verified.minimum
            )));
        }
        let certificate = plan.leader_certificate();
        let led =
            certificate.map(|led| planner.verify_leaders(plan.table(), led, old)).transpose()?;
        if let Some(led) = led.filter(|led| !led.optimal()) {
            return Err(wrong(format!(
                "it changes {} leaders, and its certificate proves only that {} have to change",
                led.moved, led.minimum
            )));
        }
        Ok(plan)
    }
}

impl PlanForm {
    /// The new table, and its rows as leaves.
    fn table(&self, planner: &Planner<'_>) -> Result<(PartitionTable, Vec<u32>), Error> {
        let Problem { config, sizes, tree, .. } = &planner.problem;
        let (found, wanted) = (self.holders.len() as u64, config.total_replicas());
        if found != wanted {
            return Err(wrong(format!("it has {found} holders, and its table has {wanted}")));
        }
        let mut slots = self.holders.iter().copied();
        let mut rows = vec![NONE; config.partitions() as usize * sizes.stride()];
        for partition in 0..config.partitions() {
            let row = rows.get_mut(sizes.places(partition)).unwrap_or_default();
            for (place, slot) in row.iter_mut().zip(&mut slots) {
                let no_node = VerifyFault::NoNode { partition, slot };
                *place = tree.leaf_at(NodeIdx::new(slot)).ok_or(no_node)?;
            }
        }
        Ok((planner.table(&rows), rows))
    }
}

fn wrong(why: String) -> Error {
    malformed("plan", why)
}
