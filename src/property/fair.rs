//! Which parts of a product a fair behaviour can stay in for ever.
//!
//! Strongly connected components are found by Tarjan's algorithm, without recursion. A component that lacks what
//! must happen infinitely often is dropped. One with steps that ask (Streett) for what it cannot give
//! loses those steps, falls apart into smaller components, and they are looked at again. What remains is
//! fair: a cycle through all its steps meets every condition.

use std::rc::Rc;

use super::automaton::Automaton;
use super::case::Case;
use super::columns::{Column, Columns, Truths, bit};
use super::graph::NoTruth;
use super::product::Product;

/// Acceptance conditions on the edges of a product.
pub struct Conditions<'a> {
    /// By transition of the automaton, counted over all its states: for each promise, whether it is not made.
    unpromised: Vec<bool>,
    promises: usize,
    /// The transition of the automaton in each edge.
    transitions: &'a [u32],
    /// The step of the graph in each edge.
    steps: &'a [usize],
    /// By step of the graph, one for each: first what must be infinitely often so, then what may only finitely often
    /// be, then `when` and `then` of each Streett condition.
    columns: Vec<Column>,
    /// By step of the graph: whether it may only finitely often be taken.
    barred: Vec<u64>,
    /// How many conditions are of the first kind, promises included.
    pub infinitely: usize,
    finitely: usize,
    /// How many conditions are Streett conditions.
    pub streett: usize,
}

impl<'a> Conditions<'a> {
    /// Evaluates the conditions of a case.
    ///
    /// # Errors
    /// When something that is needed has no truth value.
    pub fn new<E>(
        columns: &Columns<'_, E>,
        automaton: &Automaton,
        case: &Case,
        product: &'a Product,
    ) -> Result<Self, NoTruth> {
        let promises = automaton.promises;
        let made = |promise: usize, made: &[u32]| made.binary_search(&(promise as u32)).is_ok();
        let transitions = automaton.states.iter().flatten();
        let unpromised =
            transitions.flat_map(|t| (0..promises).map(move |promise| !made(promise, &t.promises))).collect();
        let pairs = case.streett.iter().flat_map(|s| [&s.when, &s.then]);
        let formulas = case.infinitely.iter().chain(&case.finitely).chain(pairs);
        let known = known(columns, formulas.map(|f| columns.of(f)).collect(), product)?;
        let (infinitely, finitely) = (case.infinitely.len(), case.finitely.len());
        let mut barred = vec![0; columns.graph.targets.len().div_ceil(64)];
        for column in &known[infinitely..infinitely + finitely] {
            barred.iter_mut().zip(&**column).for_each(|(word, more)| *word |= more);
        }
        Ok(Self {
            unpromised,
            promises,
            transitions: &product.transitions,
            steps: &product.steps,
            columns: known,
            barred,
            infinitely: promises + infinitely,
            finitely,
            streett: case.streett.len(),
        })
    }

    fn holds(&self, edge: usize, column: usize) -> bool {
        bit(&self.columns[column - self.promises], self.steps[edge])
    }

    /// True if an edge counts for the condition of this number among those that must be met infinitely often.
    #[must_use]
    pub fn meets(&self, edge: usize, condition: usize) -> bool {
        if condition < self.promises {
            self.unpromised[self.transitions[edge] as usize * self.promises + condition]
        } else {
            self.holds(edge, condition)
        }
    }

    /// True if an edge asks for a Streett condition to be met.
    #[must_use]
    pub fn asks(&self, edge: usize, condition: usize) -> bool {
        self.holds(edge, self.infinitely + self.finitely + 2 * condition)
    }

    /// True if an edge meets a Streett condition.
    #[must_use]
    pub fn gives(&self, edge: usize, condition: usize) -> bool {
        self.holds(edge, self.infinitely + self.finitely + 2 * condition + 1)
    }

    /// True if an edge can be taken for ever, when Streett conditions that cannot be met are not to be asked for.
    #[inline]
    fn allowed(&self, edge: usize, given_up: &[usize]) -> bool {
        !bit(&self.barred, self.steps[edge]) && !given_up.iter().any(|condition| self.asks(edge, *condition))
    }
}

/// Evaluates what is not worked out, on the steps that the product has.
fn known<E>(columns: &Columns<'_, E>, truths: Vec<Truths<'_>>, product: &Product) -> Result<Vec<Column>, NoTruth> {
    let words = columns.graph.targets.len().div_ceil(64);
    let mut asked = vec![vec![0u64; words]; truths.iter().filter(|t| matches!(t, Truths::Asked(_))).count()];
    if !asked.is_empty() {
        for (node, &(state, _)) in product.nodes.iter().enumerate() {
            for edge in product.edges(node as u32) {
                let step = product.steps[edge];
                for (truths, column) in truths.iter().filter(|t| matches!(t, Truths::Asked(_))).zip(&mut asked) {
                    if columns.holds(truths, state, step)? {
                        column[step / 64] |= 1 << (step % 64);
                    }
                }
            }
        }
    }
    let mut asked = asked.into_iter();
    let column = |truths| match truths {
        Truths::Known(column) => column,
        Truths::Asked(_) => asked.next().unwrap_or_default().into(),
    };
    Ok(truths.into_iter().map(column).collect())
}

/// A part of the product in which a cycle through everything is fair.
pub struct Fair {
    /// Its number in [`FairParts::part_of`].
    pub number: u32,
    /// Streett conditions that must not be asked for in it.
    given_up: Rc<[usize]>,
    /// Streett conditions that are asked for and met in it.
    pub asked: Vec<usize>,
}

/// All fair parts.
pub struct FairParts {
    /// The parts.
    pub parts: Vec<Fair>,
    /// The part (fair or not) that each node was put into last.
    pub part_of: Vec<u32>,
}

impl FairParts {
    /// The fair part of each node.
    #[must_use]
    pub fn by_node(&self) -> Vec<Option<usize>> {
        let mut fair = vec![None; self.part_of.iter().max().map_or(0, |m| *m as usize + 1)];
        for (at, part) in self.parts.iter().enumerate() {
            fair[part.number as usize] = Some(at);
        }
        self.part_of.iter().map(|number| fair[*number as usize]).collect()
    }

    /// True if an edge from a node of a fair part stays in it.
    #[must_use]
    pub fn stays(&self, product: &Product, conditions: &Conditions<'_>, part: &Fair, edge: usize) -> bool {
        self.part_of[product.targets[edge] as usize] == part.number && conditions.allowed(edge, &part.given_up)
    }
}

/// The fair parts of a product. They do not depend on how nodes are numbered.
#[must_use]
pub fn fair_parts(product: &Product, conditions: &Conditions<'_>) -> FairParts {
    let nodes = product.nodes.len();
    let mut search = Search {
        product,
        conditions,
        part_of: vec![0; nodes],
        parts: 1,
        index: vec![0; nodes],
        low: vec![0; nodes],
        stack: Vec::new(),
        frames: Vec::new(),
        clock: 0,
        inside: Vec::new(),
    };
    let mut fair = Vec::new();
    let mut pending: Vec<(Vec<u32>, u32, Rc<[usize]>)> = vec![((0..nodes as u32).collect(), 0, Rc::from([]))];
    while let Some((members, part, given_up)) = pending.pop() {
        for component in search.components(&members, part, &given_up) {
            let number = search.part_of[component[0] as usize];
            match search.judge(&component, number, &given_up) {
                Judged::Unfair => {}
                Judged::Fair(asked) => fair.push(Fair { number, given_up: given_up.clone(), asked }),
                Judged::Without(more) => {
                    let given_up = given_up.iter().copied().chain(more).collect();
                    pending.push((component, number, given_up));
                }
            }
        }
    }
    FairParts { parts: fair, part_of: search.part_of }
}

enum Judged {
    /// No cycle through it meets what must happen infinitely often.
    Unfair,
    /// Meets these Streett conditions; the others are not asked for.
    Fair(Vec<usize>),
    /// These Streett conditions are asked for and cannot be met.
    Without(Vec<usize>),
}

struct Search<'a> {
    product: &'a Product,
    conditions: &'a Conditions<'a>,
    part_of: Vec<u32>,
    parts: u32,
    /// When a node was first seen; 0: not yet.
    index: Vec<u32>,
    low: Vec<u32>,
    stack: Vec<u32>,
    /// The path of the search: a node and its next edge.
    frames: Vec<(u32, usize)>,
    clock: u32,
    /// Some edges inside the component that is judged.
    inside: Vec<usize>,
}

/// Edges of a component that are looked at together: most conditions are decided by the first.
const INSIDE: usize = 1 << 12;

/// On no stack any more.
const CLOSED: u32 = u32::MAX;

impl Search<'_> {
    /// The strongly connected components of a part that have an inner edge; each gets a number of its own.
    fn components(&mut self, members: &[u32], part: u32, given_up: &[usize]) -> Vec<Vec<u32>> {
        for node in members {
            self.index[*node as usize] = 0;
        }
        self.clock = 0;
        let mut found = Vec::new();
        for root in members {
            if self.index[*root as usize] == 0 && self.part_of[*root as usize] == part {
                self.enter(*root);
                self.walk(part, given_up, &mut found);
            }
        }
        found
    }

    fn enter(&mut self, node: u32) {
        self.clock += 1;
        (self.index[node as usize], self.low[node as usize]) = (self.clock, self.clock);
        self.stack.push(node);
        self.frames.push((node, self.product.edges(node).start));
    }

    fn walk(&mut self, part: u32, given_up: &[usize], found: &mut Vec<Vec<u32>>) {
        while let Some((node, edge)) = self.frames.last_mut() {
            let node = *node;
            if *edge < self.product.edges(node).end {
                let at = *edge;
                *edge += 1;
                let target = self.product.targets[at];
                if self.part_of[target as usize] != part || !self.conditions.allowed(at, given_up) {
                    continue;
                }
                match self.index[target as usize] {
                    0 => self.enter(target),
                    CLOSED => {}
                    seen => self.low[node as usize] = self.low[node as usize].min(seen),
                }
                continue;
            }
            self.frames.pop();
            let low = self.low[node as usize];
            if let Some((parent, _)) = self.frames.last() {
                self.low[*parent as usize] = self.low[*parent as usize].min(low);
            }
            if low == self.index[node as usize] {
                self.close(node, given_up, found);
            }
        }
    }

    /// Takes a component off the stack.
    fn close(&mut self, root: u32, given_up: &[usize], found: &mut Vec<Vec<u32>>) {
        let begin = self.stack.iter().rposition(|node| *node == root).unwrap_or(0);
        let component = self.stack.split_off(begin);
        let number = self.parts;
        self.parts += 1;
        for node in &component {
            self.part_of[*node as usize] = number;
            self.index[*node as usize] = CLOSED;
        }
        let inner = component.len() > 1
            || self
                .product
                .edges(root)
                .any(|edge| self.product.targets[edge] == root && self.conditions.allowed(edge, given_up));
        if inner {
            found.push(component);
        }
    }

    fn judge(&mut self, component: &[u32], number: u32, given_up: &[usize]) -> Judged {
        let (product, conditions) = (self.product, self.conditions);
        let mut met = vec![false; conditions.infinitely];
        let (mut asked, mut given) = (vec![false; conditions.streett], vec![false; conditions.streett]);
        let mut nodes = component.iter().peekable();
        while let Some(node) = nodes.next() {
            let stays = |edge: &usize| self.part_of[product.targets[*edge] as usize] == number;
            let inside = product.edges(*node).filter(|edge| stays(edge) && conditions.allowed(*edge, given_up));
            self.inside.extend(inside);
            if self.inside.len() < INSIDE && nodes.peek().is_some() {
                continue;
            }
            let some = |holds: &dyn Fn(usize) -> bool| self.inside.iter().any(|edge| holds(*edge));
            for (condition, met) in met.iter_mut().enumerate() {
                *met = *met || some(&|edge| conditions.meets(edge, condition));
            }
            for condition in 0..conditions.streett {
                asked[condition] = asked[condition] || some(&|edge| conditions.asks(edge, condition));
                given[condition] = given[condition] || some(&|edge| conditions.gives(edge, condition));
            }
            self.inside.clear();
        }
        if met.contains(&false) {
            return Judged::Unfair;
        }
        let unmet: Vec<usize> = (0..conditions.streett).filter(|c| asked[*c] && !given[*c]).collect();
        if unmet.is_empty() {
            return Judged::Fair((0..conditions.streett).filter(|c| asked[*c]).collect());
        }
        Judged::Without(unmet)
    }
}
