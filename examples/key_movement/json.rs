//! Prints the outcome as one JSON object, with its members in a fixed order.

use crate::chance::chance;
use crate::cluster::{Member, Plan};
use crate::measure::{Outcome, Row};
use apportion::analysis::ChiSquared;
use apportion::analysis::{Balance, KeyFlow, MoveReport};
use serde_json::Value;

/// What is left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Members {
    All,
    /// Without times, which differ from run to run, and without flows.
    Figures,
}

pub(crate) fn write(
    plan: &Plan,
    replicas: usize,
    outcome: &Outcome<'_>,
    members: Members,
) -> String {
    let mut out = object(&[
        ("keys", number(outcome.keys)),
        ("bytes", number(outcome.bytes)),
        ("replicas", number(replicas as u64)),
        ("before", array(plan.before.iter().map(node))),
        ("after", array(plan.after.iter().map(node))),
        ("algorithms", array(outcome.rows.iter().map(|found| row(found, members)))),
    ]);
    out.push('\n');
    out
}

fn node(member: &Member) -> String {
    object(&[("id", text(&member.name)), ("weight", number(member.weight))])
}

/// An algorithm that cannot make the change has the same members with null values.
fn row(row: &Row<'_>, members: Members) -> String {
    let counted = row.counted.as_ref().ok();
    let reason = row.counted.as_ref().err().map(|reason| text(reason));
    let movement = counted.map(|c| &c.movement);
    let flows = movement.map(MoveReport::flows).unwrap_or_default();
    let mut all = vec![
        ("name", text(row.name)),
        ("supported", Value::from(counted.is_some()).to_string()),
        ("reason", reason.unwrap_or_else(null)),
        ("moved_keys", movement.map_or_else(null, |m| number(m.moved()))),
        ("moved_bytes", movement.map_or_else(null, |m| number(m.moved_bytes()))),
        ("moved_fraction", float(movement.map(MoveReport::moved_fraction))),
        ("ideal_fraction", float(movement.map(MoveReport::ideal))),
        ("minimum_fraction", float(movement.map(MoveReport::minimum))),
        ("excess", float(movement.and_then(MoveReport::excess))),
        ("old_to_old", movement.map_or_else(null, |m| number(m.moved_between_unchanged()))),
        ("balance_before", movement.map_or_else(null, |m| balance(m.before()))),
        ("balance_after", movement.map_or_else(null, |m| balance(m.after()))),
        ("flows", array(flows.iter().map(flow))),
        ("lookup_ns", float(counted.map(|c| c.lookup_ns))),
        ("exact_fraction", float(counted.and_then(|c| c.exact))),
    ];
    if members == Members::Figures {
        all.retain(|(name, _)| !["flows", "lookup_ns"].contains(name));
    }
    object(&all)
}

fn balance(balance: &Balance<'_, String>) -> String {
    object(&[
        ("max_over_mean", float(balance.max_over_quota())),
        ("min_over_mean", float(balance.min_over_quota())),
        ("chi_squared", chance(balance).map_or_else(null, chi_squared)),
    ])
}

fn chi_squared((found, probability): (ChiSquared, f64)) -> String {
    object(&[
        ("statistic", float(Some(found.statistic))),
        ("degrees_of_freedom", number(found.degrees_of_freedom.into())),
        ("probability", float(Some(probability))),
    ])
}

fn flow(flow: &KeyFlow<'_, String>) -> String {
    let end = |node: Option<&String>| node.map_or_else(null, |name| text(name));
    object(&[
        ("from", end(flow.from)),
        ("to", end(flow.to)),
        ("keys", number(flow.keys)),
        ("bytes", number(flow.bytes)),
    ])
}

/// Written by hand, because `serde_json`'s map would sort the members.
fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn text(text: &str) -> String {
    Value::from(text).to_string()
}

fn number(n: u64) -> String {
    n.to_string()
}

/// JSON has no infinite numbers: null stands for them.
fn float(x: Option<f64>) -> String {
    Value::from(x).to_string()
}

fn null() -> String {
    Value::Null.to_string()
}
