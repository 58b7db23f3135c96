//! Sets and functions described, not listed.

use std::cell::OnceCell;
use std::rc::Rc;

use super::composite::Set;
use super::lambda::Lambda;
use super::machine::Closure;
use super::probe::Probe;
use super::{Shared, Value};
use crate::resolve::spec::Symbol;

/// A set or function given by how it is built. Listed at most once.
pub struct Lazy {
    shape: Shape,
    /// The same value listed, once it was needed.
    normal: OnceCell<Value>,
}

/// How a lazy value is built. What is given for sets is not checked to be sets.
pub enum Shape {
    /// `{a, b}`: not yet in order.
    Literal(Vec<Value>),
    /// `a .. b`.
    Interval(i64, i64),
    /// `SUBSET S`.
    PowerSet(Value),
    /// `[S -> T]`.
    FunctionSet(Value, Value),
    /// `[a : S, b : T]` in symbol order.
    RecordSet(Vec<(Symbol, Value)>),
    /// `S \X T`.
    Product(Vec<Value>),
    /// `S \cup T`.
    Cup(Value, Value),
    /// `S \cap T`.
    Cap(Value, Value),
    /// `S \ T`.
    Difference(Value, Value),
    /// `UNION S`.
    BigUnion(Value),
    /// `{x \in S : P}`.
    Filter(Value, Closure),
    /// `Seq(S)`.
    Sequences(Value),
    /// `Nat`.
    Naturals,
    /// `Int`.
    Integers,
    /// `Real`.
    Reals,
    /// `STRING`.
    Strings,
    /// `Any` of module TLC: everything is in it.
    Any,
    /// `[x \in S |-> e]`.
    Lambda(Lambda),
    /// `[f EXCEPT ![i] = e]` of an unevaluated function.
    Changed {
        /// The function.
        function: Value,
        /// The argument, in the function's domain.
        argument: Value,
        /// The value there.
        value: Value,
    },
    /// An element that a formula is being tried on.
    Probe(Probe),
}

impl Shape {
    /// True for sets that have no list of elements by definition.
    pub fn is_endless(&self) -> bool {
        matches!(
            self,
            Shape::Sequences(_) | Shape::Naturals | Shape::Integers | Shape::Reals | Shape::Strings | Shape::Any
        )
    }

    /// True for functions.
    pub fn is_function(&self) -> bool {
        match self {
            Shape::Probe(probe) => probe.is_function(),
            _ => matches!(self, Shape::Lambda(_) | Shape::Changed { .. }),
        }
    }
}

impl Lazy {
    /// How it is built.
    #[inline(always)]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The element under trial that it is.
    pub(crate) fn probe(&self) -> Option<&Probe> {
        if let Shape::Probe(probe) = &self.shape { Some(probe) } else { None }
    }

    /// The listed form, if it was needed before.
    #[inline(always)]
    pub(super) fn known(&self) -> Option<&Value> {
        self.normal.get()
    }

    /// Remembers the listed form.
    pub(super) fn remember(&self, listed: &Value) {
        // Listing may have come to this value again on the way: then the first answer stays, they are equal.
        let _ = self.normal.set(listed.clone());
    }
}

fn lazy(shape: Shape) -> Value {
    Value::Lazy(Rc::new(Lazy { shape, normal: OnceCell::new() }))
}

impl Value {
    pub(super) fn literal(elements: Vec<Value>) -> Value {
        lazy(Shape::Literal(elements))
    }

    /// `low .. high`.
    pub fn interval(low: i64, high: i64) -> Value {
        if low > high { Value::empty_set() } else { lazy(Shape::Interval(low, high)) }
    }

    /// `SUBSET set`.
    pub fn power_set(set: Value) -> Value {
        lazy(Shape::PowerSet(set))
    }

    /// `[domain -> range]`.
    pub fn function_set(domain: Value, range: Value) -> Value {
        lazy(Shape::FunctionSet(domain, range))
    }

    /// `[a : S, b : T]`: distinct names in any order.
    pub fn record_set(mut fields: Vec<(Symbol, Value)>) -> Value {
        fields.sort_by(|a, b| super::order::symbol_order(a.0, b.0));
        lazy(Shape::RecordSet(fields))
    }

    /// `S \X T`.
    pub fn product(factors: Vec<Value>) -> Value {
        lazy(Shape::Product(factors))
    }

    /// `a \cup b`.
    pub fn cup(a: Value, b: Value) -> Value {
        let (a, b) = (a.settled(), b.settled());
        if let (Value::Set(left), Value::Set(right)) = (&a, &b)
            && let Some(merged) = super::combine::cup_listed(left, right)
        {
            return merged;
        }
        if matches!(&a, Value::Set(set) if set.elements().is_empty()) {
            return b;
        }
        if matches!(&b, Value::Set(set) if set.elements().is_empty()) {
            return a;
        }
        // What can be listed is asked first, as TLC does.
        if b.is_reducible() && !a.is_reducible() { lazy(Shape::Cup(b, a)) } else { lazy(Shape::Cup(a, b)) }
    }

    /// `a \cap b`.
    pub fn cap(a: Value, b: Value) -> Value {
        let (a, b) = (a.settled(), b.settled());
        if let (Some(left), Some(right)) = (a.known_set(), b.known_set())
            && let Some(merged) = super::combine::cap_listed(left, right)
        {
            return merged;
        }
        if b.is_reducible() && !a.is_reducible() { lazy(Shape::Cap(b, a)) } else { lazy(Shape::Cap(a, b)) }
    }

    /// `a \ b`.
    pub fn difference(a: Value, b: Value) -> Value {
        let (a, b) = (a.settled(), b.settled());
        if let (Some(left), Some(right)) = (a.known_set(), b.known_set())
            && let Some(merged) = super::combine::difference_listed(left, right)
        {
            return merged;
        }
        lazy(Shape::Difference(a, b))
    }

    /// `UNION set`.
    pub fn big_union(set: Value) -> Value {
        let set = set.settled();
        if let Value::Set(sets) = &set
            && let Some(union) = super::combine::big_union_listed(sets)
        {
            return union;
        }
        lazy(Shape::BigUnion(set))
    }

    /// `set \cap UNION sets`. A small set is looked up in each of the others: to put those together takes longer.
    pub fn cap_union(set: Value, sets: Value) -> Value {
        let sets = sets.settled();
        if let (Value::Set(set), Value::Set(sets)) = (&set, &sets)
            && let Some(cap) = super::combine::cap_union_listed(set, sets)
        {
            return cap;
        }
        Value::cap(set, Value::big_union(sets))
    }

    /// `{x \in set : predicate}`.
    pub fn filter(set: Value, predicate: Closure) -> Value {
        lazy(Shape::Filter(set, predicate))
    }

    /// `Seq(set)`.
    pub fn sequences(set: Value) -> Value {
        lazy(Shape::Sequences(set))
    }

    /// `Nat`.
    pub fn naturals() -> Value {
        lazy(Shape::Naturals)
    }

    /// `Int`.
    pub fn integers() -> Value {
        lazy(Shape::Integers)
    }

    /// `Real`.
    pub fn reals() -> Value {
        lazy(Shape::Reals)
    }

    /// `STRING`.
    pub fn strings() -> Value {
        lazy(Shape::Strings)
    }

    /// `Any`: the set of everything.
    pub fn any() -> Value {
        lazy(Shape::Any)
    }

    /// An unevaluated function: one domain for each bound variable.
    pub fn lambda(domains: Vec<Value>, body: Closure) -> Value {
        lazy(Shape::Lambda(Lambda::new(domains, body)))
    }

    pub(crate) fn probed(probe: Probe) -> Value {
        lazy(Shape::Probe(probe))
    }

    /// The value itself if it was an element under trial, of which all is looked at then.
    pub fn settled(self) -> Value {
        match &self {
            Value::Lazy(lazy) => lazy.probe().map(Probe::value).unwrap_or(self),
            _ => self,
        }
    }

    pub(super) fn changed(function: Value, argument: Value, value: Value) -> Value {
        lazy(Shape::Changed { function, argument, value })
    }

    /// The set listed, if it is a set that was.
    fn known_set(&self) -> Option<&Shared<Set>> {
        match self {
            Value::Set(set) => Some(set),
            Value::Lazy(lazy) => match lazy.known() {
                Some(Value::Set(set)) => Some(set),
                _ => None,
            },
            _ => None,
        }
    }

    /// True for sets, listed or not.
    pub(super) fn is_set(&self) -> bool {
        match self {
            Value::Set(_) => true,
            Value::Lazy(lazy) => !lazy.shape.is_function(),
            _ => false,
        }
    }

    /// True for sets that TLC lists as soon as an operator meets them.
    pub(super) fn is_reducible(&self) -> bool {
        match self {
            Value::Set(_) => true,
            Value::Lazy(lazy) => match &lazy.shape {
                Shape::Literal(_) | Shape::Interval(..) | Shape::Probe(_) => true,
                Shape::Cup(a, b) => a.is_reducible() && b.is_reducible(),
                Shape::Cap(a, b) => a.is_reducible() || b.is_reducible(),
                Shape::Difference(a, _) | Shape::Filter(a, _) => a.is_reducible(),
                Shape::BigUnion(Value::Set(sets)) => sets.elements().iter().all(|set| matches!(set, Value::Set(_))),
                _ => false,
            },
            _ => false,
        }
    }
}
