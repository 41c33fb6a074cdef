//! The state that a board saves besides the nodes, checked when it is read.

use super::board::{exponent_for, fault};
use super::config::AsuraConfig;
use super::config::{rest, slots_for};
use super::placement::{Asura, NAME};
use super::slots::{Slots, weight};
use crate::error::{AsuraFault, Error};
use crate::limits::{MAX_ASURA_SLOTS, MAX_NODES};
use crate::node::NodeIdx;
use crate::placement::{RestoreLimit, SavedState, Saves, bounded};
use crate::topology::Members;
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The board.
#[allow(unnameable_types)] // part of a saved form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsuraState {
    /// The binary logarithm of the number of slots.
    exponent: u32,
    /// The weight of a full slot, as a power of two; absent as long as no node was ever live.
    unit: Option<u32>,
    /// The requested exponent.
    asked_exponent: Option<u32>,
    /// The requested unit of weight.
    asked_unit: Option<u64>,
    /// Darts before the fallback.
    darts: u16,
    /// The node of each slot, null for a free one.
    #[serde(serialize_with = "write_slots", deserialize_with = "read_slots")]
    slots: Vec<Option<NodeIdx>>,
    /// Slots that are taken and not full, in order: one for the rest of each weight.
    #[serde(deserialize_with = "rests")]
    rests: Vec<u32>,
}

/// An entry of the list of slots, in the four bytes of a slot of a node.
struct SavedSlot(Option<NodeIdx>);

impl<'de> Deserialize<'de> for SavedSlot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Some(slot) = Option::<u32>::deserialize(from)? else { return Ok(Self(None)) };
        // No slot of a node has this number.
        Ok(Self(Some(NodeIdx::new(slot))))
    }
}

fn write_slots<S: Serializer>(slots: &[Option<NodeIdx>], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(slots.iter().map(|slot| slot.map(NodeIdx::get)))
}

fn read_slots<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Option<NodeIdx>>, D::Error> {
    let slots: Vec<SavedSlot> = bounded(from, "slots", MAX_ASURA_SLOTS)?;
    Ok(slots.into_iter().map(|SavedSlot(slot)| slot).collect())
}

/// The slots with the rest of a weight, one a node.
fn rests<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u32>, D::Error> {
    bounded(from, "rests", MAX_NODES)
}

impl SavedState for AsuraState {
    fn algorithm(&self) -> &'static str {
        NAME
    }
}

impl Saves for Asura {
    type State = AsuraState;

    fn algorithm() -> Cow<'static, str> {
        NAME.into()
    }

    fn save(&self) -> AsuraState {
        AsuraState {
            exponent: self.board.exponent(),
            unit: self.unit,
            asked_exponent: self.config.get_board(),
            asked_unit: self.config.get_unit(),
            darts: self.board.darts(),
            slots: self.nodes.to_vec(),
            rests: self.board.rests().collect(),
        }
    }

    fn restore(state: AsuraState, members: &Members, _: RestoreLimit) -> Result<Self, Error> {
        let AsuraState { exponent, unit, asked_exponent, asked_unit, darts, slots, rests } = state;
        if let Some(unit) = unit.filter(|unit| *unit >= u64::BITS) {
            return fault(AsuraFault::SavedUnit { unit });
        }
        // The exponent may differ from any that can be requested, because the board may have grown.
        AsuraConfig::default().board(exponent).check()?;
        let config = AsuraConfig::asked(asked_unit, asked_exponent, darts);
        config.check()?;
        if asked_exponent.is_some_and(|asked| asked > exponent)
            || asked_unit.is_some_and(|asked| Some(asked.ilog2()) != unit)
        {
            return fault(AsuraFault::SavedConfig);
        }
        let slots = Slots::checked(slots, &rests, unit, members)?;
        let taken = slots.nodes.len();
        if exponent_for(taken) > exponent {
            return fault(AsuraFault::BoardTooSmall { exponent, slots: taken as u64 });
        }
        Self::new(config, exponent, (unit, slots), members)
    }
}

impl Slots {
    /// Slots of live nodes, as many as their weights ask for.
    pub(super) fn checked(
        nodes: Vec<Option<NodeIdx>>,
        rests: &[u32],
        unit: Option<u32>,
        members: &Members,
    ) -> Result<Self, Error> {
        let mut has = vec![0_u64; members.slots()];
        for node in nodes.iter().flatten() {
            match has.get_mut(node.index()) {
                Some(count) => *count += 1,
                None => return fault(AsuraFault::SavedNode { node: node.get() }),
            }
        }
        for (node, has) in (0..).map(NodeIdx::new).zip(has) {
            let wanted = match (weight(members, node), unit) {
                (0, _) => 0,
                (weight, Some(unit)) => slots_for(weight, unit),
                (_, None) => return fault(AsuraFault::SavedNoUnit { node: node.get() }),
            };
            if has != wanted {
                return fault(AsuraFault::SavedSlots { node: node.get(), has, wanted });
            }
        }
        match nodes.last() {
            Some(None) => fault(AsuraFault::SavedHole { slot: nodes.len() - 1 }),
            _ => Self { nodes, rests: Vec::new() }.with_rests(rests, unit, members),
        }
    }

    /// One slot for the rest of each node that has one.
    fn with_rests(
        mut self,
        slots: &[u32],
        unit: Option<u32>,
        members: &Members,
    ) -> Result<Self, Error> {
        let has_rest = |node| unit.is_some_and(|unit| rest(weight(members, node), unit) > 0);
        let known = |of: &Self, node: NodeIdx| of.rests.get(node.index()).copied().flatten();
        for slot in slots {
            let node = self.nodes.get(*slot as usize).copied().flatten();
            match node.filter(|node| has_rest(*node) && known(&self, *node).is_none()) {
                Some(node) => self.set_rest(node, *slot),
                None => return fault(AsuraFault::SavedRest { slot: *slot }),
            }
        }
        match members.iter_live().find(|node| has_rest(*node) && known(&self, *node).is_none()) {
            Some(node) => fault(AsuraFault::SavedNoRest { node: node.get() }),
            None => Ok(self),
        }
    }
}
