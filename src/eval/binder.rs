//! Bound variables: quantifiers, CHOOSE, set and function constructors.
//!
//! With several bounds the first varies fastest, and every set is evaluated before any element is taken.

use super::code::{BinderCode, BoundCode, Code};
use super::evaluator::Evaluator;
use crate::resolve::spec::{Bound, LocalId};
use crate::value::machine::{Fault, FaultKind, Result};
use crate::value::{self, Elements, Value};

/// Elements that room is made for before any is known.
const FEW: usize = 8;

/// Whether an enumeration goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// Next element, next successor.
    Continue,
    /// Enough is known.
    Stop,
}

impl BinderCode {
    /// The slots it fills.
    pub(super) fn slots(&self) -> Vec<u32> {
        match self {
            BinderCode::Slot(slot) => vec![*slot],
            BinderCode::Tuple(slots) => slots.clone(),
        }
    }
}

impl Evaluator {
    pub(super) fn bind(&mut self, binder: &BinderCode, element: Value) -> Result<()> {
        match binder {
            BinderCode::Slot(slot) => self.set(*slot, element),
            BinderCode::Tuple(slots) => {
                let components = self.components(&element, slots.len())?;
                for (slot, component) in slots.iter().zip(components.items()) {
                    self.set(*slot, component.clone());
                }
            }
        }
        Ok(())
    }

    /// Runs `body` for each element of a set that is bound in turn. If `tries`, `body` is one formula that is pure:
    /// where it goes on, it may be spared elements of which it would see the same.
    fn each_of(
        &mut self,
        set: &Value,
        binder: &BinderCode,
        tries: bool,
        body: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        if let Value::Set(set) = set {
            for element in set.elements() {
                self.bind(binder, element.clone())?;
                if body(self)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            return Ok(Flow::Continue);
        }
        let mut elements: Elements = value::elements(self, set)?;
        if tries {
            while let Some(element) = elements.next_tried(self)? {
                self.bind(binder, element.clone())?;
                if body(self)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
                elements.pass_over(&element);
            }
            return Ok(Flow::Continue);
        }
        while let Some(element) = elements.next(self)? {
            self.bind(binder, element)?;
            if body(self)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    /// Runs `body` for every binding of the bounds.
    pub(super) fn each(
        &mut self,
        bounds: &[BoundCode],
        body: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        self.each_tried(bounds, false, body)
    }

    /// The same for every element, whether it matters or not.
    pub(super) fn each_unguarded(
        &mut self,
        bounds: &[BoundCode],
        body: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        let [bound] = bounds else { return self.each(bounds, body) };
        let set = self.eval(&bound.set)?;
        self.each_of(&set, &bound.binder, false, body).map_err(|f| super::evaluator::placed(f, bound.set.span))
    }

    fn each_tried(
        &mut self,
        bounds: &[BoundCode],
        tries: bool,
        body: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        if let [bound] = bounds {
            let tries = tries && bound.tries;
            let set = self.ranged(bound)?;
            return self
                .each_of(&set, &bound.binder, tries, body)
                .map_err(|f| super::evaluator::placed(f, bound.set.span));
        }
        let mut sets = Vec::with_capacity(bounds.len());
        for bound in bounds {
            sets.push(self.eval(&bound.set)?);
        }
        self.each_below(bounds, &sets, tries, body)
    }

    /// The last bound is the outermost loop.
    fn each_below(
        &mut self,
        bounds: &[BoundCode],
        sets: &[Value],
        tries: bool,
        body: &mut dyn FnMut(&mut Self) -> Result<Flow>,
    ) -> Result<Flow> {
        let (Some((bound, inner)), Some((set, inner_sets))) = (bounds.split_last(), sets.split_last()) else {
            return body(self);
        };
        let tries_here = tries && bound.tries;
        self.each_of(set, &bound.binder, tries_here, &mut |e| e.each_below(inner, inner_sets, tries, body))
    }

    /// Runs `body` with the elements of every binding of resolved bounds, in a frame that starts with `values`
    /// for the locals `surrounding`. Tuple bounds give their components.
    ///
    /// # Errors
    /// When a set has no value or no list of its elements, or `body` fails.
    pub fn each_binding(
        &mut self,
        surrounding: &[LocalId],
        values: &[Value],
        bounds: &[Bound],
        body: &mut dyn FnMut(&mut Self, &[Value]) -> Result<Flow>,
    ) -> Result<Flow> {
        let (unit, bounds) = self.lowering.bounds_unit(surrounding, bounds);
        let slots: Vec<u32> = bounds.iter().flat_map(|b| b.binder.slots()).collect();
        self.framed(&unit, values, |e, _| {
            e.each(&bounds, &mut |e| {
                let elements = slots.iter().map(|s| e.read_slot(*s)).collect::<Result<Vec<Value>>>()?;
                body(e, &elements)
            })
        })
    }

    pub(super) fn forall(&mut self, bounds: &[BoundCode], body: &Code) -> Result<bool> {
        let flow =
            self.each_tried(bounds, true, &mut |e| Ok(if e.boolean(body)? { Flow::Continue } else { Flow::Stop }))?;
        Ok(flow == Flow::Continue)
    }

    pub(super) fn exists(&mut self, bounds: &[BoundCode], body: &Code) -> Result<bool> {
        let flow =
            self.each_tried(bounds, true, &mut |e| Ok(if e.boolean(body)? { Flow::Stop } else { Flow::Continue }))?;
        Ok(flow == Flow::Stop)
    }

    pub(super) fn choose(&mut self, bound: &BoundCode, body: &Code) -> Result<Value> {
        let set = self.ranged(bound)?;
        let mut elements = value::sorted_elements(self, &set)?;
        while let Some(element) = if bound.tries { elements.next_tried(self)? } else { elements.next(self)? } {
            self.bind(&bound.binder, element.clone())?;
            if self.boolean(body)? {
                return Ok(element.settled());
            }
            elements.pass_over(&element);
        }
        Err(Fault::new(
            FaultKind::ChooseNone,
            format!("no element of {} satisfies the formula of this CHOOSE", set.display()),
        ))
    }

    /// `{x \in S : P}` over a set that has a list of elements.
    pub(super) fn filter(&mut self, set: &Value, bound: &BoundCode, body: &Code) -> Result<Value> {
        let mut kept = Vec::new();
        if let Value::Set(explicit) = set {
            for element in explicit.elements() {
                self.bind(&bound.binder, element.clone())?;
                if self.boolean(body)? {
                    kept.push(element.clone());
                }
            }
            return Ok(Value::set_sorted(kept));
        }
        let mut elements = value::elements(self, set)?;
        while let Some(element) = elements.next(self)? {
            self.bind(&bound.binder, element.clone())?;
            if self.boolean(body)? {
                kept.push(element);
            }
        }
        Ok(Value::set_literal(kept))
    }

    /// `{e : x \in S}`.
    pub(super) fn map(&mut self, bounds: &[BoundCode], body: &Code) -> Result<Value> {
        let mut values = Vec::with_capacity(FEW);
        self.each(bounds, &mut |e| {
            values.push(e.eval(body)?);
            Ok(Flow::Continue)
        })?;
        Ok(Value::set_literal(values))
    }

    /// `[x \in S |-> e]` over sets that have a list of elements.
    pub(super) fn listed_function(&mut self, sets: &[Value], bounds: &[BoundCode], body: &Code) -> Result<Value> {
        if let ([Value::Set(domain)], [bound]) = (sets, bounds) {
            let mut values = Vec::with_capacity(domain.elements().len());
            for element in domain.elements() {
                self.bind(&bound.binder, element.clone())?;
                values.push(self.eval(body)?);
            }
            return Ok(Value::function_sorted(domain.clone(), values));
        }
        let (mut domain, mut values) = (Vec::with_capacity(FEW), Vec::with_capacity(FEW));
        if let ([set], [bound]) = (sets, bounds) {
            let mut elements = value::elements(self, set)?;
            while let Some(element) = elements.next(self)? {
                self.bind(&bound.binder, element.clone())?;
                domain.push(element);
                values.push(self.eval(body)?);
            }
        } else {
            let product = Value::product(sets.to_vec());
            let mut elements = value::elements(self, &product)?;
            while let Some(element) = elements.next(self)? {
                let components = self.components(&element, bounds.len())?;
                for (bound, component) in bounds.iter().zip(components.items()) {
                    self.bind(&bound.binder, component.clone())?;
                }
                domain.push(element);
                values.push(self.eval(body)?);
            }
        }
        Value::function(self, domain, values)
    }
}
