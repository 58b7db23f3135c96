//! A specification as a [`Model`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::diagnostic::{Diagnostic, Span};
use crate::eval::action::Flow;
use crate::eval::{Evaluator, Prepared, Settings};
use crate::model::{Model, PropertyId};
use crate::report::{Kind, LookUps, SlotFigures, Stats};
use crate::resolve::spec::{Expr, ExprKind, Level, LocalId, Named, OperatorId, Spec, VariableId};
use crate::value::machine::{Fault, Machine, Result as Evaluated, Services};
use crate::value::{Universe, Value, ValueId};

use super::composed::Parts;
use super::formula::{self, Closed, Part};
use super::groups;
use super::initial::Drawing;
use super::memo::{Effort, Extent, Memo};
use super::pieces::Pieces;
use super::slots::{Shape, Slots};
use super::symmetry::{Doubt, Symmetry};
use super::terms::{TermList, TermValues};
use super::uses::{self, Paths};
use super::worker::TlaWorker;

/// Initial states looked at to decide the layout.
const SAMPLE: usize = 64;

/// How services of a worker are made: its number is given.
pub type MakeServices = dyn Fn(usize) -> Services + Send + Sync;

/// What a model is built from.
pub struct Plan {
    /// The specification.
    pub spec: Arc<Spec>,
    /// The universe of its symbols.
    pub universe: &'static Universe,
    /// Limits of evaluation.
    pub settings: Settings,
    /// Services for each worker.
    pub services: Arc<MakeServices>,
    /// Whether a state without successors is an error.
    pub checks_deadlock: bool,
    /// Seed of random operators.
    pub seed: u64,
    /// Keep outcomes of evaluations in decision trees.
    pub memo: bool,
    /// Measure the time spent in evaluation.
    pub measure: bool,
    /// Registers set before the exploration, for every worker.
    pub registers: Vec<(i64, ValueId)>,
}

/// An expression with interned values for the locals around it: can be shared by threads.
pub struct Formula {
    /// The expression.
    pub expr: Expr,
    locals: Vec<LocalId>,
    values: Vec<ValueId>,
}

impl Formula {
    /// Keeps an expression with its bindings.
    ///
    /// # Errors
    /// When the value of a binding cannot be listed.
    pub fn new(universe: &'static Universe, evaluator: &mut Evaluator, closed: &Closed) -> Evaluated<Self> {
        let mut values = Vec::with_capacity(closed.bindings.len());
        for (_, value) in &closed.bindings {
            values.push(universe.intern(evaluator, value)?);
        }
        let locals = closed.bindings.iter().map(|(l, _)| *l).collect();
        Ok(Self { expr: closed.expr.clone(), locals, values })
    }

    /// Values of the locals around it.
    pub fn bindings(&self, universe: &'static Universe) -> Vec<(LocalId, Value)> {
        self.locals.iter().zip(&self.values).map(|(l, id)| (*l, universe.value(*id))).collect()
    }

    /// The locals around it with their values, interned.
    pub fn interned(&self) -> impl Iterator<Item = (LocalId, ValueId)> {
        self.locals.iter().copied().zip(self.values.iter().copied())
    }

    /// Prepares it for a worker's evaluator.
    pub fn prepare(&self, universe: &'static Universe, evaluator: &Evaluator) -> (Prepared, Vec<Value>) {
        let values = self.values.iter().map(|id| universe.value(*id)).collect();
        (evaluator.prepare(&self.locals, &self.expr), values)
    }
}

/// A transition group, shareable.
pub struct Group {
    /// The action.
    pub action: Formula,
    /// Innermost named operator.
    pub name: String,
    /// Named operators around it, outermost first; the last is [`Group::name`].
    pub names: Vec<String>,
    /// Bound parameters, outermost first.
    pub parameters: Vec<(String, ValueId)>,
    /// Further names of parameters' values: parameters of definitions called with a bound variable of another name.
    pub aliases: Vec<(String, ValueId)>,
    /// How many of the names are those of the next-state relation as a whole.
    pub roots: usize,
    /// Where it is written.
    pub span: Span,
}

/// A property that is checked on states or steps.
pub struct Property {
    /// Name in the config.
    pub name: String,
    /// What a violation is.
    pub kind: Kind,
    /// The formula.
    pub formula: Formula,
    /// The same as parts to be checked one after the other: conjuncts, and instances of `\A` over constant sets.
    pub parts: Vec<Formula>,
}

/// The parts of a PROPERTY that are about whole behaviours.
pub struct Temporal {
    /// Name in the config.
    pub name: String,
    /// Conjuncts.
    pub conjuncts: Vec<Formula>,
}

/// Where evaluation failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Initial states.
    Initial,
    /// Successors.
    Next,
    /// CONSTRAINT, ACTION_CONSTRAINT, VIEW or SYMMETRY.
    Constraint,
    /// A property.
    Property(PropertyId),
}

/// An evaluation error.
#[derive(Clone, Debug)]
pub struct EvaluationError {
    /// What was being evaluated.
    pub phase: Phase,
    /// What went wrong.
    pub fault: Box<Fault>,
}

/// A specification as the engine sees it.
pub struct TlaModel {
    /// What it was built from.
    pub plan: Plan,
    /// The initial predicate.
    pub initial: Formula,
    /// The same in two.
    pub(super) drawing: Option<Drawing>,
    /// The next-state relation, split.
    pub groups: Vec<Group>,
    /// What composed groups are made of.
    pub(super) parts: Parts,
    /// The parts of action properties in pieces, where that is of use.
    pub(super) pieces: Vec<Option<Pieces>>,
    /// Tree of the first condition of these pieces.
    pub(super) first_condition: usize,
    /// State functions that conditions compare, the tree of the first, and the numbers of their values.
    pub(super) terms: Vec<Formula>,
    pub(super) first_term: usize,
    pub(super) term_values: TermValues,
    /// Properties by id.
    pub properties: Vec<Property>,
    /// CONSTRAINTs.
    pub(super) constraints: Vec<Formula>,
    /// ACTION_CONSTRAINTs.
    pub(super) action_constraints: Vec<Formula>,
    /// VIEW.
    pub(super) view: Option<Formula>,
    /// SYMMETRY.
    pub(super) symmetry: Option<Symmetry>,
    /// Where SYMMETRY may not be one.
    pub doubts: Vec<Doubt>,
    /// Fairness and other temporal conjuncts of SPECIFICATION.
    pub fairness: Vec<Formula>,
    /// Properties with parts that need behaviours.
    pub temporal: Vec<Temporal>,
    /// Warnings met while building.
    pub warnings: Vec<Diagnostic>,
    pub(super) slots: Arc<Slots>,
    /// Constant definitions worked out already.
    pub(super) constants: Vec<(OperatorId, ValueId)>,
    /// Registers of a worker that ended, for POSTCONDITION.
    pub(super) left_registers: Mutex<BTreeMap<i64, ValueId>>,
    /// See [`TlaModel::left_out`].
    left_out: AtomicBool,
    /// What evaluations have shown so far.
    pub(super) memo: Memo,
    /// What looking up and evaluating took, of workers that have ended.
    pub(super) effort: Mutex<Effort>,
    /// True if actions or constraints have effects or read the run's numbers.
    pub(super) impure: bool,
}

/// Why there is no model.
pub enum Unbuilt {
    /// The specification or a property is of a form that cannot be checked.
    Diagnostics(Vec<Diagnostic>),
    /// Something that is needed to build the model cannot be evaluated.
    Evaluation(Box<Diagnostic>),
    /// Nothing to explore: the config names neither a specification nor INIT and NEXT.
    NoBehaviour,
}

fn evaluation(fault: Box<Fault>) -> Unbuilt {
    Unbuilt::Evaluation(Box::new(formula::fault_diagnostic(&fault)))
}

impl TlaModel {
    /// Builds the model.
    ///
    /// # Errors
    /// When there is nothing to explore, or something cannot be checked.
    pub fn build(plan: Plan, evaluator: &mut Evaluator) -> Result<Self, Unbuilt> {
        let spec = plan.spec.clone();
        let (initial, next, next_name, fairness) = behaviour(&spec, evaluator)?;
        let universe = plan.universe;
        let mut builder = Builder { spec: &spec, universe, evaluator };
        let mut properties = Vec::new();
        let mut temporal = Vec::new();
        for named in &spec.checks.invariants {
            let closed = Closed { expr: spec.call(named.operator), bindings: Vec::new() };
            properties.push(builder.checked(named, Kind::Invariant, &closed).map_err(evaluation)?);
        }
        let mut warnings = Vec::new();
        for named in &spec.checks.properties {
            if builder.property(named, &mut properties, &mut temporal)? == 0 {
                let message = format!("the property {} says nothing: it quantifies over an empty set", named.name);
                warnings.push(Diagnostic::warning("liveness-trivial", spec.call(named.operator).span, message));
            }
        }
        let constraints = builder.all_named(&spec.checks.constraints)?;
        let action_constraints = builder.all_named(&spec.checks.action_constraints)?;
        let view = spec.checks.view.as_ref().map(|v| builder.named(v)).transpose().map_err(evaluation)?;
        let fairness = fairness.iter().map(|f| builder.formula(f)).collect::<Evaluated<_>>().map_err(evaluation)?;
        let initial = builder.formula(&initial).map_err(evaluation)?;
        let groups = builder.groups(&next, &next_name)?;
        let keeps = if plan.memo { uses::selective(&spec, &next.expr) } else { BTreeMap::new() };
        let shapes = builder.shapes(&initial, &keeps);
        let paths: Vec<Paths> = (0..shapes.len() as u32)
            .map(|variable| keeps.get(&VariableId(variable)).cloned().unwrap_or_default())
            .collect();
        let empty = universe.intern(builder.evaluator, &Value::empty_set()).map_err(evaluation)?;
        let mut symmetry = match &spec.checks.symmetry {
            Some(named) => {
                let symmetry = Symmetry::new(builder.evaluator, named, view.is_some()).map_err(Unbuilt::Evaluation)?;
                warnings.extend(symmetry.warning(named));
                Some(symmetry).filter(|s| !s.is_trivial())
            }
            None => None,
        };
        let constants = builder.evaluator.known_constants();
        let slots = Arc::new(Slots::new(shapes, &paths, usize::from(view.is_some()), empty));
        if let Some(symmetry) = &mut symmetry {
            symmetry.lay_out(builder.evaluator, &slots);
        }
        let composed = Parts::new(universe, builder.evaluator, &groups).map_err(evaluation)?;
        let actions = groups.len() + composed.actions.len();
        let effort = Mutex::new(Effort::new(actions));
        let doubts = symmetry.as_ref().map(|symmetry| symmetry.doubts(builder.evaluator)).unwrap_or_default();
        let relevant = std::iter::once(&initial)
            .chain(groups.iter().map(|g| &g.action))
            .chain(&constraints)
            .chain(&action_constraints)
            .chain(properties.iter().map(|p| &p.formula));
        let parts =
            |of: fn(Kind) -> bool| properties.iter().filter(|p| of(p.kind)).map(|p| p.parts.len()).sum::<usize>();
        let drawing = Drawing::new(&spec, universe, builder.evaluator, &initial).map_err(evaluation)?;
        let candidates = drawing.as_ref().map_or(0, |drawing| drawing.conditions.len());
        let labels = constraints.len() + action_constraints.len() + parts(|_| true) + candidates;
        let mut terms = TermList::default();
        let pieces = builder.pieces(&properties, &mut terms).map_err(evaluation)?;
        let terms = terms.terms;
        let conditions = pieces.iter().flatten().map(|pieces| pieces.conditions.len()).sum::<usize>();
        let memo = Memo::new(Extent {
            trees: actions + labels + conditions + terms.len(),
            slots: slots.count,
            constraints: constraints.len(),
            invariants: parts(|kind| kind == Kind::Invariant),
            candidates,
        });
        let impure = relevant.into_iter().any(|f| builder.evaluator.is_impure(&f.expr));
        Ok(Self {
            plan,
            initial,
            drawing,
            groups,
            parts: composed,
            pieces,
            first_condition: actions + labels,
            first_term: actions + labels + conditions,
            terms,
            term_values: TermValues::default(),
            properties,
            constraints,
            action_constraints,
            view,
            symmetry,
            doubts,
            fairness,
            temporal,
            warnings,
            slots,
            constants,
            memo,
            left_registers: Mutex::default(),
            left_out: AtomicBool::new(false),
            effort,
            impure,
        })
    }

    /// The number of a worker that asks for it, and a new evaluator.
    pub(crate) fn evaluator(&self, worker: usize) -> Evaluator {
        self.plan.universe.enter();
        let services = (self.plan.services)(worker);
        let mut evaluator = Evaluator::new(self.plan.spec.clone(), self.plan.settings.clone(), services);
        evaluator.keep_calls(self.plan.memo);
        for (operator, id) in &self.constants {
            evaluator.set_constant(*operator, self.plan.universe.value(*id));
        }
        for (register, id) in &self.plan.registers {
            evaluator.services().registers.insert(*register, self.plan.universe.value(*id));
        }
        evaluator
    }

    /// True if outcomes of evaluations are kept.
    pub fn memoised(&self) -> bool {
        self.plan.memo && !self.impure
    }

    /// What looking up and evaluating took, over all workers that have ended, and the layout.
    pub fn stats(&self) -> Stats {
        let effort = self.effort.lock().unwrap_or_else(PoisonError::into_inner);
        let mut look_ups: Vec<LookUps> = Vec::new();
        let names = self.groups.iter().map(|g| g.name.as_str()).chain(self.parts.names(&self.plan.spec));
        let names = names.zip(&effort.groups);
        for (name, rate) in names.chain([("constraints and properties", &effort.labels)]) {
            let same = look_ups.iter_mut().find(|l| l.name == name);
            match same {
                Some(same) => {
                    same.asked += rate.asked;
                    same.missed += rate.missed;
                }
                None => look_ups.push(LookUps { name: name.to_owned(), asked: rate.asked, missed: rate.missed }),
            }
        }
        let names = self.slots.names(self.plan.universe, self.plan.spec.variables.iter().map(|v| v.name.as_str()));
        let slots = names.into_iter().enumerate().map(|(slot, name)| SlotFigures {
            name,
            values: self.slots.len(slot),
            bits: 0,
        });
        Stats {
            identity: "",
            action_seconds: effort.evaluating_groups.as_secs_f64(),
            label_seconds: effort.evaluating_labels.as_secs_f64(),
            look_ups,
            slots: slots.collect(),
            tree_bytes: self.memo.known(&self.slots).forest.bytes(),
            value_bytes: self.plan.universe.bytes() as u64,
            ..Stats::default()
        }
    }

    /// True if a property was not asked about somewhere: after the first violation in a state, those that cannot be
    /// evaluated there are left out.
    pub fn left_out(&self) -> bool {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Remembers that a property was left out.
    pub(super) fn leave_out(&self) {
        self.left_out.store(true, Ordering::Relaxed);
    }

    /// Registers as the workers left them.
    pub fn left_registers(&self) -> BTreeMap<i64, ValueId> {
        self.left_registers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A worker of the concrete type.
    pub fn tla_worker(&self) -> TlaWorker<'_> {
        TlaWorker::new(self)
    }
}

impl Model for TlaModel {
    type Error = EvaluationError;
    type Worker<'m> = TlaWorker<'m>;

    fn slots(&self) -> usize {
        self.slots.count
    }

    fn key_slots(&self) -> usize {
        if self.view.is_some() { 1 } else { self.slots.count }
    }

    fn slot_len(&self, slot: usize) -> u32 {
        self.slots.len(slot)
    }

    fn symmetric(&self) -> bool {
        self.symmetry.is_some()
    }

    fn ordered(&self) -> bool {
        self.view.is_some() || self.impure
    }

    fn checks_deadlock(&self) -> bool {
        self.plan.checks_deadlock
    }

    fn bytes(&self) -> u64 {
        self.plan.universe.bytes() as u64 + self.memo.known(&self.slots).forest.bytes()
    }

    fn constrains_states(&self) -> bool {
        !self.constraints.is_empty()
    }

    fn judges_steps(&self) -> bool {
        !self.action_constraints.is_empty() || self.properties.iter().any(|p| p.kind == Kind::ActionProperty)
    }

    fn worker(&self) -> TlaWorker<'_> {
        TlaWorker::new(self)
    }
}

/// Init and Next as the config names them, the name of Next, and fairness.
fn behaviour(spec: &Spec, evaluator: &mut Evaluator) -> Result<(Closed, Closed, String, Vec<Closed>), Unbuilt> {
    let checks = &spec.checks;
    let call = |named: &Named| Closed { expr: spec.call(named.operator), bindings: Vec::new() };
    if let Some(named) = &checks.specification {
        let parts = formula::behaviour(spec, evaluator, named).map_err(|d| Unbuilt::Diagnostics(vec![d]))?;
        let Some(next) = parts.next else {
            let message = format!("the specification {} has no next-state relation [][Next]_vars", named.name);
            return Err(Unbuilt::Diagnostics(vec![Diagnostic::error("2202", named.span, message)]));
        };
        if parts.initial.is_empty() {
            let message = format!("the specification {} has no initial predicate", named.name);
            return Err(Unbuilt::Diagnostics(vec![Diagnostic::error("2201", named.span, message)]));
        }
        return Ok((conjunction(parts.initial), relation(next), named.name.clone(), parts.temporal));
    }
    match (&checks.init, &checks.next) {
        (Some(init), Some(next)) => Ok((call(init), call(next), next.name.clone(), Vec::new())),
        (None, None) => Err(Unbuilt::NoBehaviour),
        (Some(named), None) | (None, Some(named)) => {
            let missing = if checks.init.is_none() { "INIT" } else { "NEXT" };
            let message = format!("the config names no {missing}");
            Err(Unbuilt::Diagnostics(vec![Diagnostic::error("2229", named.span, message)]))
        }
    }
}

/// Several initial predicates as one.
fn conjunction(mut parts: Vec<Closed>) -> Closed {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let span = parts.iter().fold(Span::NONE, |span, p| span.to(p.expr.span));
    let bindings = parts.iter().flat_map(|p| p.bindings.clone()).collect();
    let kind = Box::new(ExprKind::And(parts.into_iter().map(|p| p.expr).collect()));
    Closed { expr: Expr { kind, span, level: Level::State }, bindings }
}

/// The action of `[A]_v`: stuttering steps allowed by the subscript are not generated.
fn relation(step: Closed) -> Closed {
    match &*step.expr.kind {
        ExprKind::SquareAction(action, _) => Closed { expr: action.clone(), bindings: step.bindings },
        _ => step,
    }
}

struct Builder<'a> {
    spec: &'a Spec,
    universe: &'static Universe,
    evaluator: &'a mut Evaluator,
}

impl Builder<'_> {
    fn formula(&mut self, closed: &Closed) -> Evaluated<Formula> {
        Formula::new(self.universe, self.evaluator, closed)
    }

    fn named(&mut self, named: &Named) -> Evaluated<Formula> {
        self.formula(&Closed { expr: self.spec.call(named.operator), bindings: Vec::new() })
    }

    fn checked(&mut self, named: &Named, kind: Kind, closed: &Closed) -> Evaluated<Property> {
        let formula = self.formula(closed)?;
        let parts = formula::conjuncts(self.spec, self.evaluator, closed);
        let parts = parts.iter().map(|part| self.formula(part)).collect::<Evaluated<_>>()?;
        Ok(Property { name: named.name.clone(), kind, formula, parts })
    }

    fn pieces(&mut self, properties: &[Property], terms: &mut TermList) -> Evaluated<Vec<Option<Pieces>>> {
        let steps = properties.iter().filter(|p| p.kind == Kind::ActionProperty).flat_map(|p| &p.parts);
        steps.map(|part| Pieces::new(self.spec, self.universe, self.evaluator, part, terms)).collect()
    }

    fn all_named(&mut self, named: &[Named]) -> Result<Vec<Formula>, Unbuilt> {
        named.iter().map(|n| self.named(n).map_err(evaluation)).collect()
    }

    /// A PROPERTY: what can be checked on states and steps, and what is left. Gives the number of its conjuncts.
    fn property(
        &mut self,
        named: &Named,
        properties: &mut Vec<Property>,
        temporal: &mut Vec<Temporal>,
    ) -> Result<usize, Unbuilt> {
        let parts = formula::parts_of(self.spec, self.evaluator, named).map_err(|d| Unbuilt::Diagnostics(vec![d]))?;
        let conjuncts = parts.len();
        for part in parts {
            let (kind, closed) = match part {
                Part::Initial(closed) => (Kind::PropertyInitial, closed),
                Part::Step(closed) => (Kind::ActionProperty, closed),
                Part::Always(closed) => (Kind::Invariant, closed),
                Part::Temporal(closed) => {
                    let conjunct = self.formula(&closed).map_err(evaluation)?;
                    match temporal.last_mut().filter(|t| t.name == named.name) {
                        Some(property) => property.conjuncts.push(conjunct),
                        None => temporal.push(Temporal { name: named.name.clone(), conjuncts: vec![conjunct] }),
                    }
                    continue;
                }
            };
            properties.push(self.checked(named, kind, &closed).map_err(evaluation)?);
        }
        Ok(conjuncts)
    }

    fn groups(&mut self, next: &Closed, name: &str) -> Result<Vec<Group>, Unbuilt> {
        let mut result = Vec::new();
        for group in groups::split(self.spec, self.evaluator, next, name) {
            let action = self.formula(&group.action).map_err(evaluation)?;
            let (parameters, aliases) = (self.labels(&group.parameters), self.labels(&group.aliases));
            let (name, names, roots, span) = (group.name, group.names, group.roots, group.span);
            result.push(Group { action, name, names, parameters, aliases, roots, span });
        }
        Ok(result)
    }

    /// Labels only: a value that cannot be listed is not shown.
    fn labels(&mut self, named: &[(String, Value)]) -> Vec<(String, ValueId)> {
        let mut labels = Vec::with_capacity(named.len());
        for (name, value) in named {
            if let Ok(id) = self.universe.intern(self.evaluator, value) {
                labels.push((name.clone(), id));
            }
        }
        labels
    }

    /// The layout that fits the first initial states. What fails here fails again when they are explored.
    fn shapes(&mut self, initial: &Formula, keeps: &BTreeMap<VariableId, Paths>) -> Vec<Shape> {
        let universe = self.universe;
        let (prepared, _) = initial.prepare(universe, self.evaluator);
        let values: Vec<Value> = initial.values.iter().map(|id| universe.value(*id)).collect();
        let mut columns: Vec<Vec<Value>> = vec![Vec::new(); self.spec.variables.len()];
        let mut seen = 0;
        let sampled = self.evaluator.initial_states(&prepared, &values, &mut |evaluator| {
            let state: Vec<Value> = evaluator.state_values().cloned().collect();
            for (column, value) in columns.iter_mut().zip(&state) {
                let id = universe.intern(evaluator, value)?;
                column.push(universe.value(id));
            }
            seen += 1;
            Ok(if seen < SAMPLE { Flow::Continue } else { Flow::Stop })
        });
        if sampled.is_err() {
            return vec![Shape::Whole; self.spec.variables.len()];
        }
        let atoms = |variable: usize| keeps.contains_key(&VariableId(variable as u32));
        columns.iter().enumerate().map(|(variable, column)| Shape::of(column, atoms(variable))).collect()
    }
}
