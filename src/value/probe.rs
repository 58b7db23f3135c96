//! Elements under trial: they note how much of them a formula looks at.
//!
//! A pure formula that looked only at the first few components of an element says the same of every
//! element with the same first components, and [`super::elements`] enumerates those one after the other:
//! all but the first are passed over. Nothing is assumed about the formula. Its errors, too, would be the
//! same, and the first one ends the enumeration.
//!
//! A function's components are its values, in the order of its domain. A subset's are the answers to
//! whether each element of the base is in it; all subsets that follow each other have the same size, so
//! that the size is not looked at. Whatever is not asked in these terms lists the value, which looks at
//! all of it.

use std::cell::Cell;
use std::cmp::Ordering;

use super::Value;
use super::composite::{Set, is_sequence_domain};
use super::order::compare_listed;
use super::shared::Shared;

/// An element under trial.
pub struct Probe {
    form: Form,
    /// Leading components looked at.
    seen: Cell<usize>,
}

/// What it is an element of.
enum Form {
    /// `[S -> T]`.
    Function { domain: Shared<Set>, values: Vec<Value> },
    /// `SUBSET S`: places of its elements in the base.
    Subset { base: Shared<Set>, chosen: Vec<usize> },
}

impl Probe {
    /// A function with a sorted domain.
    pub(super) fn function(domain: Shared<Set>, values: Vec<Value>) -> Self {
        Self { form: Form::Function { domain, values }, seen: Cell::new(0) }
    }

    /// A subset of `base`: the elements at these places.
    pub(super) fn subset(base: Shared<Set>, chosen: Vec<usize>) -> Self {
        Self { form: Form::Subset { base, chosen }, seen: Cell::new(0) }
    }

    /// How many leading components were looked at.
    pub(super) fn seen(&self) -> usize {
        self.seen.get()
    }

    /// True if all of it was looked at.
    pub(super) fn is_seen(&self) -> bool {
        let components = match &self.form {
            Form::Function { values, .. } => values.len(),
            Form::Subset { base, .. } => base.elements().len(),
        };
        self.seen() >= components
    }

    fn see(&self, components: usize) {
        self.seen.set(self.seen.get().max(components));
    }

    pub(super) fn is_function(&self) -> bool {
        matches!(self.form, Form::Function { .. })
    }

    /// The value itself: all of it is looked at.
    pub(super) fn value(&self) -> Value {
        self.see(usize::MAX);
        self.shown()
    }

    /// The value itself, for messages, or where it is no longer under trial.
    pub(super) fn shown(&self) -> Value {
        match &self.form {
            Form::Function { domain, values } => Value::function_sorted(domain.clone(), values.clone()),
            Form::Subset { base, chosen } => subset(base, chosen),
        }
    }

    /// The domain of a function; nothing is looked at.
    pub(super) fn domain(&self) -> Option<Value> {
        match &self.form {
            Form::Function { domain, .. } if is_sequence_domain(domain.elements()) => {
                Some(Value::interval(1, domain.elements().len() as i64))
            }
            Form::Function { domain, .. } => Some(Value::Set(domain.clone())),
            Form::Subset { .. } => None,
        }
    }

    /// The length of a sequence; nothing is looked at.
    pub(super) fn len(&self) -> Option<usize> {
        match &self.form {
            Form::Function { domain, values } => is_sequence_domain(domain.elements()).then_some(values.len()),
            Form::Subset { .. } => None,
        }
    }

    /// The value of a function at an argument; `None` if that is not known without more ado.
    pub(super) fn apply(&self, argument: &Value) -> Option<Value> {
        let Form::Function { domain, values } = &self.form else { return None };
        let place = match (argument, domain.elements().first()) {
            (Value::Int(index), Some(Value::Int(first))) if is_interval(domain.elements()) => {
                usize::try_from(index.checked_sub(*first)?).ok()?
            }
            _ => place(domain.elements(), argument)?.ok()?,
        };
        let value = values.get(place)?.clone();
        self.see(place + 1);
        Some(value)
    }

    /// Whether something is in a subset; `None` if that is not known without more ado.
    pub(super) fn contains(&self, element: &Value) -> Option<bool> {
        let Form::Subset { base, chosen } = &self.form else { return None };
        Some(match place(base.elements(), element)? {
            Ok(place) => {
                self.see(place + 1);
                chosen.binary_search(&place).is_ok()
            }
            Err(_) => false,
        })
    }

    /// How many elements a subset has; nothing is looked at.
    pub(super) fn size(&self) -> Option<usize> {
        match &self.form {
            Form::Subset { chosen, .. } => Some(chosen.len()),
            Form::Function { .. } => None,
        }
    }

    /// An element of a subset, counted from 0.
    pub(super) fn element(&self, number: usize) -> Option<Value> {
        let Form::Subset { base, chosen } = &self.form else { return None };
        let place = *chosen.get(number)?;
        self.see(place + 1);
        Some(base.elements()[place].clone())
    }
}

/// The subset of the elements at these places.
pub(super) fn subset(base: &Shared<Set>, chosen: &[usize]) -> Value {
    Value::set_sorted(chosen.iter().map(|place| base.elements()[*place].clone()).collect())
}

/// True for consecutive integers in a sorted list.
fn is_interval(domain: &[Value]) -> bool {
    matches!((domain.first(), domain.last()), (Some(Value::Int(first)), Some(Value::Int(last)))
        if last.checked_sub(*first) == Some(domain.len() as i64 - 1))
}

/// Where a value stands in a sorted list, or would stand; `None` if it does not compare.
fn place(sorted: &[Value], wanted: &Value) -> Option<Result<usize, usize>> {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match compare_listed(&sorted[middle], wanted).ok()? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Some(Ok(middle)),
        }
    }
    Some(Err(low))
}
