//! Prints the outcome as tables.

use crate::count::{Count, Growth, Tally};
use crate::keys::Source;
use crate::nodes::{Cluster, Member};
use crate::peer::Peer;
use crate::sides::Sides;
use crate::text::{aligned, counted, grouped, percent, short, visible};
use std::fmt::Write;

/// Maximum number of nodes listed.
const NODES: usize = 20;

pub(crate) fn write(cluster: &Cluster, sides: &Sides, count: &Count, source: &Source) -> String {
    let names = [cluster.from.name(), &format!("apportion's {}", sides.algorithm())];
    let mut out = heading(cluster, count, source, names);
    let tables = [whole(cluster, count), nodes(cluster, count), growth(cluster, count, names)];
    for table in tables {
        for line in table {
            out.push_str(&line);
            out.push('\n');
        }
        out.push('\n');
    }
    out.truncate(out.trim_end().len() + 1);
    out
}

fn heading(cluster: &Cluster, count: &Count, source: &Source, [old, new]: [&str; 2]) -> String {
    let (keys, origin) = (counted(count.keys, "key"), visible(&source.origin()));
    let nodes = counted(cluster.members.len() as u64, "node");
    format!("{keys}: {origin}\n{nodes}: from {old} to {new}\n\n")
}

fn whole(cluster: &Cluster, count: &Count) -> Vec<String> {
    let row =
        |what: &str, keys| vec![what.to_owned(), grouped(keys), percent(count.fraction(keys), 2)];
    let mut rows = [row("keep their node", count.agree[0]), row("move", count.moved())];
    rows[0].push(format!("(expected by chance {})", percent(count.by_chance(), 2)));
    let mut lines = aligned(&rows, 1);
    if cluster.from == Peer::Jump {
        let n = cluster.members.len() as u64;
        let [now, next] = count.agree.map(|agree| grouped(count.keys - agree));
        let (n, grown) = (grouped(n), grouped(n + 1));
        lines.push(format!("different buckets: {now} among {n}, {next} among {grown}"));
    }
    lines
}

fn nodes(cluster: &Cluster, count: &Count) -> Vec<String> {
    let head = ["node", "before", "load/quota", "after", "load/quota", "stayed"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let ratio = |x: f64| format!("{x:.2}");
    let members = cluster.members.iter().zip(cluster.shares()).zip(&count.nodes);
    rows.extend(members.take(NODES).map(|((member, share), tally)| {
        let Tally { before, after, stayed } = *tally;
        let of_fair = |keys| ratio(count.fraction(keys) / share);
        let (before, after) =
            ([grouped(before), of_fair(before)], [grouped(after), of_fair(after)]);
        [vec![name(member)], before.to_vec(), after.to_vec(), vec![grouped(stayed)]].concat()
    }));
    let left_out = cluster.members.len().saturating_sub(NODES);
    if left_out > 0 {
        rows.push(vec![format!("… and {} more", grouped(left_out as u64))]);
    }
    let [before, after] = count.fullest(cluster.shares()).map(ratio);
    let none = String::new;
    rows.push(vec!["max load/quota".to_owned(), none(), before, none(), after]);
    aligned(&rows, 1)
}

fn growth(cluster: &Cluster, count: &Count, names: [&str; 2]) -> Vec<String> {
    let fair = percent(cluster.joining_share(), 2);
    let joins = format!("then {} joins, whose fair share is {fair}", name(&cluster.joining));
    let mut rows = vec![["", "moved", "share", "between old nodes"].map(str::to_owned).to_vec()];
    rows.extend(names.iter().zip(&count.growth).map(|(name, Growth { moved, needless })| {
        let share = percent(count.fraction(*moved), 2);
        vec![(*name).to_owned(), grouped(*moved), share, grouped(*needless)]
    }));
    let mut lines = vec![joins];
    lines.extend(aligned(&rows, 1));
    lines
}

fn name(member: &Member) -> String {
    let mut name = short(&member.name);
    if member.weight != 1 {
        // Writing to a string cannot fail.
        let _ = write!(name, "={}", member.weight);
    }
    name
}
