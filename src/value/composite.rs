//! Tuples, records, functions and sets whose parts are listed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Mutex;

use rustc_hash::FxBuildHasher;

use super::order::symbol_order;
use super::shared::{Block, Shared};
use super::{Value, sort};
use crate::resolve::spec::Symbol;

/// Items `1..n`.
pub type Tuple = Block<TupleKind>;
/// Fields in symbol order.
pub type Record = Block<RecordKind>;
/// A sorted domain and the values in its order.
pub type Function = Block<FunctionKind>;
/// Sorted, distinct elements.
pub type Set = Block<SetKind>;

/// A tuple has its items only.
pub struct TupleKind;
/// A set has its elements only.
pub struct SetKind;
/// A record's names.
pub struct RecordKind(pub(super) &'static Shape);
/// A function's domain.
pub struct FunctionKind(pub(super) Shared<Set>);

impl Tuple {
    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        &self.items
    }
}

impl Set {
    /// The elements: sorted and distinct.
    #[inline(always)]
    pub fn elements(&self) -> &[Value] {
        &self.items
    }
}

impl Record {
    /// The field names in symbol order.
    #[inline(always)]
    pub fn names(&self) -> &[Symbol] {
        self.extra.0.names()
    }

    /// The names as records with the same names share them.
    #[inline(always)]
    pub fn shape(&self) -> &'static Shape {
        self.extra.0
    }

    /// The values in the order of the names.
    #[inline(always)]
    pub fn values(&self) -> &[Value] {
        &self.items
    }

    /// The value of a field.
    #[inline]
    pub fn get(&self, name: Symbol) -> Option<&Value> {
        self.shape().position(name).map(|index| &self.items[index])
    }

    /// Names with values.
    pub fn iter(&self) -> impl Iterator<Item = (Symbol, &Value)> {
        self.names().iter().copied().zip(self.items.iter())
    }
}

impl Function {
    /// The domain: sorted and distinct.
    #[inline(always)]
    pub fn domain(&self) -> &[Value] {
        &self.extra.0.items
    }

    /// The domain as a set.
    #[inline(always)]
    pub fn domain_set(&self) -> &Shared<Set> {
        &self.extra.0
    }

    /// The values in the order of the domain.
    #[inline(always)]
    pub fn values(&self) -> &[Value] {
        &self.items
    }

    /// The function with this domain and other values, in the order of the domain; `None` if they are not as many.
    pub fn with_values(&self, values: Vec<Value>) -> Option<Value> {
        (values.len() == self.items.len()).then(|| Value::function_sorted(self.domain_set().clone(), values))
    }
}

/// The names of a record, in symbol order: one for all records with these names, so that its address
/// tells whether two records have the same names.
#[derive(Debug)]
pub struct Shape {
    names: Box<[Symbol]>,
}

type Shapes = HashMap<Box<[Symbol]>, &'static Shape, FxBuildHasher>;

static SHAPES: Mutex<Shapes> = Mutex::new(HashMap::with_hasher(FxBuildHasher));

thread_local! {
    static KNOWN: RefCell<Shapes> = RefCell::default();
}

impl Shape {
    /// The shape with these names, which must be distinct and in symbol order.
    pub fn of(names: &[Symbol]) -> &'static Shape {
        if let Some(shape) = KNOWN.with_borrow(|known| known.get(names).copied()) {
            return shape;
        }
        let shape = {
            let mut shapes = SHAPES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match shapes.get(names) {
                Some(shape) => *shape,
                None => {
                    let shape: &'static Shape = Box::leak(Box::new(Shape { names: names.into() }));
                    shapes.insert(names.into(), shape);
                    shape
                }
            }
        };
        KNOWN.with_borrow_mut(|known| known.insert(names.into(), shape));
        shape
    }

    /// The names.
    #[inline(always)]
    pub fn names(&self) -> &[Symbol] {
        &self.names
    }

    /// Where a name stands.
    #[inline(always)]
    pub fn position(&self, name: Symbol) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    /// True if both are the same.
    #[inline(always)]
    pub fn same(&self, other: &Shape) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Value {
    /// `<<a, b>>`.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Shared::from_list(TupleKind, items))
    }

    /// A tuple of a few items, without a list of them.
    pub(crate) fn short_tuple<const N: usize>(items: [Value; N]) -> Value {
        let mut items = items.into_iter();
        Value::Tuple(Shared::counted(TupleKind, N, |_| items.next().expect("there are `N` items")))
    }

    /// `{a}`.
    pub(crate) fn singleton(element: Value) -> Value {
        if matches!(element, Value::Lazy(_)) {
            return Value::set_literal(vec![element]);
        }
        let mut element = Some(element);
        Value::Set(Shared::counted(SetKind, 1, |_| element.take().expect("there is one element")))
    }

    /// `[a |-> 1, b |-> 2]`: distinct names in any order.
    pub fn record(mut fields: Vec<(Symbol, Value)>) -> Value {
        if fields.is_empty() {
            return Value::empty_tuple();
        }
        if !fields.is_sorted_by(|a, b| symbol_order(a.0, b.0).is_lt()) {
            fields.sort_by(|a, b| symbol_order(a.0, b.0));
        }
        let (mut short, len) = ([Symbol(0); 12], fields.len());
        let shape = if let Some(names) = short.get_mut(..len) {
            names.iter_mut().zip(&fields).for_each(|(place, (name, _))| *place = *name);
            Shape::of(names)
        } else {
            Shape::of(&fields.iter().map(|(name, _)| *name).collect::<Vec<_>>())
        };
        let mut values = fields.into_iter();
        Value::Record(Shared::counted(RecordKind(shape), len, |_| values.next().expect("a value for every name").1))
    }

    /// A record whose names are known: values in their order. Cheaper than [`Value::record`].
    pub fn record_of(shape: &'static Shape, values: Vec<Value>) -> Value {
        debug_assert_eq!(shape.names().len(), values.len());
        if values.is_empty() {
            return Value::empty_tuple();
        }
        Value::Record(Shared::from_list(RecordKind(shape), values))
    }

    /// `{a, b}`: listed at once if the elements can be put in order without evaluating anything,
    /// otherwise only when the order is needed, which may fail then.
    pub fn set_literal(mut elements: Vec<Value>) -> Value {
        if elements.is_empty() {
            return Value::empty_set();
        }
        match sort::sort_listed(&mut elements) {
            Ok(()) => Value::set_sorted(elements),
            Err(_) => Value::literal(elements),
        }
    }

    /// A set of elements that are sorted and distinct already.
    pub fn set_sorted(elements: Vec<Value>) -> Value {
        if elements.is_empty() {
            return Value::empty_set();
        }
        Value::Set(Shared::from_list(SetKind, elements))
    }

    /// A function from a sorted domain, in its canonical shape.
    pub(crate) fn function_sorted(domain: Shared<Set>, values: Vec<Value>) -> Value {
        debug_assert_eq!(domain.items.len(), values.len());
        if is_sequence_domain(&domain.items) {
            return Value::tuple(values);
        }
        if domain.items.iter().all(|element| matches!(element, Value::String(_))) {
            let names: Vec<Symbol> = domain
                .items
                .iter()
                .filter_map(|element| if let Value::String(name) = element { Some(*name) } else { None })
                .collect();
            return Value::Record(Shared::from_list(RecordKind(Shape::of(&names)), values));
        }
        Value::Function(Shared::from_list(FunctionKind(domain), values))
    }
}

/// True for `1..n` as a sorted list.
pub(super) fn is_sequence_domain(domain: &[Value]) -> bool {
    // Sorted and distinct: the ends decide, unless other kinds (model values come first) are mixed in.
    let Some((first, last)) = domain.first().zip(domain.last()) else { return true };
    matches!((first, last), (Value::Int(1), Value::Int(n)) if *n == domain.len() as i64)
}

/// A tuple, record or function with one value replaced.
pub(super) fn replaced<X>(block: &Block<X>, extra: X, index: usize, new: Value) -> Shared<Block<X>> {
    let mut new = Some(new);
    Shared::counted(extra, block.items.len(), |at| {
        if at == index { new.take().expect("taken once") } else { block.items[at].clone() }
    })
}
