//! The nodes, and the one that joins next.

use crate::peer::Peer;
use apportion::Node;
use apportion::limits::MAX_NODES;
use std::collections::HashSet;
use std::net::SocketAddr;

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) weight: u32,
}

impl Member {
    /// The node in apportion's form, labelled by its name.
    pub(crate) fn node(&self) -> Node<String> {
        Node::new(self.name.clone()).weight(self.weight.into())
    }
}

/// The requested nodes: a number of them with the option that gave it, or named ones.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) nodes: Option<(&'static str, usize)>,
    pub(crate) named: Vec<Member>,
}

/// The nodes, and the crate that places keys on them before the change.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) from: Peer,
    pub(crate) members: Vec<Member>,
    /// The node that joins, with the weight of the last one.
    pub(crate) joining: Member,
}

impl Request {
    /// Checks the nodes against the crate's limits.
    pub(crate) fn cluster(self, from: Peer) -> Result<Cluster, String> {
        let most = from.most_nodes().min(MAX_NODES) - 1;
        let members: Vec<Member> = match self.nodes {
            Some((option, n)) if n > most => {
                return Err(format!("{option} {n}: more than {most}, and one more is to join"));
            }
            Some((_, n)) => {
                (0..n).map(|i| Member { name: generated(from, i), weight: 1 }).collect()
            }
            None if self.named.len() > most => {
                let n = self.named.len();
                return Err(format!(
                    "--node: {n} nodes are more than {most}, and one more is to join"
                ));
            }
            None => self.named,
        };
        let mut names = HashSet::new();
        for member in &members {
            if !names.insert(&*member.name) {
                return Err(format!("--node {:?}: given twice", member.name));
            }
            if member.weight != 1 && !from.has_weights() {
                let (name, weight) = (&member.name, member.weight);
                return Err(format!("--node \"{name}={weight}\": {} has no weights", from.name()));
            }
        }
        let mut free = (members.len()..).map(|i| generated(from, i));
        let name = free.find(|name| !names.contains(&**name)).unwrap_or_default();
        let weight = members.last().map_or(1, |member| member.weight);
        Ok(Cluster { from, joining: Member { name, weight }, members })
    }
}

impl Cluster {
    /// The nodes after the next one joined.
    pub(crate) fn grown(&self) -> Vec<Member> {
        self.members.iter().chain([&self.joining]).cloned().collect()
    }

    /// The quota of each node, as a share of the keys.
    pub(crate) fn shares(&self) -> impl Iterator<Item = f64> {
        let total = self.total();
        self.members.iter().map(move |member| f64::from(member.weight) / total)
    }

    /// The quota of the next node, as a share of the keys.
    pub(crate) fn joining_share(&self) -> f64 {
        let weight = f64::from(self.joining.weight);
        weight / (self.total() + weight)
    }

    fn total(&self) -> f64 {
        self.members.iter().map(|member| f64::from(member.weight)).sum()
    }
}

/// The names n0, n1, …, or the addresses 10.0.0.1:8080, 10.0.0.2:8080, …
fn generated(from: Peer, i: usize) -> String {
    if from != Peer::Ketama {
        return format!("n{i}");
    }
    let [_, high, middle, low] = (i as u32 + 1).to_be_bytes();
    SocketAddr::from(([10, high, middle, low], 8080)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(from: Peer, named: &[(&str, u32)]) -> Result<Cluster, String> {
        let member =
            |(name, weight): &(&str, u32)| Member { name: (*name).into(), weight: *weight };
        Request { nodes: None, named: named.iter().map(member).collect() }.cluster(from)
    }

    #[test]
    fn the_next_node_is_a_new_one() {
        let next = |from, named| cluster(from, named).expect("right").joining;
        assert_eq!(next(Peer::Jump, &[("a", 1)]).name, "n1");
        assert_eq!(next(Peer::Jump, &[("n1", 1)]).name, "n2");
        let heavy = next(Peer::Ketama, &[("10.0.0.2:8080", 1), ("10.0.0.9:80", 3)]);
        assert_eq!((heavy.name.as_str(), heavy.weight), ("10.0.0.3:8080", 3));
    }

    #[test]
    fn addresses_count_on() {
        assert_eq!(generated(Peer::Ketama, 0), "10.0.0.1:8080");
        assert_eq!(generated(Peer::Ketama, 65_535), "10.1.0.0:8080");
    }

    #[test]
    fn shares_follow_weights() {
        let cluster =
            cluster(Peer::Ketama, &[("10.0.0.1:80", 1), ("10.0.0.2:80", 3)]).expect("right");
        assert_eq!(cluster.shares().collect::<Vec<_>>(), [0.25, 0.75]);
        assert_eq!(cluster.joining_share(), 3.0 / 7.0);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |from, named| cluster(from, named).expect_err("wrong");
        assert!(message(Peer::Jump, &[("a", 1), ("a", 1)]).contains("\"a\": given twice"));
        let unweighted = message(Peer::HashRing { vnodes: 1 }, &[("a", 1), ("b", 3)]);
        assert_eq!(unweighted, "--node \"b=3\": hashring has no weights");
        let many = Request { nodes: Some(("--nodes", 65_536)), named: Vec::new() };
        assert!(many.cluster(Peer::Ketama).expect_err("many").contains("--nodes 65536"));
    }
}
