//! Relation: transitive closure. The other operators are quick enough as their texts have them.

use super::argument::Call;
use super::native::{Native, pure};
use crate::value::machine::{Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[pure("Relation", "TransitiveClosure", 2, transitive_closure)];

/// Warshall's algorithm on the relation's table.
fn close(reaches: &mut [Vec<bool>]) {
    for through in 0..reaches.len() {
        let onward = reaches[through].clone();
        for row in reaches.iter_mut().filter(|row| row[through]) {
            for (reached, onward) in row.iter_mut().zip(&onward) {
                *reached |= onward;
            }
        }
    }
}

fn transitive_closure(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("TransitiveClosure", arguments);
    let set = call.set(machine, 1)?;
    let elements = set.elements();
    let mut pairs = Vec::with_capacity(elements.len() * elements.len());
    let mut reaches = Vec::with_capacity(elements.len());
    for from in elements {
        let mut row = Vec::with_capacity(elements.len());
        for to in elements {
            let pair = Value::tuple(vec![from.clone(), to.clone()]);
            match value::apply(machine, call.value(0), &pair)? {
                Value::Bool(related) => row.push(related),
                _ => return Err(call.wrong(0, "a function from pairs to booleans")),
            }
            pairs.push(pair);
        }
        reaches.push(row);
    }
    close(&mut reaches);
    let values = reaches.into_iter().flatten().map(Value::Bool).collect();
    Value::function(machine, pairs, values)
}
