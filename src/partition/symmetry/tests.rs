//! Laws of representatives, against orbits listed by brute force.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;

use super::canonical::Representative;
use super::group::{Generator, Group};
use super::*;
use crate::eval::Settings;
use crate::partition::codec::{Encoder, decode};
use crate::partition::slots::{Lookup, Shape};
use crate::partition::uses::Paths;
use crate::resolve::spec::{Spec, Symbol, Symbols, Variable};
use crate::value::machine::{Machine, Services};
use crate::value::{self, ModelValue, Universe, Value, ValueId};

const NAMES: [&str; 7] = ["a", "b", "c", "d", "v", "w", "Other"];
const VARIABLES: usize = 6;

struct Bench {
    evaluator: Evaluator,
    symbols: Vec<Symbol>,
}

impl Bench {
    fn new() -> Self {
        let mut symbols = Symbols::default();
        let ids = NAMES.iter().map(|name| symbols.intern(name)).collect();
        Universe::new(symbols.clone()).enter();
        let variable = Variable { name: "x".into(), span: crate::diagnostic::Span::NONE };
        let spec = Spec { symbols, variables: vec![variable; VARIABLES], ..Spec::default() };
        let evaluator = Evaluator::new(Arc::new(spec), Settings::default(), Services::silent());
        Self { evaluator, symbols: ids }
    }

    fn model(&self, number: usize) -> Value {
        Value::Model(ModelValue::new(self.symbols[number], NAMES[number]))
    }

    fn id(&mut self, value: &Value) -> ValueId {
        Universe::current().intern(&mut self.evaluator, value).expect("the value can be listed")
    }

    fn function(&mut self, domain: &[usize], image: impl Fn(&Self, usize) -> Value) -> Value {
        let values = domain.iter().map(|element| image(self, *element)).collect();
        let domain = domain.iter().map(|element| self.model(*element)).collect();
        Value::function(&mut self.evaluator, domain, values).expect("the domain has no duplicates")
    }

    /// Six variables made of numbers: counters, pointers, a nested table, a record, messages, a queue.
    fn state(&mut self, n: &[u8]) -> Vec<ValueId> {
        let at = |i: usize| usize::from(n[i % n.len()]);
        let counters = if at(40) == 0 { vec![0, 1, 2] } else { vec![0, 1, 2, 3] };
        let counters = self.function(&counters, |_, e| Value::Int((at(e) % 2) as i64));
        let pointers = self.function(&[0, 1, 2, 3], |bench, e| bench.model(at(e + 4) % 4));
        let mut rows = Vec::new();
        for row in 0..4 {
            rows.push(self.function(&[4, 5], |_, e| Value::Int((at(8 + 2 * row + e) % 3 / 2) as i64)));
        }
        if at(41) == 0 {
            rows[at(42) % 4] = Value::Int(7);
        }
        let table = self.function(&[0, 1, 2, 3], |_, e| rows[e].clone());
        let set = Value::set_literal((0..3).map(|i| self.model(at(16 + i) % 7)).collect());
        let record = Value::record(vec![(self.symbols[6], set), (self.symbols[0], self.model(at(20) % 7))]);
        let message = |i: usize| Value::tuple(vec![self.model(at(i) % 4), self.model(at(i + 1) % 6), Value::Int(1)]);
        let messages = Value::set_literal((0..at(21) % 4).map(|i| message(22 + 2 * i)).collect());
        let queue = Value::tuple((0..at(30) % 4).map(|i| self.model(at(31 + i) % 6)).collect());
        [counters, pointers, table, record, messages, queue].iter().map(|value| self.id(value)).collect()
    }
}

/// The image of a value, worked out plainly.
fn permute(m: &mut dyn Machine, moves: &BTreeMap<Symbol, Symbol>, value: &Value) -> Value {
    let all = |m: &mut dyn Machine, values: &[Value]| -> Vec<Value> {
        values.iter().map(|part| permute(m, moves, part)).collect()
    };
    match value {
        Value::Model(model) => moves
            .get(&model.symbol)
            .map_or(value.clone(), |image| Value::Model(ModelValue::new(*image, Universe::current().text(*image)))),
        Value::Tuple(tuple) => Value::tuple(all(m, tuple.items())),
        Value::Record(record) => Value::record_of(record.shape(), all(m, record.values())),
        Value::Function(function) => {
            let (domain, values) = (all(m, function.domain()), all(m, function.values()));
            Value::function(m, domain, values).expect("a permuted domain has no duplicates")
        }
        Value::Set(set) => {
            let elements = all(m, set.elements());
            value::normalize(m, &Value::set_literal(elements)).expect("a permuted set can be sorted")
        }
        _ => value.clone(),
    }
}

fn groups(bench: &Bench) -> Vec<Group> {
    let symbol = |number: usize| bench.symbols[number];
    let one = |pairs: &[(usize, usize)]| Generator::One(pairs.iter().map(|(a, b)| (symbol(*a), symbol(*b))).collect());
    let all = |numbers: &[usize]| Generator::All(numbers.iter().map(|n| symbol(*n)).collect());
    let declared = [
        vec![all(&[0, 1, 2, 3]), all(&[4, 5])],
        vec![all(&[0, 1]), all(&[4, 5])],
        vec![all(&[2, 1, 3])],
        vec![one(&[(0, 1), (1, 2), (2, 3), (3, 0)])],
        vec![one(&[(0, 1), (1, 0), (4, 5), (5, 4)]), all(&[2, 3])],
    ];
    let group = |generators: &Vec<Generator>| Group::generated(generators).map_err(|_| ()).expect("small groups");
    declared.iter().map(group).collect()
}

/// A symmetry, and how states are laid out under it.
struct Laid {
    symmetry: Symmetry,
    slots: Arc<Slots>,
    members: Vec<BTreeMap<Symbol, Symbol>>,
}

fn lay(bench: &mut Bench, group: Group, sample: &[ValueId]) -> Laid {
    let members = group.listed().map_err(|_| ()).expect("small groups");
    let symbols = &group.elements.symbols;
    let moves = |member: &Permutation| {
        symbols.iter().zip(member).map(|(from, to)| (*from, symbols[usize::from(*to)])).collect()
    };
    let members = members.iter().map(moves).collect();
    // Messages are kept by their elements.
    let value = |id: &ValueId| Universe::current().value(*id);
    let shapes: Vec<Shape> = sample.iter().zip(0..).map(|(id, n)| Shape::of(&[value(id)], n == 4)).collect();
    let empty = bench.id(&Value::empty_set());
    let slots = Arc::new(Slots::new(shapes, &vec![Paths::default(); VARIABLES], 0, empty));
    let variables = Places::of_variables(&group.elements, VARIABLES);
    let mut symmetry = Symmetry { group, choice: Choice::Sorted, slots: None, variables };
    symmetry.lay_out(&mut bench.evaluator, &slots);
    Laid { symmetry, slots, members }
}

/// The representative by slots if they show it, else by variables; and whether slots did.
fn representative(
    bench: &mut Bench,
    laid: &Laid,
    canonical: &mut Canonical,
    lookup: &mut Lookup,
    state: &[ValueId],
) -> (Vec<ValueId>, bool) {
    let universe = Universe::current();
    let mut row = Vec::new();
    for (variable, id) in state.iter().enumerate() {
        let (shape, start) = (&laid.slots.shapes[variable], laid.slots.starts[variable]);
        let mut encoder = Encoder { evaluator: &mut bench.evaluator, universe, lookup, irregular: false };
        encoder.encode(shape, start, 0, &universe.value(*id), None, &mut row).expect("listed values have slots");
    }
    let found = canonical.row(&laid.symmetry, &mut bench.evaluator, lookup, &mut row).expect("values have images");
    if matches!(found, Representative::Unknown) {
        let best = canonical.state(&laid.symmetry, &mut bench.evaluator, state).expect("values have images");
        return (best.unwrap_or_else(|| state.to_vec()), false);
    }
    let values = laid.slots.shapes.iter().zip(&laid.slots.starts).map(|(shape, start)| {
        let value = decode(&mut bench.evaluator, universe, lookup, shape, *start, 0, &row).expect("the row is whole");
        universe.intern(&mut bench.evaluator, &value).expect("the value can be listed")
    });
    (values.collect(), true)
}

#[test]
fn states_have_equal_representatives_exactly_if_in_one_orbit() {
    let by_slots = std::cell::Cell::new([0_u32; 2]);
    let config = ProptestConfig { cases: 200, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let numbers = prop::collection::vec(0..12_u8, 50);
    let law = |numbers: Vec<u8>| {
        let mut bench = Bench::new();
        let sample = bench.state(&[1; 50]);
        let state = bench.state(&numbers);
        for group in groups(&bench) {
            let laid = lay(&mut bench, group, &sample);
            let (mut canonical, mut lookup) = (laid.symmetry.canonical(), Lookup::new(laid.slots.clone()));
            let mut orbit: BTreeSet<Vec<ValueId>> = BTreeSet::new();
            for member in &laid.members {
                let images = state.iter().map(|id| {
                    let image = permute(&mut bench.evaluator, member, &Universe::current().value(*id));
                    bench.id(&image)
                });
                orbit.insert(images.collect());
            }
            let mut representatives = BTreeSet::new();
            for image in &orbit {
                let (best, slotted) = representative(&mut bench, &laid, &mut canonical, &mut lookup, image);
                let mut counts = by_slots.get();
                counts[usize::from(slotted)] += 1;
                by_slots.set(counts);
                prop_assert!(orbit.contains(&best), "a representative is in its orbit");
                representatives.insert(best);
            }
            prop_assert_eq!(representatives.len(), 1, "one representative an orbit");
        }
        Ok(())
    };
    runner.run(&numbers, law).expect("the law holds");
    let [whole, slotted] = by_slots.get();
    assert!(whole > 0 && slotted > 0, "both ways were taken: {whole} {slotted}");
}

/// A ring has no twins, and colours alone tell nothing apart.
#[test]
fn rings_are_told_apart_by_search() {
    let mut bench = Bench::new();
    let sample = bench.state(&[1; 50]);
    let group = groups(&bench).swap_remove(0);
    let laid = lay(&mut bench, group, &sample);
    let (mut canonical, mut lookup) = (laid.symmetry.canonical(), Lookup::new(laid.slots.clone()));
    let mut representatives = BTreeSet::new();
    for ring in [[1, 2, 3, 0], [2, 0, 3, 1], [3, 2, 0, 1], [1, 0, 3, 2], [2, 3, 0, 1]] {
        let mut state = sample.clone();
        let pointers = bench.function(&[0, 1, 2, 3], |bench, e| bench.model(ring[e]));
        state[1] = bench.id(&pointers);
        representatives.insert(representative(&mut bench, &laid, &mut canonical, &mut lookup, &state).0);
    }
    // Rings of four, and pairs of rings of two; the sample has a queue and messages that tell some elements apart.
    let mut orbits = BTreeSet::new();
    for best in &representatives {
        let images: BTreeSet<Vec<ValueId>> = laid
            .members
            .iter()
            .map(|member| {
                let image = |id: &ValueId| permute(&mut bench.evaluator, member, &Universe::current().value(*id));
                let values: Vec<Value> = best.iter().map(image).collect();
                values.iter().map(|value| bench.id(value)).collect()
            })
            .collect();
        orbits.insert(images);
    }
    assert_eq!(orbits.len(), representatives.len());
}
