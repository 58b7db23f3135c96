//! Rows as the evaluator sees them, with a note of every slot that is read.

use std::sync::Arc;

use crate::eval::Members;
use crate::eval::view::{Side, Slots as SlotRange, StateView};
use crate::resolve::spec::VariableId;
use crate::value::machine::{Machine, Result};
use crate::value::{Universe, Value};

use super::codec::{decode, held};
use super::slots::{Lookup, Shape, Slots};

/// One or two rows under watch.
pub(super) struct Watch {
    slots: Arc<Slots>,
    universe: &'static Universe,
    /// The dictionaries.
    pub(super) lookup: Lookup,
    rows: [Vec<u32>; 2],
    /// Reads are of interest: else sets are not read by their elements.
    pub(super) selective: bool,
    /// Whole variables put together so far.
    values: [Vec<Option<Value>>; 2],
    /// Slots read, in order; those of the next row come after all slots of the current one.
    pub(super) reads: Vec<u32>,
    seen: Vec<u32>,
    round: u32,
    /// Separate notes inside this one, and how many of them are open.
    inner: Vec<Note>,
    open: usize,
}

/// Slots read since some moment.
struct Note {
    reads: Vec<u32>,
    seen: Vec<u32>,
    round: u32,
}

impl Note {
    fn begin(&mut self) {
        self.reads.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
    }

    #[inline]
    fn read(&mut self, slot: usize) {
        if self.seen[slot] != self.round {
            self.seen[slot] = self.round;
            self.reads.push(slot as u32);
        }
    }
}

impl Watch {
    pub(super) fn new(slots: Arc<Slots>, universe: &'static Universe) -> Self {
        let (count, variables) = (slots.count, slots.shapes.len());
        Self {
            lookup: Lookup::new(slots.clone()),
            slots,
            universe,
            rows: [Vec::new(), Vec::new()],
            selective: false,
            values: [vec![None; variables], vec![None; variables]],
            reads: Vec::new(),
            seen: vec![0; 2 * count],
            round: 0,
            inner: Vec::new(),
            open: 0,
        }
    }

    /// Shows another row.
    pub(super) fn show(&mut self, side: Side, row: &[u32]) {
        let side = side as usize;
        if self.rows[side] == row {
            return;
        }
        for (variable, value) in self.values[side].iter_mut().enumerate() {
            let range = self.slots.range(variable);
            if value.is_some() && self.rows[side][range.clone()] != row[range] {
                *value = None;
            }
        }
        self.rows[side].clear();
        self.rows[side].extend_from_slice(row);
    }

    /// Starts a new note of reads.
    pub(super) fn begin(&mut self) {
        self.open = 0;
        self.reads.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
    }

    /// The row shown.
    pub(super) fn row(&self, side: Side) -> &[u32] {
        &self.rows[side as usize]
    }

    /// Where reads of a row are numbered from.
    #[inline]
    fn offset(&self, side: Side) -> usize {
        if side == Side::Current { 0 } else { self.slots.count }
    }

    fn read(&mut self, side: Side, slots: impl Iterator<Item = usize>) {
        let offset = self.offset(side);
        for slot in slots {
            if self.lookup.is_live(slot) {
                self.read_slot(slot + offset);
            }
        }
    }

    #[inline]
    fn read_slot(&mut self, slot: usize) {
        if self.open > 0 {
            return self.inner[self.open - 1].read(slot);
        }
        if self.seen[slot] != self.round {
            self.seen[slot] = self.round;
            self.reads.push(slot as u32);
        }
    }

    fn content(&self, read: usize) -> u32 {
        let count = self.slots.count;
        if read < count { self.rows[0][read] } else { self.rows[1][read - count] }
    }

    /// A variable of the current row, if it was put together.
    pub(super) fn known(&self, variable: usize) -> Option<Value> {
        self.values[Side::Current as usize][variable].clone()
    }

    /// The dictionaries, and the current row.
    pub(super) fn lookup_and_row(&mut self) -> (&mut Lookup, &[u32]) {
        (&mut self.lookup, &self.rows[Side::Current as usize])
    }

    /// True if the slot was read.
    pub(super) fn was_read(&self, slot: usize) -> bool {
        self.seen[slot] == self.round
    }

    fn whole(&mut self, m: &mut dyn Machine, side: Side, variable: VariableId) -> Result<Value> {
        let index = variable.0 as usize;
        if let Some(value) = &self.values[side as usize][index] {
            return Ok(value.clone());
        }
        let slots = self.slots.clone();
        let (shape, start) = (&slots.shapes[index], slots.starts[index]);
        let value = decode(m, self.universe, &mut self.lookup, shape, start, 0, &self.rows[side as usize])?;
        self.values[side as usize][index] = Some(value.clone());
        Ok(value)
    }

    /// The layout where all indexes lead to, in rows that are as expected.
    fn located(&self, variable: usize, indexes: &[Value]) -> Option<&Shape> {
        if !self.selective || self.slots.is_irregular(variable) {
            return None;
        }
        match indexes {
            [] => Some(&self.slots.shapes[variable]),
            _ => match Self::descend(&self.slots, variable, indexes)? {
                (shape, _, taken) if taken as usize == indexes.len() => Some(shape),
                _ => None,
            },
        }
    }

    /// As deep as indexes lead into a layout: the layout there, its first slot, its depth, indexes used.
    #[inline]
    fn descend<'s>(slots: &'s Slots, variable: usize, indexes: &[Value]) -> Option<(&'s Shape, usize, u32)> {
        if slots.is_irregular(variable) {
            return None;
        }
        let mut shape = &slots.shapes[variable];
        let mut start = slots.starts[variable];
        let mut taken = 0;
        for index in indexes {
            let Shape::Split { domain, parts, offsets, .. } = shape else { break };
            let Some(position) = domain.position(index) else { break };
            start += offsets[position];
            shape = &parts[position];
            taken += 1;
        }
        (taken > 0).then_some((shape, start, taken))
    }
}

impl StateView for Watch {
    fn variable(&mut self, m: &mut dyn Machine, side: Side, variable: VariableId) -> Result<Value> {
        let range = self.slots.range(variable.0 as usize);
        self.read(side, range);
        self.whole(m, side, variable)
    }

    fn part(
        &mut self,
        m: &mut dyn Machine,
        side: Side,
        variable: VariableId,
        indexes: &[Value],
    ) -> Result<Option<(Value, usize)>> {
        let Some((shape, start, taken)) = Self::descend(&self.slots, variable.0 as usize, indexes) else {
            return Ok(None);
        };
        if matches!(shape, Shape::Whole) {
            self.read_slot(self.offset(side) + start);
            if let Some(id) = self.lookup.entry(start, self.rows[side as usize][start]).value() {
                return Ok(Some((self.universe.value(id), taken as usize)));
            }
        } else {
            let count = shape.slots();
            self.read(side, start..start + count);
        }
        let slots = self.slots.clone();
        let Some((shape, start, taken)) = Self::descend(&slots, variable.0 as usize, indexes) else { return Ok(None) };
        let value = decode(m, self.universe, &mut self.lookup, shape, start, taken, &self.rows[side as usize])?;
        Ok(Some((value, taken as usize)))
    }

    fn copy(&mut self, m: &mut dyn Machine, variable: VariableId) -> Result<Value> {
        self.whole(m, Side::Current, variable)
    }

    fn locate(&mut self, variable: VariableId, indexes: &[Value]) -> Option<(SlotRange, usize)> {
        let (shape, start, taken) = Self::descend(&self.slots, variable.0 as usize, indexes)?;
        Some((start..start + shape.slots(), taken as usize))
    }

    fn touch(&mut self, slots: SlotRange) {
        self.read(Side::Current, slots);
    }

    fn is_selective(&self, variable: VariableId) -> bool {
        self.selective && !matches!(self.slots.shapes[variable.0 as usize], Shape::Whole)
    }

    fn domain(&mut self, m: &mut dyn Machine, variable: VariableId, indexes: &[Value]) -> Option<Value> {
        match self.located(variable.0 as usize, indexes)? {
            Shape::Split { domain, .. } => domain.value(m, self.universe),
            _ => None,
        }
    }

    fn members(&mut self, variable: VariableId, indexes: &[Value]) -> Option<Members> {
        match self.located(variable.0 as usize, indexes)? {
            Shape::Atoms { set, .. } => {
                let set = *set;
                Some(self.lookup.members(set))
            }
            _ => None,
        }
    }

    fn held(&mut self, _: &mut dyn Machine, side: Side, _: &Members, slots: &[u32]) -> Result<Value> {
        self.read(side, slots.iter().map(|slot| *slot as usize));
        let row = &self.rows[side as usize];
        Ok(held(self.universe, &mut self.lookup, slots.iter().map(|slot| *slot as usize), row))
    }

    fn place(&mut self, m: &mut dyn Machine, members: &Members, element: &Value, enters: bool) -> Result<Option<u32>> {
        let id = self.universe.intern(m, element)?;
        Ok(Some(if enters {
            self.lookup.enter(self.universe, members.set, id)
        } else {
            self.lookup.place(members.set, id)
        }))
    }

    fn slots(&self, variable: VariableId) -> SlotRange {
        self.slots.range(variable.0 as usize)
    }

    fn read_again(&mut self, side: Side, variable: VariableId) {
        let range = self.slots.range(variable.0 as usize);
        self.read(side, range);
    }

    fn open(&mut self) {
        if self.open == self.inner.len() {
            let seen = vec![0; 2 * self.slots.count];
            self.inner.push(Note { reads: Vec::new(), seen, round: 0 });
        }
        self.inner[self.open].begin();
        self.open += 1;
    }

    fn close(&mut self, reads: &mut Vec<(u32, u32)>) {
        self.open -= 1;
        let noted = std::mem::take(&mut self.inner[self.open].reads);
        for slot in &noted {
            reads.push((*slot, self.content(*slot as usize)));
            self.read_slot(*slot as usize);
        }
        self.inner[self.open].reads = noted;
    }

    #[inline]
    fn consult(&mut self, read: u32) -> u32 {
        self.read_slot(read as usize);
        self.content(read as usize)
    }

    fn is_same(&mut self, side: Side, noted: &[(u32, u32)]) -> bool {
        let count = self.slots.count;
        let slot = |read: u32| if read as usize >= count { read as usize - count } else { read as usize };
        let row = &self.rows[side as usize];
        if !noted.iter().all(|(read, content)| row[slot(*read)] == *content) {
            return false;
        }
        let offset = self.offset(side);
        noted.iter().for_each(|(read, _)| self.read_slot(slot(*read) + offset));
        true
    }

    fn epoch(&self) -> u32 {
        self.slots.epoch()
    }
}
