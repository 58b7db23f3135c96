//! The symbols and interned values of one run.
//!
//! The **interner** gives equal values one id and one static block, whatever thread asks. It stores
//! composites (and integers beyond 29 bits) as nodes; small integers, booleans, strings and model
//! values are their own ids. Operations: intern, read by id. There is no removal.
//!
//! Ids: bit 31 clear: index of a node. Bit 31 set: bits 29–30 are the kind (integer, string, model
//! value, boolean), the rest the value.
//!
//! Nodes are numbered by [`Shards`], under the lock of one shard. Children are interned before their parent, so that
//! comparing a candidate is comparing pointers. Reading by id takes no lock.

#![allow(unsafe_code, reason = "interned values are shared by all threads")]

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{OnceLock, PoisonError, RwLock};

use super::composite::{Function, FunctionKind, Record, RecordKind, Set, SetKind, Tuple, TupleKind};
use super::hash::{function_hash, hash_listed, record_hash, set_hash, text_hash, tuple_hash};
use super::machine::{Machine, Result};
use super::normal::normalize;
use super::order::{ADDED, compare_listed, compare_total};
use super::shards::Shards;
use super::shared::Shared;
use super::{ModelValue, Value};
use crate::resolve::spec::{Symbol, Symbols};

/// An interned value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ValueId(pub u32);

/// The symbols and interned values of one run; leaked, so that what refers to it is static.
pub struct Universe {
    initial: Vec<Text>,
    initial_ids: HashMap<&'static str, Symbol>,
    added: boxcar::Vec<Text>,
    added_ids: RwLock<HashMap<&'static str, Symbol>>,
    nodes: Shards<Node>,
    block_bytes: AtomicUsize,
}

struct Text {
    text: &'static str,
    hash: u64,
}

/// An interned composite or a large integer.
struct Node(Value);

// SAFETY: a node's value is an integer or a static block; all blocks reachable from a static block are
// static. Static blocks are never written after they are published: cloning and dropping pointers
// to them does not touch their count, which holds the id instead.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

const SHARDS: usize = 64;
const INLINE: u32 = 1 << 31;
const KIND_SHIFT: u32 = 29;
const PAYLOAD: u32 = (1 << KIND_SHIFT) - 1;
const INLINE_ADDED: u32 = 1 << (KIND_SHIFT - 1);
const INT_MAX: i64 = (1 << (KIND_SHIFT - 1)) - 1;
const INT_MIN: i64 = -(1 << (KIND_SHIFT - 1));

/// Ids that are the same in every universe.
const EMPTY_SET: u32 = 0;
const EMPTY_TUPLE: u32 = 1;
const BOOLEANS: u32 = 2;

fn constants() -> &'static [Node; 3] {
    static CONSTANTS: OnceLock<[Node; 3]> = OnceLock::new();
    CONSTANTS.get_or_init(|| {
        let none = "hashing listed values does not fail";
        let booleans = [Value::Bool(false), Value::Bool(true)];
        let boolean_hash = set_hash(&booleans).expect(none);
        [
            Node(Value::Set(Shared::interned(EMPTY_SET, set_hash(&[]).expect(none), SetKind, &[]))),
            Node(Value::Tuple(Shared::interned(EMPTY_TUPLE, tuple_hash(&[]).expect(none), TupleKind, &[]))),
            Node(Value::Set(Shared::interned(BOOLEANS, boolean_hash, SetKind, &booleans))),
        ]
    })
}

impl Value {
    /// `{}`.
    #[inline]
    pub fn empty_set() -> Value {
        constants()[EMPTY_SET as usize].0.clone()
    }

    /// `<<>>`.
    #[inline]
    pub fn empty_tuple() -> Value {
        constants()[EMPTY_TUPLE as usize].0.clone()
    }

    /// `BOOLEAN`.
    #[inline]
    pub fn booleans() -> Value {
        constants()[BOOLEANS as usize].0.clone()
    }

    /// The string with this text, in the current universe.
    pub fn string(text: &str) -> Value {
        Value::String(Universe::current().symbol(text))
    }

    /// The id, if it takes no search: of values that are their own ids or already interned.
    #[inline]
    pub fn interned_id(&self) -> Option<ValueId> {
        let node = match self {
            Value::Tuple(tuple) => tuple.id(),
            Value::Record(record) => record.id(),
            Value::Function(function) => function.id(),
            Value::Set(set) => set.id(),
            _ => return inline_id(self),
        };
        node.map(ValueId)
    }
}

/// The id of a value that is its own id.
#[inline]
fn inline_id(value: &Value) -> Option<ValueId> {
    let id = |kind: u32, payload: u32| Some(ValueId(INLINE | kind << KIND_SHIFT | payload));
    match value {
        Value::Int(number) if (INT_MIN..=INT_MAX).contains(number) => id(0, *number as u32 & PAYLOAD),
        Value::String(symbol) => id(1, symbol_payload(*symbol)),
        Value::Model(model) => id(2, symbol_payload(model.symbol)),
        Value::Bool(truth) => id(3, u32::from(*truth)),
        _ => None,
    }
}

fn symbol_payload(symbol: Symbol) -> u32 {
    if symbol.0 & ADDED != 0 { symbol.0 & !ADDED | INLINE_ADDED } else { symbol.0 }
}

fn payload_symbol(payload: u32) -> Symbol {
    Symbol(if payload & INLINE_ADDED != 0 { payload & !INLINE_ADDED | ADDED } else { payload })
}

thread_local! {
    static CURRENT: Cell<Option<&'static Universe>> = const { Cell::new(None) };
}

impl Universe {
    /// The universe of a run whose source has these symbols.
    pub fn new(symbols: Symbols) -> &'static Universe {
        let initial: Vec<Text> = symbols.texts().iter().map(|text| Text::leak(text)).collect();
        let ids = initial.iter().enumerate();
        let initial_ids = ids.map(|(index, text)| (text.text, Symbol(index as u32))).collect();
        let universe = Universe {
            initial,
            initial_ids,
            added: boxcar::Vec::new(),
            added_ids: RwLock::default(),
            nodes: Shards::new(SHARDS),
            block_bytes: AtomicUsize::new(0),
        };
        for constant in constants() {
            let hash = hash_listed(&constant.0).expect("hashing listed values does not fail");
            universe.nodes.number(hash, |_| false, |_| Node(constant.0.clone()));
        }
        Box::leak(Box::new(universe))
    }

    /// Makes this the universe of the calling thread.
    pub fn enter(&'static self) {
        CURRENT.set(Some(self));
    }

    /// The universe of the calling thread.
    ///
    /// # Panics
    /// If the thread entered none.
    #[inline]
    pub fn current() -> &'static Universe {
        CURRENT.get().expect("every thread that evaluates enters a universe first")
    }

    /// The symbol of a text; a new one if need be.
    pub fn symbol(&'static self, text: &str) -> Symbol {
        if let Some(symbol) = self.initial_ids.get(text) {
            return *symbol;
        }
        if let Some(symbol) = self.added_ids.read().unwrap_or_else(PoisonError::into_inner).get(text) {
            return *symbol;
        }
        let mut ids = self.added_ids.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(symbol) = ids.get(text) {
            return *symbol;
        }
        let leaked = Text::leak(text);
        let text = leaked.text;
        let symbol = Symbol(self.added.push(leaked) as u32 | ADDED);
        ids.insert(text, symbol);
        symbol
    }

    /// The symbol of a text, if it has one yet.
    pub fn known_symbol(&'static self, text: &str) -> Option<Symbol> {
        let added = || self.added_ids.read().unwrap_or_else(PoisonError::into_inner).get(text).copied();
        self.initial_ids.get(text).copied().or_else(added)
    }

    /// The text of a symbol.
    pub fn text(&'static self, symbol: Symbol) -> &'static str {
        self.entry(symbol).map_or("", |entry| entry.text)
    }

    /// The hash of a symbol's text.
    #[inline]
    pub(super) fn symbol_hash(&'static self, symbol: Symbol) -> u64 {
        self.entry(symbol).map_or(0, |entry| entry.hash)
    }

    #[inline]
    fn entry(&'static self, symbol: Symbol) -> Option<&'static Text> {
        if symbol.0 & ADDED == 0 {
            self.initial.get(symbol.0 as usize)
        } else {
            self.added.get((symbol.0 & !ADDED) as usize)
        }
    }

    /// The id of a value: equal values have equal ids, on every thread.
    ///
    /// # Errors
    /// When a part of the value cannot be listed.
    pub fn intern(&'static self, m: &mut dyn Machine, value: &Value) -> Result<ValueId> {
        if let Some(id) = value.interned_id() {
            return Ok(id);
        }
        let normal = normalize(m, value)?;
        let settled = self.settle(&normal);
        Ok(self.settled_id(&settled))
    }

    fn settled_id(&'static self, settled: &Value) -> ValueId {
        if let Some(id) = settled.interned_id() {
            return id;
        }
        // A large integer: it has no block to keep its id in.
        self.node(hash_listed(settled).unwrap_or_default(), |other| same(other, settled), |_| settled.clone()).0
    }

    /// The static form of a normalised value.
    fn settle(&'static self, value: &Value) -> Value {
        if value.interned_id().is_some() {
            return value.clone();
        }
        match value {
            Value::Tuple(tuple) => self.settle_tuple(tuple),
            Value::Set(set) => Value::Set(self.settle_set(set)),
            Value::Record(record) => self.settle_record(record),
            Value::Function(function) => self.settle_function(function),
            _ => value.clone(),
        }
    }

    /// Settles the parts of a composite; the parts themselves if they are settled.
    fn with_settled<R>(&'static self, parts: &[Value], then: impl FnOnce(&[Value]) -> R) -> R {
        if parts.iter().all(is_settled) {
            return then(parts);
        }
        let settled: Vec<Value> = parts.iter().map(|part| self.settle(part)).collect();
        then(&settled)
    }

    fn settle_tuple(&'static self, tuple: &Tuple) -> Value {
        self.with_settled(tuple.items(), |items| {
            let hash = tuple_hash(items).unwrap_or_default();
            let found = |other: &Value| matches!(other, Value::Tuple(other) if same_all(other.items(), items));
            self.node(hash, found, |id| Value::Tuple(Shared::interned(id, hash, TupleKind, items))).1
        })
    }

    fn settle_set(&'static self, set: &Shared<Set>) -> Shared<Set> {
        if set.is_static() {
            return set.clone();
        }
        let settled = self.with_settled(set.elements(), |elements| {
            let hash = set_hash(elements).unwrap_or_default();
            let found = |other: &Value| matches!(other, Value::Set(other) if same_all(other.elements(), elements));
            self.node(hash, found, |id| Value::Set(Shared::interned(id, hash, SetKind, elements))).1
        });
        match settled {
            Value::Set(set) => set,
            _ => set.clone(),
        }
    }

    fn settle_record(&'static self, record: &Record) -> Value {
        let shape = record.shape();
        self.with_settled(record.values(), |values| {
            let hash = record_hash(shape.names(), values).unwrap_or_default();
            let found = |other: &Value| {
                matches!(other, Value::Record(other) if other.shape().same(shape) && same_all(other.values(), values))
            };
            self.node(hash, found, |id| Value::Record(Shared::interned(id, hash, RecordKind(shape), values))).1
        })
    }

    fn settle_function(&'static self, function: &Function) -> Value {
        let domain = self.settle_set(function.domain_set());
        self.with_settled(function.values(), |values| {
            let hash = function_hash(domain.elements(), values).unwrap_or_default();
            let found = |other: &Value| {
                matches!(other, Value::Function(other)
                    if other.domain_set().same(&domain) && same_all(other.values(), values))
            };
            let make = |id| Value::Function(Shared::interned(id, hash, FunctionKind(domain.clone()), values));
            self.node(hash, found, make).1
        })
    }

    /// Finds a node or makes it.
    fn node(
        &'static self,
        hash: u64,
        found: impl Fn(&Value) -> bool,
        make: impl FnOnce(u32) -> Value,
    ) -> (ValueId, Value) {
        let (node, new) = self.nodes.number(
            hash,
            |node| found(&node.0),
            |node| Node(make(Some(node).filter(|id| id & INLINE == 0).expect("fewer than 2^31 values"))),
        );
        let value = self.value(ValueId(node));
        if new {
            self.block_bytes.fetch_add(block_bytes(&value), Relaxed);
        }
        (ValueId(node), value)
    }

    /// The value of an id. Its clone copies a pointer.
    #[inline]
    pub fn value(&'static self, id: ValueId) -> Value {
        if id.0 & INLINE == 0 {
            return self.nodes.get(id.0).map_or(Value::Bool(false), |node| node.0.clone());
        }
        let payload = id.0 & PAYLOAD;
        match id.0 >> KIND_SHIFT & 3 {
            0 => Value::Int(i64::from(((payload << (32 - KIND_SHIFT)) as i32) >> (32 - KIND_SHIFT))),
            1 => Value::String(payload_symbol(payload)),
            2 => {
                let symbol = payload_symbol(payload);
                Value::Model(ModelValue::new(symbol, self.text(symbol)))
            }
            _ => Value::Bool(payload != 0),
        }
    }

    /// The structural hash: the same in every universe, on every thread, in every run.
    pub fn hash(&'static self, id: ValueId) -> u64 {
        hash_listed(&self.value(id)).unwrap_or_default()
    }

    /// A total structural order of interned values: TLC's where that is defined, by kind elsewhere.
    pub fn compare(&'static self, a: ValueId, b: ValueId) -> Ordering {
        if a == b { Ordering::Equal } else { compare_total(&self.value(a), &self.value(b)) }
    }

    /// Where a value that may not be interned stands in a sorted list of interned ones.
    pub fn place(&'static self, sorted: &[ValueId], wanted: &Value) -> Option<usize> {
        let (mut low, mut high) = (0, sorted.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match compare_listed(&self.value(sorted[middle]), wanted).ok()? {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// How many values were interned that are not their own ids.
    pub fn len(&self) -> usize {
        self.nodes.count()
    }

    /// True never: a few constants are always there.
    pub fn is_empty(&self) -> bool {
        self.nodes.count() == 0
    }

    /// Bytes of interned values and of the tables that find them.
    pub fn bytes(&self) -> usize {
        self.block_bytes.load(Relaxed) + self.nodes.bytes()
    }
}

impl Text {
    fn leak(text: &str) -> Text {
        Text { text: Box::leak(text.to_owned().into_boxed_str()), hash: text_hash(text) }
    }
}

/// True for values whose identity is equality.
fn is_settled(value: &Value) -> bool {
    match value {
        Value::Tuple(tuple) => tuple.is_static(),
        Value::Record(record) => record.is_static(),
        Value::Function(function) => function.is_static(),
        Value::Set(set) => set.is_static(),
        Value::Lazy(_) | Value::Operator(_) => false,
        _ => true,
    }
}

/// Identity of settled values.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Model(a), Value::Model(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Tuple(a), Value::Tuple(b)) => a.same(b),
        (Value::Record(a), Value::Record(b)) => a.same(b),
        (Value::Function(a), Value::Function(b)) => a.same(b),
        (Value::Set(a), Value::Set(b)) => a.same(b),
        _ => false,
    }
}

fn same_all(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn block_bytes(value: &Value) -> usize {
    match value {
        Value::Tuple(tuple) => Shared::<Tuple>::bytes(tuple.items().len()),
        Value::Record(record) => Shared::<Record>::bytes(record.values().len()),
        Value::Function(function) => Shared::<Function>::bytes(function.values().len()),
        Value::Set(set) => Shared::<Set>::bytes(set.elements().len()),
        _ => 0,
    }
}
