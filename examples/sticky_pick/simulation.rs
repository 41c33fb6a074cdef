//! The nodes, the gateways, and the policies that are compared.

use crate::cache::Cache;
use crate::traffic::{Random, Zipf};
use apportion::bounded::{LoadFactor, LoadLimit, NodeLoads};
use apportion::{Error, Locator, NodeIdx};
use std::collections::VecDeque;

pub(crate) const NODES: usize = 16;
pub(crate) const GATEWAYS: usize = 4;
pub(crate) const KEYS: u32 = 100_000;
/// Keys in the cache of a node.
pub(crate) const CACHED: u32 = 2_000;
/// One request arrives in each tick. A hit takes this many ticks, a miss more.
pub(crate) const TICKS: [u64; 2] = [600, 3000];

const FACTOR: LoadFactor = LoadFactor::checked(5, 4).unwrap();

#[derive(Clone, Copy)]
pub(crate) enum Policy {
    /// Always the preferred node.
    Hashing,
    /// The node with the fewest requests of this gateway; of equal ones a random one.
    LeastLoaded,
    /// A pick under 5/4 of the fair share and a margin, by gateways that each see their own requests.
    Own { margin: u64 },
    /// The same, where the gateways share one count of requests.
    Shared { margin: u64 },
}

impl Policy {
    pub(crate) const ALL: [Self; 8] = [
        Self::Hashing,
        Self::Own { margin: 64 },
        Self::Own { margin: 32 },
        Self::Own { margin: 16 },
        Self::Own { margin: 0 },
        Self::Shared { margin: 16 },
        Self::Shared { margin: 0 },
        Self::LeastLoaded,
    ];

    pub(crate) fn name(self) -> String {
        match self {
            Self::Hashing => "plain hashing".to_owned(),
            Self::LeastLoaded => "least loaded".to_owned(),
            Self::Own { margin: 0 } => "pick, 5/4 alone".to_owned(),
            Self::Shared { margin: 0 } => "pick, 5/4 alone, shared loads".to_owned(),
            Self::Own { margin } => format!("pick, 5/4, margin {margin}"),
            Self::Shared { margin } => format!("pick, 5/4, margin {margin}, shared loads"),
        }
    }
}

/// What a policy led to, from a tenth of the requests on.
#[derive(Default)]
pub(crate) struct Figures {
    counted: u64,
    spilled: u64,
    hits: u64,
    /// The sum over all ticks of the highest load over the mean load, in thousandths.
    highest: u64,
    /// The highest number of requests on a node at any time.
    pub(crate) peak: u64,
}

impl Figures {
    /// The highest load over the mean, spilled requests and hits, in hundredths, per mille and per mille.
    pub(crate) fn scaled(&self) -> [u64; 3] {
        let rounded =
            |part: u64, scale: u64| (part * scale + self.counted / 2) / self.counted.max(1);
        [(rounded(self.highest, 1) + 5) / 10, rounded(self.spilled, 1000), rounded(self.hits, 1000)]
    }

    pub(crate) fn shown(&self) -> [String; 3] {
        let [load, spilled, hits] = self.scaled();
        let tenths = |n: u64| format!("{}.{}", n / 10, n % 10);
        [format!("{}.{:02}", load / 100, load % 100), tenths(spilled), tenths(hits)]
    }
}

/// What all policies share.
pub(crate) struct World {
    keys: Zipf,
    /// The candidates of each key.
    orders: Vec<[NodeIdx; NODES]>,
}

/// The requests in flight that one gateway sees, or all of them.
#[derive(Clone, Default)]
struct View {
    loads: [u64; NODES],
    total: u64,
}

impl World {
    pub(crate) fn new() -> Result<Self, Error> {
        let pool = Locator::rendezvous(0..NODES as u64)?;
        let order = |key: u32| {
            let mut order = [NodeIdx::default(); NODES];
            for (place, (node, _)) in order.iter_mut().zip(pool.candidates(&key)) {
                *place = node;
            }
            order
        };
        Ok(Self { keys: Zipf::new(KEYS), orders: (0..KEYS).map(order).collect() })
    }

    pub(crate) fn run(&self, policy: &Policy, requests: u64) -> Figures {
        let mut random = Random(2026);
        let mut caches: Vec<Cache> = (0..NODES).map(|_| Cache::new(KEYS, CACHED)).collect();
        let views = if matches!(policy, Policy::Shared { .. }) { 1 } else { GATEWAYS };
        let mut views = vec![View::default(); views];
        // Hits and misses that are under way: when they end, where, and in whose view.
        let mut ends: [VecDeque<(u64, usize, usize)>; 2] = Default::default();
        let mut loads = [0_u64; NODES];
        let mut figures = Figures::default();
        for now in 0..requests {
            for queue in &mut ends {
                while let Some((_, node, view)) = due(queue, now) {
                    loads[node] -= 1;
                    views[view].loads[node] -= 1;
                    views[view].total -= 1;
                }
            }
            let key = self.keys.key(&mut random);
            let gateway = random.below(GATEWAYS as u64) as usize % views.len();
            let tie = random.below(NODES as u64) as usize;
            let order = &self.orders[key as usize];
            let node = policy.pick(order, &views[gateway], tie).index();
            let hit = caches[node].hit(key);
            loads[node] += 1;
            views[gateway].loads[node] += 1;
            views[gateway].total += 1;
            let queue = usize::from(!hit);
            ends[queue].push_back((now + TICKS[queue], node, gateway));

            if now >= requests / 10 {
                let highest = loads.iter().copied().max().unwrap_or(0);
                let in_flight: u64 = loads.iter().sum();
                figures.counted += 1;
                figures.hits += u64::from(hit);
                figures.spilled += u64::from(node != order[0].index());
                figures.highest += highest * NODES as u64 * 1000 / in_flight;
                figures.peak = figures.peak.max(highest);
            }
        }
        figures
    }
}

impl Policy {
    fn pick(self, order: &[NodeIdx; NODES], view: &View, tie: usize) -> NodeIdx {
        let (margin, gateways) = match self {
            Self::Hashing => return order[0],
            Self::LeastLoaded => {
                let nodes = (0..NODES).map(|at| (at + tie) % NODES);
                let least = nodes.min_by_key(|node| view.loads[*node]).unwrap_or(0);
                return NodeIdx::new(least as u32);
            }
            Self::Own { margin } => (margin, GATEWAYS as u32),
            Self::Shared { margin } => (margin, 1),
        };
        let limit = LoadLimit::new(FACTOR).margin(margin).one_of(gateways);
        let load = |node: NodeIdx| view.loads[node.index()];
        let loads = NodeLoads::equal(NODES as u32, load, view.total);
        limit.pick(order.iter().copied(), 1, loads).map_or(order[0], |picked| picked.node())
    }
}

/// The first entry, if it ends by now.
fn due(queue: &mut VecDeque<(u64, usize, usize)>, now: u64) -> Option<(u64, usize, usize)> {
    if queue.front()?.0 <= now { queue.pop_front() } else { None }
}
