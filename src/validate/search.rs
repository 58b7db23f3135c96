//! Is a log a behaviour of the specification?
//!
//! All behaviours that match the log so far are followed at once. What is kept of them is a layer: for each cut
//! (how many events of each chain have been taken) the distinct states that the specification may be in. One
//! more event is taken from every cut in every state, after up to so many silent steps; that gives the next layer.
//! An empty layer is a rejection. Memory is that of one layer, not of the log.
//!
//! Values are not interned here: what no candidate holds any more is freed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::time::Instant;

use super::event::{Event, StepKind};
use super::log::{Cut, Held, Log, Trouble};
use super::logged::Logged;
use super::states::{Candidate, States, Taken};
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::partition::TlaModel;
use crate::partition::branch::{Branches, Found, Selection};
use crate::value::machine::{Fault, Result as Evaluated};
use crate::value::{self, ModelValue, Universe, Value};

/// Bounds of a search; reaching one makes the answer incomplete.
#[derive(Clone, Debug)]
pub struct Limits {
    /// States held at once.
    pub states: usize,
    /// When to stop.
    pub deadline: Option<Instant>,
    /// Silent steps between two events.
    pub silent: u32,
}

/// Why a search ended before its log did.
pub enum Ending {
    /// Reading the log.
    Trouble(Trouble),
    /// Evaluating the specification, at this line of this log.
    Fault(Box<Fault>, Option<(usize, u64)>),
    /// A limit.
    Limit(String),
    /// The user.
    Interrupted,
}

/// Cuts with the states that the specification may be in there.
pub type Layer = BTreeMap<Cut, States>;

/// A search under way.
pub struct Search<'s, 'm> {
    pub(super) branches: &'s Branches,
    pub(super) evaluator: Evaluator,
    pub(super) log: Log<'m>,
    pub(super) silent: Rc<[usize]>,
    /// For each leaf the number of its branch.
    pub(super) branch_of: Vec<usize>,
    pub(super) branch_count: usize,
    limits: Limits,
    interrupted: &'s dyn Fn() -> bool,
    /// States left out because too many were held.
    pub(super) dropped: bool,
    pub(super) states_max: usize,
    pub(super) states: u64,
    /// Events taken.
    pub(super) matched: u64,
    /// How far any candidate came on each chain.
    pub(super) most: Cut,
    /// The events that led to the layer.
    pub(super) arrived: Vec<Rc<Held>>,
    arriving: Vec<Rc<Held>>,
}

/// Where a search ended.
pub enum End {
    /// At the end of the log.
    Accepted(Candidate),
    /// Nothing goes on from this layer.
    Stuck(Layer),
}

/// What an event asks of a step.
pub(super) struct Asked<'a> {
    leaves: Option<&'a [usize]>,
    params: &'a [(String, Logged)],
}

impl<'a> Asked<'a> {
    pub(super) fn of(leaves: Option<&'a [usize]>, params: &'a [(String, Logged)]) -> Self {
        Self { leaves, params }
    }

    fn param(&self, name: &str) -> Option<&Logged> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, l)| l)
    }

    /// True if every parameter that is asked for has the value asked for; the innermost of several of one name counts.
    /// An action that has no such parameter in any of its branches is not asked for it.
    pub(super) fn is_met(&self, found: &Found<'_>) -> bool {
        self.params.iter().all(|(name, logged)| match found.labels.iter().rev().find(|l| l.name == *name) {
            Some(label) => logged.agrees(&label.value),
            None => !found.leaf.action_parameters.contains(name),
        })
    }
}

impl Selection for Asked<'_> {
    fn wants(&self, leaves: &Range<usize>) -> bool {
        self.leaves.is_none_or(|wanted| {
            wanted.get(wanted.partition_point(|leaf| *leaf < leaves.start)).is_some_and(|leaf| *leaf < leaves.end)
        })
    }

    fn admits(&self, name: &str, value: &Value) -> bool {
        self.param(name).is_none_or(|logged| logged.agrees(value))
    }

    fn known(&self, name: &str, finite: bool) -> Option<Vec<Value>> {
        let logged = self.param(name)?;
        match logged {
            Logged::Text(text) => {
                let symbol = Universe::current().known_symbol(text);
                match symbol {
                    // Nothing of the run has this text so far.
                    None if finite => Some(Vec::new()),
                    None => Some(logged.readings()),
                    Some(symbol) => Some(vec![Value::String(symbol), Value::Model(ModelValue::new(symbol, text))]),
                }
            }
            Logged::Bool(_) | Logged::Int(_) => Some(logged.readings()),
            _ if finite => None,
            _ => Some(logged.readings()).filter(|readings| !readings.is_empty()),
        }
    }
}

impl<'s, 'm> Search<'s, 'm> {
    /// A search through a log. The evaluator must be one of the model whose branches these are.
    pub fn new(
        branches: &'s Branches,
        evaluator: Evaluator,
        log: Log<'m>,
        silent: Rc<[usize]>,
        limits: Limits,
        interrupted: &'s dyn Fn() -> bool,
    ) -> Self {
        let mut known = Vec::new();
        let branch_of = branches.leaves.iter().map(|leaf| {
            let place = (leaf.span, leaf.place, &leaf.name);
            known.iter().position(|p| *p == place).unwrap_or_else(|| {
                known.push(place);
                known.len() - 1
            })
        });
        let branch_of: Vec<usize> = branch_of.collect();
        let branch_count = known.len();
        Self {
            branches,
            evaluator,
            log,
            silent,
            branch_of,
            branch_count,
            limits,
            interrupted,
            dropped: false,
            states_max: 0,
            states: 0,
            matched: 0,
            most: Vec::new(),
            arrived: Vec::new(),
            arriving: Vec::new(),
        }
    }

    /// Follows the log to its end, or as far as it goes.
    ///
    /// # Errors
    /// When the log cannot be read, the specification not be evaluated, or a limit is reached.
    pub fn run(&mut self, model: &TlaModel) -> Result<End, Ending> {
        let mut layer = Layer::from([(Cut::new(), self.initial(model)?)]);
        loop {
            let mut next = Layer::new();
            let mut ended = true;
            for (cut, states) in &layer {
                let ready = self.log.ready(cut).map_err(Ending::Trouble)?;
                ended &= ready.is_empty();
                if !ready.is_empty() {
                    self.advance(cut, states, &ready, &mut next)?;
                }
            }
            if ended {
                if !self.log.ended() {
                    return Err(Ending::Limit("the log goes on, but none of its events may be next".to_owned()));
                }
                let last = layer.into_values().flat_map(|states| states.as_slice().first().cloned()).next();
                return last.map(End::Accepted).ok_or_else(|| Ending::Limit("no state is left".to_owned()));
            }
            if next.is_empty() {
                return Ok(End::Stuck(layer));
            }
            self.settle(&next);
            layer = next;
        }
    }

    fn initial(&mut self, model: &TlaModel) -> Result<States, Ending> {
        let mut states = States::default();
        let (prepared, values) = model.initial.prepare(model.plan.universe, &self.evaluator);
        let (limit, mut full) = (self.limits.states, false);
        let counts: Rc<[u32]> = vec![0; self.branch_count * 2].into();
        let result = self.evaluator.initial_states(&prepared, &values, &mut |evaluator| {
            let values: Vec<Value> = evaluator.state_values().cloned().collect();
            let values: Rc<[Value]> =
                values.iter().map(|v| value::normalize(evaluator, v)).collect::<Evaluated<Vec<_>>>()?.into();
            full = states.len() >= limit;
            if full {
                return Ok(Flow::Stop);
            }
            states.insert(&values, || Candidate { values: values.clone(), counts: counts.clone(), last: None });
            Ok(Flow::Continue)
        });
        result.map_err(|fault| Ending::Fault(fault, None))?;
        self.dropped |= full;
        self.states_max = states.len();
        Ok(states)
    }

    /// Notes what the new layer is like, and lets go of events that it has taken everywhere.
    fn settle(&mut self, layer: &Layer) {
        self.arrived = std::mem::take(&mut self.arriving);
        self.matched += 1;
        self.states_max = self.states_max.max(layer.values().map(States::len).sum());
        let chains = layer.keys().map(Vec::len).max().unwrap_or(0);
        let taken = |cut: &Cut, chain: usize| cut.get(chain).copied().unwrap_or(0);
        self.most.resize(chains.max(self.most.len()), 0);
        let mut least = vec![u64::MAX; chains];
        for cut in layer.keys() {
            for (chain, least) in least.iter_mut().enumerate() {
                *least = (*least).min(taken(cut, chain));
                self.most[chain] = self.most[chain].max(taken(cut, chain));
            }
        }
        self.log.forget(&least);
    }

    /// Takes each event that is ready after a cut in each state there.
    fn advance(
        &mut self,
        cut: &Cut,
        states: &States,
        ready: &[(usize, Rc<Held>)],
        next: &mut Layer,
    ) -> Result<(), Ending> {
        let place = ready.first().map(|(_, held)| (held.event.file, held.event.line));
        let closure = self.closure(states, place)?;
        let closure = closure.as_ref().unwrap_or(states);
        for (chain, held) in ready {
            let mut after = cut.clone();
            after.resize(after.len().max(chain + 1), 0);
            after[*chain] += 1;
            let elsewhere: usize = next.iter().filter(|(c, _)| **c != after).map(|(_, s)| s.len()).sum();
            let mut found = next.remove(&after).unwrap_or_default();
            for candidate in closure.as_slice() {
                self.take(candidate, &held.event, elsewhere, &mut found)?;
            }
            if !found.is_empty() {
                if !self.arriving.iter().any(|other| Rc::ptr_eq(other, held)) {
                    self.arriving.push(Rc::clone(held));
                }
                next.insert(after, found);
            }
        }
        Ok(())
    }

    /// The states after up to so many silent steps; `None` if there are none to take.
    pub(super) fn closure(&mut self, states: &States, place: Option<(usize, u64)>) -> Result<Option<States>, Ending> {
        if self.limits.silent == 0 || self.silent.is_empty() {
            return Ok(None);
        }
        let mut reached = States::default();
        for candidate in states.as_slice() {
            reached.insert(&candidate.values, || candidate.clone());
        }
        let silent = self.silent.clone();
        let asked = Asked::of(Some(&silent), &[]);
        let mut begin = 0;
        for _ in 0..self.limits.silent {
            let end = reached.len();
            for number in begin..end {
                let candidate = reached.as_slice()[number].clone();
                self.steps(&candidate, &asked, &[], true, 0, &mut reached, place)?;
            }
            begin = end;
            if begin == reached.len() {
                break;
            }
        }
        self.states_max = self.states_max.max(reached.len());
        Ok(Some(reached))
    }

    /// Takes one event in one state.
    fn take(
        &mut self,
        candidate: &Candidate,
        event: &Event,
        elsewhere: usize,
        found: &mut States,
    ) -> Result<(), Ending> {
        let place = Some((event.file, event.line));
        let leaves = match &event.step {
            StepKind::Leaves(leaves) => Some(leaves.clone()),
            StepKind::Any | StepKind::Stutter => {
                let agrees = |(variable, logged): &(usize, Logged)| logged.agrees(&candidate.values[*variable]);
                if event.state.iter().all(agrees) {
                    let last = Some(Rc::new(Taken { leaf: None, labels: Vec::new(), silent: false }));
                    self.states += 1;
                    found.insert(&candidate.values, || Candidate { last, ..candidate.clone() });
                }
                if matches!(event.step, StepKind::Stutter) {
                    return Ok(());
                }
                None
            }
        };
        let asked = Asked::of(leaves.as_deref(), &event.params);
        self.steps(candidate, &asked, &event.state, false, elsewhere, found, place)
    }

    /// Adds the successors of a state that are asked for.
    #[allow(clippy::too_many_arguments, reason = "the question, the state and where the answers go")]
    fn steps(
        &mut self,
        from: &Candidate,
        asked: &Asked<'_>,
        state: &[(usize, Logged)],
        silent: bool,
        elsewhere: usize,
        into: &mut States,
        place: Option<(usize, u64)>,
    ) -> Result<(), Ending> {
        self.check()?;
        self.evaluator.set_state(&from.values);
        let room = self.limits.states.saturating_sub(elsewhere);
        let (branches, branch_of) = (self.branches, &self.branch_of);
        let (mut tried, mut full) = (0_u64, false);
        let (deadline, mut late) = (self.limits.deadline, false);
        let result = branches.each_leaf(&mut self.evaluator, asked, &mut |evaluator, leaf| {
            if !asked.wants(&(leaf.number..leaf.number + 1)) || !asked.is_met(leaf) {
                return Ok(Flow::Continue);
            }
            leaf.successors(evaluator, &mut |evaluator| {
                tried += 1;
                late = tried.is_multiple_of(LOOK_AT_CLOCK) && deadline.is_some_and(|d| Instant::now() > d);
                if late {
                    return Ok(Flow::Stop);
                }
                let Some(values) = next_state(evaluator, state)? else { return Ok(Flow::Continue) };
                full = into.len() >= room;
                if full {
                    return Ok(Flow::Stop);
                }
                into.insert(&values, || stepped(from, leaf, branch_of[leaf.number], silent, values.clone()));
                Ok(Flow::Continue)
            })
        });
        self.states += tried;
        self.dropped |= full;
        match result {
            Err(fault) => Err(Ending::Fault(fault, place)),
            Ok(_) if late => Err(Ending::Limit("the time is up".to_owned())),
            Ok(_) => Ok(()),
        }
    }

    fn check(&self) -> Result<(), Ending> {
        if (self.interrupted)() {
            return Err(Ending::Interrupted);
        }
        if self.limits.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(Ending::Limit("the time is up".to_owned()));
        }
        Ok(())
    }
}

/// Successors between two looks at the clock.
const LOOK_AT_CLOCK: u64 = 256;

/// The next state of the evaluator, if it agrees with what is logged.
fn next_state(evaluator: &mut Evaluator, logged: &[(usize, Logged)]) -> Evaluated<Option<Rc<[Value]>>> {
    let mut values: Vec<Value> = evaluator.next_values().cloned().collect();
    for (variable, logged) in logged {
        values[*variable] = value::normalize(evaluator, &values[*variable])?;
        if !logged.agrees(&values[*variable]) {
            return Ok(None);
        }
    }
    for value in &mut values {
        if matches!(value, Value::Int(_) | Value::Bool(_) | Value::String(_) | Value::Model(_)) {
            continue;
        }
        *value = value::normalize(evaluator, value)?;
    }
    Ok(Some(values.into()))
}

fn stepped(from: &Candidate, found: &Found<'_>, branch: usize, silent: bool, values: Rc<[Value]>) -> Candidate {
    let mut counts: Rc<[u32]> = from.counts.iter().copied().collect();
    if let Some(count) = Rc::get_mut(&mut counts).and_then(|c| c.get_mut(branch * 2 + usize::from(silent))) {
        *count = count.saturating_add(1);
    }
    let last = Some(Rc::new(Taken { leaf: Some(found.number), labels: found.labels.to_vec(), silent }));
    Candidate { values, counts, last }
}
