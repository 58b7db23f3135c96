//! An adapter in Python.

use std::fmt::Write as _;

use super::names::{camel, is_python, python, snake, unique};
use super::surface::{Action, Field, Record, Reference, Surface};

/// The file.
pub fn adapter(surface: &Surface) -> String {
    let printer = Printer::new(surface);
    let mut body = String::new();
    for enumeration in &surface.enumerations {
        let _ = write!(body, "\n\nclass {}(Enum):\n", enumeration.name);
        let _ = writeln!(body, "    \"\"\"One of {}.\"\"\"\n", enumeration.variants.len());
        let mut taken = Vec::new();
        for (_, text) in &enumeration.variants {
            let name = unique(snake(text).to_uppercase(), &mut taken);
            let _ = writeln!(body, "    {} = {}", python(name), quoted(text));
        }
    }
    for (record, plain) in surface.records.iter().zip(&printer.plain) {
        if *plain {
            printer.record(&mut body, record);
        }
    }
    printer.state(&mut body);
    printer.class(&mut body);
    format!("{}{}{body}", head(surface), imports(&body))
}

/// A Python string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn head(surface: &Surface) -> String {
    let mut head =
        format!("\"\"\"The actions and the state of {}, for an implementation to be tied to.\n\n", surface.module);
    for line in &surface.provenance {
        let line = line.replace('\\', "/").replace("\"\"\"", "'''");
        let _ = writeln!(head, "{line}");
    }
    head + "\"\"\"\n\nfrom __future__ import annotations\n"
}

fn imports(body: &str) -> String {
    let mut imports = String::from("\nfrom abc import ABC, abstractmethod\nfrom dataclasses import dataclass\n");
    if body.contains("(Enum):") {
        imports.push_str("from enum import Enum\n");
    }
    let typing = ["Dict[", "FrozenSet[", "Optional[", "Tuple["];
    let typing: Vec<&str> = typing.into_iter().filter(|n| body.contains(n)).map(|n| n.trim_end_matches('[')).collect();
    if !typing.is_empty() {
        let _ = writeln!(imports, "from typing import {}", typing.join(", "));
    }
    let mut link = vec!["Action", "Applied", "Start"];
    if ["[Value", " Value", "(Value"].iter().any(|used| body.contains(used)) {
        link.push("Value");
    }
    let _ = writeln!(imports, "\nfrom tlaloc_link import {}", link.join(", "));
    imports
}

struct Printer<'s> {
    surface: &'s Surface,
    /// Records that are classes: Python takes the names of their fields.
    plain: Vec<bool>,
}

impl<'s> Printer<'s> {
    fn new(surface: &'s Surface) -> Self {
        let fits = |record: &Record| record.fields.iter().all(|field| is_python(&field.name));
        Self { surface, plain: surface.records.iter().map(fits).collect() }
    }

    fn record(&self, body: &mut String, record: &Record) {
        let _ = write!(body, "\n\n@dataclass(frozen=True)\nclass {}:\n    \"\"\"A record.\"\"\"\n\n", record.name);
        // Fields with defaults come last.
        for field in record.fields.iter().filter(|f| !f.optional) {
            let _ = writeln!(body, "    {}: {}", field.name, self.of(&field.of, true));
        }
        for field in record.fields.iter().filter(|f| f.optional) {
            let _ = writeln!(body, "    {}: Optional[{}] = None", field.name, self.of(&field.of, true));
        }
    }

    fn state(&self, body: &mut String) {
        let name = camel(&self.surface.module);
        let _ = write!(
            body,
            "\n\n@dataclass\nclass {name}State:\n    \"\"\"What an implementation shows of the state: what is None is not compared.\"\"\"\n\n"
        );
        for variable in &self.surface.variables {
            if is_python(&variable.name) {
                let _ = writeln!(body, "    {}: Optional[{}] = None", variable.name, self.of(&variable.of, false));
            } else {
                let _ = writeln!(body, "    # {} cannot be a field: its name is a word of Python.", variable.name);
            }
        }
        if !self.surface.variables.iter().any(|v| is_python(&v.name)) {
            body.push_str("    pass\n");
        }
    }

    fn class(&self, body: &mut String) {
        let name = camel(&self.surface.module);
        let _ = write!(
            body,
            "\n\nclass {name}Adapter(ABC):\n    \"\"\"The implementation, in the words of {name}: one method an action.\n\n\
             \x20   An action of another name, or with other parameters, is another method: an adapter written for an older\n\
             \x20   specification does not pass type checking and cannot be made.\n    \"\"\"\n\n\
             \x20   def start(self, start: Start) -> None:\n        \"\"\"Brings the implementation into the initial state.\"\"\"\n"
        );
        for (action, method) in self.surface.actions.iter().zip(self.method_names()) {
            let mut all = vec!["self".to_owned()];
            all.extend(names(action).into_iter().zip(&action.parameters).map(|(name, p)| {
                let of = self.of(&p.of, false);
                if p.optional { format!("{name}: Optional[{of}]") } else { format!("{name}: {of}") }
            }));
            let _ = write!(
                body,
                "\n    @abstractmethod\n    def {method}({}) -> Applied:\n        \"\"\"Takes the step `{}`; raises `Refused` if the implementation will not.\"\"\"\n",
                all.join(", "),
                action.name
            );
        }
        let _ = write!(
            body,
            "\n    @abstractmethod\n    def observe(self) -> {name}State:\n        \"\"\"What the implementation shows now.\"\"\"\n\n\
             \x20   def apply(self, action: Action) -> Applied:\n        \"\"\"Calls the method of an action.\"\"\"\n"
        );
        for (action, method) in self.surface.actions.iter().zip(self.method_names()) {
            let given = action.parameters.iter().map(|p| {
                let (name, of) = (quoted(&p.name), self.of(&p.of, false));
                let read = format!("action.parameter({name}, {of})");
                if p.optional { format!("{read} if {name} in action.parameters else None") } else { read }
            });
            let given: Vec<String> = given.collect();
            let _ = write!(
                body,
                "        if action.name == {}:\n            return self.{method}({})\n",
                quoted(&action.name),
                given.join(", ")
            );
        }
        body.push_str("        raise action.unknown()\n");
    }

    fn method_names(&self) -> Vec<String> {
        let mut taken = ["start", "observe", "apply"].map(str::to_owned).to_vec();
        self.surface.actions.iter().map(|action| python(unique(snake(&action.name), &mut taken))).collect()
    }

    /// A type as Python writes it; elements of sets and arguments of functions must be hashable.
    fn of(&self, reference: &Reference, hashable: bool) -> String {
        match reference {
            Reference::Bool => "bool".to_owned(),
            Reference::Int => "int".to_owned(),
            Reference::Text => "str".to_owned(),
            Reference::Enumeration(number) => self.surface.enumerations[*number].name.clone(),
            Reference::Record(number) if self.plain[*number] => self.surface.records[*number].name.clone(),
            Reference::Sequence(item) => format!("Tuple[{}, ...]", self.of(item, hashable)),
            Reference::Tuple(items) => {
                format!("Tuple[{}]", items.iter().map(|item| self.of(item, hashable)).collect::<Vec<_>>().join(", "))
            }
            Reference::Set(element) => format!("FrozenSet[{}]", self.of(element, true)),
            Reference::Map(key, value) if !hashable => {
                format!("Dict[{}, {}]", self.of(key, true), self.of(value, false))
            }
            Reference::Map(..) | Reference::Record(_) | Reference::Any => "Value".to_owned(),
        }
    }
}

fn names(action: &Action) -> Vec<String> {
    let mut taken = Vec::new();
    action.parameters.iter().map(|p: &Field| python(unique(snake(&p.name), &mut taken))).collect()
}
