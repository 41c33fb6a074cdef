//! The pick written down a second time: fractions compared by products, no division, plain lists.

use apportion::bounded::{LoadFactor, LoadLimit, NodeLoads, Picked, Shed};
use apportion::{NodeIdx, Weight};

/// What a limit was built from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) num: u32,
    pub(crate) den: u32,
    pub(crate) margin: u64,
    pub(crate) cap: Option<u64>,
    pub(crate) gateways: u32,
    pub(crate) sheds: bool,
}

impl Rule {
    pub(crate) const fn of(num: u32, den: u32, margin: u64) -> Self {
        Self { num, den, margin, cap: None, gateways: 1, sheds: false }
    }

    pub(crate) fn limit(&self) -> LoadLimit {
        let factor = LoadFactor::new(self.num, self.den).unwrap();
        let mut limit = LoadLimit::new(factor).margin(self.margin).one_of(self.gateways);
        if let Some(cap) = self.cap {
            limit = limit.cap(cap);
        }
        if self.sheds { limit.shedding() } else { limit }
    }

    /// True if a load is below c · F, or below F + M / n, for the fair share F of this total.
    pub(crate) fn is_below(&self, load: u64, total: u64, weight: u64, weights: u64) -> bool {
        let [load, total, weight, weights] = [load, total, weight, weights].map(u128::from);
        let gateways = u128::from(self.gateways);
        let fair = total * weight;
        load * u128::from(self.den) * weights < u128::from(self.num) * fair
            || load * gateways * weights < fair * gateways + u128::from(self.margin) * weights
    }

    /// True if the load is within this gateway's share of the cap.
    pub(crate) fn fits(&self, load: u64) -> bool {
        self.cap.is_none_or(|cap| load * u64::from(self.gateways) <= cap)
    }
}

/// Weights and loads by slot.
#[derive(Clone, Debug)]
pub(crate) struct Loads {
    pub(crate) weights: Vec<u64>,
    pub(crate) loads: Vec<u64>,
}

impl Loads {
    pub(crate) fn idle(weights: &[u64]) -> Self {
        Self { weights: weights.to_vec(), loads: vec![0; weights.len()] }
    }

    pub(crate) fn total(&self) -> u64 {
        let live = self.loads.iter().zip(&self.weights).filter(|(_, weight)| **weight > 0);
        live.map(|(load, _)| load).sum()
    }

    pub(crate) fn weight(&self) -> u64 {
        self.weights.iter().sum()
    }

    pub(crate) fn seen(
        &self,
    ) -> NodeLoads<impl Fn(NodeIdx) -> Weight + Copy + '_, impl Fn(NodeIdx) -> u64 + Copy + '_>
    {
        let at = |list: &[u64], node: NodeIdx| list.get(node.index()).copied().unwrap_or(0);
        NodeLoads::new(
            move |node| Weight::new(at(&self.weights, node)),
            self.weight().into(),
            move |node| at(&self.loads, node),
            self.total(),
        )
    }

    pub(crate) fn pick(
        &self,
        rule: &Rule,
        candidates: &[NodeIdx],
        cost: u64,
    ) -> Result<Picked, Shed> {
        let live = |node: &NodeIdx| self.weights.get(node.index()).is_some_and(|w| *w > 0);
        let live: Vec<NodeIdx> = candidates.iter().copied().filter(live).collect();
        if live.is_empty() {
            return Err(Shed::NoLiveNode);
        }
        let load = |node: NodeIdx| self.loads[node.index()];
        let weight = |node: NodeIdx| self.weights[node.index()];
        let total = self.total() + cost.max(1);
        let fits = |node: NodeIdx| rule.fits(load(node) + cost);
        let below = |node: NodeIdx| rule.is_below(load(node), total, weight(node), self.weight());
        if let Some(at) = live.iter().position(|node| fits(*node) && below(*node)) {
            let (node, past) = (live[at], at as u32);
            let spilled = Picked::Spilled { node, past };
            return Ok(if at == 0 { Picked::Preferred { node } } else { spilled });
        }
        // The lowest load for its weight: a sort of exact fractions, stable.
        let mut rooms: Vec<(usize, NodeIdx)> =
            live.iter().copied().enumerate().filter(|(_, node)| fits(*node)).collect();
        rooms.sort_by(|(_, a), (_, b)| {
            let scaled = |x: NodeIdx, y: NodeIdx| u128::from(load(x)) * u128::from(weight(y));
            scaled(*a, *b).cmp(&scaled(*b, *a))
        });
        let candidates = live.len() as u32;
        match rooms.first() {
            None => Err(Shed::AllFull { candidates }),
            Some(_) if rule.sheds => Err(Shed::AllAbove { candidates }),
            Some((at, node)) => Ok(Picked::AllAbove { node: *node, past: *at as u32 }),
        }
    }
}
