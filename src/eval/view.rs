//! Reading variables: from values that were set, or through a view that watches what is read.
//!
//! A view knows states as parts (an element of a function variable, a field): reading `f[i]` reads only
//! that part, and copying a variable (`UNCHANGED f`, `[f EXCEPT ![i] = e]`) reads nothing of what stays.

use std::cell::RefCell;
use std::rc::Rc;

use super::code::{BinderCode, BoundCode, Code, Kind, PathCode, PathRead, UpdateCode};
use super::evaluator::{Evaluator, Reading, placed};
use super::selective::{Delta, Members};
use crate::resolve::spec::VariableId;
use crate::value::machine::{Machine, Result};
use crate::value::{self, Value};

/// A state, or a step, that notes which of its parts are read.
pub trait StateView {
    /// A whole variable; all of it is read.
    ///
    /// # Errors
    /// When the value cannot be put together.
    fn variable(&mut self, m: &mut dyn Machine, side: Side, variable: VariableId) -> Result<Value>;

    /// The part of a variable that the first of some indexes lead to, and how many of them; `None` if not
    /// even the first leads to a part. Only that part is read.
    ///
    /// # Errors
    /// When the value cannot be put together.
    fn part(
        &mut self,
        m: &mut dyn Machine,
        side: Side,
        variable: VariableId,
        indexes: &[Value],
    ) -> Result<Option<(Value, usize)>>;

    /// A whole variable of the current state, to be copied: nothing is read.
    ///
    /// # Errors
    /// When the value cannot be put together.
    fn copy(&mut self, m: &mut dyn Machine, variable: VariableId) -> Result<Value>;

    /// The slots of the part that the first of some indexes lead to, and how many of them; `None` if not
    /// even the first leads to a part.
    fn locate(&mut self, variable: VariableId, indexes: &[Value]) -> Option<(Slots, usize)>;

    /// Notes that some slots of the current state are read.
    fn touch(&mut self, slots: Slots);

    /// A variable whose value was known already is read.
    fn read_again(&mut self, side: Side, variable: VariableId);

    /// From now on reads are noted separately, each of them again.
    fn open(&mut self);

    /// Ends the innermost separate note: what was read since, in order, with the content found there.
    /// It was also read in the note around.
    fn close(&mut self, reads: &mut Vec<(u32, u32)>);

    /// The content of what a read was noted of. It is read again.
    fn consult(&mut self, read: u32) -> u32;

    /// True if in the state on this side all has the content that was once noted, of either side. It is then read.
    fn is_same(&mut self, side: Side, noted: &[(u32, u32)]) -> bool;

    /// Changes whenever reads or contents noted so far no longer mean what they meant.
    fn epoch(&self) -> u32;

    /// True if something of a variable can be told without reading all of it: then [`StateView::members`] and
    /// [`StateView::domain`] are worth asking.
    fn is_selective(&self, variable: VariableId) -> bool;

    /// The set that the indexes lead to, if it is kept by its elements. Nothing is read.
    fn members(&mut self, variable: VariableId, indexes: &[Value]) -> Option<Members>;

    /// The elements that some slots of a set hold; only those slots are read.
    ///
    /// # Errors
    /// When the value cannot be put together.
    fn held(&mut self, m: &mut dyn Machine, side: Side, members: &Members, slots: &[u32]) -> Result<Value>;

    /// The slot where an element of a set stands, or would stand; one that is about to be put into the set gets a
    /// slot if it has none. `None` if the element cannot be listed.
    ///
    /// # Errors
    /// When evaluating it fails.
    fn place(&mut self, m: &mut dyn Machine, members: &Members, element: &Value, enters: bool) -> Result<Option<u32>>;

    /// The domain of the function that the indexes lead to, if it is the same in every state of this kind. Nothing
    /// is read.
    fn domain(&mut self, m: &mut dyn Machine, variable: VariableId, indexes: &[Value]) -> Option<Value>;

    /// The slots of a variable.
    fn slots(&self, variable: VariableId) -> Slots;
}

/// Consecutive slots of a state.
pub type Slots = std::ops::Range<usize>;

/// Which state of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Where it starts.
    Current,
    /// Where it ends.
    Next,
}

/// What an assignment wrote of a variable; the rest is a copy of the current state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    /// Everything.
    All,
    /// These slots.
    Some(Vec<Slots>),
}

/// A view shared with whoever set it up.
pub type SharedView = Rc<RefCell<dyn StateView>>;

impl Evaluator {
    /// Reads states through a view from now on.
    pub fn set_view(&mut self, view: SharedView) {
        self.view = Some(view);
    }

    /// Forgets what was set: variables of the current state, and if `step` is true of the next one too,
    /// are read through the view.
    pub fn look(&mut self, step: bool) {
        self.state.fill(None);
        self.next.fill(None);
        self.looking = true;
        self.looking_ahead = step;
        self.bindings.begin();
        self.generation += 1;
        self.refresh_recall();
    }

    /// What was written of a variable in the successor found.
    pub fn written(&self, variable: usize) -> &Written {
        &self.written[variable]
    }

    /// The view, if the variable of that side has to be read through it.
    pub(super) fn view_of(&self, side: Side) -> Option<SharedView> {
        let looking = match side {
            Side::Current => self.looking,
            Side::Next => self.looking_ahead,
        };
        if looking { self.view.clone() } else { None }
    }

    /// A variable that has no value set.
    pub(super) fn seen_variable(&mut self, variable: VariableId, side: Side) -> Option<Result<Value>> {
        let view = self.view_of(side)?;
        let read = view.borrow_mut().variable(self, side, variable);
        if let Ok(value) = &read {
            let values = if side == Side::Current { &mut self.state } else { &mut self.next };
            values[variable.0 as usize] = Some(value.clone());
        }
        Some(read)
    }

    /// `x'` was assigned, partly as a copy: reading it reads what was copied.
    pub(super) fn touch_copied(&mut self, variable: VariableId) {
        if !self.looking || self.looking_ahead || self.written[variable.0 as usize] == Written::All {
            return;
        }
        let Some(view) = &self.view else { return };
        let slots = view.borrow().slots(variable);
        self.touch_unwritten(variable, slots);
    }

    /// Notes those of the slots as read that the assignment of a variable copied.
    fn touch_unwritten(&self, variable: VariableId, slots: Slots) {
        let (Some(view), Written::Some(written)) = (&self.view, &self.written[variable.0 as usize]) else { return };
        let mut view = view.borrow_mut();
        for slot in slots {
            if !written.iter().any(|w| w.contains(&slot)) {
                view.touch(slot..slot + 1);
            }
        }
    }

    /// A variable that was assigned, partly as a copy, of which only what the indexes lead to is read.
    fn assigned_part(&mut self, path: &PathRead, side: Side, indexes: &mut Vec<Value>) -> Result<Option<Value>> {
        let variable = path.variable.0 as usize;
        if side == Side::Current || !self.looking || self.looking_ahead || self.written[variable] == Written::All {
            return Ok(None);
        }
        let (Some(view), Some(value)) = (self.view.clone(), self.next[variable].clone()) else { return Ok(None) };
        for step in &path.steps {
            indexes.push(self.step_index(step)?);
        }
        let located = view.borrow_mut().locate(path.variable, indexes);
        let Some((slots, _)) = located else { return Ok(None) };
        self.touch_unwritten(path.variable, slots);
        self.bindings.read(path.variable);
        if self.recall.scope != 0 {
            self.note_known(path.variable, side);
        }
        Ok(Some(value))
    }

    /// `x[i].f`.
    pub(super) fn path(&mut self, path: &PathRead) -> Result<Value> {
        let side = if path.next || self.reading == Reading::Next { Side::Next } else { Side::Current };
        let values = if side == Side::Current { &self.state } else { &self.next };
        let view = if values[path.variable.0 as usize].is_none() { self.view_of(side) } else { None };
        if let ([step], Some(view)) = (&path.steps[..], &view) {
            return self.only_step(path.variable, step, side, view);
        }
        let mut taken = 0;
        let mut indexes: Vec<Value> = Vec::with_capacity(path.steps.len());
        let mut at = match view {
            Some(view) => {
                for step in &path.steps {
                    indexes.push(self.step_index(step)?);
                }
                let part = view.borrow_mut().part(self, side, path.variable, &indexes)?;
                match part {
                    Some((value, count)) => {
                        taken = count;
                        value
                    }
                    None => self.variable(path.variable, side_reading(side))?,
                }
            }
            None => match self.assigned_part(path, side, &mut indexes)? {
                Some(value) => value,
                None => self.variable(path.variable, side_reading(side))?,
            },
        };
        for (i, step) in path.steps.iter().enumerate().skip(taken) {
            at = match (step, indexes.get(i)) {
                (PathCode::Index(_), Some(index)) => value::apply(self, &at, index)?,
                (PathCode::Index(code), None) => {
                    let index = self.eval(code)?;
                    value::apply(self, &at, &index)?
                }
                (PathCode::Field(name), _) => self.field_of(&at, name)?,
            };
        }
        Ok(at)
    }

    /// `x[i]` or `x.f`, read through a view.
    fn only_step(
        &mut self,
        variable: VariableId,
        step: &PathCode,
        side: Side,
        view: &RefCell<dyn StateView>,
    ) -> Result<Value> {
        let computed;
        let index = match step {
            PathCode::Field(name) => name,
            PathCode::Index(Code { kind: Kind::Literal(value), .. }) => value,
            PathCode::Index(code) => {
                computed = self.eval(code)?;
                &computed
            }
        };
        let part = view.borrow_mut().part(self, side, variable, std::slice::from_ref(index))?;
        if let Some((value, _)) = part {
            return Ok(value);
        }
        let whole = self.variable(variable, side_reading(side))?;
        match step {
            PathCode::Field(name) => self.field_of(&whole, name),
            PathCode::Index(_) => value::apply(self, &whole, index),
        }
    }

    fn field_of(&mut self, of: &Value, name: &Value) -> Result<Value> {
        match name {
            Value::String(name) => value::field(self, of, *name),
            other => value::apply(self, of, other),
        }
    }

    pub(super) fn step_index(&mut self, step: &PathCode) -> Result<Value> {
        match step {
            PathCode::Index(code) => self.eval(code),
            PathCode::Field(name) => Ok(name.clone()),
        }
    }

    /// The value that `x' = e` gives to `x'`, and what of it is not a copy of `x`.
    pub(super) fn assignment(&mut self, variable: VariableId, code: &Code) -> Result<(Value, Written)> {
        if !self.looking || self.looking_ahead || self.reading == Reading::Next {
            return Ok((self.eval(code)?, Written::All));
        }
        match &code.kind {
            Kind::Variable(other) if *other == variable => Ok((self.copied(variable)?, Written::Some(Vec::new()))),
            Kind::Except(base, updates) => {
                let (mut value, mut written) = self.assignment(variable, base)?;
                for update in updates {
                    value = self.updated(variable, value, update, &mut written).map_err(|f| placed(f, update.span))?;
                }
                Ok((value, written))
            }
            Kind::If(parts) => {
                let branch = if self.boolean(&parts.0)? { &parts.1 } else { &parts.2 };
                self.assignment(variable, branch)
            }
            Kind::Let(slots, body) => {
                self.clear(slots);
                self.assignment(variable, body)
            }
            Kind::Cup(_) | Kind::Difference(_) => match Delta::of(&code.kind) {
                Some((delta, pair)) => self.assigned_delta(variable, delta, pair),
                None => Ok((self.eval(code)?, Written::All)),
            },
            Kind::Function(bounds, body, _, false) => match &bounds[..] {
                [bound] => match self.copied_but(variable, bound, body)? {
                    Some(assigned) => Ok(assigned),
                    None => Ok((self.eval(code)?, Written::All)),
                },
                _ => Ok((self.eval(code)?, Written::All)),
            },
            Kind::Inlined(inlined) => self.in_place(inlined, code.span, |e, body| e.assignment(variable, body)),
            Kind::Call(id, arguments) => {
                self.call_operator(*id, arguments, code.span, |e, body| e.assignment(variable, body))
            }
            _ => Ok((self.eval(code)?, Written::All)),
        }
    }

    /// `f' = [i \in S |-> IF i = a THEN e ELSE f[i]]` with the domain of `f` for `S`: what stays as it is is a copy.
    fn copied_but(&mut self, variable: VariableId, bound: &BoundCode, body: &Code) -> Result<Option<(Value, Written)>> {
        let BinderCode::Slot(slot) = bound.binder else { return Ok(None) };
        if !copies(body, variable, slot) || self.state[variable.0 as usize].is_some() {
            return Ok(None);
        }
        let Some(view) = self.view.clone() else { return Ok(None) };
        let Some(domain) = view.borrow_mut().domain(self, variable, &[]) else { return Ok(None) };
        let set = self.eval(&bound.set)?;
        if !value::equal(self, &set, &domain).unwrap_or(false) {
            return Ok(None);
        }
        let old = self.copied(variable)?;
        let (mut domain, mut values, mut written) = (Vec::new(), Vec::new(), Vec::new());
        let mut elements = value::elements(self, &set)?;
        while let Some(element) = elements.next(self)? {
            self.set(slot, element.clone());
            let value = match self.unless_copied(body, variable, slot)? {
                Some(value) => {
                    let located = view.borrow_mut().locate(variable, std::slice::from_ref(&element));
                    written.push(located.map_or_else(|| view.borrow().slots(variable), |(slots, _)| slots));
                    value
                }
                None => value::apply(self, &old, &element)?,
            };
            domain.push(element);
            values.push(value);
        }
        Ok(Some((Value::function(self, domain, values)?, Written::Some(written))))
    }

    /// The value of a function's body, unless it is that of the variable at the same argument.
    fn unless_copied(&mut self, body: &Code, variable: VariableId, slot: u32) -> Result<Option<Value>> {
        match &body.kind {
            Kind::Path(path) if is_copy(path, variable, slot) => Ok(None),
            Kind::If(parts) => {
                let branch = if self.boolean(&parts.0)? { &parts.1 } else { &parts.2 };
                self.unless_copied(branch, variable, slot)
            }
            Kind::Case(arms, other) => match self.case_arm(arms, other.as_deref())? {
                Some(arm) => self.unless_copied(arm, variable, slot),
                None => self.eval(body).map(Some),
            },
            _ => self.eval(body).map(Some),
        }
    }

    /// A variable of the current state, to be copied.
    pub(super) fn copied(&mut self, variable: VariableId) -> Result<Value> {
        if let Some(value) = &self.state[variable.0 as usize] {
            return Ok(value.clone());
        }
        match self.view_of(Side::Current) {
            Some(view) => view.borrow_mut().copy(self, variable),
            None => self.variable(variable, Reading::Current),
        }
    }

    /// One update of EXCEPT on what is, as far as it was not written, a copy of the variable.
    fn updated(
        &mut self,
        variable: VariableId,
        value: Value,
        update: &UpdateCode,
        written: &mut Written,
    ) -> Result<Value> {
        let Written::Some(parts) = written else {
            return self.update(value, &update.path, update);
        };
        let mut indexes = Vec::with_capacity(update.path.len());
        for step in &update.path {
            indexes.push(self.step_index(step)?);
        }
        let Some(view) = self.view.clone() else { return self.update(value, &update.path, update) };
        let located = view.borrow_mut().locate(variable, &indexes);
        match located {
            Some((slots, taken)) => {
                let delta = Delta::of(&update.value.kind).filter(|_| update.is_delta && taken == indexes.len());
                let only = match delta {
                    Some((delta, pair)) => {
                        let by = self.eval(&pair.1)?;
                        self.delta(variable, &indexes, delta, &by)?
                    }
                    None => None,
                };
                match only {
                    Some(only) => parts.extend(only),
                    None => {
                        if taken < indexes.len() || update.uses_old {
                            view.borrow_mut().touch(slots.clone());
                        }
                        parts.push(slots);
                    }
                }
            }
            None => {
                // Whether the index is in the domain depends on the whole.
                let slots = view.borrow().slots(variable);
                view.borrow_mut().touch(slots);
                *written = Written::All;
            }
        }
        self.replace(value, &indexes, update)
    }

    fn replace(&mut self, function: Value, indexes: &[Value], update: &UpdateCode) -> Result<Value> {
        let Some((index, rest)) = indexes.split_first() else {
            self.set(update.at, function);
            return self.eval(&update.value);
        };
        let Some(old) = value::except_get(self, &function, index)? else { return Ok(function) };
        let new = self.replace(old, rest, update)?;
        value::except_set(self, &function, index, new)
    }
}

/// `f[i]`, where `i` is the argument.
fn is_copy(path: &PathRead, variable: VariableId, slot: u32) -> bool {
    path.variable == variable
        && !path.next
        && matches!(&path.steps[..], [PathCode::Index(Code { kind: Kind::Local(index), .. })] if *index == slot)
}

/// True if the body of a function may be the value of the variable at the same argument.
fn copies(body: &Code, variable: VariableId, slot: u32) -> bool {
    match &body.kind {
        Kind::Path(path) => is_copy(path, variable, slot),
        Kind::If(parts) => copies(&parts.1, variable, slot) || copies(&parts.2, variable, slot),
        Kind::Case(arms, other) => {
            arms.iter().any(|(_, arm)| copies(arm, variable, slot))
                || other.as_ref().is_some_and(|arm| copies(arm, variable, slot))
        }
        _ => false,
    }
}

fn side_reading(side: Side) -> Reading {
    match side {
        Side::Current => Reading::Current,
        Side::Next => Reading::Next,
    }
}
