//! A small set of behaviours that together cover what is asked for.
//!
//! Each goal is a name; steps and states say which goals they meet. A behaviour starts in an initial state and goes, again
//! and again, to the nearest place that meets a goal not met yet, until its length is used up or there is none; then
//! another begins. In the end behaviours whose goals the others meet, too, are left out. Ties go to what was found
//! first, so that the same graph gives the same set.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::coverage;
use super::graph::{Edge, Graph};
use crate::diagnostic::{Sources, Span};
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::partition::TlaModel;
use crate::partition::branch::{Branches, Everything};
use crate::resolve::spec::{OperatorBody, Spec};
use crate::value::machine::Result;

/// What is to be covered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Criterion {
    /// Every action.
    Actions,
    /// Every action after every other that it can follow.
    Pairs,
    /// Every disjunct, every arm of IF and CASE.
    Branches,
    /// Every predicate, true and false.
    Predicates,
}

/// How much may be used.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Behaviours at most.
    pub traces: usize,
    /// Steps of one at most.
    pub length: usize,
}

/// A behaviour of the set.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// The state it starts in.
    pub initial: u32,
    /// Its steps.
    pub steps: Vec<Edge>,
    /// Goals that it meets.
    pub meets: BTreeSet<usize>,
}

/// A covering set.
pub struct Suite {
    /// The behaviours.
    pub behaviours: Vec<Behaviour>,
    /// Names of all goals.
    pub goals: Vec<String>,
    /// Goals that no behaviour meets, with the reason.
    pub missing: Vec<(String, &'static str)>,
}

/// Steps that branches are worked out for.
const BRANCH_STEPS_MAX: usize = 200_000;

/// What steps and states meet.
struct Goals {
    names: Vec<String>,
    /// Of each step.
    steps: Vec<Vec<usize>>,
    /// Of each state.
    states: Vec<Vec<usize>>,
    /// Of each pair of action names, by their numbers.
    pairs: BTreeMap<(usize, usize), usize>,
    /// For each step the number of its action.
    actions: Vec<usize>,
    /// Whether what a step meets depends on the one before.
    paired: bool,
}

/// A state, and the action that led there where that matters.
type Place = (u32, Option<usize>);

/// What is looked at.
pub struct Subject<'s> {
    /// The model.
    pub model: &'s TlaModel,
    /// Its branches.
    pub branches: &'s Branches,
    /// Its states and steps.
    pub graph: &'s Graph,
    /// Texts, for the places of branches.
    pub sources: &'s Sources,
}

/// Chooses behaviours.
///
/// # Errors
/// When a predicate cannot be evaluated.
pub fn cover(
    subject: &Subject<'_>,
    evaluator: &mut Evaluator,
    criterion: Criterion,
    predicates: &[String],
    budget: Budget,
) -> Result<Suite> {
    let goals = Goals::of(subject, evaluator, criterion, predicates)?;
    let graph = subject.graph;
    let mut met = vec![false; goals.names.len()];
    let mut behaviours = Vec::new();
    while behaviours.len() < budget.traces {
        let behaviour = goals.behaviour(graph, &mut met, budget.length);
        match behaviour {
            Some(behaviour) => behaviours.push(behaviour),
            None => break,
        }
    }
    let used_up = behaviours.len() >= budget.traces;
    let behaviours = without_needless(behaviours);
    let names = goals.names.iter().zip(&met).enumerate().filter(|(_, (_, met))| !**met);
    let missing = names.map(|(goal, (name, _))| {
        let reachable = goals.is_reachable(goal);
        let why = match (reachable, used_up, graph.complete) {
            (true, true, _) => "the number of traces is used up",
            (true, false, _) => "it is further away than a trace may be long",
            (false, _, true) => "it never happens",
            (false, _, false) => "it does not happen among the states looked at",
        };
        (name.clone(), why)
    });
    let missing = missing.collect();
    Ok(Suite { behaviours, goals: goals.names, missing })
}

impl Goals {
    fn of(
        subject: &Subject<'_>,
        evaluator: &mut Evaluator,
        criterion: Criterion,
        predicates: &[String],
    ) -> Result<Goals> {
        let graph = subject.graph;
        let actions = subject.branches.names();
        let of_label: Vec<usize> =
            graph.labels.iter().map(|l| actions.iter().position(|a| *a == l.name).unwrap_or(0)).collect();
        let of_step: Vec<usize> = graph.edges.iter().map(|e| of_label[e.label as usize]).collect();
        let mut goals = Goals {
            names: Vec::new(),
            steps: vec![Vec::new(); graph.edges.len()],
            states: vec![Vec::new(); graph.states.len()],
            pairs: BTreeMap::new(),
            actions: of_step,
            paired: criterion == Criterion::Pairs,
        };
        match criterion {
            Criterion::Actions => {
                goals.names = actions;
                goals.steps = goals.actions.iter().map(|action| vec![*action]).collect();
            }
            Criterion::Pairs => goals.pair(graph, &actions),
            Criterion::Branches => goals.branch(subject, evaluator),
            Criterion::Predicates => goals.predicates(subject, evaluator, predicates)?,
        }
        Ok(goals)
    }

    /// Pairs that happen; others cannot be told from those that cannot.
    fn pair(&mut self, graph: &Graph, actions: &[String]) {
        let mut into: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); graph.states.len()];
        for (edge, action) in graph.edges.iter().zip(&self.actions) {
            into[edge.to as usize].insert(*action);
        }
        let mut pairs = BTreeSet::new();
        for (edge, action) in graph.edges.iter().zip(&self.actions) {
            pairs.extend(into[edge.from as usize].iter().map(|before| (*before, *action)));
        }
        for (number, (before, action)) in pairs.into_iter().enumerate() {
            self.names.push(format!("{}, {}", actions[before], actions[action]));
            self.pairs.insert((before, action), number);
        }
    }

    fn branch(&mut self, subject: &Subject<'_>, evaluator: &mut Evaluator) {
        let (graph, branches) = (subject.graph, subject.branches);
        let spec = &subject.model.plan.spec;
        let mut places: BTreeSet<Span> = BTreeSet::new();
        for leaf in &branches.leaves {
            places.insert(leaf.place);
            coverage::all(spec, &leaf.expr, &mut places);
        }
        let places: Vec<Span> = places.into_iter().collect();
        self.names = places.iter().map(|place| described(subject.sources, *place)).collect();
        for (number, edge) in graph.edges.iter().enumerate().take(BRANCH_STEPS_MAX) {
            let (from, to) = (&graph.states[edge.from as usize], &graph.states[edge.to as usize]);
            let wanted = graph.labels[edge.label as usize].leaf;
            evaluator.set_state(from);
            evaluator.set_next(to);
            let mut taken = BTreeSet::new();
            let _ = branches.each_leaf(evaluator, &Everything, &mut |evaluator, found| {
                if found.number == wanted && matches!(found.holds(evaluator), Ok(true)) {
                    taken.insert(found.leaf.place);
                    coverage::taken(evaluator, &found.leaf.expr, &found.bindings(), &mut taken);
                }
                Ok(Flow::Continue)
            });
            evaluator.clear_next();
            self.steps[number] = taken.iter().filter_map(|place| places.binary_search(place).ok()).collect();
        }
    }

    fn predicates(&mut self, subject: &Subject<'_>, evaluator: &mut Evaluator, predicates: &[String]) -> Result<()> {
        for name in predicates {
            let Some(operator) = subject.model.plan.spec.root_operators.get(name) else { continue };
            let prepared = evaluator.prepare_definition(*operator);
            let truth = self.names.len();
            self.names.push(name.clone());
            self.names.push(format!("~{name}"));
            for (number, values) in subject.graph.states.iter().enumerate() {
                evaluator.set_state(values);
                let holds = evaluator.holds(&prepared, &[])?;
                self.states[number].push(if holds { truth } else { truth + 1 });
            }
        }
        Ok(())
    }

    /// The goals that a step meets after another.
    fn met_by(&self, before: Option<usize>, step: usize, to: u32) -> impl Iterator<Item = usize> {
        let pair = before.and_then(|before| self.pairs.get(&(before, self.actions[step])));
        self.steps[step].iter().chain(&self.states[to as usize]).chain(pair).copied()
    }

    fn is_reachable(&self, goal: usize) -> bool {
        self.paired || self.steps.iter().chain(&self.states).any(|met| met.contains(&goal))
    }

    /// One more behaviour that meets something new.
    fn behaviour(&self, graph: &Graph, met: &mut [bool], length: usize) -> Option<Behaviour> {
        let fresh = |state: u32| self.states[state as usize].iter().any(|goal| !met[*goal]);
        let starts: Vec<u32> = (0..graph.initial as u32).collect();
        let at_once = starts.iter().copied().find(|state| fresh(*state));
        let mut behaviour = match at_once {
            Some(initial) => Behaviour { initial, steps: Vec::new(), meets: BTreeSet::new() },
            None => {
                let (initial, path) = self.nearest(graph, &starts, None, met, length)?;
                Behaviour {
                    initial,
                    steps: path.iter().map(|step| graph.edges[*step]).collect(),
                    meets: BTreeSet::new(),
                }
            }
        };
        let mut numbers: Vec<usize> = Vec::new();
        self.note(graph, &behaviour, &mut numbers, met);
        loop {
            let state = behaviour.steps.last().map_or(behaviour.initial, |edge| edge.to);
            let before = numbers.last().map(|step| self.actions[*step]);
            let left = length.saturating_sub(behaviour.steps.len());
            let Some((_, path)) = self.nearest(graph, &[state], before, met, left) else { break };
            behaviour.steps.extend(path.iter().map(|step| graph.edges[*step]));
            self.note(graph, &behaviour, &mut numbers, met);
        }
        let mut before = None;
        behaviour.meets.extend(&self.states[behaviour.initial as usize]);
        for (step, edge) in numbers.iter().zip(&behaviour.steps) {
            behaviour.meets.extend(self.met_by(before, *step, edge.to));
            before = Some(self.actions[*step]);
        }
        Some(behaviour)
    }

    /// Marks what a behaviour meets; `numbers` are its steps by number.
    fn note(&self, graph: &Graph, behaviour: &Behaviour, numbers: &mut Vec<usize>, met: &mut [bool]) {
        self.states[behaviour.initial as usize].iter().for_each(|goal| met[*goal] = true);
        for edge in &behaviour.steps[numbers.len()..] {
            let before = numbers.last().map(|step| self.actions[*step]);
            let Some(step) = graph.number(*edge) else { continue };
            self.met_by(before, step, edge.to).for_each(|goal| met[goal] = true);
            numbers.push(step);
        }
    }

    /// The shortest path from one of some states to a step that meets something new: where it starts, and its steps.
    fn nearest(
        &self,
        graph: &Graph,
        from: &[u32],
        before: Option<usize>,
        met: &[bool],
        length: usize,
    ) -> Option<(u32, Vec<usize>)> {
        let last = |action: Option<usize>| if self.paired { action } else { None };
        let mut seen: BTreeMap<Place, Option<(Place, usize)>> = BTreeMap::new();
        let mut queue = VecDeque::new();
        for state in from {
            if seen.insert((*state, last(before)), None).is_none() {
                queue.push_back((*state, last(before), 0_usize));
            }
        }
        while let Some((state, action, depth)) = queue.pop_front() {
            if depth >= length {
                break;
            }
            for step in graph.step_numbers(state) {
                let edge = graph.edges[step];
                if self.met_by(action, step, edge.to).any(|goal| !met[goal]) {
                    let mut path = vec![step];
                    let mut at = (state, action);
                    while let Some(Some((earlier, step))) = seen.get(&at) {
                        path.push(*step);
                        at = *earlier;
                    }
                    path.reverse();
                    return Some((at.0, path));
                }
                let next = (edge.to, last(Some(self.actions[step])));
                if let std::collections::btree_map::Entry::Vacant(vacant) = seen.entry(next) {
                    vacant.insert(Some(((state, action), step)));
                    queue.push_back((next.0, next.1, depth + 1));
                }
            }
        }
        None
    }
}

/// Leaves out behaviours whose goals the others meet; those that meet least are looked at first.
fn without_needless(behaviours: Vec<Behaviour>) -> Vec<Behaviour> {
    let mut order: Vec<usize> = (0..behaviours.len()).collect();
    order.sort_by_key(|i| behaviours[*i].meets.len());
    let mut kept = vec![true; behaviours.len()];
    for candidate in order {
        let others = |goal: &usize| {
            behaviours.iter().enumerate().any(|(i, b)| kept[i] && i != candidate && b.meets.contains(goal))
        };
        if behaviours[candidate].meets.iter().all(others) {
            kept[candidate] = false;
        }
    }
    behaviours.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(b, _)| b).collect()
}

fn described(sources: &Sources, place: Span) -> String {
    let text = sources.text(place).split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = text.chars().take(TEXT_MAX).collect();
    let dots = if text.chars().count() > TEXT_MAX { "…" } else { "" };
    format!("{} {short}{dots}", sources.place(place)).trim().to_owned()
}

/// Text of a branch that is shown.
const TEXT_MAX: usize = 60;

/// Definitions that can be predicates: without parameters, about one state, and true or false as far as one can see.
pub fn is_predicate(spec: &Spec, name: &str) -> bool {
    spec.root_operators.get(name).is_some_and(|id| {
        let operator = &spec.operators[id.0 as usize];
        operator.parameters.is_empty()
            && operator.level <= crate::resolve::spec::Level::State
            && matches!(operator.body, OperatorBody::Expr(_))
    })
}
