//! Speed of what the evaluator does most: interning, growing a set of messages, EXCEPT, membership, iteration.

use std::any::Any;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tlaloc::resolve::spec::{Symbol, Symbols};
use tlaloc::value::machine::{Machine, Services};
use tlaloc::value::*;

struct Bench(Services);

impl Machine for Bench {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
    fn max_set_size(&self) -> usize {
        1_000_000
    }
    fn int32(&self) -> bool {
        false
    }
    fn services(&mut self) -> &mut Services {
        &mut self.0
    }
}

/// A message as Paxos sends them.
fn message(shape: &'static Shape, n: i64) -> Value {
    Value::record_of(
        shape,
        vec![Value::String(Symbol((n % 3) as u32)), Value::Int(n % 5), model(3 + (n % 4) as u32), Value::Int(n)],
    )
}

fn model(symbol: u32) -> Value {
    Value::Model(ModelValue { symbol: Symbol(symbol), kind: None })
}

fn values(c: &mut Criterion) {
    let mut symbols = Symbols::default();
    for text in ["1a", "1b", "2a", "a1", "a2", "a3", "a4", "type", "bal", "acc", "val"] {
        symbols.intern(text);
    }
    let universe = Universe::new(symbols);
    universe.enter();
    let m = &mut Bench(Services::silent());
    let shape = Shape::of(&[Symbol(7), Symbol(8), Symbol(9), Symbol(10)]);
    let settled = |m: &mut Bench, value: &Value| {
        let id = universe.intern(m, value).expect("finite");
        universe.value(id)
    };

    c.bench_function("build a record of 4 fields", |b| b.iter(|| message(shape, black_box(7))));
    c.bench_function("intern a known record of 4 fields", |b| {
        b.iter(|| universe.intern(m, &message(shape, black_box(7))).expect("finite"));
    });
    let mut fresh = 1_000;
    c.bench_function("intern a new record of 4 fields", |b| {
        b.iter(|| {
            fresh += 1;
            universe.intern(m, &message(shape, fresh)).expect("finite")
        });
    });

    let messages: Vec<Value> = (0..24).map(|n| settled(m, &message(shape, n))).collect();
    let soup = settled(m, &Value::set_literal(messages[..20].to_vec()));
    let single = Value::set_literal(vec![messages[22].clone()]);
    c.bench_function("add a message to 20", |b| b.iter(|| Value::cup(black_box(&soup).clone(), single.clone())));
    c.bench_function("add a message to 20 and intern", |b| {
        b.iter(|| {
            let more = Value::cup(black_box(&soup).clone(), single.clone());
            universe.intern(m, &more).expect("finite")
        });
    });
    let built = message(shape, 13);
    c.bench_function("a message in 20", |b| b.iter(|| member(m, black_box(&built), &soup).expect("comparable")));
    c.bench_function("go through 20 messages", |b| {
        b.iter(|| {
            let mut from = elements(m, black_box(&soup)).expect("finite");
            let mut count = 0;
            while let Some(element) = from.next(m).expect("finite") {
                count += usize::from(black_box(element).interned_id().is_some());
            }
            count
        });
    });
    c.bench_function("compare equal messages, one interned", |b| {
        b.iter(|| equal(m, black_box(&built), &messages[13]).expect("comparable"));
    });
    let acceptors: Vec<Value> = (3..7).map(model).collect();
    let ballots = Value::function(m, acceptors.clone(), vec![Value::Int(0); 4]).expect("comparable");
    let ballots = settled(m, &ballots);
    c.bench_function("EXCEPT of a function on 4 model values", |b| {
        b.iter(|| except_set(m, black_box(&ballots), &acceptors[2], Value::Int(3)).expect("in the domain"));
    });
    c.bench_function("EXCEPT and intern", |b| {
        b.iter(|| {
            let changed = except_set(m, black_box(&ballots), &acceptors[2], Value::Int(3)).expect("in the domain");
            universe.intern(m, &changed).expect("finite")
        });
    });
    c.bench_function("apply a function on 4 model values", |b| {
        b.iter(|| apply(m, black_box(&ballots), &acceptors[2]).expect("in the domain"));
    });
}

criterion_group!(benches, values);
criterion_main!(benches);
