//! Where formulas hold: a bit for each step of a graph, worked out for 64 steps at once.
//!
//! The same guards and conditions are asked of a step in every state of the automaton, in every case and for every
//! property: each is worked out once. (The products of AllocatorImplementation have seven edges a step: 1.17 s when
//! each asked for itself, 0.49 s.) Where some atom has no truth value somewhere, formulas are evaluated step by step
//! instead: whether it matters depends on what is consulted before.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::formula::{Atom, Formula};
use super::graph::{Graph, NoTruth};

/// A bit for each step.
pub type Column = Rc<[u64]>;

/// The bit of a step.
#[inline]
#[must_use]
pub fn bit(column: &[u64], edge: usize) -> bool {
    column[edge / 64] >> (edge % 64) & 1 == 1
}

/// Sets the bits of a range of steps.
fn fill(column: &mut [u64], edges: std::ops::Range<usize>) {
    edges.for_each(|edge| column[edge / 64] |= 1 << (edge % 64));
}

/// Where a formula holds.
pub enum Truths<'f> {
    /// It is worked out.
    Known(Column),
    /// It is to be evaluated.
    Asked(&'f Formula),
}

/// A graph, and where formulas about its steps were found to hold.
pub struct Columns<'g, E> {
    /// The graph.
    pub graph: &'g Graph<E>,
    known: RefCell<FxHashMap<Formula, Column>>,
}

impl<'g, E> Columns<'g, E> {
    /// Nothing is worked out yet.
    #[must_use]
    pub fn new(graph: &'g Graph<E>) -> Self {
        Self { graph, known: RefCell::default() }
    }

    /// Where a formula holds that is about one step.
    #[must_use]
    pub fn of<'f>(&self, formula: &'f Formula) -> Truths<'f> {
        if self.graph.state_faults.is_empty() && self.graph.step_faults.is_empty() {
            Truths::Known(self.column(formula))
        } else {
            Truths::Asked(formula)
        }
    }

    /// Whether a formula holds of a step, or of its first state.
    ///
    /// # Errors
    /// When an atom that is consulted has no truth value.
    #[inline]
    pub fn holds(&self, truths: &Truths<'_>, state: u32, edge: usize) -> Result<bool, NoTruth> {
        match truths {
            Truths::Known(column) => Ok(bit(column, edge)),
            Truths::Asked(formula) => self.graph.holds(formula, state, edge),
        }
    }

    fn column(&self, formula: &Formula) -> Column {
        if let Some(known) = self.known.borrow().get(formula) {
            return known.clone();
        }
        let column: Column = self.work_out(formula).into();
        self.known.borrow_mut().insert(formula.clone(), column.clone());
        column
    }

    fn work_out(&self, formula: &Formula) -> Vec<u64> {
        let graph = self.graph;
        let words = graph.targets.len().div_ceil(64);
        let all = |items: &[Formula], start: u64, join: fn(u64, u64) -> u64| {
            items.iter().fold(vec![start; words], |mut column, item| {
                column.iter_mut().zip(&*self.column(item)).for_each(|(word, other)| *word = join(*word, *other));
                column
            })
        };
        match formula {
            Formula::True => vec![u64::MAX; words],
            Formula::False => vec![0; words],
            Formula::Literal(atom, true) => {
                let mut column = vec![0; words];
                match *atom {
                    Atom::State(atom) => (0..graph.len())
                        .filter(|state| graph.state_atoms.get(*state, atom as usize))
                        .for_each(|state| fill(&mut column, graph.edges(state as u32))),
                    Atom::Step(atom) => (0..graph.targets.len())
                        .filter(|edge| graph.step_atoms.get(*edge, atom as usize))
                        .for_each(|edge| fill(&mut column, edge..edge + 1)),
                }
                column
            }
            Formula::Literal(atom, false) => self.column(&Formula::atom(*atom)).iter().map(|word| !word).collect(),
            Formula::And(items) => all(items, u64::MAX, |word, other| word & other),
            Formula::Or(items) => all(items, 0, |word, other| word | other),
            Formula::Always(inner) | Formula::Eventually(inner) => {
                debug_assert!(false, "a temporal formula has no truth in one step");
                self.column(inner).to_vec()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Columns, Truths};
    use crate::property::bits::BitTable;
    use crate::property::formula::{Atom, Formula};
    use crate::property::graph::Graph;
    use proptest::prelude::*;
    use rustc_hash::FxHashMap;

    fn formula() -> impl Strategy<Value = Formula> {
        let atom = prop_oneof![(0u32..3).prop_map(Atom::State), (0u32..3).prop_map(Atom::Step)];
        let literal = (atom, any::<bool>()).prop_map(|(atom, wanted)| Formula::Literal(atom, wanted));
        let leaf = prop_oneof![8 => literal, 1 => Just(Formula::True), 1 => Just(Formula::False)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let items = prop::collection::vec(inner, 2..4);
            prop_oneof![items.clone().prop_map(Formula::And), items.prop_map(Formula::Or)]
        })
    }

    proptest! {
        #[test]
        fn columns_say_what_evaluation_says(
            formulas in prop::collection::vec(formula(), 1..5),
            degrees in prop::collection::vec(0usize..9, 1..60),
            bits in prop::collection::vec(any::<bool>(), 2000),
        ) {
            let mut bits = bits.into_iter().cycle();
            let mut starts = vec![0];
            degrees.iter().for_each(|degree| starts.push(starts[starts.len() - 1] + degree));
            let mut table = |rows: usize| {
                let mut table = BitTable::new(3);
                for row in 0..rows {
                    table.push_row();
                    (0..3).filter(|_| bits.next() == Some(true)).for_each(|column| table.set(row, column));
                }
                table
            };
            let edges = starts[degrees.len()];
            let graph: Graph<()> = Graph {
                initial: Vec::new(),
                levels: Vec::new(),
                targets: vec![0; edges],
                state_atoms: table(degrees.len()),
                step_atoms: table(edges),
                starts,
                state_faults: FxHashMap::default(),
                step_faults: FxHashMap::default(),
            };
            let columns = Columns::new(&graph);
            for formula in formulas.iter().chain(&formulas) {
                let truths = columns.of(formula);
                prop_assert!(matches!(truths, Truths::Known(_)));
                for state in 0..degrees.len() as u32 {
                    for edge in graph.edges(state) {
                        prop_assert_eq!(columns.holds(&truths, state, edge), graph.holds(formula, state, edge));
                    }
                }
            }
        }
    }
}
