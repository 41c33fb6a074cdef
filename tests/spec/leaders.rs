//! Leaders with their certificates: of plans, and of tables of any origin whose holders stay.

use crate::case::Rng;
use crate::planned::Problem;
use crate::plans::random;
use crate::tables::rows;
use apportion::partition::{LeaderCertificate, Plan};
use apportion::{NodeIdx, PartitionTable, Planner};
use serde_json::{Value, json};

const PLANS: usize = 25;
const TABLES: usize = 25;

pub(crate) fn cases() -> Vec<Value> {
    let mut rng = Rng::new(13);
    let mut cases = Vec::new();
    while cases.len() < PLANS + TABLES {
        let mut problem = random(&mut rng);
        let count = problem.nodes.len() as u64;
        let some = 0..count as u32;
        let weights = some.filter(|n| problem.nodes[*n as usize].weight > 0 && rng.one_in(2));
        let weights: Vec<u32> = weights.collect();
        let own = weights.into_iter().map(|n| (n, rng.below(4))).collect();
        if rng.one_in(4) && count > 0 {
            // Its quota is 0, whatever leader weight it has.
            problem.slots = vec![(rng.below(count) as u32, 0)];
        }
        problem.leaders = Some(if rng.one_in(2) { own } else { Vec::new() });
        let tables = cases.len() >= PLANS;
        let case = if tables { of_table(&mut problem) } else { of_plan(&problem) };
        // Half of them with changed leaders whose number needs a proof.
        let Some(case) = case else { continue };
        if cases.len() % 2 == 0 || case["expected"]["leaders_minimum"] != json!(0) {
            cases.push(case);
        }
    }
    cases
}

fn of_plan(problem: &Problem) -> Option<Value> {
    let planner = problem.planner().ok()?;
    let plan = problem.plan(&planner).ok()?;
    let mut case = case(problem, &planner, &plan)?;
    case["certificate"] = json!(plan.certificate().potentials());
    let verified = problem.verified(&planner, plan.table(), plan.certificate());
    case["expected"]["moved"] = verified["moved"].clone();
    case["expected"]["minimum"] = verified["minimum"].clone();
    Some(case)
}

/// The leaders of the old table alone, over the nodes that it has.
fn of_table(problem: &mut Problem) -> Option<Value> {
    let old = problem.old.as_ref()?;
    // Rules that the table was not made for say nothing about leaders.
    let list: Vec<Vec<NodeIdx>> =
        (0..old.table.partitions()).map(|p| old.table.row(p).collect()).collect();
    if list.len() != problem.config.partitions() as usize {
        return None;
    }
    let mut alone = Problem::new(problem.nodes.clone(), problem.config.clone(), None);
    let members = alone.topology.members();
    let here = |node: &NodeIdx| members.find(old.topology.members().label(*node)?);
    let rows: Option<Vec<Vec<NodeIdx>>> =
        list.iter().map(|row| row.iter().map(here).collect()).collect();
    let table = PartitionTable::from_lists(members, &rows?).ok()?;
    alone.leaders.clone_from(&problem.leaders);
    let topology = alone.topology.clone();
    alone.old = Some(crate::planned::Old { table, topology });
    let planner = alone.planner().ok()?;
    let (table, before) = alone.old()?;
    let plan = planner.lead(table, before).ok()?;
    let mut case = case(&alone, &planner, &plan)?;
    case["only_leaders"] = json!(true);
    Some(case)
}

fn case(problem: &Problem, planner: &Planner<'_>, plan: &Plan) -> Option<Value> {
    let mut case = problem.json();
    case["old"] = problem.old_json();
    case["rows"] = rows(plan.table());
    let certificate = plan.leader_certificate()?;
    let weights = problem.leaders.as_ref().filter(|weights| !weights.is_empty());
    case["leaders"] = json!({"weights": weights, "potentials": certificate.potentials(),
        "blocks": certificate.blocks()});
    let verified = planner.verify_leaders(plan.table(), certificate, problem.old()).ok()?;
    case["expected"] =
        json!({"leaders_moved": verified.moved, "leaders_minimum": verified.minimum});
    // In place of the proof: zero potentials, one block for all, and a bound below 0.
    let count = problem.nodes.len();
    let blocks = certificate.blocks().to_vec();
    let zero = LeaderCertificate::from_parts(vec![0; count], blocks.clone());
    let one = LeaderCertificate::from_parts(certificate.potentials().to_vec(), vec![0; count]);
    let negative = LeaderCertificate::from_parts(vec![-3; count], blocks);
    let variants: Vec<Value> = [zero, one, negative]
        .iter()
        .map(|other| {
            let verified = planner.verify_leaders(plan.table(), other, problem.old()).ok();
            json!({"potentials": other.potentials(), "blocks": other.blocks(),
                "expected": verified.map(|verified| json!({"leaders_moved": verified.moved,
                    "leaders_minimum": verified.minimum}))})
        })
        .collect();
    case["leader_variants"] = json!(variants);
    Some(case)
}
