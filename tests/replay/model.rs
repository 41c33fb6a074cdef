//! A naive model of a locator: a plain list of nodes, everything else computed anew each time.

use super::formulas::{self, Entry, Point};
use super::input::Input;
use apportion::bucket::{flip, jump, jump_back, jump_guava};
use apportion::ring::RingConfig;
use apportion::{Algorithm, KeyHash, Node};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Member {
    pub name: String,
    pub weight: u64,
    pub zone: Option<String>,
}

impl Member {
    pub fn read(input: &mut Input<'_>, weight: u64) -> Self {
        // Few names, so that they meet again; some spell awkward labels.
        let name = match input.below(32) {
            0 => String::new(),
            1 => "\0".into(),
            2 => "n".into(),
            i => format!("n{i}"),
        };
        let zone = [None, None, None, Some("z0"), Some("z1")];
        Self { name, weight, zone: input.pick(&zone).map(Into::into) }
    }

    pub fn node(&self) -> Node<String> {
        let node = Node::new(self.name.clone()).weight(self.weight);
        self.zone.iter().fold(node, |node, zone| node.domain("zone", zone))
    }
}

/// An algorithm with the numbers of its configuration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Ring { points_per_node: u32, scale: Option<(u64, u64)>, budget: u64 },
    Jump,
    JumpGuava,
    JumpBack,
    Flip,
    Rendezvous,
    WeightedRendezvous,
}

impl Kind {
    /// Rings are kept small.
    pub fn read(input: &mut Input<'_>) -> Self {
        match input.below(9) {
            8 => Self::Flip,
            0 => Self::Jump,
            1 => Self::JumpGuava,
            2 => Self::JumpBack,
            3 => Self::Rendezvous,
            4 => Self::WeightedRendezvous,
            5 => {
                let scale = (input.number().clamp(1, 300), input.number().max(1));
                Self::Ring { points_per_node: 160, scale: Some(scale), budget: 300 }
            }
            _ => Self::Ring {
                points_per_node: 1 + input.below(20) as u32,
                scale: None,
                budget: 1 + u64::from(input.byte()),
            },
        }
    }

    pub fn algorithm(&self) -> Algorithm {
        match *self {
            Self::Ring { points_per_node, scale, budget } => {
                let config = RingConfig::default().points_per_node(points_per_node).budget(budget);
                Algorithm::Ring(scale.map_or(config.clone(), |(p, w)| config.scale(p, w)))
            }
            Self::Jump => Algorithm::Jump,
            Self::JumpGuava => Algorithm::JumpGuava,
            Self::JumpBack => Algorithm::JumpBack,
            Self::Flip => Algorithm::Flip,
            Self::Rendezvous => Algorithm::Rendezvous,
            Self::WeightedRendezvous => Algorithm::WeightedRendezvous,
        }
    }

    pub fn has_weights(&self) -> bool {
        matches!(self, Self::Ring { .. } | Self::WeightedRendezvous)
    }

    /// A ring's scale over nodes of these weights; `None` as long as none is live.
    pub fn scale(&self, weights: &[u64]) -> Option<(u64, u64)> {
        match *self {
            Self::Ring { scale: Some((points, weight)), .. } => {
                (points > 0 && weight > 0).then(|| ratio(points, weight))
            }
            Self::Ring { points_per_node, budget, .. } => {
                let live = weights.iter().filter(|w| **w > 0).count() as u64;
                let wanted = u128::from(points_per_node) * u128::from(live);
                let wanted = wanted.min(u128::from(budget));
                let total = weights.iter().copied().map(u128::from).sum();
                let first = lowest_terms(wanted, total)?;
                // Light nodes need a point each: the largest scale that fits.
                let all = |scale| weights.iter().map(|w| formulas::points_of(*w, scale)).sum();
                let fits = |scale: &(u64, u64)| u128::from(budget) >= all(*scale);
                let whole = (0..).map(|bits| total >> bits).find_map(|w| u64::try_from(w).ok())?;
                let mut lower = (1..=wanted as u64).rev().map(|points| ratio(points, whole));
                fits(&first)
                    .then_some(first)
                    .or_else(|| lower.clone().find(fits))
                    .or(lower.next_back())
            }
            _ => None,
        }
    }

    fn numbers(&self) -> bool {
        matches!(self, Self::Jump | Self::JumpGuava | Self::JumpBack | Self::Flip)
    }
}

/// What decides answers: the nodes, a ring's scale, the numbering of a jump hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Model {
    pub kind: Kind,
    pub nodes: Vec<Member>,
    pub scale: Option<(u64, u64)>,
    pub order: Vec<String>,
}

impl Model {
    /// `None` where a locator has to refuse.
    pub fn fresh(kind: &Kind, nodes: Vec<Member>) -> Option<Self> {
        let order = nodes.iter().filter(|m| m.weight > 0 && kind.numbers());
        let order = order.map(|m| m.name.clone()).collect();
        Self { kind: kind.clone(), nodes, scale: None, order }.checked()
    }

    /// The model of the next node list; nodes that begin to be live are numbered in the order of
    /// `joining`.
    pub fn with(&self, nodes: Vec<Member>, mut joining: Vec<String>) -> Option<Self> {
        let mut next = Self { nodes, ..self.clone() };
        if self.kind.numbers() {
            let left = self.order.iter().take_while(|name| next.weight(name) > 0).count();
            if self.order[left..].iter().any(|name| next.weight(name) > 0) {
                return None; // only the last buckets can go
            }
            next.order.truncate(left);
            joining.retain(|name| self.weight(name) == 0 && next.weight(name) > 0);
            next.order.append(&mut joining);
        }
        next.checked()
    }

    fn checked(mut self) -> Option<Self> {
        let twice = |(i, a): (usize, &Member)| self.nodes[..i].iter().any(|b| a.name == b.name);
        if self.nodes.iter().enumerate().any(twice) {
            return None;
        }
        let weights: Vec<u64> = self.nodes.iter().map(|m| m.weight).collect();
        if let Kind::Ring { budget, .. } = self.kind {
            self.scale = self.scale.or_else(|| self.kind.scale(&weights));
            let points = |w: &u64| self.scale.map_or(0, |scale| formulas::points_of(*w, scale));
            if weights.iter().map(points).sum::<u128>() > u128::from(budget) {
                return None;
            }
        } else if !self.kind.has_weights() {
            let mut live = weights.iter().filter(|w| **w > 0);
            let first = live.next();
            if live.any(|w| Some(w) != first) {
                return None;
            }
        }
        Some(self)
    }

    pub fn weight(&self, name: &str) -> u64 {
        self.nodes.iter().find(|m| m.name == name).map_or(0, |m| m.weight)
    }

    pub fn live(&self) -> usize {
        self.nodes.iter().filter(|m| m.weight > 0).count()
    }

    fn entries(&self) -> Vec<Entry> {
        let named = |(at, m): (usize, &Member)| Entry::named(at, m.name.as_bytes(), m.weight);
        self.nodes.iter().enumerate().map(named).filter(|e| e.weight > 0).collect()
    }

    pub fn points(&self) -> Vec<Point> {
        self.scale.map_or(Vec::new(), |scale| formulas::ring_points(&self.entries(), scale))
    }

    /// All live nodes in a key's order of preference; `points` are those of the model.
    pub fn holders(&self, points: &[Point], key: KeyHash) -> Vec<&str> {
        let bucket = |bucket: u32| {
            let n = self.order.len();
            let order = formulas::bucket_order(key, n, bucket as usize);
            order.into_iter().filter_map(|b| self.order.get(b)).map(String::as_str).collect()
        };
        let places = |entries: Vec<Entry>| entries.into_iter().map(|e| e.at).collect();
        let n = self.order.len() as u32;
        let order: Vec<usize> = match self.kind {
            Kind::Jump => return bucket(jump(key, n)),
            Kind::JumpGuava => return bucket(jump_guava(key, n)),
            Kind::JumpBack => return bucket(jump_back(key, n)),
            Kind::Flip => {
                let end = u64::from(n.saturating_sub(1));
                return bucket(flip(key, 0, end) as u32);
            }
            Kind::Ring { .. } => formulas::ring_order(points, key),
            Kind::Rendezvous => places(formulas::by_draw(key, self.entries())),
            Kind::WeightedRendezvous => places(formulas::by_logarithm(key, self.entries())),
        };
        order.into_iter().map(|at| self.nodes[at].name.as_str()).collect()
    }

    /// The same nodes, given to a fresh value in this order, with the scale that is state now.
    pub fn rebuilt(&self, turn: usize) -> Self {
        let mut fresh = self.clone();
        if let (Kind::Ring { scale, .. }, Some(now)) = (&mut fresh.kind, self.scale) {
            *scale = Some(now);
        }
        let place = |m: &Member| self.order.iter().position(|name| *name == m.name);
        if self.kind.numbers() {
            fresh.nodes.sort_by_key(place);
        } else {
            fresh.nodes.rotate_left(turn % self.nodes.len().max(1));
        }
        fresh
    }

    /// What a fingerprint has to tell apart, and nothing else: a constant scale decides alone, and
    /// the budget decides about later changes.
    pub fn deciding(&self) -> Self {
        let mut decides = self.clone();
        decides.nodes.sort();
        if let Kind::Ring { points_per_node, scale: Some(_), .. } = &mut decides.kind {
            *points_per_node = 0;
        }
        decides
    }
}

fn ratio(points: u64, weight: u64) -> (u64, u64) {
    let (mut a, mut b) = (points, weight);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (points / a, weight / a)
}

/// A ring's scale for this many points over a total weight: in lowest terms, halved until both fit
/// 64 bits.
fn lowest_terms(points: u128, total: u128) -> Option<(u64, u64)> {
    let (mut a, mut b) = (points, total);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    let (mut points, mut weight) = (points.checked_div(a)?, total / a);
    while u64::try_from(points.max(weight)).is_err() {
        (points, weight) = ((points / 2).max(1), weight / 2);
    }
    Some(ratio(points as u64, weight as u64))
}
