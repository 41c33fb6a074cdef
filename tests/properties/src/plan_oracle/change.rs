//! What happens to a cluster between the old table and the new one.

use super::random::{Shape, cap, weight};
use super::{Instance, NodeSpec};
use crate::support::Draws;

pub(super) struct Change {
    shape: Shape,
    /// Its nodes are all that ever were.
    instance: Instance,
    left: Vec<bool>,
}

impl Change {
    pub(super) fn of(instance: Instance, shape: Shape) -> Self {
        let left = vec![false; instance.nodes.len()];
        Self { shape, instance, left }
    }

    /// One change of any kind.
    pub(super) fn step(&mut self, draws: &mut Draws) {
        match draws.below(14) {
            0 => self.add(None, draws),
            1 => self.remove(draws),
            2 => (0..1 + draws.below(3)).for_each(|_| self.add(None, draws)),
            3 => (0..1 + draws.below(3)).for_each(|_| self.remove(draws)),
            4 | 5 => self.with_one(draws, |node, draws| {
                node.weight = match draws.below(4) {
                    0 => node.weight.saturating_mul(2),
                    1 => node.weight.div_ceil(2),
                    _ => weight(draws),
                }
            }),
            6 => self.with_one(draws, |node, _| node.weight = 0),
            7 => {
                let zone = self.instance.nodes.iter().filter_map(|n| n.path.first()).max();
                let new = zone.map(|zone| zone + 1);
                (0..1 + draws.below(3)).for_each(|_| self.add(new, draws));
            }
            8 => self.rehouse(draws),
            9 | 10 => {
                let r = self.instance.replicas + [2, 0][draws.below(2) as usize] - 1;
                self.instance.replicas = r.clamp(1, self.shape.replicas as usize);
            }
            11 | 12 => {
                if let [first, rest @ ..] = &mut self.instance.caps[..] {
                    let at = draws.below(rest.len() as u64 + 1) as usize;
                    *rest.get_mut(at).unwrap_or(first) = cap(draws);
                }
            }
            _ => self.remove_zone(draws),
        }
    }

    /// Present nodes first, in any order; the ones that left keep an index behind them.
    pub(super) fn done(mut self, draws: &mut Draws) -> Instance {
        let (mut order, left): (Vec<usize>, Vec<usize>) =
            (0..self.left.len()).partition(|&v| !self.left[v]);
        draws.shuffle(&mut order);
        let nodes = order.iter().map(|&v| self.instance.nodes[v].clone()).collect();
        order.extend(left);
        let place = |v: usize| order.iter().position(|&u| u == v).unwrap();
        for v in self.instance.old.iter_mut().flatten().flatten() {
            *v = place(*v);
        }
        self.instance.nodes = nodes;
        self.instance
    }

    fn there(&self) -> Vec<usize> {
        (0..self.left.len()).filter(|&v| !self.left[v]).collect()
    }

    fn any(&self, draws: &mut Draws) -> usize {
        let there = self.there();
        there[draws.below(there.len() as u64) as usize]
    }

    fn with_one(&mut self, draws: &mut Draws, change: impl Fn(&mut NodeSpec, &mut Draws)) {
        let v = self.any(draws);
        change(&mut self.instance.nodes[v], draws);
    }

    /// A node beside some other, or in this outermost domain.
    fn add(&mut self, zone: Option<u32>, draws: &mut Draws) {
        if self.there().len() as u64 >= self.shape.nodes {
            return;
        }
        let mut node = self.instance.nodes[self.any(draws)].clone();
        if let (Some(zone), Some(first)) = (zone, node.path.first_mut()) {
            *first = zone;
        }
        if draws.below(2) == 0 {
            node.weight = weight(draws);
        }
        self.instance.nodes.push(node);
        self.left.push(false);
    }

    fn remove(&mut self, draws: &mut Draws) {
        if self.there().len() > 1 {
            let v = self.any(draws);
            self.left[v] = true;
        }
    }

    fn remove_zone(&mut self, draws: &mut Draws) {
        let zone = self.instance.nodes[self.any(draws)].path.first().copied();
        for v in self.there() {
            if zone.is_some() && self.instance.nodes[v].path.first().copied() == zone {
                self.left[v] = self.there().len() > 1;
            }
        }
    }

    /// A node goes to another domain at one of its levels.
    pub(super) fn rehouse(&mut self, draws: &mut Draws) {
        self.with_one(draws, |node, draws| {
            let levels = node.path.len() as u64;
            if let Some(name) = node.path.get_mut(draws.below(levels) as usize) {
                *name = draws.below(6) as u32;
            }
        });
    }
}
