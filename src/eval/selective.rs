//! Reading of a set variable only those elements that matter.
//!
//! A view may keep a set by its elements ([`StateView::members`]): then membership, quantifiers and filters whose
//! body has a [guard](super::guard), and `v' = v \cup {e}` read only the slots of elements that can make a
//! difference. What a view does not keep so is read as a whole.

use std::rc::Rc;

use super::code::{BoundCode, Code, Kind, PathRead};
use super::evaluator::{Evaluator, Reading};
use super::view::{SharedView, Side, Slots, Written};
use crate::resolve::spec::VariableId;
use crate::value::machine::Result;
use crate::value::{self, Value};

/// A set that is kept by its elements.
#[derive(Clone)]
pub struct Members {
    /// Which one, by the view's numbering.
    pub set: usize,
    /// All elements that it was ever seen to have, each with its slot; slot after slot.
    pub elements: Rc<Vec<(Value, u32)>>,
    /// The slot of all others.
    pub rest: u32,
}

/// An operation on a set that leaves most of its elements alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Delta {
    /// `s \cup d`.
    Enter,
    /// `s \ d`.
    Leave,
}

impl Delta {
    pub(super) fn of(kind: &Kind) -> Option<(Delta, &(Code, Code))> {
        match kind {
            Kind::Cup(pair) => Some((Delta::Enter, pair)),
            Kind::Difference(pair) => Some((Delta::Leave, pair)),
            _ => None,
        }
    }
}

/// A variable, or what indexes lead to in it, as a view sees it.
struct Part {
    side: Side,
    view: SharedView,
    variable: VariableId,
    indexes: Vec<Value>,
}

impl Evaluator {
    /// Variable, side and indexes of what is read here, if the variable was not read as a whole already and some view
    /// knows more of it.
    fn part_of(&mut self, code: &Code) -> Result<Option<Part>> {
        let (variable, next, path): (VariableId, bool, Option<&PathRead>) = match &code.kind {
            Kind::Variable(variable) => (*variable, false, None),
            Kind::NextVariable(variable) => (*variable, true, None),
            Kind::Path(path) => (path.variable, path.next, Some(path)),
            _ => return Ok(None),
        };
        let side = if next || self.reading == Reading::Next { Side::Next } else { Side::Current };
        let values = if side == Side::Current { &self.state } else { &self.next };
        if values[variable.0 as usize].is_some() {
            return Ok(None);
        }
        let Some(view) = self.view_of(side) else { return Ok(None) };
        if !view.borrow().is_selective(variable) {
            return Ok(None);
        }
        let mut indexes = Vec::new();
        for step in path.iter().flat_map(|path| &path.steps) {
            indexes.push(self.step_index(step)?);
        }
        Ok(Some(Part { side, view, variable, indexes }))
    }

    /// `DOMAIN x`, if it is always the same.
    pub(super) fn selective_domain(&mut self, of: &Code) -> Result<Option<Value>> {
        let Some(part) = self.part_of(of)? else { return Ok(None) };
        let domain = part.view.borrow_mut().domain(self, part.variable, &part.indexes);
        Ok(domain)
    }

    /// The set that is read here, if it is kept by its elements and was not read as a whole already.
    fn members_of(&mut self, code: &Code) -> Result<Option<(Side, Members)>> {
        let Some(part) = self.part_of(code)? else { return Ok(None) };
        let members = part.view.borrow_mut().members(part.variable, &part.indexes);
        Ok(members.map(|members| (part.side, members)))
    }

    fn held(&mut self, side: Side, members: &Members, slots: &[u32]) -> Result<Option<Value>> {
        let Some(view) = self.view_of(side) else { return Ok(None) };
        let held = view.borrow_mut().held(self, side, members, slots)?;
        Ok(Some(held))
    }

    /// The slots of those elements for which `matters` does not say no; what fails matters.
    fn slots_where(
        &mut self,
        members: &Members,
        mut matters: impl FnMut(&mut Self, &Value) -> Result<bool>,
    ) -> Vec<u32> {
        let mut slots = vec![members.rest];
        for (element, slot) in members.elements.iter() {
            if slots.last() != Some(slot) && matters(self, element).unwrap_or(true) {
                slots.push(*slot);
            }
        }
        slots
    }

    /// The set that a bound ranges over, without elements that its guard rules out.
    pub(super) fn ranged(&mut self, bound: &BoundCode) -> Result<Value> {
        if let Some(guard) = &bound.guard
            && let Some((side, members)) = self.members_of(&bound.set)?
        {
            let slots = self.slots_where(&members, |e, element| {
                e.bind(&bound.binder, element.clone())?;
                e.boolean(guard)
            });
            if let Some(held) = self.held(side, &members, &slots)? {
                return Ok(held);
            }
        }
        self.eval(&bound.set)
    }

    /// False if comparing a value with some element fails: then the whole decides.
    fn compares(&mut self, members: &Members, value: &Value) -> bool {
        members.elements.iter().all(|(element, _)| value::equal(self, value, element).is_ok())
    }

    /// `e \in v`, if `v` is kept by its elements.
    pub(super) fn selective_member(&mut self, element: &Value, set: &Code) -> Result<Option<bool>> {
        let Some((side, members)) = self.members_of(set)? else { return Ok(None) };
        if !self.compares(&members, element) {
            return Ok(None);
        }
        let Some(view) = self.view_of(side) else { return Ok(None) };
        let slot = view.borrow_mut().place(self, &members, element, false)?;
        let Some(slot) = slot else { return Ok(None) };
        match self.held(side, &members, &[slot])? {
            Some(held) => value::member(self, element, &held).map(Some),
            None => Ok(None),
        }
    }

    /// `v \subseteq S` for a constant `S`, if `v` is kept by its elements.
    pub(super) fn selective_subset(&mut self, set: &Code, of: &Code) -> Result<Option<bool>> {
        if of.level > crate::resolve::spec::Level::Constant {
            return Ok(None);
        }
        let Some((side, members)) = self.members_of(set)? else { return Ok(None) };
        let of = self.eval(of)?;
        let slots = self.slots_where(&members, |e, element| Ok(!value::member(e, element, &of)?));
        match self.held(side, &members, &slots)? {
            Some(held) => value::subset_eq(self, &held, &of).map(Some),
            None => Ok(None),
        }
    }

    /// The value of `base \cup d` or `base \ d`, where `base` is, as far as it was not written, a copy of the part
    /// of `variable` at `indexes`; what is written besides is added to `written`.
    pub(super) fn delta(
        &mut self,
        variable: VariableId,
        indexes: &[Value],
        delta: Delta,
        by: &Value,
    ) -> Result<Option<Vec<Slots>>> {
        let Some(view) = self.view_of(Side::Current) else { return Ok(None) };
        let members = view.borrow_mut().members(variable, indexes);
        let Some(members) = members else { return Ok(None) };
        let Ok(Value::Set(by)) = value::normalize(self, by) else { return Ok(None) };
        let mut slots = Vec::new();
        for element in by.elements() {
            if !self.compares(&members, element) {
                return Ok(None);
            }
            let slot = view.borrow_mut().place(self, &members, element, delta == Delta::Enter)?;
            let Some(slot) = slot else { return Ok(None) };
            let slot = slot as usize..slot as usize + 1;
            view.borrow_mut().touch(slot.clone());
            slots.push(slot);
        }
        Ok(Some(slots))
    }

    /// `x' = x \cup d`, `x' = x \ d`.
    pub(super) fn assigned_delta(
        &mut self,
        variable: VariableId,
        delta: Delta,
        pair: &(Code, Code),
    ) -> Result<(Value, Written)> {
        let (base, written) = self.assignment(variable, &pair.0)?;
        let by = self.eval(&pair.1)?;
        let written = match written {
            Written::All => Written::All,
            Written::Some(mut parts) => match self.delta(variable, &[], delta, &by)? {
                Some(slots) => {
                    parts.extend(slots);
                    Written::Some(parts)
                }
                None => {
                    self.touch_all(variable);
                    Written::All
                }
            },
        };
        let value = match delta {
            Delta::Enter => Value::cup(base, by),
            Delta::Leave => Value::difference(base, by),
        };
        Ok((value, written))
    }

    /// Notes that all of a variable is read.
    fn touch_all(&mut self, variable: VariableId) {
        if let Some(view) = self.view_of(Side::Current) {
            let slots = view.borrow().slots(variable);
            view.borrow_mut().touch(slots);
        }
    }
}
