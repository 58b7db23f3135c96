//! Temporal properties: from a model and its states to verdicts.

use std::cmp::Ordering;

use super::behaviour::{Failed, Making, behaviours};
use super::columns::Columns;
use super::decompose::{Atoms, Decomposer};
use super::formula::Formula;
use super::graph::{Graph, NoTruth};
use super::lasso::Lasso;
use super::product::Unmade;
use super::reason::reason;
use super::search::{Size, predecessor, search};
use super::vacuity::{self, Antecedent, Doubts};
use super::verify::OnLasso;
use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Evaluator;
use crate::explore::{Explored, Interrupt, Step};
use crate::model::{GroupId, Stop, Worker as _};
use crate::partition::TlaModel;
use crate::partition::formula::Closed;
use crate::partition::model::{EvaluationError, Formula as Predicate};
use crate::partition::worker::TlaWorker;
use crate::report::Because;
use crate::value::Value;
use crate::value::machine::Fault;

/// How often a cycle that closes only up to a VIEW is gone through to confirm it.
const ROUNDS: usize = 20;

/// A property taken apart.
struct Property {
    name: String,
    conjuncts: Vec<Formula>,
}

/// What is to be checked, taken apart.
pub struct Liveness {
    pub(super) atoms: Atoms,
    pub(super) fairness: Vec<Formula>,
    /// Fairness conditions among [`Atoms::fairness`] that are of the specification; the others are properties'.
    pub(super) conditions: usize,
    properties: Vec<Property>,
    /// Where what is assumed is written.
    pub(super) assumed: Option<Span>,
    /// What implications of the properties depend on.
    pub(super) antecedents: Vec<Antecedent>,
    /// What is worth knowing before anything is checked.
    pub warnings: Vec<Diagnostic>,
}

/// How to check.
pub struct Request<'a> {
    /// The model; without symmetry, and without view unless [`Request::quotient`].
    pub model: &'a TlaModel,
    /// All its states.
    pub explored: &'a Explored,
    /// Threads.
    pub workers: usize,
    /// Go on after a violation.
    pub continue_after_violation: bool,
    /// Ends the check.
    pub interrupt: &'a Interrupt,
    /// Memory the graph may take.
    pub memory_bytes_max: Option<u64>,
    /// States stand for all that a VIEW takes for the same: only violations that real states confirm count, and that
    /// there is none means nothing.
    pub quotient: bool,
}

/// A property that is violated.
pub struct Violation {
    /// Its name.
    pub property: String,
    /// The states of the lasso.
    pub steps: Vec<Step>,
    /// The state that the last one goes back to.
    pub loop_to: usize,
    /// Why it is a counterexample.
    pub because: Vec<Because>,
}

/// How a check ended.
pub enum Ending {
    /// All was checked that had to be.
    Complete,
    /// Something cannot be evaluated: the property it was needed for, if it was one, and the way there.
    Fault(Option<String>, Box<Fault>, Vec<Step>),
    /// The model cannot be evaluated again.
    Error(EvaluationError),
    /// The user wanted an end.
    Interrupted,
    /// It was not decided, for this reason.
    Undecided(String),
    /// Two parts of this program disagree: there is no verdict.
    Defect(String),
}

impl Ending {
    fn into_reason(self) -> Option<String> {
        if let Ending::Undecided(reason) = self { Some(reason) } else { None }
    }
}

/// What a check found.
pub struct Checked {
    /// Violated properties.
    pub violations: Vec<Violation>,
    /// Names of properties without a verdict.
    pub unchecked: Vec<String>,
    /// Why some of them have none, where that does not keep others from having one.
    pub undecided: Vec<String>,
    /// Doubts about what was checked.
    pub warnings: Vec<Diagnostic>,
    /// How it ended.
    pub ending: Ending,
    /// Size of the graph and of the products that were searched.
    pub size: Size,
}

impl Liveness {
    /// Takes the temporal properties of a model apart.
    ///
    /// # Errors
    /// When one is of a form that cannot be checked.
    pub fn new(model: &TlaModel, evaluator: &mut Evaluator) -> Result<Self, Diagnostic> {
        let mut atoms = Atoms::default();
        let mut warnings = Vec::new();
        let mut decomposer = Decomposer { model, evaluator, atoms: &mut atoms };
        let fairness: Vec<Formula> = model.fairness.iter().map(|f| decomposer.formula(f)).collect::<Result<_, _>>()?;
        let conditions = decomposer.atoms.fairness.len();
        let (mut properties, mut antecedents) = (Vec::new(), Vec::new());
        for property in &model.temporal {
            let mut conjuncts = Vec::new();
            for conjunct in &property.conjuncts {
                let formula = decomposer.formula(conjunct)?;
                warnings.extend(triviality(&property.name, &formula, &fairness, conjunct.expr.span));
                conjuncts.push(formula);
                vacuity::antecedents(&mut decomposer, &property.name, conjunct, &mut antecedents)?;
            }
            properties.push(Property { name: property.name.clone(), conjuncts });
        }
        let assumed = model.fairness.first().map(|f| f.expr.span);
        Ok(Self { atoms, fairness, conditions, properties, assumed, antecedents, warnings })
    }

    /// Checks the properties, in order.
    pub fn check(&self, request: &Request) -> Checked {
        let mut checked = Checked {
            violations: Vec::new(),
            unchecked: self.properties.iter().map(|p| p.name.clone()).collect(),
            undecided: Vec::new(),
            warnings: Vec::new(),
            ending: Ending::Complete,
            size: Size::default(),
        };
        let making = Making {
            model: request.model,
            explored: request.explored,
            atoms: &self.atoms,
            workers: request.workers,
            interrupt: request.interrupt,
            memory_bytes_max: request.memory_bytes_max,
        };
        let made = match behaviours(&making) {
            Ok(made) => made,
            Err(failed) => {
                checked.ending = ending(failed);
                return checked;
            }
        };
        checked.size.states = made.graph.len() as u64;
        checked.size.steps = made.graph.targets.len() as u64;
        let columns = Columns::new(&made.graph);
        let mut check = Check { liveness: self, request, columns: &columns, worker: None };
        for at in 0..self.properties.len() {
            match check.property(at, &mut checked) {
                Ok(()) => checked.unchecked.retain(|name| *name != self.properties[at].name),
                Err(ending) if matches!(*ending, Ending::Undecided(_)) => {
                    checked.undecided.extend(ending.into_reason());
                }
                Err(ending) => {
                    checked.ending = *ending;
                    break;
                }
            }
            if !checked.violations.is_empty() && !request.continue_after_violation {
                break;
            }
        }
        let violated: Vec<String> = checked.violations.iter().map(|v| v.property.clone()).collect();
        let doubts = Doubts {
            liveness: self,
            made: &made,
            columns: &columns,
            violated: &violated,
            stop: &|| request.interrupt.is_raised(),
        };
        if !request.quotient && self.properties.iter().any(|p| !violated.contains(&p.name)) {
            checked.warnings = doubts.all(&mut checked.size);
        }
        checked
    }
}

/// A property that says nothing, or nothing new.
fn triviality(name: &str, formula: &Formula, fairness: &[Formula], span: Span) -> Option<Diagnostic> {
    let message = if *formula == Formula::True {
        format!("a conjunct of the property {name} is true of every behaviour")
    } else if fairness.contains(formula) {
        format!("the property {name} contains a fairness condition of the specification itself, which holds trivially")
    } else {
        return None;
    };
    Some(Diagnostic::warning("liveness-trivial", span, message))
}

fn ending(failed: Failed) -> Ending {
    match failed {
        Failed::Error(error) => Ending::Error(error),
        Failed::Interrupted => Ending::Interrupted,
        Failed::TooLarge => Ending::Undecided("the behaviour graph needs more memory than allowed".to_owned()),
        Failed::Inconsistent => Ending::Undecided(
            "the successors of a state are not the same when they are computed again (does the specification use \
             randomness, or read the state of the run?)"
                .to_owned(),
        ),
        Failed::Thread(message) => Ending::Defect(message),
    }
}

/// A check under way.
struct Check<'a> {
    liveness: &'a Liveness,
    request: &'a Request<'a>,
    columns: &'a Columns<'a, Box<Fault>>,
    /// Made when something was found.
    worker: Option<TlaWorker<'a>>,
}

impl<'a> Check<'a> {
    fn worker(&mut self) -> &mut TlaWorker<'a> {
        let model = self.request.model;
        self.worker.get_or_insert_with(|| model.tla_worker())
    }

    fn property(&mut self, at: usize, checked: &mut Checked) -> Result<(), Box<Ending>> {
        let property = &self.liveness.properties[at];
        for (number, conjunct) in property.conjuncts.iter().enumerate() {
            let Some(lasso) = self.search(&property.name, conjunct, &mut checked.size)? else { continue };
            let violated = &self.request.model.temporal[at].conjuncts[number];
            let bindings = violated.bindings(self.request.model.plan.universe);
            let violated = Closed { expr: violated.expr.clone(), bindings };
            let found = if self.request.quotient {
                self.violation_in_view(&property.name, &violated, &lasso)
            } else {
                Some(self.violation(&property.name, &violated, &lasso)?)
            };
            if let Some(found) = found {
                checked.violations.push(found);
                return Ok(());
            }
        }
        Ok(())
    }

    fn search(&mut self, name: &str, conjunct: &Formula, size: &mut Size) -> Result<Option<Lasso>, Box<Ending>> {
        let conjuncts: Vec<Formula> = self.liveness.fairness.iter().cloned().chain([conjunct.negated()]).collect();
        let (request, columns, worker) = (self.request, self.columns, &mut self.worker);
        let graph = columns.graph;
        let (mut left_row, mut right_row) = (Vec::new(), Vec::new());
        let mut order = |left: u32, right: u32| {
            request.explored.read(u64::from(left), &mut left_row);
            request.explored.read(u64::from(right), &mut right_row);
            worker.get_or_insert_with(|| request.model.tla_worker()).order(&left_row, &right_row)
        };
        match search(columns, &conjuncts, &mut order, &|| request.interrupt.is_raised(), size) {
            Ok(found) => Ok(found),
            Err(Unmade::Interrupted) => Err(Box::new(Ending::Interrupted)),
            Err(Unmade::TooLarge) => {
                let reason =
                    format!("the automaton of the property {name}, or its product with the states, is too large");
                Err(Box::new(Ending::Undecided(reason)))
            }
            Err(Unmade::NoTruth(no_truth)) => {
                let way = way_to(graph, no_truth, &mut order);
                let way = self.steps(&way);
                let fault = match no_truth {
                    NoTruth::State(state, atom) => &graph.state_faults[&(state, atom)],
                    NoTruth::Step(_, edge, atom) => &graph.step_faults[&(edge, atom)],
                };
                Err(Box::new(Ending::Fault(Some(name.to_owned()), fault.clone(), way)))
            }
        }
    }

    /// States with the groups that lead to them.
    fn steps(&mut self, states: &[u32]) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for state in states {
            let mut row = Vec::new();
            self.request.explored.read(u64::from(*state), &mut row);
            let group = steps.last().and_then(|before| group(self.worker(), &before.row, &row));
            steps.push(Step { row, group });
        }
        steps
    }

    fn violation(&mut self, name: &str, violated: &Closed, lasso: &Lasso) -> Result<Violation, Box<Ending>> {
        let defect = |what: &str| {
            let message = format!("the counterexample of {name} does not stand up to verification: {what}");
            Box::new(Ending::Defect(message))
        };
        let steps = self.steps(&lasso.states);
        if steps.iter().skip(1).any(|step| step.group.is_none()) {
            return Err(defect("a step is not one of the model"));
        }
        let last = &steps[steps.len() - 1].row;
        if lasso.loop_to + 1 < steps.len() && group(self.worker(), last, &steps[lasso.loop_to].row).is_none() {
            return Err(defect("the cycle does not close"));
        }
        let states = self.values(&steps).ok_or_else(|| defect("a state has no values"))?;
        let because = self.verify(violated, &states, lasso.loop_to, None).map_err(defect)?;
        Ok(Violation { property: name.to_owned(), steps, loop_to: lasso.loop_to, because })
    }

    /// A violation in the quotient by a VIEW, if real states confirm it: the cycle is gone through several times, and
    /// each time the behaviour that goes on like this is fair and violates the property.
    fn violation_in_view(&mut self, name: &str, violated: &Closed, lasso: &Lasso) -> Option<Violation> {
        let (stem, cycle) = (lasso.loop_to, lasso.states.len() - lasso.loop_to);
        let rounds = if cycle == 1 { 1 } else { ROUNDS };
        let length = if cycle == 1 { lasso.states.len() } else { stem + rounds * cycle + 1 };
        let class = |i: usize| lasso.states[if i < stem { i } else { stem + (i - stem) % cycle }];
        let classes: Vec<u32> = (0..length).map(class).collect();
        let steps = self.real_steps(&classes)?;
        let states = self.values(&steps)?;
        let mut because = Vec::new();
        for round in (1..=rounds).rev() {
            let end = stem + round * cycle;
            let after = states.get(end).map(Vec::as_slice);
            because = self.verify(violated, &states[..end], end - cycle, after).ok()?;
        }
        let steps = steps[..stem + cycle].to_vec();
        Some(Violation { property: name.to_owned(), steps, loop_to: stem, because })
    }

    /// Real states that follow one another through classes of states.
    fn real_steps(&mut self, classes: &[u32]) -> Option<Vec<Step>> {
        let explored = self.request.explored;
        let mut row = Vec::new();
        explored.read(u64::from(classes[0]), &mut row);
        let mut steps = vec![Step { row, group: None }];
        for class in &classes[1..] {
            let from = steps[steps.len() - 1].row.clone();
            let mut found = None;
            // An error can only hide later successors.
            let _ = self.worker().successors(&from, &mut |worker, group, row| {
                if explored.find(row) == Some(u64::from(*class)) && worker.step_in_model(&from, group, row)? {
                    found = Some(Step { row: row.to_vec(), group: Some(group) });
                    return Err(Stop::Exit);
                }
                Ok(())
            });
            steps.push(found?);
        }
        Some(steps)
    }

    fn values(&mut self, steps: &[Step]) -> Option<Vec<Vec<Value>>> {
        steps.iter().map(|step| self.worker().values(&step.row).ok()).collect()
    }

    /// The reason why a lasso is a counterexample, or what it lacks to be one.
    fn verify(
        &mut self,
        violated: &Closed,
        states: &[Vec<Value>],
        loop_to: usize,
        after: Option<&[Value]>,
    ) -> Result<Vec<Because>, &'static str> {
        let model = self.request.model;
        let universe = model.plan.universe;
        let closed = |f: &Predicate| Closed { expr: f.expr.clone(), bindings: f.bindings(universe) };
        let fairness: Vec<Closed> = model.fairness.iter().map(closed).collect();
        let mut on_lasso = OnLasso { evaluator: self.worker().evaluator(), states, loop_to, after };
        if on_lasso.truths(&closed(&model.initial))[0] != Some(true) {
            return Err("it does not begin in an initial state");
        }
        if fairness.iter().any(|f| on_lasso.truths(f)[0] != Some(true)) {
            return Err("it is not fair");
        }
        if on_lasso.truths(violated)[0] != Some(false) {
            return Err("it does not violate the property");
        }
        Ok(reason(&mut on_lasso, violated, &fairness))
    }
}

/// States from an initial one to where an atom has no truth value.
fn way_to<E>(graph: &Graph<E>, no_truth: NoTruth, order: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let (mut state, mut way) = match no_truth {
        NoTruth::State(state, _) => (state, vec![state]),
        NoTruth::Step(state, edge, _) => (state, vec![graph.targets[edge], state]),
    };
    while let Some(before) = predecessor(graph, state, order) {
        way.push(before);
        state = before;
    }
    way.reverse();
    way
}

/// The first group with a step from one row to another.
fn group(worker: &mut TlaWorker, from: &[u32], to: &[u32]) -> Option<GroupId> {
    let mut found = None;
    // The state was expanded before: what fails now comes after the step.
    let _ = worker.successors(from, &mut |_, group, row| {
        if row == to {
            found = Some(group);
            return Err(Stop::Exit);
        }
        Ok(())
    });
    found
}
