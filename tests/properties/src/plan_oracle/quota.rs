//! Weighted max-min fairness by its definition: the level rises until something is full.

use super::Instance;
use num_rational::BigRational;

/// Everything is frozen and replicas are left over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Infeasible;

/// Floor and ceiling of the quota of each node, and of each of [`Instance::domains`].
#[derive(Clone, Debug)]
pub struct Bounds {
    pub nodes: Vec<(u64, u64)>,
    pub domains: Vec<(u64, u64)>,
}

fn whole(n: u64) -> BigRational {
    BigRational::from_integer(n.into())
}

fn sum(of: &[usize], what: impl Fn(usize) -> BigRational) -> BigRational {
    of.iter().fold(whole(0), |all, &v| all + what(v))
}

/// What may become full, and how much it holds then: nodes, domains and, at the end, the whole.
fn vessels(instance: &Instance) -> Vec<(Vec<usize>, u64)> {
    let p = instance.partitions as u64;
    let nodes = 0..instance.nodes.len();
    let mut all: Vec<_> = nodes.clone().map(|v| (vec![v], p)).collect();
    let limited = instance.domains().into_iter().filter_map(|d| Some((d.nodes, d.cap? * p)));
    all.extend(limited);
    all.push((nodes.collect(), instance.total()));
    all
}

/// The quota of each node.
pub fn quotas(instance: &Instance) -> Result<Vec<BigRational>, Infeasible> {
    let weight = |v: usize| whole(instance.nodes[v].weight);
    let vessels = vessels(instance);
    let mut quota = vec![whole(0); instance.nodes.len()];
    let mut rising: Vec<bool> = instance.nodes.iter().map(|n| n.weight > 0).collect();
    while rising.contains(&true) {
        // The level at which a vessel becomes full; none if nothing in it rises.
        let full_at = |(nodes, holds): &(Vec<usize>, u64)| {
            let (up, still): (Vec<usize>, Vec<usize>) = nodes.iter().partition(|&&v| rising[v]);
            let room = whole(*holds) - sum(&still, |v| quota[v].clone());
            (!up.is_empty()).then(|| room / sum(&up, weight))
        };
        let levels: Vec<Option<BigRational>> = vessels.iter().map(full_at).collect();
        let first = levels.iter().flatten().min().unwrap().clone();
        for ((nodes, _), level) in vessels.iter().zip(&levels) {
            if level.as_ref() == Some(&first) {
                for &v in nodes {
                    if std::mem::take(&mut rising[v]) {
                        quota[v] = &first * weight(v);
                    }
                }
            }
        }
    }
    let all: Vec<usize> = (0..quota.len()).collect();
    let reached = sum(&all, |v| quota[v].clone()) == whole(instance.total());
    if reached { Ok(quota) } else { Err(Infeasible) }
}

/// The quota of each of [`Instance::domains`].
pub fn domain_quotas(instance: &Instance) -> Result<Vec<BigRational>, Infeasible> {
    let quota = quotas(instance)?;
    let domains = instance.domains();
    Ok(domains.iter().map(|d| sum(&d.nodes, |v| quota[v].clone())).collect())
}

/// What every node and every domain may hold.
pub fn bounds(instance: &Instance) -> Result<Bounds, Infeasible> {
    let around = |quota: &BigRational| {
        let whole = |r: BigRational| u64::try_from(r.to_integer()).unwrap();
        (whole(quota.floor()), whole(quota.ceil()))
    };
    let nodes = quotas(instance)?.iter().map(around).collect();
    let domains = domain_quotas(instance)?.iter().map(around).collect();
    Ok(Bounds { nodes, domains })
}
