//! A thread's evaluator of a [`TlaModel`].

use std::cmp::Ordering;
use std::sync::PoisonError;

use crate::diagnostic::Span;
use crate::eval::action::Flow;
use crate::eval::{Evaluator, Prepared};
use crate::model::{GroupId, Judgement, Model, Progress, PropertyId, Stop, Worker};
use crate::report::Kind;
use crate::resolve::spec::VariableId;
use crate::value::machine::{Fault, Machine, Result as Evaluated};
use crate::value::{self, Universe, Value};

use super::model::{EvaluationError, Formula, Phase, TlaModel};
use super::slots::{Domain, Entry, Lookup, Shape};

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// An expression ready to be evaluated, with its arguments.
type Ready = (Prepared, Vec<Value>);

/// A row and the values of the variables in it.
#[derive(Default)]
struct Decoded {
    row: Vec<u32>,
    values: Vec<Value>,
}

/// A thread's evaluator of a model.
pub struct TlaWorker<'m> {
    model: &'m TlaModel,
    universe: &'static Universe,
    evaluator: Evaluator,
    lookup: Lookup<'m>,
    initial: Ready,
    groups: Vec<Ready>,
    constraints: Vec<Ready>,
    action_constraints: Vec<Ready>,
    view: Option<Ready>,
    /// Properties by kind of place: (id, formula).
    on_initial: Vec<(PropertyId, Ready)>,
    on_state: Vec<(PropertyId, Ready)>,
    on_step: Vec<(PropertyId, Ready)>,
    symmetry: super::symmetry::Memo,
    progress: Progress,
    current: Decoded,
    other: Decoded,
    /// Rows found and not yet handed on.
    found: Vec<u32>,
}

impl<'m> TlaWorker<'m> {
    pub(super) fn new(model: &'m TlaModel) -> Self {
        let evaluator = model.evaluator(0);
        let universe = model.plan.universe;
        let ready = |f: &Formula| f.prepare(universe, &evaluator);
        let all = |fs: &[Formula]| fs.iter().map(ready).collect();
        let of_kind = |kind: Kind| {
            let with_ids = model.properties.iter().enumerate().filter(move |(_, p)| p.kind == kind);
            with_ids.map(|(i, p)| (PropertyId(i as u32), ready(&p.formula))).collect()
        };
        Self {
            initial: ready(&model.initial),
            groups: model.groups.iter().map(|g| ready(&g.action)).collect(),
            constraints: all(&model.constraints),
            action_constraints: all(&model.action_constraints),
            view: model.view.as_ref().map(ready),
            on_initial: of_kind(Kind::PropertyInitial),
            on_state: of_kind(Kind::Invariant),
            on_step: of_kind(Kind::ActionProperty),
            lookup: Lookup::new(&model.slots),
            symmetry: super::symmetry::Memo::default(),
            progress: Progress::default(),
            current: Decoded::default(),
            other: Decoded::default(),
            found: Vec::new(),
            evaluator,
            universe,
            model,
        }
    }

    /// The evaluator, to look at a state or step more closely.
    pub fn evaluator(&mut self) -> &mut Evaluator {
        &mut self.evaluator
    }

    /// The values of the variables in a row.
    pub fn values(&mut self, row: &[u32]) -> Evaluated<Vec<Value>> {
        self.decode_other(row)?;
        Ok(self.other.values.clone())
    }

    fn failed(phase: Phase) -> impl Fn(Box<Fault>) -> Stop<EvaluationError> {
        move |fault| Stop::Error(EvaluationError { phase, fault })
    }

    /// Sets the current state to a row's.
    fn load(&mut self, row: &[u32]) -> Evaluated<()> {
        if self.current.row != row {
            let mut decoded = std::mem::take(&mut self.current);
            let result = self.decode(row, &mut decoded);
            self.current = decoded;
            result?;
        }
        self.evaluator.set_state(&self.current.values);
        Ok(())
    }

    fn decode_other(&mut self, row: &[u32]) -> Evaluated<()> {
        if self.other.row == row {
            return Ok(());
        }
        let mut decoded = std::mem::take(&mut self.other);
        let result = self.decode(row, &mut decoded);
        self.other = decoded;
        result
    }

    /// Decodes a row into what was decoded before, variable by variable as far as it differs.
    fn decode(&mut self, row: &[u32], into: &mut Decoded) -> Evaluated<()> {
        let model = self.model;
        let fresh = into.row.len() != row.len() || into.values.len() != model.slots.shapes.len();
        if fresh {
            into.row.clear();
            into.values.clear();
        }
        for (variable, shape) in model.slots.shapes.iter().enumerate() {
            let start = model.slots.starts[variable];
            let range = start..start + shape.slots();
            if !fresh && into.row[range.clone()] == row[range] {
                continue;
            }
            let value = decode(&mut self.evaluator, self.universe, &mut self.lookup, shape, start, 0, row)?;
            if fresh {
                into.values.push(value);
            } else {
                into.values[variable] = value;
            }
        }
        into.row.clear();
        into.row.extend_from_slice(row);
        Ok(())
    }

    /// Evaluates the view of a row's state into its first slot.
    fn fill_view(&mut self, row: &mut [u32]) -> Outcome<()> {
        if self.view.is_none() {
            return Ok(());
        }
        self.decode_other(row).map_err(Self::failed(Phase::Constraint))?;
        self.evaluator.set_state(&self.other.values);
        let (Some((prepared, arguments)), evaluator) = (&self.view, &mut self.evaluator) else { return Ok(()) };
        let universe = self.universe;
        let id = evaluator.evaluate(prepared, arguments).and_then(|view| universe.intern(evaluator, &view));
        let id = id.map_err(Self::failed(Phase::Constraint))?;
        row[0] = self.lookup.id(0, Entry::part(id));
        Ok(())
    }

    /// Hands on the rows found.
    fn hand_on(&mut self, each: &mut dyn FnMut(&mut Self, &[u32]) -> Outcome<()>) -> Outcome<()> {
        let mut found = std::mem::take(&mut self.found);
        let slots = self.model.slots();
        let mut result = Ok(());
        for row in found.chunks_exact_mut(slots) {
            result = self.fill_view(row).and_then(|()| each(self, row));
            if result.is_err() {
                break;
            }
        }
        found.clear();
        self.found = found;
        result
    }

    fn seed(&mut self, group: usize, row: &[u32]) {
        let mut hash = self.model.plan.seed ^ (group as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for (slot, id) in row.iter().enumerate() {
            let entry = self.lookup.entry(slot, *id);
            let value = entry.value().map_or(0, |v| self.universe.hash(v));
            hash = (hash.rotate_left(5) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        self.evaluator.services().random = hash;
    }

    fn asked_to_exit(&mut self) -> Outcome<()> {
        if self.model.impure && self.evaluator.services().exit { Err(Stop::Exit) } else { Ok(()) }
    }

    fn set_level(&mut self, level: u32) {
        let progress = Progress { level, ..self.progress };
        self.evaluator.services().progress = progress;
    }

    /// True if all formulas hold in the loaded state or step.
    fn all_hold(evaluator: &mut Evaluator, formulas: &[Ready]) -> Outcome<bool> {
        for (prepared, arguments) in formulas {
            if !evaluator.holds(prepared, arguments).map_err(Self::failed(Phase::Constraint))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn judge(evaluator: &mut Evaluator, properties: &[(PropertyId, Ready)]) -> Outcome<Judgement> {
        for (id, (prepared, arguments)) in properties {
            if !evaluator.holds(prepared, arguments).map_err(Self::failed(Phase::Property(*id)))? {
                return Ok(Judgement::Violated(*id));
            }
        }
        Ok(Judgement::Holds)
    }

    /// Makes a row current and another next.
    fn load_step(&mut self, from: &[u32], to: &[u32], phase: Phase) -> Outcome<()> {
        self.load(from).map_err(Self::failed(phase))?;
        self.decode_other(to).map_err(Self::failed(phase))?;
        self.evaluator.set_next(&self.other.values);
        self.set_level(self.progress.level);
        Ok(())
    }
}

/// True if two values are the same without looking into them.
fn identical(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Bool(x), Value::Bool(y)) => x == y,
        (Value::Int(x), Value::Int(y)) => x == y,
        (Value::String(x), Value::String(y)) => x == y,
        (Value::Model(x), Value::Model(y)) => x.symbol == y.symbol,
        (Value::Tuple(x), Value::Tuple(y)) => x.same(y),
        (Value::Record(x), Value::Record(y)) => x.same(y),
        (Value::Function(x), Value::Function(y)) => x.same(y),
        (Value::Set(x), Value::Set(y)) => x.same(y),
        _ => false,
    }
}

/// What a value is encoded against: the same variable in the state before.
#[derive(Clone, Copy)]
struct Before<'a> {
    value: &'a Value,
    row: &'a [u32],
}

/// Encodes a value into its slots of a row.
struct Encoder<'e, 's> {
    evaluator: &'e mut Evaluator,
    universe: &'static Universe,
    lookup: &'e mut Lookup<'s>,
}

impl Encoder<'_, '_> {
    fn encode(
        &mut self,
        shape: &Shape,
        start: usize,
        depth: u32,
        value: &Value,
        before: Option<Before>,
        row: &mut Vec<u32>,
    ) -> Evaluated<()> {
        if let Some(before) = before
            && identical(before.value, value)
        {
            row.extend_from_slice(&before.row[start..start + shape.slots()]);
            return Ok(());
        }
        let Shape::Split { domain, parts, slots } = shape else {
            let id = self.universe.intern(self.evaluator, value)?;
            row.push(self.lookup.id(start, Entry::part(id)));
            return Ok(());
        };
        if let Value::Lazy(_) = value {
            let listed = value::normalize(self.evaluator, value)?;
            return self.encode(shape, start, depth, &listed, before, row);
        }
        let Some(elements) = domain.elements_of(value) else {
            let id = self.universe.intern(self.evaluator, value)?;
            row.push(self.lookup.id(start, Entry::whole(id, depth)));
            for slot in start + 1..start + slots {
                row.push(self.lookup.id(slot, Entry::ABSENT));
            }
            return Ok(());
        };
        let old = before.and_then(|b| domain.elements_of(b.value).map(|elements| (elements, b.row)));
        let mut slot = start;
        for (i, (part, element)) in parts.iter().zip(elements).enumerate() {
            let before = old.map(|(elements, row)| Before { value: &elements[i], row });
            self.encode(part, slot, depth + 1, element, before, row)?;
            slot += part.slots();
        }
        Ok(())
    }
}

/// The value in a row's slots from `start`.
fn decode(
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    lookup: &mut Lookup<'_>,
    shape: &Shape,
    start: usize,
    depth: u32,
    row: &[u32],
) -> Evaluated<Value> {
    let first = lookup.entry(start, row[start]);
    let whole = first.value().map(|id| universe.value(id));
    match (shape, whole) {
        (Shape::Split { domain, parts, .. }, _) if !first.is_whole(depth) => {
            let mut elements = Vec::with_capacity(parts.len());
            let mut slot = start;
            for part in parts {
                elements.push(decode(evaluator, universe, lookup, part, slot, depth + 1, row)?);
                slot += part.slots();
            }
            match domain {
                Domain::Tuple(_) => Ok(Value::tuple(elements)),
                Domain::Record(names) => Ok(Value::record(names.iter().copied().zip(elements).collect())),
                Domain::Function(ids) => {
                    let domain = ids.iter().map(|id| universe.value(*id)).collect();
                    Value::function(evaluator, domain, elements)
                }
            }
        }
        (_, Some(value)) => Ok(value),
        (_, None) => Err(Fault::new(crate::value::machine::FaultKind::Other, "a row without a value in a slot")),
    }
}

impl Drop for TlaWorker<'_> {
    /// Leaves the registers for whoever evaluates afterwards.
    fn drop(&mut self) {
        if !self.model.impure {
            return;
        }
        let registers = std::mem::take(&mut self.evaluator.services().registers);
        let mut left = self.model.left_registers.lock().unwrap_or_else(PoisonError::into_inner);
        for (register, value) in registers {
            if let Ok(id) = self.universe.intern(&mut self.evaluator, &value) {
                left.insert(register, id);
            }
        }
    }
}

impl Worker for TlaWorker<'_> {
    type Error = EvaluationError;

    fn progress(&mut self, progress: Progress) {
        self.progress = progress;
        self.evaluator.services().progress = progress;
    }

    fn initial(&mut self, each: &mut dyn FnMut(&mut Self, &[u32]) -> Outcome<()>) -> Outcome<()> {
        let model = self.model;
        if model.impure {
            self.evaluator.services().random = model.plan.seed;
        }
        let (universe, lookup, found) = (self.universe, &mut self.lookup, &mut self.found);
        found.clear();
        let (prepared, arguments) = &self.initial;
        let result = self.evaluator.initial_states(prepared, arguments, &mut |evaluator| {
            let values: Vec<Value> = evaluator.state_values().cloned().collect();
            encode_state(model, evaluator, universe, lookup, &values, None, found)?;
            Ok(Flow::Continue)
        });
        result.map_err(Self::failed(Phase::Initial))?;
        self.asked_to_exit()?;
        self.hand_on(each)
    }

    fn successors(
        &mut self,
        row: &[u32],
        each: &mut dyn FnMut(&mut Self, GroupId, &[u32]) -> Outcome<()>,
    ) -> Outcome<()> {
        let model = self.model;
        for group in 0..self.groups.len() {
            self.load(row).map_err(Self::failed(Phase::Next))?;
            self.set_level(self.progress.level);
            if model.impure {
                self.seed(group, row);
            }
            let (universe, lookup, found) = (self.universe, &mut self.lookup, &mut self.found);
            let before = Some((&self.current.values[..], row));
            let (prepared, arguments) = &self.groups[group];
            let result = self.evaluator.successors(prepared, arguments, &mut |evaluator| {
                let values: Vec<Value> = evaluator.next_values().cloned().collect();
                encode_state(model, evaluator, universe, lookup, &values, before, found)?;
                Ok(Flow::Continue)
            });
            result.map_err(Self::failed(Phase::Next))?;
            self.asked_to_exit()?;
            if !self.found.is_empty() {
                self.hand_on(&mut |worker, row| each(worker, GroupId(group as u32), row))?;
            }
        }
        Ok(())
    }

    fn state_in_model(&mut self, row: &[u32]) -> Outcome<bool> {
        if self.constraints.is_empty() {
            return Ok(true);
        }
        self.load_alone(row)?;
        let result = Self::all_hold(&mut self.evaluator, &self.constraints);
        self.asked_to_exit()?;
        result
    }

    fn step_in_model(&mut self, from: &[u32], _group: GroupId, to: &[u32]) -> Outcome<bool> {
        if self.action_constraints.is_empty() {
            return Ok(true);
        }
        self.load_step(from, to, Phase::Constraint)?;
        let result = Self::all_hold(&mut self.evaluator, &self.action_constraints);
        self.evaluator.clear_next();
        result
    }

    fn check_initial(&mut self, row: &[u32]) -> Outcome<Judgement> {
        if self.on_initial.is_empty() {
            return Ok(Judgement::Holds);
        }
        self.load_alone(row)?;
        Self::judge(&mut self.evaluator, &self.on_initial)
    }

    fn check_state(&mut self, row: &[u32]) -> Outcome<Judgement> {
        if self.on_state.is_empty() {
            return Ok(Judgement::Holds);
        }
        self.load_alone(row)?;
        let result = Self::judge(&mut self.evaluator, &self.on_state);
        self.asked_to_exit()?;
        result
    }

    fn check_step(&mut self, from: &[u32], _group: GroupId, to: &[u32]) -> Outcome<Judgement> {
        if self.on_step.is_empty() {
            return Ok(Judgement::Holds);
        }
        self.load_step(from, to, Phase::Next)?;
        let result = Self::judge(&mut self.evaluator, &self.on_step);
        self.evaluator.clear_next();
        result
    }

    fn canonical(&mut self, row: &mut [u32]) -> Outcome<()> {
        let Some(symmetry) = &self.model.symmetry else { return Ok(()) };
        self.decode_other(row).map_err(Self::failed(Phase::Constraint))?;
        let values = self.other.values.clone();
        let best = symmetry.least(self.universe, &mut self.evaluator, &mut self.symmetry, &values);
        let Some(best) = best.map_err(Self::failed(Phase::Constraint))? else { return Ok(()) };
        let mut encoded = Vec::with_capacity(row.len());
        let (model, universe) = (self.model, self.universe);
        encode_state(model, &mut self.evaluator, universe, &mut self.lookup, &best, None, &mut encoded)
            .map_err(Self::failed(Phase::Constraint))?;
        row.copy_from_slice(&encoded);
        self.fill_view(row)
    }

    fn order(&mut self, left: &[u32], right: &[u32]) -> Ordering {
        for (slot, (l, r)) in left.iter().zip(right).enumerate() {
            if l == r {
                continue;
            }
            let (l, r) = (self.lookup.entry(slot, *l), self.lookup.entry(slot, *r));
            let order = match (l.value(), r.value()) {
                (Some(a), Some(b)) => self.universe.compare(a, b).then(l.depth().cmp(&r.depth())),
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl TlaWorker<'_> {
    /// Makes a state that was found the current one, one level deeper than what is being expanded.
    fn load_alone(&mut self, row: &[u32]) -> Outcome<()> {
        self.decode_other(row).map_err(Self::failed(Phase::Constraint))?;
        self.evaluator.set_state(&self.other.values);
        self.set_level(self.progress.level + 1);
        Ok(())
    }
}

/// Encodes all variables; a value that cannot be listed is an error naming its variable.
fn encode_state(
    model: &TlaModel,
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    lookup: &mut Lookup<'_>,
    values: &[Value],
    before: Option<(&[Value], &[u32])>,
    into: &mut Vec<u32>,
) -> Evaluated<()> {
    let begin = into.len();
    let reserved = model.slots.starts.first().copied().unwrap_or(0);
    into.resize(begin + reserved, 0);
    let mut encoder = Encoder { evaluator, universe, lookup };
    for (variable, value) in values.iter().enumerate() {
        let shape = &model.slots.shapes[variable];
        let start = model.slots.starts[variable];
        let before = before.map(|(values, row)| Before { value: &values[variable], row });
        if let Err(fault) = encoder.encode(shape, start, 0, value, before, into) {
            into.truncate(begin);
            return Err(unstorable(model, VariableId(variable as u32), fault));
        }
    }
    Ok(())
}

fn unstorable(model: &TlaModel, variable: VariableId, mut fault: Box<Fault>) -> Box<Fault> {
    let variable = &model.plan.spec.variables[variable.0 as usize];
    fault.message = format!("the value of {} cannot be stored in a state: {}", variable.name, fault.message);
    if fault.place.is_none_or(Span::is_none) {
        fault.place = Some(variable.span);
    }
    fault
}
