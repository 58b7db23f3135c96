//! Temporal formulas over atoms, always in negation normal form.
//!
//! Atoms are predicates of states and of steps; nothing else is known about them. The constructors
//! simplify: what does not depend on a prefix (`[]<>p`, `<>[]p` and combinations) is pulled out of `[]`
//! and `<>`, so that fairness-like parts come to the top, where they need no automaton.

/// A predicate of states or of steps, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Atom {
    /// About a state.
    State(u32),
    /// About a step: a state and the next.
    Step(u32),
}

/// A temporal formula.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Formula {
    /// Always true.
    True,
    /// Always false.
    False,
    /// An atom, or its negation if false.
    Literal(Atom, bool),
    /// Two or more conjuncts, none of them a conjunction.
    And(Vec<Formula>),
    /// Two or more disjuncts, none of them a disjunction.
    Or(Vec<Formula>),
    /// `[]`.
    Always(Box<Formula>),
    /// `<>`.
    Eventually(Box<Formula>),
}

impl Formula {
    /// An atom.
    #[must_use]
    pub fn atom(atom: Atom) -> Self {
        Self::Literal(atom, true)
    }

    /// A conjunction, in the order given.
    pub fn and(items: impl IntoIterator<Item = Formula>) -> Self {
        let mut flat = Vec::new();
        for item in items {
            match item {
                Self::True => {}
                Self::False => return Self::False,
                Self::And(inner) => inner.into_iter().for_each(|f| add(&mut flat, f)),
                other => add(&mut flat, other),
            }
        }
        match flat.len() {
            0 => Self::True,
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// A disjunction, in the order given.
    pub fn or(items: impl IntoIterator<Item = Formula>) -> Self {
        let mut flat = Vec::new();
        for item in items {
            match item {
                Self::False => {}
                Self::True => return Self::True,
                Self::Or(inner) => inner.into_iter().for_each(|f| add(&mut flat, f)),
                other => add(&mut flat, other),
            }
        }
        match flat.len() {
            0 => Self::False,
            1 => flat.remove(0),
            _ => Self::Or(flat),
        }
    }

    /// The negation.
    #[must_use]
    pub fn negated(&self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Literal(atom, truth) => Self::Literal(*atom, !truth),
            Self::And(items) => Self::or(items.iter().map(Self::negated)),
            Self::Or(items) => Self::and(items.iter().map(Self::negated)),
            Self::Always(f) => Self::eventually(f.negated()),
            Self::Eventually(f) => Self::always(f.negated()),
        }
    }

    /// `[]f`.
    #[must_use]
    pub fn always(f: Formula) -> Self {
        match f {
            f if f.is_prefix_independent() => f,
            Self::Always(_) => f,
            Self::And(items) if items.iter().any(|f| !f.is_now()) => {
                let (now, later): (Vec<_>, Vec<_>) = items.into_iter().partition(Self::is_now);
                Self::and([Self::always(Self::and(now))].into_iter().chain(later.into_iter().map(Self::always)))
            }
            Self::Or(items) => {
                let (loose, rest): (Vec<_>, Vec<_>) = items.into_iter().partition(Self::is_prefix_independent);
                if loose.is_empty() {
                    return Self::Always(Box::new(Self::Or(rest)));
                }
                Self::or([Self::always(Self::or(rest))].into_iter().chain(loose))
            }
            f => Self::Always(Box::new(f)),
        }
    }

    /// `<>f`.
    #[must_use]
    pub fn eventually(f: Formula) -> Self {
        match f {
            f if f.is_prefix_independent() => f,
            Self::Eventually(_) => f,
            Self::Or(items) if items.iter().any(|f| !f.is_now()) => {
                let (now, later): (Vec<_>, Vec<_>) = items.into_iter().partition(Self::is_now);
                Self::or([Self::eventually(Self::or(now))].into_iter().chain(later.into_iter().map(Self::eventually)))
            }
            Self::And(items) => {
                let (loose, rest): (Vec<_>, Vec<_>) = items.into_iter().partition(Self::is_prefix_independent);
                if loose.is_empty() {
                    return Self::Eventually(Box::new(Self::And(rest)));
                }
                Self::and([Self::eventually(Self::and(rest))].into_iter().chain(loose))
            }
            f => Self::Eventually(Box::new(f)),
        }
    }

    /// True if it says nothing about behaviours beyond the first step.
    #[must_use]
    pub fn is_now(&self) -> bool {
        match self {
            Self::True | Self::False | Self::Literal(..) => true,
            Self::And(items) | Self::Or(items) => items.iter().all(Self::is_now),
            Self::Always(_) | Self::Eventually(_) => false,
        }
    }

    /// True if it is about states only, of those that [`Formula::is_now`].
    #[must_use]
    pub fn is_about_state(&self) -> bool {
        match self {
            Self::True | Self::False | Self::Literal(Atom::State(_), _) => true,
            Self::And(items) | Self::Or(items) => items.iter().all(Self::is_about_state),
            _ => false,
        }
    }

    /// True if dropping or adding a finite prefix never changes its truth (sufficient, not necessary).
    #[must_use]
    pub fn is_prefix_independent(&self) -> bool {
        match self {
            Self::True | Self::False => true,
            Self::Literal(..) => false,
            Self::And(items) | Self::Or(items) => items.iter().all(Self::is_prefix_independent),
            Self::Always(f) => matches!(**f, Self::Eventually(_)) || f.is_prefix_independent(),
            Self::Eventually(f) => matches!(**f, Self::Always(_)) || f.is_prefix_independent(),
        }
    }

    /// Truth of a formula that [`Formula::is_now`]: operands are consulted from left to right, as far as
    /// needed.
    ///
    /// # Errors
    /// When an atom has no truth value.
    pub fn holds_now<E>(&self, truth: &mut impl FnMut(Atom) -> Result<bool, E>) -> Result<bool, E> {
        match self {
            Self::True => Ok(true),
            Self::False => Ok(false),
            Self::Literal(atom, wanted) => Ok(truth(*atom)? == *wanted),
            Self::And(items) => {
                for item in items {
                    if !item.holds_now(truth)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(items) => {
                for item in items {
                    if item.holds_now(truth)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Always(f) | Self::Eventually(f) => {
                debug_assert!(false, "a temporal formula has no truth in one step");
                f.holds_now(truth)
            }
        }
    }
}

fn add(items: &mut Vec<Formula>, item: Formula) {
    if !items.contains(&item) {
        items.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(n: u32) -> Formula {
        Formula::atom(Atom::State(n))
    }

    #[test]
    fn what_holds_for_ever_after_is_pulled_out() {
        let inf = Formula::always(Formula::eventually(p(1)));
        let leads = Formula::always(Formula::or([p(0).negated(), inf.clone()]));
        assert_eq!(leads, Formula::or([Formula::always(p(0).negated()), inf.clone()]));
        assert_eq!(Formula::eventually(inf.clone()), inf);
        assert_eq!(Formula::always(Formula::always(p(0))), Formula::always(p(0)));
    }

    #[test]
    fn negation_is_an_involution() {
        let f = Formula::always(Formula::or([p(0).negated(), Formula::eventually(Formula::and([p(1), p(2)]))]));
        assert_eq!(f.negated().negated(), f);
    }
}
