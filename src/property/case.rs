//! What is searched for, split: an automaton for what depends on the beginning of a behaviour, acceptance
//! conditions for what depends on its end only.
//!
//! Fairness of the specification and the fairness-like parts of a property (`[]<>p`, `<>[]p`, and
//! disjunctions of them, such as WF and SF) become Büchi, co-Büchi and Streett conditions. They are never
//! multiplied out. Only disjunctions that fit neither way are split into cases.

use super::formula::Formula;

/// Cases at most; further disjunctions are left to the automaton.
const CASES_MAX: usize = 64;

/// `[]<>when => []<>then`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Streett {
    /// If this is infinitely often so …
    pub when: Formula,
    /// … this must be, too.
    pub then: Formula,
}

/// Behaviours to search for: those that satisfy everything here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Case {
    /// Conjuncts that need an automaton.
    pub prefix: Vec<Formula>,
    /// True if some suffix, not the whole behaviour, has to satisfy `prefix`.
    pub anywhere: bool,
    /// Each must hold of infinitely many steps.
    pub infinitely: Vec<Formula>,
    /// Each may hold of finitely many steps only.
    pub finitely: Vec<Formula>,
    /// Each must be met.
    pub streett: Vec<Streett>,
}

/// The cases of a conjunction: a behaviour satisfies it if it satisfies one of them.
#[must_use]
pub fn cases(conjuncts: impl IntoIterator<Item = Formula>) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut pending = vec![(Case::default(), conjuncts.into_iter().collect::<Vec<_>>())];
    while let Some((mut case, mut todo)) = pending.pop() {
        todo.reverse();
        let mut possible = true;
        while possible {
            let Some(f) = todo.pop() else {
                todo = case.opened();
                if todo.is_empty() {
                    break;
                }
                continue;
            };
            match f {
                Formula::True => {}
                Formula::False => possible = false,
                Formula::And(items) => todo.extend(items.into_iter().rev()),
                Formula::Or(items) => {
                    if case.add_tail(&items) {
                        continue;
                    }
                    let now = items.iter().all(Formula::is_now);
                    if now || cases.len() + pending.len() + items.len() > CASES_MAX {
                        case.prefix.push(Formula::Or(items));
                        continue;
                    }
                    for item in items.into_iter().rev() {
                        let rest = std::iter::once(item).chain(todo.iter().rev().cloned()).collect();
                        pending.push((case.clone(), rest));
                    }
                    possible = false;
                }
                f if case.add_tail(std::slice::from_ref(&f)) => {}
                f => case.prefix.push(f),
            }
        }
        if possible {
            cases.push(case);
        }
    }
    cases
}

impl Case {
    /// Adds a disjunction as a condition, if it is one of the end of behaviours.
    fn add_tail(&mut self, items: &[Formula]) -> bool {
        let (mut infinitely, mut for_ever) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Formula::Always(f) => match &**f {
                    Formula::Eventually(f) if f.is_now() => infinitely.push((**f).clone()),
                    _ => return false,
                },
                Formula::Eventually(f) => match &**f {
                    Formula::Always(f) if f.is_now() => for_ever.push((**f).clone()),
                    _ => return false,
                },
                _ => return false,
            }
        }
        match (for_ever.as_slice(), infinitely.is_empty()) {
            ([], _) => self.infinitely.push(Formula::or(infinitely)),
            ([stable], true) => self.finitely.push(stable.negated()),
            ([stable], false) => self.streett.push(Streett { when: stable.negated(), then: Formula::or(infinitely) }),
            _ => return false,
        }
        true
    }

    /// If all that is left for the automaton is one `<>f`, looks for f anywhere instead; gives f.
    fn opened(&mut self) -> Vec<Formula> {
        match self.prefix.as_slice() {
            [Formula::Eventually(f)] => {
                let f = (**f).clone();
                self.prefix.clear();
                self.anywhere = true;
                vec![f]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::formula::Atom;
    use super::*;

    fn p(n: u32) -> Formula {
        Formula::atom(Atom::State(n))
    }

    fn infinitely(f: Formula) -> Formula {
        Formula::always(Formula::eventually(f))
    }

    #[test]
    fn fairness_needs_no_automaton() {
        let weak = infinitely(Formula::or([p(0).negated(), p(1)]));
        let strong = Formula::or([infinitely(p(2)).negated(), infinitely(p(3))]);
        let all = cases([weak, strong]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].infinitely, vec![Formula::or([p(0).negated(), p(1)])]);
        assert_eq!(all[0].streett, vec![Streett { when: p(2), then: p(3) }]);
        assert!(all[0].prefix.is_empty());
    }

    #[test]
    fn a_response_is_looked_for_anywhere() {
        let leads_to = Formula::always(Formula::or([p(0).negated(), Formula::eventually(p(1))]));
        let all = cases([leads_to.negated()]);
        assert_eq!(all.len(), 1);
        assert!(all[0].anywhere);
        assert_eq!(all[0].prefix, vec![p(0), Formula::always(p(1).negated())]);
    }

    #[test]
    fn several_co_buchi_disjuncts_are_split() {
        let stable = |n| infinitely(p(n)).negated();
        assert_eq!(cases([Formula::or([stable(0), stable(1)])]).len(), 2);
    }
}
