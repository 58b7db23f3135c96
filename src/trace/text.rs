//! A trace as lines to read.
//!
//! The first state shows every variable, later ones what changed; long values that changed in a few places
//! also say where. A heading names the action with its parameters and its place in the source.

use super::{ActionLabel, Step, Trace};
use crate::diagnostic::Sources;
use crate::value::Value;

/// How much of each state is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// All variables of the first state, then those that changed.
    Changes,
    /// All variables of every state.
    Everything,
}

/// What a line says; the edge may colour by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// `State 2: Prepare(r = r1)`.
    Heading,
    /// A variable of the first state.
    Initial,
    /// A variable that changed.
    Changed,
    /// A variable that did not change.
    Unchanged,
    /// Where in a value the change is, or that nothing changed.
    Remark,
    /// Nothing.
    Blank,
}

/// One line, without its newline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it says.
    pub role: Role,
    /// Its text.
    pub text: String,
}

/// Values shorter than this show their change by themselves.
const REMARK_WIDTH_MIN: usize = 60;

/// Changes in more places than this are not listed.
const REMARKS_MAX: usize = 4;

/// The lines of a trace.
pub fn lines(trace: &Trace, sources: &Sources, detail: Detail) -> Vec<Line> {
    let mut lines = Vec::new();
    for (index, step) in trace.steps.iter().enumerate() {
        if index > 0 {
            lines.push(Line { role: Role::Blank, text: String::new() });
        }
        lines.push(Line { role: Role::Heading, text: heading(index, step, sources) });
        let before = index.checked_sub(1).map(|i| &trace.steps[i]);
        state(&mut lines, &trace.variables, step, before, detail);
    }
    if let Some(target) = trace.loop_to {
        lines.push(Line { role: Role::Blank, text: String::new() });
        let text = if target + 1 == trace.steps.len() {
            format!("Stuttering: the system stays in state {} for ever", target + 1)
        } else {
            format!("Back to state {}", target + 1)
        };
        lines.push(Line { role: Role::Heading, text });
    }
    lines
}

fn heading(index: usize, step: &Step, sources: &Sources) -> String {
    let mut text = format!("State {}: ", index + 1);
    match &step.action {
        None => text.push_str("initial"),
        Some(action) => {
            text.push_str(&call(action));
            let place = sources.place(action.span);
            if !place.is_empty() {
                text.push_str("    ");
                text.push_str(&place);
            }
        }
    }
    text
}

/// `Prepare(r = r1)`.
pub fn call(action: &ActionLabel) -> String {
    if action.parameters.is_empty() {
        return action.name.clone();
    }
    let parameters: Vec<_> =
        action.parameters.iter().map(|(name, value)| format!("{name} = {}", value.display())).collect();
    format!("{}({})", action.name, parameters.join(", "))
}

fn state(lines: &mut Vec<Line>, variables: &[String], step: &Step, before: Option<&Step>, detail: Detail) {
    let now = shown(variables, step);
    let earlier = before.map(|b| shown(variables, b));
    let mut any = false;
    for (i, (name, value)) in now.iter().enumerate() {
        let old = earlier.as_ref().and_then(|e| e.get(i)).filter(|(n, _)| n == name).map(|(_, v)| *v);
        let role = match (&earlier, old) {
            (None, _) => Role::Initial,
            (Some(_), Some(old)) if same(old, value) => Role::Unchanged,
            (Some(_), _) => Role::Changed,
        };
        if role == Role::Unchanged && detail == Detail::Changes {
            continue;
        }
        any = true;
        let text = value.display_whole();
        let wide = text.len() >= REMARK_WIDTH_MIN;
        let mark = if role == Role::Changed && detail == Detail::Everything { '*' } else { ' ' };
        lines.push(Line { role, text: format!("{mark} /\\ {name} = {text}") });
        if let (Role::Changed, Some(old), true) = (role, old, wide) {
            let remarks = differences(old, value).unwrap_or_default();
            lines.extend(remarks.into_iter().map(|r| Line { role: Role::Remark, text: format!("       \\* {r}") }));
        }
    }
    if !any {
        lines.push(Line { role: Role::Remark, text: "  (nothing changed)".to_owned() });
    }
}

/// What a state shows: its variables, or the fields of ALIAS.
fn shown<'a>(variables: &'a [String], step: &'a Step) -> Vec<(&'a str, &'a Value)> {
    match &step.alias {
        Some(fields) => fields.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        None => variables.iter().map(String::as_str).zip(&step.values).collect(),
    }
}

/// Equality of two values of a trace.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left.interned_id(), right.interned_id()) {
        (Some(left), Some(right)) => left == right,
        _ => left.display_whole() == right.display_whole(),
    }
}

/// Where two values differ, if that is in a few places.
fn differences(old: &Value, new: &Value) -> Option<Vec<String>> {
    let changed = match (old, new) {
        (Value::Set(old), Value::Set(new)) => set_differences(old.elements(), new.elements()),
        _ => entry_differences(&entries(old)?, &entries(new)?),
    };
    (changed.len() <= REMARKS_MAX).then_some(changed)
}

fn set_differences(old: &[Value], new: &[Value]) -> Vec<String> {
    let gone = old.iter().filter(|e| !new.iter().any(|n| same(e, n))).map(|e| format!("removed {}", e.display()));
    let come = new.iter().filter(|e| !old.iter().any(|o| same(e, o))).map(|e| format!("added {}", e.display()));
    gone.chain(come).collect()
}

/// The entries of a function, record or tuple, named as one would select them.
fn entries(value: &Value) -> Option<Vec<(String, &Value)>> {
    Some(match value {
        Value::Tuple(tuple) => tuple.items().iter().enumerate().map(|(i, v)| (format!("[{}]", i + 1), v)).collect(),
        Value::Record(record) => record.iter().map(|(name, v)| (format!(".{}", super::symbol_text(name)), v)).collect(),
        Value::Function(function) => {
            let keys = function.domain().iter().map(|k| format!("[{}]", k.display()));
            keys.zip(function.values()).collect()
        }
        _ => return None,
    })
}

fn entry_differences(old: &[(String, &Value)], new: &[(String, &Value)]) -> Vec<String> {
    let find = |entries: &[(String, &Value)], name: &str| -> Option<String> {
        entries.iter().find(|(n, _)| n == name).map(|(_, v)| v.display())
    };
    let mut changed = Vec::new();
    for (name, value) in old {
        let was = value.display();
        match find(new, name) {
            None => changed.push(format!("{name} removed, was {was}")),
            Some(is) if is != was => changed.push(format!("{name} {was} -> {is}")),
            Some(_) => {}
        }
    }
    for (name, value) in new {
        if find(old, name).is_none() {
            changed.push(format!("{name} added: {}", value.display()));
        }
    }
    changed
}
