//! Evaluating one form after the other: sets, functions, records, EXCEPT.

use super::at_hand::item;
use super::closure::Slot;
use super::code::{BoundCode, Code, Kind, LazyUnit, PathCode, UpdateCode};
use super::evaluator::{Evaluator, placed};
use crate::value::machine::{Closure, Result};
use crate::value::{self, LazyShape, Value};

/// True for sets that are listed at once to be filtered, or to be a function's domain: those that TLC has
/// as a list or interval at this point. Everything else stays a description, and is asked for elements only.
fn is_listable(set: &Value) -> bool {
    match set {
        Value::Set(_) => true,
        Value::Lazy(lazy) => match lazy.shape() {
            LazyShape::Literal(_) | LazyShape::Interval(..) | LazyShape::Probe(_) => true,
            LazyShape::Cup(a, b) => is_listable(a) && is_listable(b),
            LazyShape::Cap(a, _) | LazyShape::Difference(a, _) => is_listable(a),
            LazyShape::BigUnion(sets) => is_listed_family(sets),
            _ => false,
        },
        _ => false,
    }
}

/// True for listed sets of listed sets.
fn is_listed_family(sets: &Value) -> bool {
    match sets {
        Value::Set(sets) => sets.elements().iter().all(is_listable),
        Value::Lazy(lazy) => matches!(lazy.shape(), LazyShape::Literal(sets) if sets.iter().all(is_listable)),
        _ => false,
    }
}

impl Evaluator {
    pub(super) fn eval_form(&mut self, code: &Code) -> Result<Value> {
        match &code.kind {
            Kind::SubsetEq(pair) => {
                if let Some(answer) = self.selective_subset(&pair.0, &pair.1)? {
                    return Ok(Value::bool(answer));
                }
                let (a, b) = self.both(pair)?;
                value::subset_eq(self, &a, &b).map(Value::bool)
            }
            Kind::Equivalent(pair) => Ok(Value::bool(self.boolean(&pair.0)? == self.boolean(&pair.1)?)),
            Kind::Cup(pair) => self.both(pair).map(|(a, b)| Value::cup(a, b)),
            Kind::Cap(pair) => match &pair.1.kind {
                Kind::Union(sets) => Ok(Value::cap_union(self.eval(&pair.0)?, self.eval(sets)?)),
                _ => self.both(pair).map(|(a, b)| Value::cap(a, b)),
            },
            Kind::Difference(pair) => self.both(pair).map(|(a, b)| Value::difference(a, b)),
            Kind::PowerSet(a) => self.eval(a).map(Value::power_set),
            Kind::Union(a) => self.eval(a).map(Value::big_union),
            Kind::Domain(a) => {
                if let Some(domain) = self.selective_domain(a)? {
                    return Ok(domain);
                }
                let function = self.eval(a)?;
                value::domain(self, &function)
            }
            Kind::Product(items) => self.list(items).map(Value::product),
            Kind::Apply(pair) => self.apply(pair),
            Kind::Field(record, name) => {
                if let Kind::Local(slot) = &record.kind
                    && let Slot::Value(Value::Record(record)) = self.slot(*slot)
                    && let Some(value) = record.get(*name)
                {
                    return Ok(value.clone());
                }
                let record = self.eval(record)?;
                value::field(self, &record, *name)
            }
            Kind::Tuple(items) => match &items[..] {
                [a] => Ok(Value::short_tuple([self.eval(a)?])),
                [a, b] => Ok(Value::short_tuple([self.eval(a)?, self.eval(b)?])),
                [a, b, c] => Ok(Value::short_tuple([self.eval(a)?, self.eval(b)?, self.eval(c)?])),
                _ => self.list(items).map(Value::tuple),
            },
            Kind::SetEnumeration(items) => match &items[..] {
                [a] => self.eval(a).map(Value::singleton),
                _ => self.list(items).map(Value::set_literal),
            },
            Kind::SetFilter(bound, body, lazy) => self.set_filter(bound, body, lazy),
            Kind::SetMap(bounds, body) => self.map(bounds, body),
            Kind::Function(bounds, body, lazy, recursive) => self.function(bounds, body, lazy, *recursive),
            Kind::FunctionSet(pair) => self.both(pair).map(|(a, b)| Value::function_set(a, b)),
            Kind::Record(fields) => {
                let fields = fields.iter().map(|(n, c)| Ok((*n, self.eval(c)?))).collect::<Result<_>>()?;
                Ok(Value::record(fields))
            }
            Kind::RecordSet(fields) => {
                let fields = fields.iter().map(|(n, c)| Ok((*n, self.eval(c)?))).collect::<Result<_>>()?;
                Ok(Value::record_set(fields))
            }
            Kind::Except(base, updates) => self.except(base, updates),
            Kind::Choose(bound, body) => self.choose(bound, body),
            // Everything else is a formula, which `boolean` evaluates itself.
            _ => self.boolean(code).map(Value::bool),
        }
    }

    fn both(&mut self, pair: &(Code, Code)) -> Result<(Value, Value)> {
        Ok((self.eval(&pair.0)?, self.eval(&pair.1)?))
    }

    fn list(&mut self, items: &[Code]) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.eval(item)?);
        }
        Ok(values)
    }

    fn apply(&mut self, pair: &(Code, Code)) -> Result<Value> {
        if let Some(value) = self.item_at_hand(pair) {
            let value = value.clone();
            self.ticks += 2;
            return Ok(value);
        }
        if let Kind::Local(slot) = &pair.0.kind
            && matches!(self.slot(*slot), Slot::Value(_))
        {
            let argument = self.eval(&pair.1)?;
            // Without another pointer to the tuple.
            if let Slot::Value(function) = self.slot(*slot)
                && let Some(value) = item(function, &argument)
            {
                return Ok(value.clone());
            }
            let function = self.eval(&pair.0)?;
            return value::apply(self, &function, &argument);
        }
        // At the head of an application a function constructor is not listed first.
        let function = match &pair.0.kind {
            Kind::Function(bounds, _, lazy, _) => {
                let domains = self.sets(bounds)?;
                self.lambda(domains, lazy)
            }
            _ => self.eval(&pair.0)?,
        };
        let argument = self.eval(&pair.1)?;
        value::apply(self, &function, &argument)
    }

    fn sets(&mut self, bounds: &[BoundCode]) -> Result<Vec<Value>> {
        bounds.iter().map(|b| self.eval(&b.set)).collect()
    }

    fn set_filter(&mut self, bound: &BoundCode, body: &Code, lazy: &std::rc::Rc<LazyUnit>) -> Result<Value> {
        let set = self.ranged(bound)?;
        if is_listable(&set) {
            return self.filter(&set, bound, body).map_err(|f| placed(f, bound.set.span));
        }
        let predicate: Closure = self.closure(lazy);
        Ok(Value::filter(set, predicate))
    }

    fn function(
        &mut self,
        bounds: &[BoundCode],
        body: &Code,
        lazy: &std::rc::Rc<LazyUnit>,
        recursive: bool,
    ) -> Result<Value> {
        let sets = self.sets(bounds)?;
        if !recursive && sets.iter().all(is_listable) {
            return self.listed_function(&sets, bounds, body);
        }
        Ok(self.lambda(sets, lazy))
    }

    fn except(&mut self, base: &Code, updates: &[UpdateCode]) -> Result<Value> {
        let mut function = self.eval(base)?;
        for update in updates {
            function = self.update(function, &update.path, update).map_err(|f| placed(f, update.span))?;
        }
        Ok(function)
    }

    /// One update, step by step along its path; outside the domain nothing changes.
    pub(super) fn update(&mut self, function: Value, path: &[PathCode], update: &UpdateCode) -> Result<Value> {
        let Some((step, rest)) = path.split_first() else {
            self.set(update.at, function);
            return self.eval(&update.value);
        };
        let index = match step {
            PathCode::Index(code) => self.eval(code)?,
            PathCode::Field(name) => name.clone(),
        };
        let Some(old) = value::except_get(self, &function, &index)? else { return Ok(function) };
        let new = self.update(old, rest, update)?;
        value::except_set(self, &function, &index, new)
    }
}
