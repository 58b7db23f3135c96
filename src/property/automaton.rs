//! Temporal formula → generalised Büchi automaton, after Couvreur: states are sets of obligations, labels and
//! acceptance sit on the transitions.
//!
//! A transition is taken by one step of a behaviour. It fulfils the obligations of its source as far as one
//! step can: what must hold of the step is its guard, what is left is its target. Where it puts off a
//! `<>f` it makes the promise `f`; a run is accepting if no promise is made from some point on at
//! every step, i.e. each promise is infinitely often *not* made.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::formula::Formula;

/// Transitions an automaton may have.
const TRANSITIONS_MAX: usize = 20_000;

/// One transition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Transition {
    /// What must hold of the state the step starts in.
    pub state_guard: Formula,
    /// What must hold of the whole step besides.
    pub step_guard: Formula,
    /// Promises that are made; sorted.
    pub promises: Vec<u32>,
    /// The state it leads to.
    pub target: u32,
}

/// A generalised Büchi automaton; state 0 is the initial one.
#[derive(Clone, Debug)]
pub struct Automaton {
    /// Transitions of each state.
    pub states: Vec<Vec<Transition>>,
    /// Promises that transitions can make.
    pub promises: usize,
}

/// The formula needs an automaton that is too large.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLarge;

type Obligations = BTreeSet<Formula>;

/// The automaton of the behaviours that satisfy all the conjuncts.
///
/// # Errors
/// When it is too large.
pub fn automaton(conjuncts: &[Formula]) -> Result<Automaton, TooLarge> {
    let mut numbers: HashMap<Obligations, u32> = HashMap::new();
    let mut pending: Vec<Vec<Formula>> = Vec::new();
    let mut promises: Vec<Formula> = Vec::new();
    let mut automaton = Automaton { states: Vec::new(), promises: 0 };
    numbers.insert(conjuncts.iter().cloned().collect(), 0);
    pending.push(conjuncts.to_vec());
    let mut made = 0;
    let mut at = 0;
    while at < pending.len() {
        let mut steps = Vec::new();
        expand(Branch { todo: pending[at].iter().rev().cloned().collect(), ..Branch::default() }, &mut steps)?;
        let mut transitions: Vec<Transition> = Vec::new();
        let mut known = HashSet::new();
        for step in steps {
            let next = step.left();
            let target = *numbers.entry(next.clone()).or_insert_with(|| {
                pending.push(next.into_iter().collect());
                pending.len() as u32 - 1
            });
            let mut made: Vec<u32> = step.put_off.iter().map(|f| number(&mut promises, f)).collect();
            made.sort_unstable();
            let (state, rest): (Vec<_>, Vec<_>) = step.guards.into_iter().partition(Formula::is_about_state);
            let (state_guard, step_guard) = (Formula::and(state), Formula::and(rest));
            let transition = Transition { state_guard, step_guard, promises: made, target };
            if known.insert(transition.clone()) {
                transitions.push(transition);
            }
        }
        made += transitions.len();
        if made > TRANSITIONS_MAX {
            return Err(TooLarge);
        }
        automaton.states.push(transitions);
        at += 1;
    }
    automaton.promises = promises.len();
    Ok(automaton)
}

fn number(promises: &mut Vec<Formula>, f: &Formula) -> u32 {
    let known = promises.iter().position(|p| p == f);
    known.unwrap_or_else(|| {
        promises.push(f.clone());
        promises.len() - 1
    }) as u32
}

/// One way to meet obligations, while it is being worked out.
#[derive(Clone, Default)]
struct Branch {
    /// Obligations not looked at yet, the next one last.
    todo: Vec<Formula>,
    /// Obligations looked at.
    done: BTreeSet<Formula>,
    guards: Vec<Formula>,
    next: Obligations,
    put_off: BTreeSet<Formula>,
}

impl Branch {
    /// Adds what must hold of the step; false if that is impossible.
    fn guard(&mut self, f: &Formula) -> bool {
        if *f == Formula::False || self.guards.contains(&f.negated()) {
            return false;
        }
        if *f != Formula::True && !self.guards.contains(f) {
            self.guards.push(f.clone());
        }
        true
    }

    /// The obligations left, without those that others renew.
    fn left(&self) -> Obligations {
        let renewed = |f: &&Formula| {
            !matches!(f, Formula::Eventually(_)) || !self.next.contains(&Formula::Always(Box::new((*f).clone())))
        };
        self.next.iter().filter(renewed).cloned().collect()
    }
}

/// Works a branch out into all the ways that are possible.
fn expand(mut branch: Branch, found: &mut Vec<Branch>) -> Result<(), TooLarge> {
    while let Some(f) = branch.todo.pop() {
        if !branch.done.insert(f.clone()) {
            continue;
        }
        match f {
            f if f.is_now() => {
                if !branch.guard(&f) {
                    return Ok(());
                }
            }
            Formula::And(items) => branch.todo.extend(items.into_iter().rev()),
            Formula::Or(items) => {
                // A disjunct is tried where those before it fail, as far as that can be told at once.
                for item in &items {
                    let mut way = branch.clone();
                    way.todo.push(item.clone());
                    expand(way, found)?;
                    if item.is_now() && !branch.guard(&item.negated()) {
                        return Ok(());
                    }
                }
                return Ok(());
            }
            Formula::Always(inner) => {
                branch.todo.push((*inner).clone());
                branch.next.insert(Formula::Always(inner));
            }
            Formula::Eventually(inner) => {
                let mut now = branch.clone();
                now.todo.push((*inner).clone());
                expand(now, found)?;
                if inner.is_now() && !branch.guard(&inner.negated()) {
                    return Ok(());
                }
                branch.put_off.insert((*inner).clone());
                branch.next.insert(Formula::Eventually(inner));
            }
            Formula::True | Formula::False | Formula::Literal(..) => {}
        }
    }
    found.push(branch);
    if found.len() > TRANSITIONS_MAX { Err(TooLarge) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::formula::Atom;
    use super::*;

    fn p(n: u32) -> Formula {
        Formula::atom(Atom::State(n))
    }

    #[test]
    fn a_response_that_never_comes_has_two_states() {
        let f = Formula::eventually(Formula::and([p(0), Formula::always(p(1))]));
        let automaton = automaton(&[f]).expect("it is small");
        assert_eq!((automaton.states.len(), automaton.promises), (2, 1));
    }

    #[test]
    fn contradictions_have_no_transitions() {
        let automaton = automaton(&[Formula::always(p(0)), Formula::always(p(0).negated())]).expect("it is small");
        assert!(automaton.states[0].is_empty());
    }
}
