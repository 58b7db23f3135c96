//! A thread's evaluator of a [`TlaModel`].
//!
//! Groups and labels are asked of their decision trees ([`super::memo`]) first; what those do not know is
//! evaluated on a watched row ([`super::watch`]) and added.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::PoisonError;

use crate::diagnostic::Span;
use crate::eval::action::Flow;
use crate::eval::view::{Side, Written};
use crate::eval::{Evaluator, Prepared};
use crate::model::{GroupId, Judgement, Model, Progress, PropertyId, Stop, Worker};
use crate::report::Kind;
use crate::value::machine::{Fault, FaultKind, Machine, Result as Evaluated};
use crate::value::{Universe, Value};

use super::codec::{Before, Encoder, decode};
use super::memo::{HitRate, Successors, Tree};
use super::model::{EvaluationError, Formula, Phase, TlaModel};
use super::slots::{Entry, Lookup};
use super::watch::Watch;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// An expression ready to be evaluated, with its arguments.
type Ready = (Prepared, Vec<Value>);

/// A transition group.
struct Group {
    ready: Ready,
    tree: Tree<Successors>,
    rate: HitRate,
}

/// A formula about a state or step.
struct Label {
    ready: Ready,
    tree: Tree<bool>,
    /// What a failure of it means.
    phase: Phase,
}

/// Formulas that a worker is asked about, with what it knows of them.
pub struct Questions {
    labels: Vec<Label>,
    irregularities: u32,
}

/// A thread's evaluator of a model.
pub struct TlaWorker<'m> {
    model: &'m TlaModel,
    universe: &'static Universe,
    evaluator: Evaluator,
    watch: Rc<RefCell<Watch>>,
    initial: Ready,
    groups: Vec<Group>,
    constraints: Vec<Label>,
    action_constraints: Vec<Label>,
    view: Option<Ready>,
    on_initial: Vec<(PropertyId, Label)>,
    on_state: Vec<(PropertyId, Label)>,
    on_step: Vec<(PropertyId, Label)>,
    symmetry: super::symmetry::Memo,
    progress: Progress,
    /// Irregular variables when the trees were last known to be right.
    irregularities: u32,
    /// Rows found and not yet handed on.
    found: Vec<u32>,
}

impl<'m> TlaWorker<'m> {
    pub(super) fn new(model: &'m TlaModel) -> Self {
        let mut evaluator = model.evaluator(0);
        let universe = model.plan.universe;
        let watch = Rc::new(RefCell::new(Watch::new(model.slots.clone(), universe)));
        evaluator.set_view(watch.clone());
        let ready = |f: &Formula| f.prepare(universe, &evaluator);
        let label = |f: &Formula, phase| Label { ready: ready(f), tree: Tree::new(), phase };
        let all = |fs: &[Formula]| fs.iter().map(|f| label(f, Phase::Constraint)).collect();
        let of_kind = |kind: Kind| {
            let with_ids = model.properties.iter().enumerate().filter(move |(_, p)| p.kind == kind);
            with_ids
                .flat_map(|(i, p)| p.parts.iter().map(move |part| (PropertyId(i as u32), part)))
                .map(|(id, part)| (id, label(part, Phase::Property(id))))
                .collect()
        };
        let group = |f: &Formula| Group { ready: ready(f), tree: Tree::new(), rate: HitRate::default() };
        Self {
            initial: ready(&model.initial),
            groups: model.groups.iter().map(|g| group(&g.action)).collect(),
            constraints: all(&model.constraints),
            action_constraints: all(&model.action_constraints),
            view: model.view.as_ref().map(ready),
            on_initial: of_kind(Kind::PropertyInitial),
            on_state: of_kind(Kind::Invariant),
            on_step: of_kind(Kind::ActionProperty),
            symmetry: super::symmetry::Memo::default(),
            progress: Progress::default(),
            irregularities: 0,
            found: Vec::new(),
            watch,
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
    ///
    /// # Errors
    /// When a value cannot be put together.
    pub fn values(&mut self, row: &[u32]) -> Evaluated<Vec<Value>> {
        let slots = &self.model.slots;
        let mut watch = self.watch.borrow_mut();
        let mut values = Vec::with_capacity(slots.shapes.len());
        for (shape, start) in slots.shapes.iter().zip(&slots.starts) {
            values.push(decode(&mut self.evaluator, self.universe, &mut watch.lookup, shape, *start, 0, row)?);
        }
        Ok(values)
    }

    /// Adds an action to be asked for successors besides the groups of the model; gives its number.
    pub fn add_action(&mut self, action: &Formula) -> usize {
        let ready = action.prepare(self.universe, &self.evaluator);
        self.groups.push(Group { ready, tree: Tree::new(), rate: HitRate::default() });
        self.groups.len() - 1
    }

    /// Calls `each` with the successors that a group of the model, or an action that was added, makes.
    ///
    /// # Errors
    /// When evaluation fails, or `each` does.
    pub fn successors_by(
        &mut self,
        action: usize,
        row: &[u32],
        each: &mut dyn FnMut(&mut Self, &[u32]) -> Outcome<()>,
    ) -> Outcome<()> {
        self.refresh();
        self.found.clear();
        self.expand(action, row)?;
        self.hand_on(each)
    }

    /// Formulas to be asked of states or steps besides those of the model.
    pub fn questions<'f>(&self, formulas: impl IntoIterator<Item = &'f Formula>) -> Questions {
        let label = |f: &Formula| Label {
            ready: f.prepare(self.universe, &self.evaluator),
            tree: Tree::new(),
            phase: Phase::Next,
        };
        Questions { labels: formulas.into_iter().map(label).collect(), irregularities: self.irregularities }
    }

    /// Whether one of the formulas holds in a state, or of a step if `next` is given.
    ///
    /// # Errors
    /// When it has no truth value.
    pub fn ask(&mut self, of: &mut Questions, number: usize, current: &[u32], next: Option<&[u32]>) -> Evaluated<bool> {
        self.refresh();
        if of.irregularities != self.irregularities {
            of.irregularities = self.irregularities;
            of.labels.iter_mut().for_each(|l| l.tree.clear());
        }
        match self.label(&mut of.labels[number], current, next, self.progress.level) {
            Ok(holds) => Ok(holds),
            Err(Stop::Error(error)) => Err(error.fault),
            Err(Stop::Exit) => Err(Fault::new(FaultKind::Other, "the specification asked for an end of the run")),
        }
    }

    fn failed(phase: Phase) -> impl Fn(Box<Fault>) -> Stop<EvaluationError> {
        move |fault| Stop::Error(EvaluationError { phase, fault })
    }

    /// Evaluates the view of a row's state into its first slot.
    fn fill_view(&mut self, row: &mut [u32]) -> Outcome<()> {
        if self.view.is_none() {
            return Ok(());
        }
        self.show(row, None);
        self.set_level(self.progress.level + 1);
        let (Some((prepared, arguments)), evaluator) = (&self.view, &mut self.evaluator) else { return Ok(()) };
        let universe = self.universe;
        let id = evaluator.evaluate(prepared, arguments).and_then(|view| universe.intern(evaluator, &view));
        let id = id.map_err(Self::failed(Phase::Constraint))?;
        row[0] = self.watch.borrow_mut().lookup.id(0, Entry::part(id));
        Ok(())
    }

    /// Lets the evaluator look at a state, or a step.
    fn show(&mut self, current: &[u32], next: Option<&[u32]>) {
        let mut watch = self.watch.borrow_mut();
        watch.show(Side::Current, current);
        if let Some(next) = next {
            watch.show(Side::Next, next);
        }
        watch.begin();
        drop(watch);
        self.evaluator.look(next.is_some());
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
        let mut watch = self.watch.borrow_mut();
        for (slot, id) in row.iter().enumerate() {
            let entry = watch.lookup.entry(slot, *id);
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

    /// Forgets what was concluded while fewer variables were irregular.
    fn refresh(&mut self) {
        let now = self.model.slots.irregularities();
        if self.irregularities == now {
            return;
        }
        self.irregularities = now;
        self.groups.iter_mut().for_each(|g| g.tree.clear());
        let labels = self.constraints.iter_mut().chain(&mut self.action_constraints);
        labels.for_each(|l| l.tree.clear());
        let properties = self.on_initial.iter_mut().chain(&mut self.on_state).chain(&mut self.on_step);
        properties.for_each(|(_, l)| l.tree.clear());
    }

    /// True if the label holds. The level is what `TLCGet("level")` says meanwhile.
    fn label(&mut self, label: &mut Label, current: &[u32], next: Option<&[u32]>, level: u32) -> Outcome<bool> {
        let memo = self.model.memoised() && !label.tree.is_paused();
        if memo {
            let known = label.tree.find(current, next.unwrap_or(&[])).copied();
            label.tree.count(known.is_some());
            if let Some(known) = known {
                return Ok(known);
            }
        }
        self.show(current, next);
        self.set_level(level);
        let (prepared, arguments) = &label.ready;
        let holds = self.evaluator.holds(prepared, arguments).map_err(Self::failed(label.phase));
        self.evaluator.clear_next();
        let holds = holds?;
        self.asked_to_exit()?;
        if memo && self.irregularities == self.model.slots.irregularities() {
            let watch = self.watch.borrow();
            label.tree.insert(&watch.reads, current, next.unwrap_or(&[]), holds);
        }
        Ok(holds)
    }

    fn all_hold(
        &mut self,
        mut labels: Vec<Label>,
        current: &[u32],
        next: Option<&[u32]>,
        level: u32,
    ) -> (Vec<Label>, Outcome<bool>) {
        self.refresh_labels(&mut labels);
        for label in &mut labels {
            match self.label(label, current, next, level) {
                Ok(true) => {}
                other => return (labels, other),
            }
        }
        (labels, Ok(true))
    }

    fn refresh_labels(&mut self, labels: &mut [Label]) {
        if self.irregularities != self.model.slots.irregularities() {
            self.refresh();
            labels.iter_mut().for_each(|l| l.tree.clear());
        }
    }

    fn judge(
        &mut self,
        mut properties: Vec<(PropertyId, Label)>,
        current: &[u32],
        next: Option<&[u32]>,
        level: u32,
    ) -> (Vec<(PropertyId, Label)>, Outcome<Judgement>) {
        if self.irregularities != self.model.slots.irregularities() {
            self.refresh();
            properties.iter_mut().for_each(|(_, l)| l.tree.clear());
        }
        for (id, label) in &mut properties {
            match self.label(label, current, next, level) {
                Ok(true) => {}
                Ok(false) => {
                    let id = *id;
                    return (properties, Ok(Judgement::Violated(id)));
                }
                Err(stop) => return (properties, Err(stop)),
            }
        }
        (properties, Ok(Judgement::Holds))
    }

    /// Finds the successors that one group makes of a row.
    fn expand(&mut self, number: usize, row: &[u32]) -> Outcome<()> {
        let model = self.model;
        let memo = model.memoised();
        let group = &mut self.groups[number];
        let memo = memo && !group.tree.is_paused();
        group.rate.asked += 1;
        if memo {
            let known = group.tree.find(row, &[]);
            let hit = known.is_some();
            if let Some(successors) = known {
                successors.apply(row, &mut self.found);
            }
            group.tree.count(hit);
            if hit {
                return Ok(());
            }
        }
        group.rate.missed += 1;
        self.show(row, None);
        self.set_level(self.progress.level);
        if model.impure {
            self.seed(number, row);
        }
        let mut successors = Successors::default();
        let (universe, watch) = (self.universe, self.watch.clone());
        let (prepared, arguments) = &self.groups[number].ready;
        let result = self.evaluator.successors(prepared, arguments, &mut |evaluator| {
            let updates = updates(model, evaluator, universe, &mut watch.borrow_mut())?;
            successors.push(updates);
            Ok(Flow::Continue)
        });
        result.map_err(Self::failed(Phase::Next))?;
        self.asked_to_exit()?;
        successors.apply(row, &mut self.found);
        if memo && self.irregularities == model.slots.irregularities() {
            self.groups[number].tree.insert(&self.watch.borrow().reads, row, &[], successors);
        }
        Ok(())
    }
}

/// What a successor changes in the row it was made of.
fn updates(
    model: &TlaModel,
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    watch: &mut Watch,
) -> Evaluated<Vec<(u32, u32)>> {
    let values: Vec<Value> = evaluator.next_values().cloned().collect();
    let written: Vec<Written> = evaluator.written().to_vec();
    let mut updates = Vec::new();
    let mut encoded = Vec::new();
    let row = watch.row(Side::Current).to_vec();
    for (variable, (value, written)) in values.iter().zip(&written).enumerate() {
        if matches!(written, Written::Some(slots) if slots.is_empty()) {
            continue;
        }
        let (shape, start) = (&model.slots.shapes[variable], model.slots.starts[variable]);
        let old = watch.known(variable);
        let before = old.as_ref().map(|value| Before { value, row: &row });
        encoded.clear();
        let mut encoder = Encoder { evaluator, universe, lookup: &mut watch.lookup, irregular: false };
        let result = encoder.encode(shape, start, 0, value, before, &mut encoded);
        let irregular = encoder.irregular;
        result.map_err(|fault| unstorable(model, variable, fault))?;
        let mut update = |slot: usize| {
            let id = encoded[slot - start];
            // What was read has the same id in every row that comes to this leaf.
            if id != row[slot] || !watch.was_read(slot) {
                updates.push((slot as u32, id));
            }
        };
        match written {
            Written::Some(parts) if !irregular => parts.iter().flat_map(Clone::clone).for_each(&mut update),
            _ => (start..start + shape.slots()).for_each(&mut update),
        }
        if irregular {
            model.slots.set_irregular(variable);
        }
    }
    Ok(updates)
}

fn unstorable(model: &TlaModel, variable: usize, mut fault: Box<Fault>) -> Box<Fault> {
    let variable = &model.plan.spec.variables[variable];
    fault.message = format!("the value of {} cannot be stored in a state: {}", variable.name, fault.message);
    if fault.place.is_none_or(Span::is_none) {
        fault.place = Some(variable.span);
    }
    fault
}

/// Encodes all variables of a state; a value that cannot be listed is an error naming its variable.
fn encode_state(
    model: &TlaModel,
    evaluator: &mut Evaluator,
    universe: &'static Universe,
    lookup: &mut Lookup,
    values: &[Value],
    into: &mut Vec<u32>,
) -> Evaluated<()> {
    let begin = into.len();
    let reserved = model.slots.starts.first().copied().unwrap_or(0);
    into.resize(begin + reserved, 0);
    for (variable, value) in values.iter().enumerate() {
        let (shape, start) = (&model.slots.shapes[variable], model.slots.starts[variable]);
        let mut encoder = Encoder { evaluator, universe, lookup, irregular: false };
        let result = encoder.encode(shape, start, 0, value, None, into);
        if encoder.irregular {
            model.slots.set_irregular(variable);
        }
        if let Err(fault) = result {
            into.truncate(begin);
            return Err(unstorable(model, variable, fault));
        }
    }
    Ok(())
}

impl Drop for TlaWorker<'_> {
    /// Leaves registers and hit rates for whoever looks afterwards.
    fn drop(&mut self) {
        let mut rates = self.model.rates.lock().unwrap_or_else(PoisonError::into_inner);
        for (sum, group) in rates.iter_mut().zip(&self.groups) {
            sum.asked += group.rate.asked;
            sum.missed += group.rate.missed;
        }
        drop(rates);
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
        let (universe, watch, found) = (self.universe, self.watch.clone(), &mut self.found);
        found.clear();
        let (prepared, arguments) = &self.initial;
        let result = self.evaluator.initial_states(prepared, arguments, &mut |evaluator| {
            let values: Vec<Value> = evaluator.state_values().cloned().collect();
            encode_state(model, evaluator, universe, &mut watch.borrow_mut().lookup, &values, found)?;
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
        self.refresh();
        for group in 0..self.model.groups.len() {
            self.expand(group, row)?;
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
        let labels = std::mem::take(&mut self.constraints);
        let (labels, result) = self.all_hold(labels, row, None, self.progress.level + 1);
        self.constraints = labels;
        result
    }

    fn step_in_model(&mut self, from: &[u32], _group: GroupId, to: &[u32]) -> Outcome<bool> {
        if self.action_constraints.is_empty() {
            return Ok(true);
        }
        let labels = std::mem::take(&mut self.action_constraints);
        let (labels, result) = self.all_hold(labels, from, Some(to), self.progress.level);
        self.action_constraints = labels;
        result
    }

    fn check_initial(&mut self, row: &[u32]) -> Outcome<Judgement> {
        if self.on_initial.is_empty() {
            return Ok(Judgement::Holds);
        }
        let properties = std::mem::take(&mut self.on_initial);
        let (properties, result) = self.judge(properties, row, None, self.progress.level + 1);
        self.on_initial = properties;
        result
    }

    fn check_state(&mut self, row: &[u32]) -> Outcome<Judgement> {
        if self.on_state.is_empty() {
            return Ok(Judgement::Holds);
        }
        let properties = std::mem::take(&mut self.on_state);
        let (properties, result) = self.judge(properties, row, None, self.progress.level + 1);
        self.on_state = properties;
        result
    }

    fn check_step(&mut self, from: &[u32], _group: GroupId, to: &[u32]) -> Outcome<Judgement> {
        if self.on_step.is_empty() {
            return Ok(Judgement::Holds);
        }
        let properties = std::mem::take(&mut self.on_step);
        let (properties, result) = self.judge(properties, from, Some(to), self.progress.level);
        self.on_step = properties;
        result
    }

    fn canonical(&mut self, row: &mut [u32]) -> Outcome<()> {
        let Some(symmetry) = &self.model.symmetry else { return Ok(()) };
        let values = self.values(row).map_err(Self::failed(Phase::Constraint))?;
        let best = symmetry.least(self.universe, &mut self.evaluator, &mut self.symmetry, &values);
        let Some(best) = best.map_err(Self::failed(Phase::Constraint))? else { return Ok(()) };
        let mut encoded = Vec::with_capacity(row.len());
        let (model, universe, watch) = (self.model, self.universe, self.watch.clone());
        encode_state(model, &mut self.evaluator, universe, &mut watch.borrow_mut().lookup, &best, &mut encoded)
            .map_err(Self::failed(Phase::Constraint))?;
        row.copy_from_slice(&encoded);
        self.fill_view(row)
    }

    fn order(&mut self, left: &[u32], right: &[u32]) -> Ordering {
        let mut watch = self.watch.borrow_mut();
        for (slot, (l, r)) in left.iter().zip(right).enumerate() {
            if l == r {
                continue;
            }
            let (l, r) = (watch.lookup.entry(slot, *l), watch.lookup.entry(slot, *r));
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
