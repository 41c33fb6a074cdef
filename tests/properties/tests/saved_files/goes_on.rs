//! What is restored goes on as the original would have.

use super::samples::{self, Move, clusters, zoned};
use apportion::analysis::{MoveCounter, SavedMoveReport, count_moves};
use apportion::bounded::{BoundedLoads, LoadFactor, Mode, SavedLoads};
use apportion::migration::{
    Limits, Migration, PartitionState, Progress, Schedule, StepRules, Transition, Version,
};
use apportion::partition::{Plan, SavedPlan};
use apportion::{
    Algorithm, AnyPlacement, ErrorKind, Locator, Node, Planner, Ring, SipHash13, Topology, Xxh3,
};
use apportion_properties::support::Draws;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use std::sync::Arc;

/// Through JSON and through postcard.
fn both<V: Serialize, R: DeserializeOwned>(value: &V) -> [R; 2] {
    let text = serde_json::to_string(value).unwrap();
    let bytes = postcard::to_allocvec(value).unwrap();
    [serde_json::from_str(&text).unwrap(), postcard::from_bytes(&bytes).unwrap()]
}

#[test]
fn a_plan_verifies_and_is_dispersed() {
    for (cluster, plan) in clusters() {
        for saved in both::<_, SavedPlan>(&plan) {
            assert_eq!(saved, plan.save());
            let planner = cluster.planner();
            let mut again = saved.restore(&planner, cluster.old()).unwrap();
            assert_eq!(again, plan);
            assert_eq!(again.save(), plan.save());
            assert!(planner.verify(&again, cluster.old()).unwrap().optimal());
            assert_eq!(again.thawed(), plan.thawed());
            assert_eq!(again.to_string(), plan.to_string());
            for partition in 0..plan.table().partitions() {
                let explained = |plan: &Plan| plan.explain(partition).unwrap().to_string();
                assert_eq!(explained(&again), explained(&plan));
            }
            let mut dispersed = plan.clone();
            planner.disperse(&mut again).unwrap();
            planner.disperse(&mut dispersed).unwrap();
            assert_eq!(again, dispersed);
        }
    }
}

#[test]
fn a_plan_needs_its_planner_and_its_old_table() {
    let [(_, fresh), (cluster, plan), _] = clusters();
    let refused = |planner: &Planner<'_>, old| plan.save().restore(planner, old).unwrap_err();
    let other = Planner::new(cluster.after.members(), &cluster.config).unwrap();
    let error = refused(&other, cluster.old());
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert_eq!(error.to_string().matches("0x").count(), 2, "{error}");
    let planner = cluster.planner();
    for old in [None, Some((plan.table(), cluster.after.members()))] {
        let error = refused(&planner, old);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("restore it with the table from which it was planned"));
    }
    let error = fresh.save().restore(&planner, cluster.old()).unwrap_err();
    assert!(error.to_string().contains("planner with fingerprint"), "{error}");
}

#[test]
fn a_migration_gives_the_same_steps_and_schedules() {
    let migrations = samples::all_migrations();
    for migration in &migrations {
        for again in both::<_, Migration<String>>(migration) {
            assert_eq!(&again, migration);
            assert!(again.transfers().eq(migration.transfers()));
            assert!(again.deletions().eq(migration.deletions()));
            assert_eq!(again.busiest_source(), migration.busiest_source());
            let limits = Limits::each(2, 1).node("n2", 1, 3);
            assert_eq!(again.schedule(&limits).unwrap(), migration.schedule(&limits).unwrap());
            for step in [1, 3, 100] {
                let rules = StepRules::new(step);
                let steps = |migration: &Migration<String>| {
                    let steps = migration.steps(&rules).map_err(|error| error.to_string())?;
                    let of = |step: apportion::migration::Step<'_, String>| {
                        let transfer = |t: apportion::migration::Transfer<'_, String>| {
                            (t.unit, t.from.cloned(), t.to.clone(), t.size)
                        };
                        step.transfers().map(transfer).collect::<Vec<_>>()
                    };
                    Ok::<_, String>(steps.iter().map(of).collect::<Vec<_>>())
                };
                assert_eq!(steps(&again), steps(migration));
            }
            let lost = |migration: &Migration<String>| migration.clone().lost(["n1"]).unwrap();
            assert_eq!(lost(&again), lost(migration));
        }
    }
    assert_ne!(migrations[0], migrations[0].clone().sized(|_| 1));
}

/// Values of nodes may borrow from the text.
#[test]
fn values_may_borrow() {
    let old = Locator::jump_back(["a", "b"]).unwrap();
    let migration = Migration::of(&old.diff(&old.with("c").unwrap()).unwrap());
    let text = serde_json::to_string(&migration).unwrap();
    let again: Migration<&str> = serde_json::from_str(&text).unwrap();
    assert_eq!(again, migration);
    let text = serde_json::to_string(old.topology()).unwrap();
    assert_eq!(&serde_json::from_str::<Topology<&str>>(&text).unwrap(), old.topology());
}

#[test]
fn a_schedule_is_checked_against_its_migration() {
    let migrations = samples::all_migrations();
    let limits = [Limits::each(2, 1), Limits::joint(3), Limits::each(1, 2)];
    let schedules = samples::schedules(&migrations);
    for ((migration, limits), schedule) in migrations.iter().zip(&limits).zip(&schedules) {
        for again in both::<_, Schedule>(schedule) {
            assert_eq!(&again, schedule);
            migration.check_schedule(&again, limits).unwrap();
        }
    }
    let [tables, rings, numbers] = &migrations;
    let read = |text: &str| serde_json::from_str::<Schedule>(text).unwrap();
    let claim = |bound: u32, extra: &str, rounds: &str| {
        let head = format!(r#""version":1,"bound":{bound},"optimality":"optimal""#);
        read(&format!(r#"{{{head},"extra_unit":{extra},"rounds":{rounds}}}"#))
    };
    // One round more, for a unit that has several transfers.
    let late = |migration: &Migration<String>, schedule: &Schedule| {
        let units: Vec<usize> = migration.transfers().map(|transfer| transfer.unit).collect();
        let at = (1..units.len()).find(|at| units[at - 1] == units[*at]).unwrap();
        let mut form = serde_json::to_value(schedule).unwrap();
        form["rounds"][at] = schedule.rounds().into();
        form["extra_unit"] = units[at].into();
        read(&form.to_string())
    };
    let refused = |migration: &Migration<String>, schedule: &Schedule, limits: &Limits| {
        migration.check_schedule(schedule, limits).unwrap_err()
    };
    for (error, kind, says) in [
        (
            refused(rings, &schedules[0], &limits[1]),
            ErrorKind::InvalidArgument,
            "the schedule has 57 transfers, but the migration has 23",
        ),
        (
            refused(numbers, &schedules[2], &Limits::each(1, 1)),
            ErrorKind::NotVerified,
            "claims a bound of 2 rounds, but these transfers and limits have a bound of 4",
        ),
        (
            refused(numbers, &claim(2, "null", "[0,0,0,1]"), &limits[2]),
            ErrorKind::NotVerified,
            r#"node "n4" has more than 2 transfers in round 0 of the schedule"#,
        ),
        (
            refused(numbers, &claim(2, "null", "[0,0,1,2]"), &limits[2]),
            ErrorKind::NotVerified,
            "the schedule has 3 rounds with a bound of 2 and claims to be optimal, but no unit needs \
             extra rounds",
        ),
        (
            refused(tables, &late(tables, &schedules[0]), &limits[0]),
            ErrorKind::NotVerified,
            "the schedule has 15 rounds with a bound of 14 and claims to be optimal, but nothing \
             shows that one round fewer is too few",
        ),
        (
            refused(numbers, &claim(2, "1", "[0,0,1,2]"), &limits[2]),
            ErrorKind::NotVerified,
            "names unit 1 as the reason for extra rounds",
        ),
        (
            refused(numbers, &schedules[2], &Limits::each(0, 1)),
            ErrorKind::InvalidConfiguration,
            "the limit of sends of every node is 0",
        ),
    ] {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    // Units of the tables have several transfers: all in one round.
    let wide = Limits::each(1000, 1000);
    let bound = tables.schedule(&wide).unwrap().bound();
    let rounds: Vec<String> = (0..tables.len()).map(|i| (i / 20).to_string()).collect();
    let packed = claim(bound, "null", &format!("[{}]", rounds.join(",")));
    let error = refused(tables, &packed, &wide);
    assert!(error.to_string().contains("of the schedule has two transfers of unit"), "{error}");
}

/// A generator of the next changes, the same for both.
fn next(loads: &mut BoundedLoads<String, Ring>, seed: u64) -> Vec<String> {
    let mut draws = Draws(seed);
    let mut answers = Vec::new();
    for i in 0..1000_u64 {
        let key = draws.below(200);
        let answer = match draws.below(10) {
            0..=4 => format!("{:?}", loads.insert(&key)),
            5..=7 => format!("{:?}", loads.remove(&key)),
            8 => format!("{:?}", loads.get(&key)),
            _ => {
                let id = format!("m{}", draws.below(4));
                let locator = loads.locator();
                let changed = locator.without(&id).or_else(|_| locator.with(id)).unwrap();
                format!("{:?}", loads.change(changed))
            }
        };
        answers.push(format!("{i}: {answer}, {:?}", loads.get(&draws.below(200))));
    }
    answers
}

#[test]
fn bounded_loads_give_the_same_next_answers() {
    for mode in [Mode::Canonical, Mode::Online] {
        for seed in 0..10 {
            let mut original = samples::bounded(mode);
            let start = original.clone();
            let answers = next(&mut original, seed);
            for mut again in both::<_, BoundedLoads<String, Ring>>(&start) {
                assert!(again == start);
                for (node, _) in start.locator().topology() {
                    assert_eq!(again.load(node), start.load(node));
                    assert_eq!(again.cap(node), start.cap(node));
                }
                assert_eq!(next(&mut again, seed), answers);
                assert!(again == original && again != start);
            }
        }
    }
}

#[test]
fn bounded_loads_with_a_secret_and_within_limits() {
    let secret = *b"sixteen byte key";
    let nodes: Vec<String> = (0..40).map(|i| format!("n{i}")).collect();
    let ring = Locator::ring(nodes).unwrap().with_hasher(SipHash13::new(secret));
    let mut loads = BoundedLoads::canonical(ring, LoadFactor::ONE);
    loads.extend(0..40_u64).unwrap();
    let text = serde_json::to_string(&loads.save().unwrap()).unwrap();
    let saved = || serde_json::from_str::<SavedLoads<String>>(&text).unwrap();
    let again = saved().restore::<Ring, _>(SipHash13::new(secret)).unwrap();
    assert!(again == loads);
    let other = saved().restore::<Ring, _>(Xxh3).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::OtherHasher);
    // The ring has 6,400 points; the keys pass a few full nodes.
    assert_eq!(loads.save_within(6399).unwrap_err().kind(), ErrorKind::OverLimit);
    let passes = loads.save_within(6400).unwrap();
    let passes: SavedLoads<String> =
        serde_json::from_str(&serde_json::to_string(&passes).unwrap()).unwrap();
    assert!(passes.restore_within::<Ring, _>(SipHash13::new(secret), 6400).unwrap() == loads);

    // Rendezvous has no points, so that the limit is that of passed nodes alone.
    let nodes: Vec<String> = (0..40).map(|i| format!("n{i}")).collect();
    let mut loads = BoundedLoads::canonical(Locator::rendezvous(nodes).unwrap(), LoadFactor::ONE);
    loads.extend(0..40_u64).unwrap();
    let passed = (0..).find(|max| loads.save_within(*max).is_ok()).unwrap();
    assert!(passed > 20, "{passed}");
    let saved = loads.save().unwrap();
    assert!(
        saved
            .clone()
            .restore_within::<_, Xxh3>(Xxh3, passed)
            .is_ok_and(|again: BoundedLoads<_, apportion::Rendezvous>| again.len() == 40)
    );
    let error = saved.restore_within::<apportion::Rendezvous, _>(Xxh3, passed - 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OverLimit);
    assert!(error.to_string().contains(&format!("pass more than {} full nodes", passed - 1)));
}

#[test]
fn a_report_of_moves_is_read_without_its_locators() {
    let old = Locator::ring_of(zoned(6), Default::default()).unwrap();
    let new = old.reweighted("n0", 0).unwrap().with("n9".into()).unwrap();
    let report = count_moves(&old, &new, 2, (0..3000_u64).map(|key| (key, 1 + key % 5))).unwrap();
    for saved in both::<_, SavedMoveReport<String>>(&report) {
        let again = saved.report();
        assert_eq!(again, report);
        assert_eq!(again.excess(), report.excess());
        assert_eq!(again.moved(), report.moved());
        assert_eq!(serde_json::to_string(&saved).unwrap(), serde_json::to_string(&report).unwrap());
    }
    // Without keys and without nodes.
    let empty = Locator::<String>::ring([]).unwrap();
    let report = count_moves(&empty, &old, 1, (0..0_u64).map(|key| (key, 1))).unwrap();
    for saved in both::<_, SavedMoveReport<String>>(&report) {
        assert_eq!(saved.report(), report);
    }
}

/// Whatever two locators are compared, the report is read: their nodes may have values of their own,
/// be drained or gone, or be fewer than the replicas.
#[test]
fn every_report_of_moves_is_read() {
    let read = |old: &Locator<String, AnyPlacement>, new: &Locator<String, AnyPlacement>| {
        for (replicas, keys) in [(1, 200), (3, 100), (9, 5), (2, 1), (2, 0)] {
            let sizes = (0..keys).map(|key: u64| (key, if key == 7 { u64::MAX } else { key % 3 }));
            let report = count_moves(old, new, replicas, sizes.clone()).unwrap();
            let mut counter = MoveCounter::new(old, new, replicas).unwrap();
            let mut second = MoveCounter::new(old, new, replicas).unwrap();
            for (key, bytes) in sizes {
                let part = if key % 2 == 0 { &mut counter } else { &mut second };
                part.record(&key, bytes);
            }
            counter.merge(&second).unwrap();
            assert_eq!(counter.report(), report);
            for saved in both::<_, SavedMoveReport<String>>(&report) {
                assert_eq!(saved.report(), report);
            }
        }
    };
    for name in Algorithm::NAMES.iter().filter(|name| !["asura", "maglev"].contains(*name)) {
        let algorithm: Algorithm = name.parse().unwrap();
        let of = |names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_string());
            Locator::any_of(Topology::new(names).unwrap(), algorithm.clone()).unwrap()
        };
        let (none, one, four) = (of(&[]), of(&["d"]), of(&["a", "b", "c", "d"]));
        let mut all = vec![none, one, of(&["a", "b", "c", "e", "d"]), of(&["d", "x", "b"])];
        let changes = [
            four.with("e".into()),
            four.without("d"),
            four.reweighted("d", 0),
            four.reweighted("a", u64::MAX),
        ];
        all.extend(changes.into_iter().flatten());
        all.push(four);
        for old in &all {
            all.iter().for_each(|new| read(old, new));
        }
    }
}

/// Several nodes may have one value, and a value may pass from one node to another. A report knows
/// values alone, so flows from a value to itself are in it.
#[test]
fn a_report_of_nodes_that_share_values_is_read() {
    let shared = ["x", "y"].map(|value| Arc::new(value.to_string()));
    let empty = Locator::rendezvous(Vec::<String>::new()).unwrap();
    let of = |nodes: &[(&'static str, usize)]| {
        let value = |name| nodes.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
        let nodes = nodes.iter().map(|(name, _)| Node::new(*name));
        let value = |name, _: Option<&Arc<String>>| Arc::clone(&shared[value(name).unwrap()]);
        empty.replaced_by_with(nodes, value).unwrap()
    };
    let all = [
        of(&[("a", 0), ("b", 0), ("c", 1)]),
        of(&[("a", 1), ("b", 0), ("d", 0)]),
        of(&[("e", 0), ("f", 1), ("a", 0), ("g", 0)]),
        of(&[("b", 1)]),
    ];
    for (old, new) in all.iter().flat_map(|old| all.iter().map(move |new| (old, new))) {
        for replicas in 1..4 {
            let report = count_moves(old, new, replicas, (0..300_u64).map(|key| (key, 1))).unwrap();
            for saved in both::<_, SavedMoveReport<String>>(&report) {
                assert_eq!(saved.report(), report);
            }
        }
    }
}

/// Placements by saved locators, as after a restart.
struct Pool(Vec<String>);

impl Pool {
    fn new() -> Self {
        let sets: [&[u32]; 4] = [&[0, 1, 2], &[0, 1, 2, 3], &[1, 2, 3, 4], &[0, 4, 5]];
        let ring = |nodes: &[u32]| {
            let names = nodes.iter().map(|node| format!("n{node}"));
            serde_json::to_string(&Locator::ring(names).unwrap()).unwrap()
        };
        Self(sets.into_iter().map(ring).collect())
    }

    fn version(&self, at: usize) -> Version<String, Xxh3> {
        Version::of(&serde_json::from_str::<Locator<String>>(&self.0[at]).unwrap())
    }

    fn all(&self) -> Vec<Version<String, Xxh3>> {
        (0..self.0.len()).map(|at| self.version(at)).collect()
    }
}

/// One event; those that are refused change nothing.
fn event(transition: &mut Move, pool: &Pool, draws: &mut Draws) {
    let partition = draws.below(u64::from(transition.partitions())) as u32;
    let _ = match draws.below(16) {
        0 => transition.change_to(pool.version(draws.below(4) as usize)),
        1 => transition.lose(&format!("n{}", draws.below(6))),
        2 => transition.step_back(partition),
        _ => match transition.state(partition).unwrap() {
            PartitionState::Waiting => transition.begin(partition),
            PartitionState::Copying => transition.switch(partition),
            PartitionState::Switched => transition.complete(partition),
            PartitionState::Complete => Ok(()),
        },
    };
}

fn same(a: &Move, b: &Move) {
    assert_eq!(a.progress(), b.progress());
    assert_eq!(a.remaining(), b.remaining());
    assert_eq!(a.target().fingerprint(), b.target().fingerprint());
    for partition in 0..a.partitions() {
        assert_eq!(a.state(partition), b.state(partition));
    }
    for key in 0..24_u64 {
        assert!(a.read_set(&key).iter().eq(&b.read_set(&key)));
        assert!(a.write_set(&key).iter().eq(&b.write_set(&key)));
        assert!(a.new_holders(&key).iter().eq(&b.new_holders(&key)));
        assert!(a.old_holders(&key).iter().eq(&b.old_holders(&key)));
    }
}

/// A crash after every event: the one that was never interrupted and the one that was each time stay
/// the same.
#[test]
fn a_transition_resumes_after_a_crash_at_any_point() {
    let pool = Pool::new();
    for seed in 0..40 {
        let mut draws = Draws(seed);
        let mut original = Move::new(pool.version(0), 5).unwrap();
        let mut resumed = original.clone();
        for i in 0..60 {
            let mut ahead = Draws(draws.0);
            event(&mut original, &pool, &mut draws);
            event(&mut resumed, &pool, &mut ahead);
            let [json, binary] = both::<_, Progress>(&resumed.progress());
            assert_eq!(json, resumed.progress());
            assert_eq!(binary, json);
            let mut versions = pool.all();
            versions.rotate_left(i % 4);
            resumed = Move::resume(&json, versions).unwrap();
            same(&original, &resumed);
        }
    }
}

#[test]
fn a_resume_with_other_nodes_shows_both_fingerprints() {
    let pool = Pool::new();
    let mut transition = Move::new(pool.version(0), 4).unwrap();
    transition.change_to(pool.version(1)).unwrap();
    transition.begin(2).unwrap();
    let [progress, _] = both::<_, Progress>(&transition.progress());
    assert!(Move::resume(&progress, [pool.version(1), pool.version(0)]).is_ok());
    let hex = |version: Version<String, Xxh3>| format!("0x{:016x}", version.fingerprint());
    // A node has another weight than before, one is missing, another algorithm.
    let reweighted = Topology::of(["n0", "n1", "n2"].map(|name| {
        apportion::Node::new(name.to_string()).weight(if name == "n1" { 2 } else { 1 })
    }));
    let reweighted = Locator::ring_of(reweighted.unwrap(), Default::default()).unwrap();
    let names = |count| (0..count).map(|i| format!("n{i}"));
    for wrong in [
        Version::of(&reweighted),
        Version::of(&Locator::ring(names(2)).unwrap()),
        Version::of(&Locator::rendezvous(names(3)).unwrap()),
    ] {
        let error = Move::resume(&progress, [wrong.clone(), pool.version(1)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let error = error.to_string();
        let (old, target) = (pool.version(0), pool.version(1));
        let says = format!(
            "a placement with fingerprint {}; those given have {}, {}",
            hex(old),
            hex(wrong),
            hex(target)
        );
        assert!(error.contains(&says), "{error}");
    }
    let none = Move::resume(&progress, []).unwrap_err().to_string();
    assert!(none.contains("those given have none"), "{none}");
    let other = Transition::<String, Xxh3, 3>::resume(&progress, pool.all()).unwrap_err();
    assert!(
        other.to_string().contains("of a transition with 2 replicas, and it is resumed with 3")
    );
    // A lost node that the placement does not have.
    transition.lose("n0").unwrap();
    let text = serde_json::to_string(&transition.progress()).unwrap();
    let text = text.replace("{\"text\":\"n0\"}", "{\"text\":\"n7\"}");
    let error = Move::resume(&serde_json::from_str(&text).unwrap(), pool.all()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Altered);
    assert!(
        error.to_string().contains(r#"node "n7" is lost in a placement that has no such"#),
        "{error}"
    );
}

/// The holders of one unit may be so many that their pairs would take any memory.
#[test]
fn migrations_of_very_many_replicas_are_refused_on_both_sides() {
    let ring = |first: u32| {
        let nodes = Topology::new(first..first + 150).unwrap();
        let config = apportion::ring::RingConfig::default().points_per_node(1);
        Locator::ring_of(nodes, config).unwrap()
    };
    let (old, new) = (ring(0), ring(150));
    let migration = Migration::of(&old.diff_replicas(&new, 150).unwrap());
    let error = serde_json::to_string(&migration).unwrap_err().to_string();
    assert!(error.contains("pairs of an old and a new holder of a unit, and at most"), "{error}");
}
