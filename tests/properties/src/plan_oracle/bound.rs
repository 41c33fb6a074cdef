//! The bound on movement that looks at counts alone.

use super::{Bounds, Instance, bounds};
use std::collections::BTreeMap;

/// P·min(R_old, R) − max Σ min(held, n) over whole n that are floor or ceiling at every node and
/// every domain and add up to P·R. None without quotas.
pub fn lower_bound(instance: &Instance) -> Option<u64> {
    let bounds = bounds(instance).ok()?;
    let all = Tree { instance, bounds: &bounds, held: instance.held() }.under(&[]);
    let kept = all.get(&instance.total())?;
    Some(instance.partitions as u64 * instance.keepable() - kept)
}

struct Tree<'a> {
    instance: &'a Instance,
    bounds: &'a Bounds,
    held: Vec<u64>,
}

impl Tree<'_> {
    /// The most that can stay under a path, by the replicas that lie under it.
    fn under(&self, path: &[u32]) -> BTreeMap<u64, u64> {
        let mut all = BTreeMap::from([(0, 0)]);
        for (v, node) in self.instance.nodes.iter().enumerate() {
            if node.path == path {
                let (floor, ceil) = self.bounds.nodes[v];
                let choices = [floor, ceil].map(|n| (n, n.min(self.held[v])));
                all = joined(&all, &choices.into());
            }
        }
        for (domain, &(floor, ceil)) in self.instance.domains().iter().zip(&self.bounds.domains) {
            if domain.path.len() == path.len() + 1 && domain.path.starts_with(path) {
                let mut choices = self.under(&domain.path);
                choices.retain(|n, _| *n == floor || *n == ceil);
                all = joined(&all, &choices);
            }
        }
        all
    }
}

fn joined(a: &BTreeMap<u64, u64>, b: &BTreeMap<u64, u64>) -> BTreeMap<u64, u64> {
    let mut all = BTreeMap::new();
    for (n, kept) in a {
        for (m, more) in b {
            let best = all.entry(n + m).or_insert(0);
            *best = (kept + more).max(*best);
        }
    }
    all
}
