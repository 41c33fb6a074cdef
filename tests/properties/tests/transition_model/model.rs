//! The protocol around a `Transition`: two clients, each with one write, which see calls late; nodes that
//! store writes; a coordinator that moves units, copies and deletes. Every order of their actions is a
//! path of the model.
//!
//! ```text
//!  coordinator  begin ─ copy (read a holder ─ store) ─ switch ─ complete      change, step back, crash
//!                 │                                                            at any point
//!  client         └ refresh … write: store on one node after the other … acknowledged
//! ```
//!
//! The coordinator waits as the documentation of `Transition` asks: before a step of a unit all clients
//! have seen its last one, before a change they have seen everything.

use super::calls::{Call, Calls, Facts, Nodes, PLACEMENTS, UNITS, Unit};
use apportion::migration::PartitionState;
use stateright::{Model, Property};

/// The name of the property for which all this is.
pub(crate) const NOTHING_IS_LOST: &str = "every holder that is read has every acknowledged write";

const NODES: u8 = 4;
const CLIENTS: usize = 2;

/// How often the coordinator changes the target, and what crashes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) changes: u8,
    pub(crate) node_crashes: u8,
    pub(crate) coordinator_crashes: u8,
}

pub(crate) struct Protocol {
    pub(crate) calls: Calls,
    pub(crate) bounds: Bounds,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct State {
    /// The coordinator's transition, which is saved before clients see it.
    truth: u16,
    clients: [Client; CLIENTS],
    /// The writes that each node has: two bits for each unit.
    stores: [u8; NODES as usize],
    acknowledged: u8,
    /// Nodes that do not answer.
    dead: Nodes,
    /// What the coordinator knows to be copied: the new holders of each unit.
    copied: [Nodes; UNITS],
    /// A copy that was read and is not yet stored: unit, destination, and what was read.
    transit: Option<(u8, u8, u8)>,
    /// What may still happen.
    left: [u8; 3],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Client {
    view: u16,
    write: Write,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Write {
    ToCome,
    /// The unit, and the nodes that have not stored it yet.
    UnderWay(u8, Nodes),
    /// Acknowledged, or given up.
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Action {
    Write { client: usize, unit: u8 },
    Store { client: usize, node: u8 },
    GiveUp { client: usize },
    Refresh { client: usize },
    Step(Call),
    ReadCopy { unit: u8, from: u8, to: u8 },
    StoreCopy,
    Delete { unit: u8, node: u8 },
    CrashNode(u8),
    CrashCoordinator,
}

/// The bits of a unit's writes.
fn of_unit(unit: usize) -> u8 {
    0b11 << (2 * unit)
}

fn nodes(set: Nodes) -> impl Iterator<Item = u8> {
    (0..NODES).filter(move |node| set >> node & 1 == 1)
}

impl State {
    /// The same state, or the one in which the clients have changed places: which of them writes what
    /// makes no difference, and only half of the states are left.
    fn representative(self) -> Self {
        let swap = |bits: u8| (bits & 0b0101) << 1 | (bits & 0b1010) >> 1;
        let [first, second] = self.clients;
        let other = Self {
            clients: [second, first],
            stores: self.stores.map(swap),
            acknowledged: swap(self.acknowledged),
            transit: self.transit.map(|(unit, to, read)| (unit, to, swap(read))),
            ..self
        };
        self.min(other)
    }

    /// True if all clients have seen the last step of a unit. A loss they may not have seen.
    fn seen(&self, model: &Protocol, unit: usize) -> bool {
        let reached = |unit: Unit| (unit.state, unit.read & !self.dead, unit.write & !self.dead);
        let truth = reached(model.calls.facts(self.truth).units[unit]);
        let views = self.clients.iter().map(|client| model.calls.facts(client.view).units[unit]);
        views.map(reached).all(|view| view == truth)
    }

    fn all_seen(&self) -> bool {
        self.clients.iter().all(|client| client.view == self.truth)
    }

    /// All views by which somebody reads.
    fn views(&self, model: &Protocol) -> impl Iterator<Item = Facts> {
        let views = self.clients.iter().map(|client| client.view).chain([self.truth]);
        views.map(|view| model.calls.facts(view))
    }

    fn coordinator_actions(&self, model: &Protocol, actions: &mut Vec<Action>) {
        let facts = model.calls.facts(self.truth);
        for (unit, now) in facts.units.iter().enumerate() {
            if !self.seen(model, unit) {
                continue;
            }
            let number = unit as u8;
            let is_held = |node: &u8| self.stores[usize::from(*node)] & of_unit(unit) != 0;
            let gone = nodes(!now.write).filter(is_held);
            actions.extend(gone.map(|node| Action::Delete { unit: number, node }));
            match now.state {
                PartitionState::Waiting => actions.push(Action::Step(Call::Begin(number))),
                PartitionState::Copying => {
                    actions.push(Action::Step(Call::StepBack(number)));
                    if now.new & !self.copied[unit] == 0 {
                        actions.push(Action::Step(Call::Switch(number)));
                    }
                    if self.transit.is_none() {
                        let missing = now.new & !self.copied[unit] & !self.dead;
                        for (to, from) in nodes(missing)
                            .flat_map(|to| nodes(now.read & !self.dead).map(move |from| (to, from)))
                        {
                            actions.push(Action::ReadCopy { unit: number, from, to });
                        }
                    }
                }
                PartitionState::Switched => {
                    actions.push(Action::Step(Call::StepBack(number)));
                    actions.push(Action::Step(Call::Complete(number)));
                }
                PartitionState::Complete => {}
            }
        }
        if self.transit.is_some() {
            actions.push(Action::StoreCopy);
        }
        if self.left[0] > 0 && self.all_seen() {
            let targets = (0..PLACEMENTS.len() as u8).filter(|target| *target != facts.target);
            // The first change adds the node; the second one goes on, or back.
            let targets = targets.filter(|t| self.left[0] < model.bounds.changes || *t == 1);
            actions.extend(targets.map(|target| Action::Step(Call::Change(target))));
        }
        let news = nodes(self.dead).filter(|node| model.is_undeclared(self.truth, *node));
        actions.extend(news.map(|node| Action::Step(Call::Lose(node))));
    }

    /// The state after a call. The coordinator makes none that is refused.
    fn called(mut self, model: &Protocol, call: Call) -> Self {
        let (before, after) = (self.truth, model.calls.after(self.truth, call));
        self.truth = after.unwrap_or_else(|| panic!("{call:?} is refused in {self:?}"));
        let now = model.calls.facts(after.unwrap_or_default()).units;
        let is_waiting = |unit: u8| now[usize::from(unit)].state == PartitionState::Waiting;
        match call {
            Call::Begin(unit) => self.copied[usize::from(unit)] = 0,
            Call::StepBack(unit) if is_waiting(unit) => self.forget(unit),
            Call::Change(target) => {
                self.left[0] -= 1;
                // Copies under way are worth nothing any more.
                (0..UNITS as u8).for_each(|unit| self.forget(unit));
                // A dead node of the new target comes back, empty, if it was declared lost.
                let rows = PLACEMENTS[usize::from(target)];
                let back = rows.iter().flatten().fold(0, |nodes: Nodes, node| nodes | 1 << node);
                let undeclared = |node: &u8| model.is_undeclared(before, *node);
                let waits = nodes(self.dead).filter(undeclared);
                self.dead &= waits.fold(!back, |nodes, node| nodes | 1 << node);
            }
            _ => {}
        }
        self
    }

    fn forget(&mut self, unit: u8) {
        self.copied[usize::from(unit)] = 0;
        if self.transit.is_some_and(|(of, ..)| of == unit) {
            self.transit = None;
        }
    }
}

impl Protocol {
    /// True if a transition has a node and does not know that it is lost.
    fn is_undeclared(&self, transition: u16, node: u8) -> bool {
        let lost = self.calls.after(transition, Call::Lose(node));
        lost.is_some_and(|after| after != transition)
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let Bounds { changes, node_crashes, coordinator_crashes } = self.bounds;
        vec![State {
            truth: 0,
            clients: [Client { view: 0, write: Write::ToCome }; CLIENTS],
            stores: [0; NODES as usize],
            acknowledged: 0,
            dead: 0,
            copied: [0; UNITS],
            transit: None,
            left: [changes, node_crashes, coordinator_crashes],
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (client, Client { view, write }) in state.clients.into_iter().enumerate() {
            match write {
                Write::UnderWay(_, missing) => {
                    let alive = nodes(missing & !state.dead);
                    actions.extend(alive.map(|node| Action::Store { client, node }));
                    actions.push(Action::GiveUp { client });
                }
                Write::ToCome => {
                    let units = 0..UNITS as u8;
                    actions.extend(units.map(|unit| Action::Write { client, unit }));
                }
                Write::Over => {}
            }
            if !matches!(write, Write::UnderWay(..)) && view != state.truth {
                actions.push(Action::Refresh { client });
            }
        }
        state.coordinator_actions(self, actions);
        if state.left[1] > 0 {
            actions.extend(nodes(!state.dead).map(Action::CrashNode));
        }
        if state.left[2] > 0 {
            actions.push(Action::CrashCoordinator);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        match action {
            Action::Write { client, unit } => {
                let Client { view, write } = &mut state.clients[client];
                let all = self.calls.facts(*view).units[usize::from(unit)].write;
                *write = Write::UnderWay(unit, all);
            }
            Action::Store { client, node } => {
                let Write::UnderWay(unit, missing) = state.clients[client].write else {
                    unreachable!()
                };
                let bit = 1 << (2 * unit + client as u8);
                state.stores[usize::from(node)] |= bit;
                let missing = missing & !(1 << node);
                state.clients[client].write = Write::UnderWay(unit, missing);
                if missing == 0 {
                    state.clients[client].write = Write::Over;
                    state.acknowledged |= bit;
                }
            }
            Action::GiveUp { client } => state.clients[client].write = Write::Over,
            Action::Refresh { client } => state.clients[client].view = state.truth,
            Action::Step(call) => state = state.called(self, call),
            Action::ReadCopy { unit, from, to } => {
                let read = state.stores[usize::from(from)] & of_unit(unit.into());
                state.transit = Some((unit, to, read));
            }
            Action::StoreCopy => {
                let (unit, to, read) = state.transit.take()?;
                state.stores[usize::from(to)] |= read;
                state.copied[usize::from(unit)] |= 1 << to;
            }
            Action::Delete { unit, node } => {
                state.stores[usize::from(node)] &= !of_unit(unit.into());
            }
            Action::CrashNode(node) => {
                state.left[1] -= 1;
                state.dead |= 1 << node;
                state.stores[usize::from(node)] = 0;
                state.copied.iter_mut().for_each(|copied| *copied &= !(1 << node));
                if state.transit.is_some_and(|(_, to, _)| to == node) {
                    state.transit = None;
                }
            }
            // What was saved is there again; what was copied is not known any more.
            Action::CrashCoordinator => {
                state.left[2] -= 1;
                let resumed = self.calls.after(state.truth, Call::Resume);
                assert_eq!(resumed, Some(state.truth), "not the transition that was saved");
                (0..UNITS as u8).for_each(|unit| state.forget(unit));
            }
        }
        Some(state.representative())
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NOTHING_IS_LOST, |model: &Self, state: &State| {
                state.views(model).all(|facts| {
                    facts.units.iter().enumerate().all(|(unit, sets)| {
                        let needed = state.acknowledged & of_unit(unit);
                        let read = nodes(sets.read & !state.dead);
                        read.fold(needed, |has, node| has & state.stores[usize::from(node)])
                            == needed
                    })
                })
            }),
            Property::always("a holder survives that is read", |model: &Self, state: &State| {
                let facts = model.calls.facts(state.truth);
                facts.units.iter().all(|unit| unit.read & !state.dead != 0)
            }),
            Property::always("sets fit each other", |model: &Self, state: &State| {
                model.calls.facts(state.truth).units.iter().all(|unit| match unit.state {
                    PartitionState::Waiting | PartitionState::Complete => {
                        unit.write == unit.read && unit.new | unit.old == 0
                    }
                    PartitionState::Copying => {
                        unit.write == unit.read | unit.new && unit.read & unit.new == 0
                    }
                    PartitionState::Switched => {
                        unit.write == unit.read | unit.old && unit.read & unit.old == 0
                    }
                })
            }),
            Property::always(
                "what is complete has exactly the new holders",
                |model: &Self, state: &State| {
                    let facts = model.calls.facts(state.truth);
                    let rows = PLACEMENTS[usize::from(facts.target)];
                    let complete = |unit: &Unit| unit.state == PartitionState::Complete;
                    let units = facts.units.iter().zip(rows);
                    units.filter(|(unit, _)| complete(unit)).all(|(unit, row)| {
                        let row = row.iter().fold(0, |nodes: Nodes, node| nodes | 1 << node);
                        unit.read & !state.dead == row & !state.dead && unit.write == unit.read
                    })
                },
            ),
            Property::sometimes(
                "all is moved, and only the new holders are left",
                |model: &Self, state: &State| {
                    let facts = model.calls.facts(state.truth);
                    let is_held_by = |unit: usize, node: &u8| {
                        state.stores[usize::from(*node)] & of_unit(unit) == of_unit(unit)
                    };
                    let exactly = |(unit, sets): (usize, &Unit)| {
                        let stored = (0..NODES)
                            .filter(|node| state.stores[usize::from(*node)] & of_unit(unit) != 0);
                        stored.fold(0, |nodes: Nodes, node| nodes | 1 << node) == sets.read
                            && nodes(sets.read).all(|node| is_held_by(unit, &node))
                    };
                    state.left == [0; 3]
                        && facts.is_complete
                        && facts.target == model.bounds.changes
                        && state.acknowledged == of_unit(0)
                        && exactly((0, &facts.units[0]))
                },
            ),
            Property::sometimes(
                "clients of two states write at once",
                |model: &Self, state: &State| {
                    let views =
                        state.clients.map(|client| model.calls.facts(client.view).units[0].state);
                    let under_way = state
                        .clients
                        .iter()
                        .all(|client| matches!(client.write, Write::UnderWay(..)));
                    let either = [PartitionState::Waiting, PartitionState::Copying];
                    under_way && either.iter().all(|state| views.contains(state))
                },
            ),
            Property::sometimes(
                "a lost node comes back and holds a unit again",
                |model: &Self, state: &State| {
                    let facts = model.calls.facts(state.truth);
                    let spent = state.left[0] == 0 && state.left[1] == 0;
                    spent && state.dead == 0 && facts.is_complete && state.acknowledged != 0
                },
            ),
        ]
    }
}
