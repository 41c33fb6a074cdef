//! Whether the replicas of a few units can be exchanged one by one within the rules, by trying all orders.

use super::steps::{Case, Rows, domains, rows};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn in_zone<'a>(row: impl IntoIterator<Item = &'a u32>, case: &Case, zone: u32) -> usize {
    row.into_iter().filter(|id| domains(**id, case.zones).0 == zone).count()
}

/// Whether there is an order after these nodes were lost; `None` if `most` states were looked at in vain.
pub(super) fn order_exists(
    case: &Case,
    lost: &BTreeSet<u32>,
    max: u32,
    capacities: &BTreeMap<u32, u64>,
    most: usize,
) -> Option<bool> {
    let migration = case.migration().lost(lost).unwrap();
    let all = migration.steps(&case.rules(u32::MAX)).unwrap();
    let (first, last) = (rows(&all, 0), rows(&all, all.len()));
    let (end, seen) = (case.loads(&last), BTreeSet::new());
    Orders { case, lost, first: &first, last: &last, max, capacities, end, most, seen }.any()
}

/// All orders of the replicas of all units: places in the rows, and copies.
struct Orders<'a> {
    case: &'a Case,
    lost: &'a BTreeSet<u32>,
    first: &'a Rows,
    last: &'a Rows,
    max: u32,
    capacities: &'a BTreeMap<u32, u64>,
    end: BTreeMap<Vec<String>, u64>,
    /// States that are looked at at most.
    most: usize,
    /// States at the beginning of a step and now, which led nowhere.
    seen: BTreeSet<(State, State)>,
}

/// The places and the copies of each unit.
type State = Vec<(BTreeSet<u32>, BTreeSet<u32>)>;

impl Orders<'_> {
    fn distance(&self, state: &State) -> u64 {
        let row = |((extent, _), (places, _)): (&(_, _), &(BTreeSet<u32>, _))| {
            (*extent, places.iter().copied().collect())
        };
        let rows: Rows = self.last.iter().zip(state).map(row).collect();
        self.case.distance(&rows, &self.end, false)
    }

    fn exist(&mut self, start: &State, now: &State, copied: u32) -> bool {
        if self.seen.len() == self.most || !self.seen.insert((start.clone(), now.clone())) {
            return false;
        }
        let may_end = start != now && self.distance(now) <= self.distance(start);
        let last = |unit: usize| -> BTreeSet<u32> { self.last[unit].1.iter().copied().collect() };
        if (0..now.len()).all(|unit| now[unit].0 == last(unit) && now[unit].1 == last(unit)) {
            return may_end || start == now;
        }
        if may_end && self.exist(now, now, 0) {
            return true;
        }
        for unit in 0..now.len() {
            for (to, from) in self.exchanges(unit, &now[unit]) {
                let mut next = now.clone();
                let (places, copies) = &mut next[unit];
                if let Some(from) = from.filter(|from| Some(*from) != to) {
                    places.remove(&from);
                    copies.remove(&from);
                }
                places.extend(to);
                copies.extend(to);
                let copied = copied + u32::from(to.is_some());
                if copied <= self.max
                    && self.is_legal(unit, &next[unit])
                    && to.is_none_or(|to| self.has_room(start, &next, to))
                    && self.exist(start, &next, copied)
                {
                    return true;
                }
            }
        }
        false
    }

    /// A replica that comes, one that goes, or both; and what comes again to its place.
    fn exchanges(
        &self,
        unit: usize,
        (places, copies): &(BTreeSet<u32>, BTreeSet<u32>),
    ) -> Vec<(Option<u32>, Option<u32>)> {
        let last = &self.last[unit].1;
        let come = last.iter().filter(|id| !places.contains(id)).copied().map(Some);
        let go = places.iter().filter(|id| !last.contains(id)).copied().map(Some);
        let (come, go): (Vec<_>, Vec<_>) =
            (come.chain([None]).collect(), go.chain([None]).collect());
        let pairs = come.iter().flat_map(|to| go.iter().map(|from| (*to, *from)));
        let again = last.iter().filter(|id| places.contains(id) && !copies.contains(id));
        let again = again.map(|id| (Some(*id), Some(*id)));
        pairs.filter(|pair| *pair != (None, None)).chain(again).collect()
    }

    fn is_legal(&self, unit: usize, (places, copies): &(BTreeSet<u32>, BTreeSet<u32>)) -> bool {
        let (first, last) = (&self.first[unit].1, &self.last[unit].1);
        let alive = first.iter().filter(|id| !self.lost.contains(id)).count();
        let sizes = first.len().min(last.len())..=first.len().max(last.len());
        let within = |zone| {
            let most = |limit: u32| (limit as usize).max(in_zone(first, self.case, zone));
            self.case.limit.is_none_or(|limit| in_zone(places, self.case, zone) <= most(limit))
        };
        sizes.contains(&places.len())
            && copies.len() >= alive.min(last.len())
            && (0..self.case.zones).all(within)
    }

    /// What the step deletes is held until its end.
    fn has_room(&self, start: &State, next: &State, to: u32) -> bool {
        let holds = |unit: &usize| start[*unit].1.contains(&to) || next[*unit].1.contains(&to);
        let held = (0..next.len()).filter(holds).count() as u64;
        self.capacities.get(&to).is_none_or(|capacity| held <= *capacity)
    }

    /// Whether there is one; `None` if there are too many to tell.
    fn any(mut self) -> Option<bool> {
        let state: State = self
            .first
            .iter()
            .map(|(_, row)| {
                let places: BTreeSet<u32> = row.iter().copied().collect();
                let copies = places.iter().filter(|id| !self.lost.contains(id)).copied().collect();
                (places, copies)
            })
            .collect();
        let found = self.exist(&state, &state, 0);
        (found || self.seen.len() < self.most).then_some(found)
    }
}
