//! Max-min fair quotas of nodes in zones, in exact integers and the slow way: raise the level to
//! whatever is full next.

use std::collections::BTreeMap;

/// A quota: level · weight, or a whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    num: u128,
    den: u128,
}

impl Quota {
    pub(crate) fn floor(self) -> u64 {
        (self.num / self.den) as u64
    }

    pub(crate) fn ceil(self) -> u64 {
        self.num.div_ceil(self.den) as u64
    }

    pub(crate) fn value(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

#[derive(Debug)]
pub(crate) struct Quotas {
    pub(crate) nodes: BTreeMap<String, Quota>,
    pub(crate) zones: BTreeMap<String, Quota>,
}

/// Of nodes with zone and weight; a zone holds at most so many replicas.
pub(crate) fn quotas(
    nodes: &[(String, String, u64)],
    partitions: u64,
    replicas: u64,
    zone_cap: u64,
) -> Quotas {
    let live: Vec<_> = nodes.iter().filter(|node| node.2 > 0).collect();
    let mut fixed: BTreeMap<&str, Quota> = BTreeMap::new();
    // What the full nodes and zones hold, all of it whole.
    let mut whole: BTreeMap<&str, u128> = BTreeMap::new();
    let mut zones: BTreeMap<String, Quota> = BTreeMap::new();
    let total = u128::from(partitions * replicas);
    loop {
        let open: Vec<_> = live.iter().filter(|node| !fixed.contains_key(&*node.0)).collect();
        let weight_of = |zone: &str| -> u128 {
            open.iter().filter(|node| node.1 == zone).map(|node| u128::from(node.2)).sum()
        };
        let names: std::collections::BTreeSet<&str> = open.iter().map(|node| &*node.1).collect();
        let rest = total - whole.values().sum::<u128>();
        let weight: u128 = open.iter().map(|node| u128::from(node.2)).sum();
        let zone_level = |zone: &str| {
            let held = whole.get(zone).copied().unwrap_or(0);
            (u128::from(zone_cap) - held, weight_of(zone))
        };
        let less = |a: (u128, u128), b: (u128, u128)| a.0 * b.1 < b.0 * a.1;
        let mut level = (rest, weight);
        let mut full = false;
        for next in open
            .iter()
            .map(|node| (u128::from(partitions), u128::from(node.2)))
            .chain(names.iter().map(|zone| zone_level(zone)))
        {
            if less(next, level) {
                (level, full) = (next, true);
            }
        }
        let is_level = |other: (u128, u128)| !less(other, level) && !less(level, other);
        let quota = |weight: u128| Quota { num: level.0 * weight, den: level.1 };
        if !full {
            for node in &open {
                fixed.insert(&node.0, quota(node.2.into()));
            }
            for zone in names {
                let held = whole.get(zone).copied().unwrap_or(0);
                let open = quota(weight_of(zone));
                let quota = Quota { num: open.num + held * open.den, den: open.den };
                zones.insert(zone.to_owned(), quota);
            }
            break;
        }
        let closing: Vec<&str> =
            names.iter().copied().filter(|zone| is_level(zone_level(zone))).collect();
        let mut now = Vec::new();
        for node in &open {
            let alone = is_level((partitions.into(), node.2.into()));
            if closing.contains(&&*node.1) || alone {
                now.push((&*node.0, &*node.1, quota(node.2.into()), alone));
            }
        }
        for (id, zone, quota, alone) in now {
            fixed.insert(id, quota);
            if alone && !closing.contains(&zone) {
                *whole.entry(zone).or_default() += u128::from(partitions);
            }
        }
        for zone in closing {
            whole.insert(zone, zone_cap.into());
        }
        if live.iter().all(|node| fixed.contains_key(&*node.0)) {
            break;
        }
    }
    for (zone, held) in whole {
        zones.entry(zone.to_owned()).or_insert(Quota { num: held, den: 1 });
    }
    let nodes = fixed.into_iter().map(|(id, quota)| (id.to_owned(), quota)).collect();
    Quotas { nodes, zones }
}

#[test]
fn quotas_equal_those_worked_out_by_hand() {
    let node = |id: &str, zone: &str, weight| (id.to_owned(), zone.to_owned(), weight);
    let nodes = [node("a", "x", 3), node("b", "x", 1), node("c", "y", 1), node("d", "z", 1)];
    // 8 partitions of 2, one a zone: x is full with 8, which is 6 and 2; 8 are left for y and z.
    let found = quotas(&nodes, 8, 2, 8);
    let floors = |of: &BTreeMap<String, Quota>| -> Vec<u64> {
        assert!(of.values().all(|quota| quota.floor() == quota.ceil()));
        of.values().map(|quota| quota.floor()).collect()
    };
    assert_eq!((floors(&found.nodes), floors(&found.zones)), (vec![6, 2, 4, 4], vec![8, 4, 4]));
    // Three of them: every zone is full.
    let found = quotas(&nodes, 8, 3, 8);
    assert_eq!((floors(&found.nodes), floors(&found.zones)), (vec![6, 2, 8, 8], vec![8, 8, 8]));
    // Two a zone: a is full with 8, and the others have a third of 16 each.
    let found = quotas(&nodes, 8, 3, 16);
    assert_eq!((found.nodes["a"].floor(), found.nodes["a"].ceil()), (8, 8));
    assert_eq!((found.nodes["b"].floor(), found.nodes["b"].ceil()), (5, 6));
    assert_eq!((found.zones["x"].floor(), found.zones["x"].ceil()), (13, 14));
    let found = quotas(&[node("a", "x", 1), node("b", "y", 1), node("c", "z", 1)], 8, 2, 8);
    assert_eq!((found.nodes["a"].floor(), found.nodes["a"].ceil()), (5, 6));
    assert!((found.zones["x"].value() - 16.0 / 3.0).abs() < 1e-12);
}
