//! The balance of a ring against its number of points.

use crate::chart::{Axis, Chart, Line};
use apportion::ring::RingConfig;
use apportion::{Error, Locator, Topology};

const NODES: [u64; 3] = [10, 100, 1000];
const POINTS: [u64; 9] = [10, 20, 40, 80, 160, 320, 640, 1280, 2560];

pub(crate) fn svg() -> Result<String, String> {
    chart().map(|chart| chart.svg()).map_err(|e| e.to_string())
}

fn chart() -> Result<Chart, Error> {
    let line = |nodes: u64| -> Result<Line, Error> {
        let point = |points| Ok((points as f64, fullest(nodes, points)?));
        let points = POINTS.into_iter().map(point).collect::<Result<_, Error>>()?;
        Ok(Line { name: format!("fullest of {nodes} nodes"), points })
    };
    let lines = NODES.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let at_160 = |line: &Line| format!("{:.2}", line.points[4].1);
    let label = format!(
        "The share of the fullest node in multiples of the mean falls with the number of points: with \
         160 points it is {}",
        lines
            .iter()
            .zip(NODES)
            .map(|(l, n)| format!("{} of {n} nodes", at_160(l)))
            .collect::<Vec<_>>()
            .join(", ")
    );
    let ticks = |values: &[f64]| values.iter().map(|v| (*v, v.to_string())).collect();
    Ok(Chart {
        title: "Balance of a ring: exact shares of nodes n0, n1, … of weight 1".to_owned(),
        x: Axis { title: "points to a node", ticks: ticks(&POINTS.map(|p| p as f64)) },
        y: Axis { title: "share / mean", ticks: ticks(&[1.0, 1.1, 1.2, 1.4, 1.7, 2.0, 2.5]) },
        lines,
        label,
    })
}

/// The largest share in multiples of the mean.
fn fullest(nodes: u64, points: u64) -> Result<f64, Error> {
    let names = (0..nodes).map(|i| format!("n{i}"));
    let config = RingConfig::default().scale(points, 1);
    let ring = Locator::ring_of(Topology::new(names)?, config)?;
    let mut shares = vec![0_u128; ring.len()];
    for arc in ring.placement().arcs() {
        shares[arc.owner.index()] += arc.len();
    }
    let most = shares.into_iter().max().unwrap_or(0);
    Ok(most as f64 / 2_f64.powi(64) * nodes as f64)
}
