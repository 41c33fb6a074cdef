//! Affinities: what they refuse and why, what verifies, what decides the identity of a planner, and what
//! explanations say.

use apportion::partition::{Affinity, LeaderCertificate, Reason, TableConfig};
use apportion::{Error, ErrorKind, Node, NodeIdx, PartitionTable, Planner, Topology};

type Nodes = Topology<&'static str>;

const NAMES: [&str; 6] = ["a1", "a2", "b1", "b2", "c1", "c2"];

/// Two nodes in each of three zones.
fn nodes() -> Nodes {
    Topology::of(NAMES.map(|name| Node::new(name).domain("zone", &name[..1]))).unwrap()
}

fn config() -> TableConfig {
    TableConfig::new(12, 2).max_per_domain("zone", 1)
}

fn at(nodes: &Nodes, name: &str) -> NodeIdx {
    nodes.find(name).unwrap()
}

fn listed(nodes: &Nodes, names: &[&str]) -> Affinity {
    Affinity::nodes(names.iter().map(|name| at(nodes, name)).collect::<Vec<_>>())
}

fn zone(name: &str) -> Affinity {
    Affinity::domain("zone", name)
}

fn row(nodes: &Nodes, table: &PartitionTable, partition: u32) -> Vec<&'static str> {
    table.row(partition).map(|node| *nodes.get(node).unwrap()).collect()
}

#[track_caller]
fn refused(rules: impl IntoIterator<Item = Affinity>, kind: ErrorKind, said: &str) {
    let nodes = nodes();
    let planner = Planner::new(nodes.members(), &config()).unwrap();
    let error = planner.affinity(rules).and_then(|planner| planner.fresh()).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.kind()), (said, kind));
}

#[test]
fn wrong_rules_say_what_is_wrong() {
    let nodes = nodes();
    refused(
        [zone("a").partitions(3..3).at_least(1)],
        ErrorKind::InvalidArgument,
        "an affinity is for partitions 3..3, an empty range; end it after its start",
    );
    refused(
        [zone("a").partitions(3..13).at_least(1)],
        ErrorKind::InvalidArgument,
        "an affinity: the partition 12 is out of range: there are 12 partitions, numbered from 0",
    );
    refused(
        [zone("a")],
        ErrorKind::InvalidArgument,
        "an affinity asks for nothing; give it at_least, at_most, leads or never_leads",
    );
    refused(
        [zone("d").at_least(1)],
        ErrorKind::InvalidArgument,
        "an affinity: no node is in a failure domain \"d\" of level \"zone\"; name one that a node has",
    );
    refused(
        [Affinity::nodes([NodeIdx::new(6)]).at_least(1)],
        ErrorKind::UnknownNode,
        "an affinity: there is no node in slot 6",
    );
    refused(
        [Affinity::nodes([]).partitions(2..5).at_least(1)],
        ErrorKind::InvalidArgument,
        "an affinity of partition 2 asks for replicas on no node; list the nodes, or name a failure \
         domain of theirs",
    );
    refused(
        [zone("a").partitions(4..5).leads()],
        ErrorKind::InvalidArgument,
        "an affinity from partition 4 on is about leaders, which are not balanced; balance leaders",
    );
    refused(
        [listed(&nodes, &["a1", "b1"]).partitions(7..9).at_least(1)],
        ErrorKind::InvalidArgument,
        "the affinities of partition 7 ask about \"a/a1\", \"b/b1\" and \"a\", which have some nodes in \
         common; choose nodes that are nested or have none in common",
    );
}

#[test]
fn rules_that_cannot_be_kept_name_their_conflict() {
    let nodes = nodes();
    let infeasible = ErrorKind::Infeasible;
    refused(
        [zone("a").partitions(1..2).at_least(2)],
        infeasible,
        "the affinities of partition 1 ask for 2 replicas in \"a\", which can hold 1; ask for fewer, or \
         allow more nodes",
    );
    refused(
        [zone("a").at_least(1), zone("b").at_least(1), zone("c").partitions(9..12).at_least(1)],
        infeasible,
        "the affinities of partition 9 ask for 3 replicas together, and it has 2; ask for fewer, or give \
         it more replicas",
    );
    refused(
        [zone("a").at_most(0), zone("b").partitions(5..6).at_most(0)],
        infeasible,
        "partition 5 is to have 2 replicas, and its affinities leave places for 1; ask for fewer, or \
         allow more nodes",
    );
    refused(
        [zone("a").at_most(0)],
        infeasible,
        "the quota of \"a\" is at least 8 replicas, but pins, frozen partitions and affinities leave \
         room for 0; unpin, thaw or relax 8, or freeze them only if possible",
    );
    refused(
        [listed(&nodes, &["b1"]).partitions(0..10).at_least(1)],
        infeasible,
        "pins, frozen partitions and affinities keep 10 replicas on \"b/b1\", and the quota there is at \
         most 4; unpin, thaw or relax 6, or freeze them only if possible",
    );
    let planner = Planner::new(nodes.members(), &config()).unwrap().balance_leaders();
    let error = planner.affinity([zone("a").leads(), zone("b").leads()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the affinities of partition 0 leave no node that may lead it; remove one about its leader, or \
         let more nodes hold it"
    );
    assert_eq!(error.infeasible().unwrap().kind.name(), "leader");
}

#[test]
fn pins_and_frozen_partitions_that_break_rules() {
    let nodes = nodes();
    let planner = || Planner::new(nodes.members(), &config()).unwrap();
    let said = |error: Error| (error.to_string(), error.infeasible().unwrap().kind.name());
    let pinned = planner().pinned([(3, at(&nodes, "b1"))]).unwrap();
    let error = pinned.affinity([zone("b").at_most(0)]).unwrap_err();
    let (text, kind) = said(error);
    assert_eq!(
        text,
        "the pins and affinities of partition 3 ask for 1 replica in \"b/b1\", and at most 0 may be \
         there; remove 1 of them"
    );
    assert_eq!(kind, "pinned");
    // The same in the other order.
    let affine = planner().affinity([zone("b").at_most(0)]).unwrap();
    assert_eq!(said(affine.pinned([(3, at(&nodes, "b1"))]).unwrap_err()), (text, kind));

    let affine = planner().affinity([zone("a").at_least(1), zone("b").at_least(1)]).unwrap();
    assert_eq!(
        said(affine.pinned([(3, at(&nodes, "c1"))]).unwrap_err()).0,
        "the pins and affinities of partition 3 ask for 3 replicas together, and it has 2; remove some, \
         or give it more replicas"
    );

    let table = planner().fresh().unwrap().into_table();
    let in_a = (0..12).find(|p| row(&nodes, &table, *p).contains(&"a1")).unwrap();
    let frozen = planner().frozen([in_a]).unwrap();
    let frozen = frozen.affinity([zone("a").partitions(in_a..in_a + 1).at_most(0)]).unwrap();
    let (text, kind) = said(frozen.rebalance(&table, nodes.members()).unwrap_err());
    assert_eq!(
        text,
        format!(
            "partition {in_a} is frozen and has 1 replica in \"a/a1\", where at most 0 may be; thaw it, \
             or freeze it only if possible"
        )
    );
    assert_eq!(kind, "frozen");
    let beside = (0..12).find(|p| !row(&nodes, &table, *p).join(" ").contains('a')).unwrap();
    let frozen = planner().frozen([beside]).unwrap();
    let frozen = frozen.affinity([zone("a").partitions(beside..beside + 1).at_least(1)]).unwrap();
    assert_eq!(
        said(frozen.rebalance(&table, nodes.members()).unwrap_err()).0,
        format!(
            "partition {beside} is frozen and has 0 replicas in \"a\", where its affinities ask for at \
             least 1; thaw it, or freeze it only if possible"
        )
    );
}

/// A node that takes nothing cannot take what is pinned to it either.
#[test]
fn pins_to_cordoned_nodes() {
    let nodes = nodes();
    let table = Planner::new(nodes.members(), &config()).unwrap().fresh().unwrap().into_table();
    let held = |p: &u32| row(&nodes, &table, *p).contains(&"a1");
    let (there, not) = ((0..12).find(held).unwrap(), (0..12).find(|p| !held(p)).unwrap());
    let plan = |partition| {
        let planner =
            Planner::new(nodes.members(), &config())?.pinned([(partition, at(&nodes, "a1"))])?;
        let planner = planner.cordoned([at(&nodes, "a1")], &table, nodes.members())?;
        planner.rebalance(&table, nodes.members())
    };
    assert_eq!(plan(there).unwrap().moved(), 0);
    assert_eq!(
        plan(not).unwrap_err().to_string(),
        format!(
            "the pins of partition {not} ask for 1 replica in \"a/a1\", and at most 0 may be there; \
             remove 1 of them"
        )
    );
}

#[test]
fn verifiers_refuse_what_breaks_rules() {
    let nodes = nodes();
    let plain = Planner::new(nodes.members(), &config()).unwrap().balance_leaders();
    let plan = plain.fresh().unwrap();
    let table = plan.table();
    let has_a = |p: &u32| row(&nodes, table, *p).iter().any(|name| name.starts_with('a'));
    let with_a = (0..12).find(has_a).unwrap();
    let without_a = (0..12).find(|p| !has_a(p)).unwrap();
    let only =
        |rule: Affinity, p: u32| plain.clone().affinity([rule.partitions(p..p + 1)]).unwrap();
    let verified = |planner: Planner<'_>| {
        planner.verify_table(table, plan.certificate(), None).unwrap_err().to_string()
    };
    assert_eq!(
        verified(only(zone("a").at_least(1), without_a)),
        format!("partition {without_a} has 0 replicas in \"a\", where at least 1 should be")
    );
    let error = verified(only(zone("a").at_most(0), with_a));
    let start = format!("partition {with_a} has 1 replica in \"a\"");
    assert!(error.starts_with(&start) && error.ends_with("where at most 0 may be"), "{error}");
    // A leader that may not lead.
    let leader = row(&nodes, table, with_a)[0];
    let planner = only(listed(&nodes, &[leader]).never_leads(), with_a);
    let certificate = plan.leader_certificate().unwrap();
    assert_eq!(
        planner.verify_leaders(table, certificate, None).unwrap_err().to_string(),
        format!(
            "partition {with_a} is led by node \"{leader}\", which its affinities do not allow"
        )
    );
    let none = LeaderCertificate::from_parts(vec![0; 6], vec![0; 6]);
    assert!(planner.verify_leaders(table, &none, None).is_err());
}

/// Rules decide who made a plan, not their order or the number of calls.
#[test]
fn plans_belong_to_planners_with_the_same_rules() {
    let nodes = nodes();
    let planner = || Planner::new(nodes.members(), &config()).unwrap();
    let (near, far) =
        (zone("a").partitions(0..3).at_least(1), zone("b").partitions(2..6).at_most(0));
    let made = planner().affinity([near.clone(), far.clone()]).unwrap();
    let plan = made.fresh().unwrap();
    let disperses = |planner: Planner<'_>| planner.disperse(&mut plan.clone()).is_ok();
    assert!(disperses(planner().affinity([far.clone(), near.clone(), near.clone()]).unwrap()));
    let one_by_one = planner().affinity([far.clone()]).unwrap().affinity([near.clone()]).unwrap();
    assert!(disperses(one_by_one));
    let members = listed(&nodes, &["a1", "a2"]).partitions(0..3).at_least(1);
    assert!(disperses(planner().affinity([members, far.clone()]).unwrap()));
    for other in [
        vec![],
        vec![near.clone()],
        vec![near.clone(), zone("b").partitions(2..7).at_most(0)],
        vec![near.clone(), zone("c").partitions(2..6).at_most(0)],
        vec![near.clone(), far.clone().at_most(1)],
        vec![zone("a").partitions(0..3).at_least(1).never_leads(), far.clone()],
    ] {
        assert!(!disperses(planner().affinity(other.clone()).unwrap()), "{other:?}");
    }
}

#[test]
fn soft_freezes_and_growing_tables_keep_rules() {
    let nodes = nodes();
    let planner = |n: u32| Planner::new(nodes.members(), &config().sized(n, 2)).unwrap();
    let table = planner(12).fresh().unwrap().into_table();
    // All are frozen if possible, and some have to move.
    let near = zone("a").partitions(0..6).at_least(1);
    let soft = planner(12).frozen_if_possible(0..12).unwrap().affinity([near.clone()]).unwrap();
    let plan = soft.rebalance(&table, nodes.members()).unwrap();
    let has_a =
        |table: &PartitionTable, p| row(&nodes, table, p).iter().any(|n| n.starts_with('a'));
    assert!((0..6).all(|p| has_a(plan.table(), p)));
    let far = (0..6).filter(|p| !has_a(&table, *p)).count() as u64;
    assert!(far > 0 && plan.moved() >= far);
    assert!(plan.thawed().iter().filter(|p| **p < 6).count() as u64 >= far);
    assert!(soft.verify(&plan, Some((&table, nodes.members()))).unwrap().optimal());
    // The old table is split, and the rule is for more partitions.
    let split = planner(24).affinity([zone("a").partitions(0..12).at_least(1)]).unwrap();
    let plan = split.rebalance(plan.table(), nodes.members()).unwrap();
    assert!((0..12).all(|p| has_a(plan.table(), p)));
    assert_eq!(plan.moved(), 0);
}

#[test]
fn explanations_name_the_rules() {
    let nodes = nodes();
    let planner = || Planner::new(nodes.members(), &config()).unwrap().balance_leaders();
    let table = planner().fresh().unwrap().into_table();
    let far = (0..12).find(|p| !row(&nodes, &table, *p).join(" ").contains('a')).unwrap();
    let near = planner().affinity([zone("a").partitions(far..far + 1).at_least(1)]).unwrap();
    let plan = near.rebalance(&table, nodes.members()).unwrap();
    let text = plan.explain(far).unwrap().to_string();
    let said = "it had 0 replicas in \"a\", where affinities of the partition ask for at least 1";
    assert!(text.contains(said), "{text}");
    let holder = row(&nodes, &table, far)[1];
    let away = planner();
    let away =
        away.affinity([listed(&nodes, &[holder]).partitions(far..far + 1).at_most(0)]).unwrap();
    let text = away.rebalance(&table, nodes.members()).unwrap().explain(far).unwrap().to_string();
    let said = "where affinities of the partition allow at most 0";
    assert!(text.contains(said) && text.contains(holder), "{text}");
    let leader = row(&nodes, &table, far)[0];
    let never = listed(&nodes, &[leader]).partitions(far..far + 1).never_leads();
    let plan = planner().affinity([never]).unwrap().rebalance(&table, nodes.members()).unwrap();
    assert_eq!((plan.moved(), plan.leaders_lower_bound() > 0), (0, true));
    let text = plan.explain(far).unwrap().to_string();
    let said = format!(
        "in place of node \"{leader}\", which the affinities of the partition do not allow to lead it"
    );
    assert!(text.contains(&said), "{text}");
}

/// Quotas in explanations are those of the slots that the planner knew.
#[test]
fn explanations_of_plans_with_slots_have_their_quotas() {
    let nodes = Topology::new(["a", "b", "c", "d"]).unwrap();
    let config = TableConfig::new(20, 2);
    let table = Planner::new(nodes.members(), &config).unwrap().fresh().unwrap().into_table();
    let a = nodes.find("a").unwrap();
    let planner = Planner::new(nodes.members(), &config).unwrap().slots([(a, 4)]).unwrap();
    let plan = planner.rebalance(&table, nodes.members()).unwrap();
    assert_eq!(plan.moved(), 6);
    let mut seen = 0;
    for p in 0..20 {
        for replica in plan.explain(p).unwrap().replicas() {
            for reason in replica.reasons() {
                let (at, quota) = match reason {
                    Reason::OverQuota { quota, .. } => (replica.from(), quota),
                    Reason::BelowQuota { quota, .. } => (replica.to(), quota),
                    _ => continue,
                };
                assert_eq!(planner.quota(at.unwrap()), Some(*quota), "{reason:?}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 12);
}
