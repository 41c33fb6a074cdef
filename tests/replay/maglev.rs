//! Maglev tables beside the paper's own construction: who holds which entry, how many each node
//! holds, what a change moves entry by entry, and which sizes are refused.

use super::formulas::{Entry, maglev_table};
use super::input::Input;
use super::maglev_diff;
use super::model::Member;
use apportion::maglev::MaglevConfig;
use apportion::placement::Build;
use apportion::{Candidates, Error, KeyHash, Locator, Maglev, NodeIdx, Placement, Topology, Walk};

const NODES: u8 = 24;
/// Small: every entry is looked at, many times.
const SIZES: [u32; 12] = [2, 3, 5, 7, 11, 13, 31, 61, 127, 251, 509, 1021];
const LARGEST: u32 = 1 << 26;

pub fn run(data: &[u8]) {
    let mut input = Input(data);
    let size = input.number() as u32;
    let Some(old) = Side::read(&mut input) else { return };
    sizes(size, &old.locator);
    old.check(&mut input);
    let new = match input.below(8) {
        0 => Side::read(&mut input),
        1 => Side::built(&old.nodes, *input.pick(&SIZES)),
        _ => (0..=input.below(3)).try_fold(old.clone(), |side, _| side.step(&mut input)),
    };
    let Some(new) = new else { return };
    new.check(&mut input);
    maglev_diff::check(&old, &new);
    maglev_diff::check(&new, &old);
}

/// A locator, the nodes it was made of, and what the paper makes of them.
#[derive(Clone)]
pub struct Side {
    pub locator: Locator<String, Maglev>,
    pub nodes: Vec<Member>,
    pub size: u32,
    /// Names by entry; none where no node is live.
    pub owners: Vec<String>,
}

impl Side {
    fn read(input: &mut Input<'_>) -> Option<Self> {
        let size = *input.pick(&SIZES);
        let weights = Weights::read(input);
        let mut nodes = Vec::new();
        for _ in 0..input.below(NODES + 1) {
            add(&mut nodes, Member::read(input, 1), weights, input);
        }
        Self::built(&nodes, size)
    }

    fn built(nodes: &[Member], size: u32) -> Option<Self> {
        let topology = Topology::of(nodes.iter().map(Member::node)).unwrap();
        let config = MaglevConfig::default().table_size(size);
        Self::agreed(Locator::maglev_of(topology, config), nodes.to_vec(), size)
    }

    /// `None` where there are more nodes than entries, which the error has to say.
    fn agreed(
        locator: Result<Locator<String, Maglev>, Error>,
        nodes: Vec<Member>,
        size: u32,
    ) -> Option<Self> {
        let live = nodes.iter().filter(|m| m.weight > 0).count();
        if live > size as usize {
            let refused = format!(
                "a Maglev table of {size} entries has room for at most {size} live nodes, got {live}; \
                 use a larger table"
            );
            assert_eq!(locator.unwrap_err().to_string(), refused);
            return None;
        }
        let entry = |(at, m): (usize, &Member)| Entry::named(at, m.name.as_bytes(), m.weight);
        let entries = nodes.iter().enumerate().map(entry).filter(|e| e.weight > 0).collect();
        let table = maglev_table(entries, size as usize);
        let owners = table.into_iter().map(|at| nodes[at].name.clone()).collect();
        Some(Self { locator: locator.unwrap(), nodes, size, owners })
    }

    /// One change; `None` where it is refused.
    fn step(&self, input: &mut Input<'_>) -> Option<Self> {
        let mut nodes = self.nodes.clone();
        let what = input.below(6);
        let weights = Weights::read(input);
        let at = input.below(NODES) % nodes.len().max(1);
        let locator = match (what, nodes.get_mut(at)) {
            (0 | 1, _) | (_, None) => {
                if !add(&mut nodes, Member::read(input, 1), weights, input) {
                    return Some(self.clone());
                }
                self.locator.with_node(nodes.last().unwrap().node())
            }
            (2, _) => self.locator.without(&nodes.remove(at).name),
            (3, Some(node)) => {
                node.weight = weights.next(input);
                self.locator.reweighted(&node.name, node.weight)
            }
            _ => {
                nodes.retain(|_| input.below(4) > 0);
                for _ in 0..input.below(8) {
                    add(&mut nodes, Member::read(input, 1), weights, input);
                }
                self.locator.replaced_by(nodes.iter().map(Member::node))
            }
        };
        Self::agreed(locator, nodes, self.size)
    }

    pub fn live(&self) -> usize {
        self.nodes.iter().filter(|m| m.weight > 0).count()
    }

    /// The first hash of an entry, or of the one behind the last.
    pub fn first(&self, entry: usize) -> u128 {
        ((entry as u128) << 64).div_ceil(self.size.into())
    }

    fn check(&self, input: &mut Input<'_>) {
        let placement = self.locator.placement();
        let members = self.locator.topology().members();
        assert_eq!(placement.table_size(), self.size);
        assert_eq!((placement.live(), placement.slots()), (self.live(), members.slots()));
        assert_eq!(self.table(), self.owners);
        self.shares();
        // The same nodes in another order, without what happened before.
        let mut nodes = self.nodes.clone();
        nodes.reverse();
        let turn = input.below(NODES) % nodes.len().max(1);
        nodes.rotate_left(turn);
        let fresh = Self::built(&nodes, self.size).unwrap();
        assert_eq!(fresh.table(), self.owners);
        assert_eq!(fresh.locator.fingerprint(), self.locator.fingerprint());
        for _ in 0..3 {
            self.lookups(KeyHash::from_hash(input.word()));
        }
        let entry = input.word() as usize % self.size as usize;
        let first = self.first(entry) as u64;
        self.lookups(KeyHash::from_hash(first));
        self.lookups(KeyHash::from_hash(first.wrapping_sub(1)));
    }

    fn name(&self, slot: NodeIdx) -> &str {
        self.locator.topology().get(slot).expect("a slot without a node")
    }

    /// The owners as they are answered, at both ends of every entry.
    fn table(&self) -> Vec<&str> {
        let owner = |hash: u128| {
            let hash = u64::try_from(hash).unwrap();
            let slot = self.locator.placement().locate(KeyHash::from_hash(hash));
            slot.map(|slot| self.name(slot))
        };
        let entries = 0..self.size as usize;
        let ends = entries.map(|i| (owner(self.first(i)), owner(self.first(i + 1) - 1)));
        let same = ends.inspect(|(first, last)| assert_eq!(first, last));
        same.filter_map(|(first, _)| first).collect()
    }

    /// Every entry is somebody's, every live node has one, and they follow the weights.
    fn shares(&self) {
        let (entries, nodes) = (f64::from(self.size), self.live());
        let whole: f64 = self.nodes.iter().map(|m| m.weight as f64).sum();
        let most = self.nodes.iter().map(|m| m.weight).max().unwrap_or_default();
        let equal = self.nodes.iter().all(|m| [0, most].contains(&m.weight));
        let mut sum = 0;
        for member in &self.nodes {
            let slot = self.locator.topology().members().find(member.name.as_bytes()).unwrap();
            let held = self.locator.placement().entries_of(slot);
            assert_eq!(held, self.owners.iter().filter(|name| **name == member.name).count());
            assert_eq!(held > 0, member.weight > 0, "{member:?} holds {held}");
            sum += held;
            if member.weight == 0 {
                continue;
            }
            if equal {
                assert!([0, 1].contains(&(held - self.size as usize / nodes)), "{member:?}");
            }
            // After R whole rounds a node has had R · w / most turns, and up to one more; the last
            // round may have ended early. So has everybody, which is what the quota shares out.
            let weight = member.weight as f64;
            let (quota, turn) = (entries * (weight / whole), weight / most as f64);
            let less = turn + nodes as f64 * (weight / whole);
            let over = held as f64 - quota;
            let within = -less - 1e-6..=1.0 + turn + 1e-6;
            assert!(within.contains(&over), "{member:?} holds {held}, quota {quota}: {within:?}");
        }
        assert_eq!(sum, if nodes > 0 { self.size as usize } else { 0 });
    }

    /// Every way to ask gives the owners from the key's entry on.
    fn lookups(&self, key: KeyHash) {
        let placement = self.locator.placement();
        let start = ((u128::from(key.get()) * u128::from(self.size)) >> 64) as usize;
        let around: Vec<&str> =
            self.owners.iter().cycle().skip(start).take(self.owners.len()).map(|n| &**n).collect();
        let mut walk = Walk::new(key);
        for name in &around {
            let slot = placement.next_candidate(&mut walk).expect("the walk ends early");
            assert_eq!(self.name(slot), *name);
        }
        assert_eq!((0..3).find_map(|_| placement.next_candidate(&mut walk)), None);

        let mut distinct: Vec<&str> = Vec::new();
        for name in around {
            if !distinct.contains(&name) {
                distinct.push(name);
            }
        }
        assert_eq!(distinct.len(), self.live());
        let candidates = Candidates::new(placement, key).map(|slot| self.name(slot));
        assert!(candidates.eq(distinct.iter().copied()), "the candidates differ");
        for k in [0, 1, 2, 3, self.live(), self.live() + 1] {
            let mut out = vec![NodeIdx::default(); k];
            let found = placement.replicas(key, &mut out);
            let names = out[..found].iter().map(|slot| self.name(*slot));
            assert!(names.eq(distinct.iter().copied().take(k)), "k = {k}");
        }
        assert_eq!(placement.locate(key).map(|slot| self.name(slot)), distinct.first().copied());
        let mut one = [NodeIdx::default()];
        let found = placement.locate_batch(&[key.get()], &mut one);
        assert_eq!(one[..found].first().copied(), placement.locate(key));
    }
}

/// Adds a node unless its name is there; says whether it did.
fn add(nodes: &mut Vec<Member>, node: Member, weights: Weights, input: &mut Input<'_>) -> bool {
    let new = nodes.iter().all(|m| m.name != node.name);
    if new {
        nodes.push(Member { weight: weights.next(input), ..node });
    }
    new
}

/// How the weights of a list of nodes are chosen.
#[derive(Clone, Copy)]
enum Weights {
    Equal(u64),
    Small,
    Any,
}

impl Weights {
    fn read(input: &mut Input<'_>) -> Self {
        match input.below(4) {
            0 => Self::Equal(1),
            1 => Self::Equal(input.number()),
            2 => Self::Small,
            _ => Self::Any,
        }
    }

    fn next(self, input: &mut Input<'_>) -> u64 {
        match self {
            Self::Equal(weight) => weight,
            Self::Small => input.below(8) as u64,
            Self::Any => input.number(),
        }
    }
}

/// A size is taken if it is a prime within bounds; otherwise the error names it, and its divisor.
fn sizes(size: u32, nodes: &Locator<String, Maglev>) {
    let build = |topology: &Topology<String>| {
        let built = Maglev::build(&MaglevConfig::default().table_size(size), topology.members());
        built.map(|maglev| maglev.table_size()).map_err(|error| error.to_string())
    };
    let prime = "a Maglev table has a prime number of entries";
    let divisor = (2..).take_while(|d| d * d <= size.min(LARGEST)).find(|d| size % d == 0);
    let expected = match divisor {
        _ if !(2..=LARGEST).contains(&size) => Err(format!("{prime} in 2..={LARGEST}, got {size}")),
        Some(divisor) => Err(format!("{prime}, and {size} is divisible by {divisor}")),
        None => Ok(size),
    };
    // The nearest prime is named besides.
    let named = |found: Result<u32, String>| {
        found.map_err(|error| error.split("; the nearest").next().unwrap_or_default().to_string())
    };
    // Without nodes there is no table, however large it would be.
    assert_eq!(named(build(&Topology::default())), expected);
    if expected.is_err() {
        assert_eq!(named(build(nodes.topology())), expected);
    }
}
