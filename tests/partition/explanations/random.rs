//! Every claim of every explanation of random plans, counted anew.

use crate::support::Draws;
use apportion::partition::{Certificate, ExplainedReplica, Plan, Reason, TableConfig};
use apportion::{Node, PartitionTable, Planner, Topology};
use std::collections::{BTreeMap, BTreeSet};

type Row = Vec<u64>;

#[derive(Clone, Copy)]
struct Spec {
    weight: u64,
    zone: u64,
    rack: u64,
}

/// A plan with everything it was made from.
struct Case {
    nodes: BTreeMap<u64, Spec>,
    before: Topology<u64>,
    after: Topology<u64>,
    old: PartitionTable,
    config: TableConfig,
    pins: Vec<(u32, u64)>,
    frozen: BTreeSet<u32>,
    soft: BTreeSet<u32>,
    dispersed: bool,
}

fn topology(nodes: &BTreeMap<u64, Spec>) -> Topology<u64> {
    let node = |(id, spec): (&u64, &Spec)| {
        let node = Node::new(*id).weight(spec.weight).domain("zone", &format!("z{}", spec.zone));
        node.domain("rack", &format!("r{}", spec.rack))
    };
    Topology::of(nodes.iter().map(node)).unwrap()
}

fn rows(table: &PartitionTable, nodes: &Topology<u64>) -> Vec<Row> {
    let row = |p| table.row(p).map(|node| *nodes.get(node).unwrap()).collect();
    (0..table.partitions()).map(row).collect()
}

impl Case {
    fn draw(seed: u64) -> Option<Self> {
        let mut draws = Draws(seed);
        let zones = 1 + draws.below(4);
        let spec = |draws: &mut Draws, even: bool| Spec {
            weight: if even { 1 } else { 1 + draws.below(4) },
            zone: draws.below(zones),
            rack: draws.below(2),
        };
        let even = draws.below(2) == 0;
        let count = 3 + draws.below(8);
        let mut nodes: BTreeMap<u64, Spec> =
            (0..count).map(|id| (id, spec(&mut draws, even))).collect();
        let partitions = [1, 2, 5, 8, 16, 24][draws.below(6) as usize];
        let replicas = 1 + draws.below(3) as u32;
        let limit = draws.below(3) as u32;
        let config = |partitions, replicas: u32, limit: u32, fewer: bool| {
            let config = TableConfig::new(partitions, replicas);
            let config = if fewer { config.allow_under_replicated() } else { config };
            if limit > 0 { config.max_per_domain("zone", limit) } else { config }
        };
        let fewer = draws.below(4) == 0;
        let before = topology(&nodes);
        let first = config(partitions, replicas, limit, fewer);
        let planner = Planner::new(before.members(), &first).ok()?;
        let old = planner.fresh().ok()?.into_table();
        for _ in 0..1 + draws.below(3) {
            let id = draws.below(count + 2);
            match draws.below(5) {
                0 => drop(nodes.remove(&id)),
                1 => drop(nodes.insert(id, spec(&mut draws, even))),
                2 => drop(nodes.get_mut(&id).map(|spec| spec.weight = 0)),
                3 => drop(nodes.get_mut(&id).map(|spec| spec.weight = 1 + draws.below(4))),
                _ => drop(nodes.insert(count + 2 + draws.below(3), spec(&mut draws, even))),
            }
        }
        let ways = [1, 1, 1, 2, 3][draws.below(5) as usize];
        let after = [replicas, replicas, replicas, 1 + draws.below(3) as u32];
        let after = after[draws.below(4) as usize];
        let limit = if draws.below(4) == 0 { draws.below(3) as u32 } else { limit };
        let config = config(partitions * ways, after, limit, fewer);
        let some = |draws: &mut Draws, most: u64| -> Vec<u32> {
            (0..draws.below(most)).map(|_| draws.below((partitions * ways).into()) as u32).collect()
        };
        let pins = if draws.below(3) == 0 { some(&mut draws, 4) } else { vec![] };
        let ids: Vec<u64> = nodes.keys().copied().collect();
        let pins: BTreeMap<u32, u64> =
            pins.into_iter().map(|p| (p, ids[draws.below(ids.len() as u64) as usize])).collect();
        let frozen = if draws.below(4) == 0 { some(&mut draws, 3) } else { vec![] };
        let soft = if draws.below(3) == 0 { some(&mut draws, 20) } else { vec![] };
        Some(Self {
            before,
            after: topology(&nodes),
            nodes,
            old,
            config,
            pins: pins.into_iter().collect(),
            frozen: frozen.into_iter().collect(),
            soft: soft.into_iter().collect(),
            dispersed: draws.below(2) == 0,
        })
    }

    fn planner(&self) -> Option<Planner<'_>> {
        let slot = |id: &u64| self.after.find(id).unwrap();
        let planner = Planner::new(self.after.members(), &self.config).ok()?;
        let planner = planner.pinned(self.pins.iter().map(|(p, id)| (*p, slot(id)))).ok()?;
        let planner = planner.frozen(self.frozen.iter().copied()).ok()?;
        planner.frozen_if_possible(self.soft.iter().copied()).ok()
    }
}

/// The counts of a case, by the nodes' ids.
struct Recount<'a> {
    case: &'a Case,
    planner: &'a Planner<'a>,
    plan: &'a Plan,
    old: Vec<Row>,
    new: Vec<Row>,
}

impl Recount<'_> {
    fn is_there(&self, id: u64) -> bool {
        self.case.nodes.contains_key(&id)
    }

    fn is_live(&self, id: u64) -> bool {
        self.case.nodes.get(&id).is_some_and(|spec| spec.weight > 0)
    }

    fn quota(&self, id: u64) -> (u64, u64) {
        self.planner.quota(self.case.after.find(&id).unwrap()).unwrap()
    }

    fn count(rows: &[Row], among: impl Fn(u64) -> bool) -> u64 {
        rows.iter().flatten().filter(|id| among(**id)).count() as u64
    }

    /// Partitions in which the node has a replica on one side only.
    fn only(&self, id: u64, here: &[Row], there: &[Row]) -> u64 {
        let only = |(here, there): &(&Row, &Row)| here.contains(&id) && !there.contains(&id);
        here.iter().zip(there).filter(only).count() as u64
    }

    /// The nodes of a failure domain.
    fn within(&self, domain: &str) -> BTreeSet<u64> {
        let path =
            |spec: &Spec| [format!("z{}", spec.zone), format!("z{}/r{}", spec.zone, spec.rack)];
        let nodes = self.case.nodes.iter();
        nodes.filter(|(_, spec)| path(spec).contains(&domain.into())).map(|(id, _)| *id).collect()
    }

    /// Checks what can be said of the quota of a failure domain from those of its nodes.
    fn check_domain(&self, id: u64, domain: &str, held: u64, quota: (u64, u64)) {
        let within = self.within(domain);
        assert!(within.contains(&id));
        assert_eq!(held, Self::count(&self.old, |id| within.contains(&id)));
        let holds = Self::count(&self.new, |id| within.contains(&id));
        assert!((quota.0..=quota.1).contains(&holds) && quota.1 - quota.0 <= 1);
        let sum =
            |end: fn((u64, u64)) -> u64| within.iter().map(|id| end(self.quota(*id))).sum::<u64>();
        assert!(sum(|quota| quota.0) <= quota.1 && quota.0 <= sum(|quota| quota.1));
        if within.len() == 1 {
            assert_eq!(quota, self.quota(id));
        }
    }

    fn swapped(&self, (p, a): (u32, u64), (q, b): (u32, u64)) -> bool {
        let mut rows = self.new.clone();
        for (p, from, to) in [(p, a, b), (q, b, a)] {
            let Some(place) = rows[p as usize].iter_mut().find(|id| **id == from) else {
                return false;
            };
            *place = to;
        }
        let slots: Vec<_> =
            rows.iter().flatten().map(|id| self.case.after.find(id).unwrap()).collect();
        let table = self.plan.table();
        let (partitions, replicas) = (table.partitions(), table.replication_factor());
        let members = self.case.after.members();
        let Ok(table) = PartitionTable::from_rows(members, partitions, replicas, &slots) else {
            return false;
        };
        let old = Some((&self.case.old, self.case.before.members()));
        let verified = self.planner.verify_table(&table, &Certificate::default(), old);
        verified.is_ok_and(|verified| {
            verified.moved == self.plan.moved()
                && verified.partitions_moved_twice <= self.plan.partitions_moved_twice()
        })
    }

    fn newcomers(&self, q: u32) -> Vec<u64> {
        let (old, new) = (&self.old[q as usize], &self.new[q as usize]);
        new.iter().copied().filter(|id| !old.contains(id)).collect()
    }

    fn is_pinned(&self, p: u32, id: u64) -> bool {
        self.case.pins.contains(&(p, id))
    }

    /// Whether p's replica on x could stay and q's on x move to y instead.
    fn gives_instead(&self, (p, x, y): (u32, u64, u64), q: u32) -> bool {
        let (was, is) = (&self.old[q as usize], &self.new[q as usize]);
        was.contains(&x) && is.contains(&x) && self.swapped((p, y), (q, x))
    }

    fn exchanges(&self, (p, y): (u32, u64), q: u32) -> bool {
        let new = |p: u32, id: u64| !self.old[p as usize].contains(&id);
        let mut others = self.newcomers(q).into_iter();
        others.any(|z| z != y && new(p, z) && new(q, y) && self.swapped((p, y), (q, z)))
    }

    fn keeps_instead(&self, (p, x): (u32, u64), q: u32) -> bool {
        let (was, is) = (&self.old[q as usize], &self.new[q as usize]);
        let left = was.contains(&x) && !is.contains(&x);
        left && self.newcomers(q).into_iter().any(|y| self.swapped((p, x), (q, y)))
    }

    /// Why the replica leaves x: the reason that binds most closely.
    fn check_leaves(&self, p: u32, x: u64, reason: &Reason) {
        let (was, is) = (&self.old[p as usize], &self.new[p as usize]);
        assert!(was.contains(&x) && !is.contains(&x));
        assert_eq!(*reason == Reason::Removed, !self.is_there(x), "{reason:?}");
        assert_eq!(*reason == Reason::Drained, self.is_there(x) && !self.is_live(x), "{reason:?}");
        if !self.is_live(x) {
            return;
        }
        let live: BTreeSet<u64> = was.iter().copied().filter(|id| self.is_live(*id)).collect();
        let pins = self.case.pins.iter().filter(|(q, _)| *q == p).map(|(_, id)| *id);
        let union: BTreeSet<u64> = live.iter().copied().chain(pins).collect();
        let zone = format!("z{}", self.case.nodes[&x].zone);
        let zone_nodes = self.within(&zone);
        // A limit of R or more never binds.
        let replicas = self.plan.table().replication_factor();
        let config_limit = self.case.config.limits().next().map(|(_, limit)| limit);
        let config_limit = config_limit.filter(|limit| *limit < replicas);
        let in_zone = |set: &BTreeSet<u64>| set.intersection(&zone_nodes).count() as u32;
        let over_limit = config_limit.is_some_and(|limit| in_zone(&live) > limit);
        let no_room = config_limit
            .is_some_and(|limit| in_zone(&union) > limit && in_zone(&live) < in_zone(&union))
            || live.len() as u32 <= replicas && union.len() as u32 > replicas;
        let (held, holds) =
            [&self.old, &self.new].map(|rows| Self::count(rows, |id| id == x)).into();
        let quota = self.quota(x);
        match reason {
            Reason::OverLimit { domain, held, limit } => {
                assert!(over_limit);
                assert_eq!((domain, *held, Some(*limit)), (&zone, in_zone(&live), config_limit));
            }
            Reason::MakesRoom { pinned, domain, limit } => {
                assert!(!over_limit && no_room);
                let pinned = *self.case.after.get(*pinned).unwrap();
                assert!(self.is_pinned(p, pinned) && !was.contains(&pinned));
                if domain.is_empty() {
                    assert!(union.len() as u32 > replicas && *limit == replicas);
                } else {
                    assert!(zone_nodes.contains(&pinned) && *domain == zone);
                    assert!(Some(*limit) == config_limit && in_zone(&union) > *limit);
                }
            }
            Reason::OverQuota { held: claimed, quota: of } => {
                assert!(!over_limit && !no_room && held > quota.1);
                assert_eq!((*claimed, *of), (held, quota));
            }
            Reason::DomainOverQuota { domain, held: claimed, quota: of } => {
                assert!(!over_limit && !no_room && held <= quota.1);
                self.check_domain(x, domain, *claimed, *of);
                assert!(*claimed > of.1);
            }
            Reason::GivesWithinQuota { held: claimed, holds: now, quota: of } => {
                assert!(!over_limit && !no_room && holds < held && held <= quota.1);
                assert_eq!((*claimed, *now, *of), (held, holds, quota));
            }
            Reason::GivesInExchange { takes } => {
                assert!(!over_limit && !no_room && held <= quota.1 && holds >= held);
                assert_eq!(*takes, self.only(x, &self.new, &self.old));
                assert!(*takes > 0);
            }
            other => panic!("{other:?}"),
        }
    }

    fn check_comes(&self, p: u32, y: u64, reason: &Reason) {
        let (was, is) = (&self.old[p as usize], &self.new[p as usize]);
        assert!(!was.contains(&y) && is.contains(&y));
        assert_eq!(*reason == Reason::Pinned, self.is_pinned(p, y));
        let joined = self.case.before.find(&y).is_none();
        let (held, holds) =
            [&self.old, &self.new].map(|rows| Self::count(rows, |id| id == y)).into();
        let quota = self.quota(y);
        match reason {
            Reason::Pinned => {}
            Reason::Joined { quota: of } => assert!(joined && *of == quota),
            Reason::BelowQuota { held: claimed, quota: of } => {
                assert!(!joined && held < quota.0);
                assert_eq!((*claimed, *of), (held, quota));
            }
            Reason::DomainBelowQuota { domain, held: claimed, quota: of } => {
                assert!(!joined && held >= quota.0);
                self.check_domain(y, domain, *claimed, *of);
                assert!(*claimed < of.0);
            }
            Reason::TakesWithinQuota { held: claimed, holds: now, quota: of } => {
                assert!(!joined && held >= quota.0 && holds > held);
                assert_eq!((*claimed, *now, *of), (held, holds, quota));
            }
            Reason::TakesInExchange { gives } => {
                assert!(!joined && holds <= held);
                assert_eq!(*gives, self.only(y, &self.old, &self.new));
                assert!(*gives > 0);
            }
            other => panic!("{other:?}"),
        }
    }

    fn check_choice(&self, p: u32, from: Option<u64>, to: u64, reason: Option<&Reason>) {
        let partitions = 0..self.plan.table().partitions();
        let other = |q: &u32| *q != p;
        match (from, reason) {
            (Some(x), Some(Reason::FreePartition { partition, dispersed })) => {
                assert!(self.gives_instead((p, x, to), *partition));
                assert_eq!(*dispersed, self.case.dispersed && self.new[0].len() > 1);
            }
            (_, Some(Reason::FreeNode { partition, dispersed })) => {
                assert!(self.exchanges((p, to), *partition));
                assert_eq!(*dispersed, self.case.dispersed && self.new[0].len() > 1);
            }
            (_, None) if self.case.soft.is_empty() => {
                // Holders that a soft freeze keeps are not free; the verifier does not know them.
                let giver = |q: u32| from.is_some_and(|x| self.gives_instead((p, x, to), q));
                let found =
                    partitions.filter(other).find(|q| giver(*q) || self.exchanges((p, to), *q));
                assert_eq!(found, None, "partition {p} has a choice");
            }
            (_, None) => {}
            other => panic!("{other:?}"),
        }
    }

    fn check_stays(&self, p: u32, id: u64, replica: &ExplainedReplica) {
        let (was, is) = (&self.old[p as usize], &self.new[p as usize]);
        assert!(was.contains(&id) && is.contains(&id));
        let frozen = self.case.frozen.contains(&p);
        let soft = self.case.soft.contains(&p) && !self.plan.thawed().contains(&p);
        match replica.reasons() {
            [Reason::Frozen] => assert!(frozen),
            [Reason::Pinned] => assert!(!frozen && self.is_pinned(p, id)),
            [Reason::FrozenIfPossible] => assert!(!frozen && soft && !self.is_pinned(p, id)),
            [Reason::Kept { held, gives, quota }, choice @ ..] => {
                assert!(!frozen && !soft && !self.is_pinned(p, id));
                assert_eq!(*held, Self::count(&self.old, |other| other == id));
                assert_eq!(*gives, self.only(id, &self.old, &self.new));
                assert_eq!(*quota, self.quota(id));
                let mut all = 0..self.plan.table().partitions();
                match choice {
                    [] if self.case.soft.is_empty() => {
                        assert!(!all.any(|q| q != p && self.keeps_instead((p, id), q)));
                    }
                    [] => {}
                    [Reason::FreePartition { partition, .. }] => {
                        assert!(self.keeps_instead((p, id), *partition));
                    }
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }

    /// Checks the explanation of a partition, and counts its reasons.
    fn check(&self, p: u32, seen: &mut BTreeMap<&'static str, u32>) {
        let explanation = self.plan.explain(p).unwrap();
        let (was, is) = (&self.old[p as usize], &self.new[p as usize]);
        let old = |replica: &ExplainedReplica| {
            replica.from().map(|node| *self.case.before.get(node).unwrap())
        };
        let new = |replica: &ExplainedReplica| {
            replica.to().map(|node| *self.case.after.get(node).unwrap())
        };
        let sorted = |list: Vec<u64>| list.into_iter().collect::<BTreeSet<u64>>();
        let replicas = explanation.replicas();
        let came: Vec<u64> = replicas.iter().filter_map(new).collect();
        assert_eq!(came, *is);
        let left: Vec<u64> = replicas.iter().filter_map(old).collect();
        assert_eq!((sorted(left.clone()), left.len()), (sorted(was.clone()), was.len()));
        assert_eq!(explanation.partition(), p);
        let ways = self.plan.table().partitions() / self.case.old.partitions();
        assert_eq!(explanation.old_partition(), Some(p / ways));
        assert_eq!(explanation.thawed(), self.plan.thawed().contains(&p));
        let sizes = (was.len() as u32, is.len() as u32);
        for replica in replicas {
            let reasons = replica.reasons();
            match (old(replica), new(replica)) {
                (Some(x), Some(y)) if replica.stays() => {
                    assert_eq!(x, y);
                    self.check_stays(p, x, replica);
                }
                (Some(x), Some(y)) => {
                    self.check_leaves(p, x, &reasons[0]);
                    self.check_comes(p, y, &reasons[1]);
                    self.check_choice(p, Some(x), y, reasons.get(2));
                }
                (Some(x), None) => {
                    assert!(sizes.0 > sizes.1);
                    let lowered = Reason::LoweredReplicas { from: sizes.0, to: sizes.1 };
                    assert_eq!((&reasons[0], reasons.len()), (&lowered, 2));
                    self.check_leaves(p, x, &reasons[1]);
                }
                (None, Some(y)) => {
                    assert!(sizes.0 < sizes.1);
                    assert_eq!(reasons[0], Reason::RaisedReplicas { from: sizes.0, to: sizes.1 });
                    self.check_comes(p, y, &reasons[1]);
                    self.check_choice(p, None, y, reasons.get(2));
                }
                (None, None) => panic!("a replica that is nowhere"),
            }
            reasons.iter().for_each(|reason| *seen.entry(name(reason)).or_insert(0) += 1);
        }
        let text = explanation.to_string();
        assert_eq!(text.lines().count(), 1 + replicas.len(), "{text}");
    }
}

fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::Pinned => "pinned",
        Reason::Frozen => "frozen",
        Reason::FrozenIfPossible => "frozen if possible",
        Reason::Kept { .. } => "kept",
        Reason::Removed => "removed",
        Reason::Drained => "drained",
        Reason::OverLimit { .. } => "over limit",
        Reason::MakesRoom { .. } => "makes room",
        Reason::OverQuota { .. } => "over quota",
        Reason::DomainOverQuota { .. } => "domain over quota",
        Reason::GivesWithinQuota { .. } => "gives within quota",
        Reason::GivesInExchange { .. } => "gives in exchange",
        Reason::LoweredReplicas { .. } => "lowered",
        Reason::Joined { .. } => "joined",
        Reason::BelowQuota { .. } => "below quota",
        Reason::DomainBelowQuota { .. } => "domain below quota",
        Reason::TakesWithinQuota { .. } => "takes within quota",
        Reason::TakesInExchange { .. } => "takes in exchange",
        Reason::RaisedReplicas { .. } => "raised",
        Reason::FreePartition { .. } => "free partition",
        Reason::FreeNode { .. } => "free node",
        other => panic!("{other:?} is of a fresh table"),
    }
}

#[test]
fn every_reason_is_true_and_counted_right() {
    let (mut seen, mut cases) = (BTreeMap::new(), 0);
    for seed in 0..4000 {
        let Some(case) = Case::draw(seed) else { continue };
        let Some(planner) = case.planner() else { continue };
        let Ok(mut plan) = planner.rebalance(&case.old, case.before.members()) else { continue };
        if case.dispersed {
            planner.disperse(&mut plan).unwrap();
        }
        cases += 1;
        let ways = plan.table().partitions() / case.old.partitions();
        let old = rows(&case.old.split(ways).unwrap(), &case.before);
        let new = rows(plan.table(), &case.after);
        let recount = Recount { case: &case, planner: &planner, plan: &plan, old, new };
        for p in 0..plan.table().partitions() {
            recount.check(p, &mut seen);
        }
        assert!(plan.explain(plan.table().partitions()).is_none());
    }
    println!("{cases} plans: {seen:?}");
    assert!(cases > 1500, "{cases}");
    assert_eq!(seen.len(), 21, "{seen:?}");
    assert!(seen.values().all(|count| *count >= 20), "{seen:?}");
}
