//! Plans, migrations and their schedules.

use super::super::samples;
use super::super::samples::clusters;
use super::both;
use apportion::migration::{Limits, Migration, Schedule, StepRules};
use apportion::partition::{Plan, SavedPlan};
use apportion::{ErrorKind, Locator, Planner, Topology};

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
