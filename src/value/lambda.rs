//! Unevaluated functions: applied argument by argument, each answer remembered.

use std::cell::RefCell;

use hashbrown::HashTable;

use super::Value;
use super::hash::hash_listed;
use super::machine::{Closure, Fault, FaultKind, Machine, Result};
use super::membership::member;
use super::normal::normalize;
use super::order::equal_listed;

/// Arguments at most for which ways to be true are kept.
const WAYS_MAX: usize = 64;

/// `[x \in S, y \in T |-> e]`.
pub struct Lambda {
    domains: Vec<Value>,
    body: Closure,
    /// Applications so far.
    answers: RefCell<HashTable<Answer>>,
    /// In how many ways the body is true, for arguments for which that was counted.
    ways: RefCell<Vec<(Value, u64)>>,
}

struct Answer {
    hash: u64,
    argument: Value,
    value: Value,
}

impl Lambda {
    pub(super) fn new(domains: Vec<Value>, body: Closure) -> Self {
        Self { domains, body, answers: RefCell::new(HashTable::new()), ways: RefCell::default() }
    }

    /// The domain of each bound variable.
    pub fn domains(&self) -> &[Value] {
        &self.domains
    }

    /// What is evaluated for an argument, component by component if several variables are bound.
    pub fn body(&self) -> &Closure {
        &self.body
    }

    /// The domain as one set: of tuples if several variables are bound.
    pub fn domain(&self) -> Value {
        match &self.domains[..] {
            [domain] => domain.clone(),
            domains => Value::product(domains.to_vec()),
        }
    }

    /// The value at an argument that may be outside the domain.
    pub(super) fn apply(&self, m: &mut dyn Machine, argument: &Value) -> Result<Value> {
        let hash = hash_listed(argument);
        if let Some(hash) = hash
            && let Some(known) = self.known(hash, argument)
        {
            return Ok(known);
        }
        if !self.in_domain(m, argument)? {
            return Err(outside(argument));
        }
        let value = self.evaluate(m, argument)?;
        if let Some(hash) = hash {
            self.remember(hash, argument, &value);
        } else if let Ok(listed) = normalize(m, argument)
            && let Some(hash) = hash_listed(&listed)
        {
            self.remember(hash, &listed, &value);
        }
        Ok(value)
    }

    /// In how many ways the body is true for an argument, if that was counted.
    pub(crate) fn ways(&self, argument: &Value) -> Option<u64> {
        let ways = self.ways.borrow();
        ways.iter().find(|(known, _)| equal_listed(known, argument) == Ok(true)).map(|(_, ways)| *ways)
    }

    /// Keeps in how many ways the body is true for an argument.
    pub(crate) fn remember_ways(&self, argument: &Value, ways: u64) {
        let mut known = self.ways.borrow_mut();
        if known.len() < WAYS_MAX {
            known.push((argument.clone(), ways));
        }
    }

    fn known(&self, hash: u64, argument: &Value) -> Option<Value> {
        let answers = self.answers.borrow();
        answers.find(hash, |known| equal_listed(&known.argument, argument) == Ok(true)).map(|known| known.value.clone())
    }

    fn remember(&self, hash: u64, argument: &Value, value: &Value) {
        let answer = Answer { hash, argument: argument.clone(), value: value.clone() };
        self.answers.borrow_mut().insert_unique(hash, answer, |known| known.hash);
    }

    pub(super) fn in_domain(&self, m: &mut dyn Machine, argument: &Value) -> Result<bool> {
        if let [domain] = &self.domains[..] {
            return member(m, argument, domain);
        }
        // A longer tuple than there are variables is accepted, as TLC does.
        let Value::Tuple(items) = argument else { return Ok(false) };
        if items.items().len() < self.domains.len() {
            return Ok(false);
        }
        for (item, domain) in items.items().iter().zip(&self.domains) {
            if !member(m, item, domain)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn evaluate(&self, m: &mut dyn Machine, argument: &Value) -> Result<Value> {
        match (&self.domains[..], argument) {
            ([_], argument) => self.body.call(m, std::slice::from_ref(argument)),
            (domains, Value::Tuple(items)) => self.body.call(m, &items.items()[..domains.len()]),
            _ => Err(outside(argument)),
        }
    }

    /// The value at an argument known to be in the domain.
    pub(super) fn value_at(&self, m: &mut dyn Machine, argument: &Value) -> Result<Value> {
        let hash = hash_listed(argument);
        if let Some(hash) = hash
            && let Some(known) = self.known(hash, argument)
        {
            return Ok(known);
        }
        let value = self.evaluate(m, argument)?;
        if let Some(hash) = hash {
            self.remember(hash, argument, &value);
        }
        Ok(value)
    }
}

#[cold]
fn outside(argument: &Value) -> Box<Fault> {
    Fault::new(
        FaultKind::OutOfDomain,
        format!("Attempted to apply a function to the argument {}, which is not in its domain.", argument.display()),
    )
}
