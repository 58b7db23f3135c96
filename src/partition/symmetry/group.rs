//! The group that the declared permutations generate.
//!
//! `Permutations(S)` and unions of such sets are recognised by their form and never listed: the group of ten
//! elements has 3,628,800 members. Other sets are listed and closed under composition.

use std::collections::BTreeMap;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::eval::Evaluator;
use crate::resolve::spec::{Argument, BinaryOp, Expr, ExprKind, Operator, OperatorBody, OperatorId, Symbol};
use crate::value::machine::{Fault, FaultKind, Machine, Result};
use crate::value::{self, Universe, Value, symbol_order};

/// Members of a listed group at most; a larger one costs more than it saves.
pub(super) const LISTED_MAX: usize = 1_000_000;

/// A permutation: the image of each element.
pub(super) type Permutation = Box<[u16]>;

/// The model values that some permutation moves, numbered orbit by orbit, in symbol order within an orbit.
pub(super) struct Elements {
    pub(super) symbols: Vec<Symbol>,
    numbers: FxHashMap<Symbol, u16>,
    /// Elements that can be carried to one another.
    pub(super) orbits: Vec<Range<u16>>,
}

impl Elements {
    fn new(orbits: Vec<Vec<Symbol>>) -> Self {
        let symbols: Vec<Symbol> = orbits.iter().flatten().copied().collect();
        let numbers = symbols.iter().zip(0..).map(|(symbol, number)| (*symbol, number)).collect();
        let mut start = 0;
        let ranges = orbits.iter().map(|orbit| {
            let range = start..start + orbit.len() as u16;
            start = range.end;
            range
        });
        Self { orbits: ranges.collect(), symbols, numbers }
    }

    pub(super) fn len(&self) -> usize {
        self.symbols.len()
    }

    /// The number of a model value that is moved.
    #[inline]
    pub(super) fn number(&self, symbol: Symbol) -> Option<u16> {
        self.numbers.get(&symbol).copied()
    }

    /// The orbit of an element, by its place.
    pub(super) fn orbit_of(&self, element: u16) -> usize {
        self.orbits.partition_point(|orbit| orbit.end <= element)
    }

    /// The model value.
    pub(super) fn value(&self, element: u16) -> Value {
        let symbol = self.symbols[usize::from(element)];
        Value::Model(value::ModelValue::new(symbol, Universe::current().text(symbol)))
    }

    /// A permutation as people write it: `a -> b, b -> a`.
    pub(super) fn describe(&self, permutation: &[u16]) -> String {
        let text = |element: u16| Universe::current().text(self.symbols[usize::from(element)]);
        let moved = permutation.iter().zip(0..).filter(|(image, element)| **image != *element);
        moved.map(|(image, element)| format!("{} -> {}", text(element), text(*image))).collect::<Vec<_>>().join(", ")
    }
}

/// The members of a group.
pub(super) enum Members {
    /// Everything that keeps the orbits.
    All,
    /// These, with the identity, sorted.
    Listed(Vec<Permutation>),
}

/// A group of permutations.
pub(super) struct Group {
    pub(super) elements: Elements,
    pub(super) members: Members,
    /// The group is what these generate.
    pub(super) generators: Vec<Permutation>,
}

/// Why there is no group.
pub(super) enum Ungrouped {
    /// The set cannot be evaluated, or is none of permutations.
    Fault(Box<Fault>),
    /// The group has more members than [`LISTED_MAX`].
    TooLarge,
}

/// What a declaration contributes.
pub(super) enum Generator {
    /// All permutations of these.
    All(Vec<Symbol>),
    /// One permutation, as the pairs it moves.
    One(BTreeMap<Symbol, Symbol>),
}

impl Group {
    /// The group that a definition declares.
    pub(super) fn declared(evaluator: &mut Evaluator, definition: OperatorId) -> std::result::Result<Self, Ungrouped> {
        let mut generators = Vec::new();
        of_definition(evaluator, definition, &mut generators).map_err(Ungrouped::Fault)?;
        Self::generated(&generators)
    }

    pub(super) fn generated(generators: &[Generator]) -> std::result::Result<Self, Ungrouped> {
        let (mut orbits, mut swaps) = (Partition::default(), Partition::default());
        for generator in generators {
            match generator {
                Generator::All(symbols) => {
                    for pair in symbols.windows(2) {
                        orbits.join(pair[0], pair[1]);
                        swaps.join(pair[0], pair[1]);
                    }
                }
                Generator::One(pairs) => {
                    pairs.iter().for_each(|(from, to)| orbits.join(*from, *to));
                    if pairs.len() == 2 {
                        pairs.iter().for_each(|(from, to)| swaps.join(*from, *to));
                    }
                }
            }
        }
        // Transpositions that connect an orbit generate all its permutations.
        let full = orbits.classes() == swaps.classes();
        let elements = Elements::new(orbits.classes());
        let generators = numbered(&elements, generators);
        let members = if full { Members::All } else { Members::Listed(closure(elements.len(), &generators)?) };
        Ok(Self { elements, members, generators })
    }

    /// All members, the identity among them.
    pub(super) fn listed(&self) -> std::result::Result<Vec<Permutation>, Ungrouped> {
        match &self.members {
            Members::Listed(members) => Ok(members.clone()),
            Members::All => closure(self.elements.len(), &self.generators),
        }
    }
}

/// Generators as permutations of numbers: transpositions of neighbours for whole sets.
fn numbered(elements: &Elements, generators: &[Generator]) -> Vec<Permutation> {
    let identity: Vec<u16> = (0..elements.len() as u16).collect();
    let mut permutations: Vec<Permutation> = Vec::new();
    for generator in generators {
        match generator {
            Generator::All(symbols) => {
                let numbers: Vec<u16> = symbols.iter().filter_map(|symbol| elements.number(*symbol)).collect();
                for pair in numbers.windows(2) {
                    let mut images = identity.clone();
                    images.swap(usize::from(pair[0]), usize::from(pair[1]));
                    permutations.push(images.into());
                }
            }
            Generator::One(pairs) => {
                let mut images = identity.clone();
                for (from, to) in pairs {
                    if let (Some(from), Some(to)) = (elements.number(*from), elements.number(*to)) {
                        images[usize::from(from)] = to;
                    }
                }
                permutations.push(images.into());
            }
        }
    }
    permutations.retain(|permutation| permutation[..] != identity[..]);
    permutations.sort();
    permutations.dedup();
    permutations
}

/// What the generators generate, sorted.
fn closure(len: usize, generators: &[Permutation]) -> std::result::Result<Vec<Permutation>, Ungrouped> {
    let identity: Permutation = (0..len as u16).collect();
    let mut members: FxHashSet<Permutation> = [identity.clone()].into_iter().collect();
    let mut waiting = vec![identity];
    while let Some(permutation) = waiting.pop() {
        for generator in generators {
            let product: Permutation = permutation.iter().map(|image| generator[usize::from(*image)]).collect();
            if members.insert(product.clone()) {
                waiting.push(product);
            }
        }
        if members.len() > LISTED_MAX {
            return Err(Ungrouped::TooLarge);
        }
    }
    let mut members: Vec<Permutation> = members.into_iter().collect();
    members.sort();
    Ok(members)
}

/// Classes of symbols that were joined.
#[derive(Default)]
struct Partition {
    parents: BTreeMap<Symbol, Symbol>,
}

impl Partition {
    fn root(&self, mut symbol: Symbol) -> Symbol {
        while let Some(parent) = self.parents.get(&symbol).filter(|parent| **parent != symbol) {
            symbol = *parent;
        }
        symbol
    }

    fn join(&mut self, a: Symbol, b: Symbol) {
        let (root, other) = (self.root(a), self.root(b));
        self.parents.insert(root, root);
        self.parents.insert(other, root);
    }

    /// The classes, each sorted, sorted by their first.
    fn classes(&self) -> Vec<Vec<Symbol>> {
        let mut classes: BTreeMap<Symbol, Vec<Symbol>> = BTreeMap::new();
        for symbol in self.parents.keys() {
            classes.entry(self.root(*symbol)).or_default().push(*symbol);
        }
        let mut classes: Vec<Vec<Symbol>> = classes.into_values().collect();
        classes.iter_mut().for_each(|class| class.sort_by(|a, b| symbol_order(*a, *b)));
        classes.sort_by(|a, b| symbol_order(a[0], b[0]));
        classes
    }
}

fn is_permutations(operator: &Operator) -> bool {
    operator.built_in_module && operator.module == "TLC" && operator.short_name == "Permutations"
}

fn of_definition(evaluator: &mut Evaluator, definition: OperatorId, into: &mut Vec<Generator>) -> Result<()> {
    let spec = evaluator.spec().clone();
    let operator = &spec.operators[definition.0 as usize];
    match &operator.body {
        OperatorBody::Alias(other) => of_definition(evaluator, *other, into),
        OperatorBody::Expr(body) if operator.parameters.is_empty() => of_expression(evaluator, body, into),
        OperatorBody::Expr(_) | OperatorBody::Value(_) | OperatorBody::Table(_) => {
            let set = evaluator.evaluate_definition(definition)?;
            list(evaluator, &set, into)
        }
    }
}

fn of_expression(evaluator: &mut Evaluator, expr: &Expr, into: &mut Vec<Generator>) -> Result<()> {
    let spec = evaluator.spec().clone();
    match &*expr.kind {
        ExprKind::Label(_, inner) => of_expression(evaluator, inner, into),
        ExprKind::Binary(BinaryOp::Cup, left, right) => {
            of_expression(evaluator, left, into)?;
            of_expression(evaluator, right, into)
        }
        ExprKind::Call(id, arguments) if arguments.is_empty() => of_definition(evaluator, *id, into),
        ExprKind::Call(id, arguments) if is_permutations(&spec.operators[id.0 as usize]) => match &arguments[..] {
            [Argument::Expr(set)] => {
                let set = evaluate(evaluator, set)?;
                let symbols = model_values(evaluator, &set)?;
                into.push(Generator::All(symbols));
                Ok(())
            }
            _ => list_expression(evaluator, expr, into),
        },
        _ => list_expression(evaluator, expr, into),
    }
}

fn evaluate(evaluator: &mut Evaluator, expr: &Expr) -> Result<Value> {
    let prepared = evaluator.prepare(&[], expr);
    evaluator.evaluate(&prepared, &[])
}

fn list_expression(evaluator: &mut Evaluator, expr: &Expr, into: &mut Vec<Generator>) -> Result<()> {
    let set = evaluate(evaluator, expr)?;
    list(evaluator, &set, into)
}

fn list(m: &mut dyn Machine, set: &Value, into: &mut Vec<Generator>) -> Result<()> {
    let mut elements = value::elements(m, set)?;
    while let Some(element) = elements.next(m)? {
        into.push(Generator::One(permutation(m, &element)?));
    }
    Ok(())
}

fn not_a_permutation(what: &Value) -> Box<Fault> {
    Fault::new(FaultKind::Type, format!("SYMMETRY needs permutations of model values, but has {}", what.display()))
}

fn model_values(m: &mut dyn Machine, set: &Value) -> Result<Vec<Symbol>> {
    let mut elements = value::elements(m, set)?;
    let mut symbols = Vec::new();
    while let Some(element) = elements.next(m)? {
        match element {
            Value::Model(model) => symbols.push(model.symbol),
            other => {
                let message =
                    format!("SYMMETRY permutes model values only, but has Permutations of {}", other.display());
                return Err(Fault::new(FaultKind::Type, message));
            }
        }
    }
    Ok(symbols)
}

fn permutation(m: &mut dyn Machine, value: &Value) -> Result<BTreeMap<Symbol, Symbol>> {
    let Some((domain, range)) = value::function_pairs(m, value)? else { return Err(not_a_permutation(value)) };
    let mut pairs = BTreeMap::new();
    let mut images = FxHashSet::default();
    for (from, to) in domain.iter().zip(&range) {
        let (Value::Model(from), Value::Model(to)) = (from, to) else { return Err(not_a_permutation(value)) };
        images.insert(to.symbol);
        if from.symbol != to.symbol {
            pairs.insert(from.symbol, to.symbol);
        }
    }
    if images.len() == domain.len() && pairs.values().all(|to| pairs.contains_key(to)) {
        Ok(pairs)
    } else {
        Err(not_a_permutation(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(pairs: &[(u32, u32)]) -> Generator {
        Generator::One(pairs.iter().map(|(a, b)| (Symbol(*a), Symbol(*b))).collect())
    }

    fn all(symbols: &[u32]) -> Generator {
        Generator::All(symbols.iter().copied().map(Symbol).collect())
    }

    fn group(generators: &[Generator]) -> Group {
        let Ok(group) = Group::generated(generators) else { panic!("the group is small") };
        group
    }

    fn order(group: &Group) -> usize {
        let Ok(members) = group.listed() else { panic!("the group is small") };
        members.len()
    }

    #[test]
    fn whole_sets_are_not_listed() {
        let apart = group(&[all(&[1, 2, 3]), all(&[7, 8])]);
        assert!(matches!(apart.members, Members::All));
        assert_eq!((apart.elements.orbits.len(), order(&apart)), (2, 12));
        // Sets that share an element generate all permutations of their union.
        let chained = group(&[all(&[1, 2]), all(&[2, 3])]);
        assert!(matches!(chained.members, Members::All));
        assert_eq!((chained.elements.orbits.len(), order(&chained)), (1, 6));
        assert!(matches!(group(&[one(&[(1, 2), (2, 1)]), one(&[(2, 3), (3, 2)])]).members, Members::All));
        assert!(group(&[all(&(0..200).collect::<Vec<_>>())]).listed().is_err());
    }

    #[test]
    fn sets_that_are_no_groups_are_closed() {
        let rotation = group(&[one(&[(1, 2), (2, 3), (3, 4), (4, 1)])]);
        assert!(matches!(rotation.members, Members::Listed(_)));
        assert_eq!(order(&rotation), 4);
        let linked = group(&[one(&[(1, 2), (2, 1), (3, 4), (4, 3)])]);
        assert_eq!((order(&linked), linked.elements.orbits.len()), (2, 2));
        assert_eq!(order(&group(&[])), 1);
        assert_eq!(order(&group(&[all(&[5])])), 1);
    }
}
