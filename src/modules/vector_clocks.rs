//! VectorClocks: a causal order of a log.

use super::argument::Call;
use super::native::{Native, pure};
use crate::value::machine::{FaultKind, Machine, Result};
use crate::value::{self, Value};

pub(super) static NATIVES: &[Native] = &[pure("VectorClocks", "CausalOrder", 4, causal_order)];

/// An entry of the log: who made it and what its clock says, per node.
struct Entry {
    line: Value,
    node: Value,
    times: Vec<(Value, i64)>,
}

impl Entry {
    fn of(machine: &mut dyn Machine, call: &Call<'_>, line: &Value) -> Result<Self> {
        let clock = call.operator(1)?.call(machine, std::slice::from_ref(line))?;
        let node = call.operator(2)?.call(machine, std::slice::from_ref(line))?;
        let nodes = call.operator(3)?.call(machine, std::slice::from_ref(&clock))?;
        let nodes = value::to_set(machine, &nodes)?;
        let mut times = Vec::with_capacity(nodes.elements().len());
        for node in nodes.elements() {
            match value::apply(machine, &clock, node)? {
                Value::Int(time) => times.push((node.clone(), time)),
                other => return Err(call.wrong_result(1, "a function to integers", &other)),
            }
        }
        Ok(Self { line: line.clone(), node, times })
    }

    fn time(&self, machine: &mut dyn Machine, node: &Value) -> Result<i64> {
        for (known, time) in &self.times {
            if value::equal(machine, known, node)? {
                return Ok(*time);
            }
        }
        Ok(0)
    }
}

/// Each node's entries by its own time; then nodes take turns, from the last to the first that the log
/// mentions: each gives its next entry if all causes of that are placed.
fn causal_order(machine: &mut dyn Machine, arguments: &[Value]) -> Result<Value> {
    let call = Call::new("CausalOrder", arguments);
    let log = call.sequence(machine, 0)?;
    let mut queues: Vec<(Value, Vec<(i64, Entry)>)> = Vec::new();
    for line in log.items() {
        let entry = Entry::of(machine, &call, line)?;
        let time = entry.time(machine, &entry.node)?;
        let mut place = None;
        for (at, (node, _)) in queues.iter().enumerate() {
            if value::equal(machine, node, &entry.node)? {
                place = Some(at);
            }
        }
        match place {
            Some(at) => queues[at].1.push((time, entry)),
            None => queues.push((entry.node.clone(), vec![(time, entry)])),
        }
    }
    for (_, queue) in &mut queues {
        // Last first, so that taking the next entry is a pop.
        queue.sort_by_key(|(time, _)| std::cmp::Reverse(*time));
    }
    let mut ordered = Vec::with_capacity(log.items().len());
    let mut turn = 0;
    while ordered.len() < log.items().len() {
        let Some(ready) = ready(machine, &queues, turn)? else {
            return Err(call.fault(FaultKind::ChooseNone, 0, "a log whose clocks have a causal order"));
        };
        if let Some((_, entry)) = queues[ready].1.pop() {
            ordered.push(entry.line);
        }
        turn = (ready + queues.len() - 1) % queues.len();
    }
    Ok(Value::tuple(ordered))
}

/// From `turn` downwards, the first queue whose next entry depends on no entry still waiting in another queue.
fn ready(machine: &mut dyn Machine, queues: &[(Value, Vec<(i64, Entry)>)], turn: usize) -> Result<Option<usize>> {
    let count = queues.len();
    'queues: for at in (0..count).map(|i| (turn + count - i) % count) {
        let Some((_, next)) = queues[at].1.last() else { continue };
        for (other, (node, waiting)) in queues.iter().enumerate() {
            if let Some((time, _)) = waiting.last()
                && other != at
                && *time <= next.time(machine, node)?
            {
                continue 'queues;
            }
        }
        return Ok(Some(at));
    }
    Ok(None)
}
