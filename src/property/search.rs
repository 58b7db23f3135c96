//! Is there a behaviour of a graph that satisfies a formula?

use std::cmp::Ordering;

use super::automaton::automaton;
use super::case::cases;
use super::columns::Columns;
use super::fair::{Conditions, fair_parts};
use super::formula::Formula;
use super::graph::Graph;
use super::lasso::{Finder, Lasso};
use super::product::{Product, Unmade};

/// Numbers of a search.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Size {
    /// States of the graph.
    pub states: u64,
    /// Edges of the graph.
    pub steps: u64,
    /// Nodes of all products.
    pub nodes: u64,
    /// Edges of all products.
    pub edges: u64,
}

/// Looks for a behaviour that satisfies all the conjuncts. Finds one whenever there is one; which one, does
/// not depend on how states are numbered, if `order` does not.
///
/// # Errors
/// When that cannot be decided.
pub fn search<E>(
    columns: &Columns<'_, E>,
    conjuncts: &[Formula],
    order: &mut dyn FnMut(u32, u32) -> Ordering,
    stop: &dyn Fn() -> bool,
    size: &mut Size,
) -> Result<Option<Lasso>, Unmade> {
    let graph = columns.graph;
    for case in cases(conjuncts.iter().cloned()) {
        let automaton = automaton(&case.prefix).map_err(|_| Unmade::TooLarge)?;
        let product = Product::new(columns, &automaton, &case, stop)?;
        size.nodes += product.nodes.len() as u64;
        size.edges += product.targets.len() as u64;
        let conditions = Conditions::new(columns, &automaton, &case, &product)?;
        let fair = fair_parts(&product, &conditions);
        if fair.parts.is_empty() {
            continue;
        }
        let before = |state, order: &mut dyn FnMut(u32, u32) -> Ordering| predecessor(graph, state, order);
        let mut finder = Finder { product: &product, conditions: &conditions, fair: &fair, order, before: &before };
        return Ok(finder.find());
    }
    Ok(None)
}

/// The smallest state with a step to one, a level closer to the initial states.
pub(super) fn predecessor<E>(graph: &Graph<E>, state: u32, order: &mut dyn FnMut(u32, u32) -> Ordering) -> Option<u32> {
    let level = graph.level_of(state).checked_sub(1)?;
    let leads = |from: &u32| graph.edges(*from).any(|edge| graph.targets[edge] == state);
    graph.level(level).filter(leads).reduce(|best, from| if order(from, best) == Ordering::Less { from } else { best })
}
