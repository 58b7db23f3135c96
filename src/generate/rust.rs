//! An adapter in Rust.

use std::fmt::Write as _;

use super::names::{camel, rust, snake, unique};
use super::surface::{Action, Field, Reference, Surface};

/// Columns that rustfmt allows.
const WIDTH_MAX: usize = 100;

/// Parameters that clippy allows.
const PARAMETERS_MAX: usize = 7;

/// The file.
pub fn adapter(surface: &Surface) -> String {
    let mut body = String::new();
    for enumeration in &surface.enumerations {
        let _ =
            write!(body, "\n/// One of {}.\n{SCALAR}\npub enum {} {{\n", enumeration.variants.len(), enumeration.name);
        for (variant, text) in &enumeration.variants {
            let _ = writeln!(body, "    /// `{}`.", plain(text));
            if variant != text {
                let _ = writeln!(body, "    #[serde(rename = {text:?})]");
            }
            let _ = writeln!(body, "    {variant},");
        }
        body.push_str("}\n");
    }
    for record in &surface.records {
        let _ = write!(body, "\n/// A record.\n{COMPOSITE}\npub struct {} {{\n", record.name);
        fields(&mut body, surface, &record.fields);
        body.push_str("}\n");
    }
    state(&mut body, surface);
    methods(&mut body, surface);
    adapted(&mut body, surface);
    format!("{}{}{body}", head(surface), imports(&body))
}

const SCALAR: &str = "#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]";
const COMPOSITE: &str = "#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]";

fn head(surface: &Surface) -> String {
    let mut head =
        format!("//! The actions and the state of {}, for an implementation to be tied to.\n//!\n", surface.module);
    for line in &surface.provenance {
        let _ = writeln!(head, "//! {line}");
    }
    head
}

fn imports(body: &str) -> String {
    let used = |name: &&str| body.contains(&format!("{name}<")) || body.contains(&format!(" {name}"));
    let collections: Vec<&str> =
        ["BTreeMap", "BTreeSet"].into_iter().filter(|n| body.contains(&format!("{n}<"))).collect();
    let mut imports = String::new();
    match collections.as_slice() {
        [] => {}
        [one] => imports.push_str(&format!("\nuse std::collections::{one};\n")),
        all => imports.push_str(&format!("\nuse std::collections::{{{}}};\n", all.join(", "))),
    }
    let derives: Vec<&str> = ["Deserialize", "Serialize"].into_iter().filter(used).collect();
    match derives.as_slice() {
        [one] => imports.push_str(&format!("\nuse serde::{one};\n")),
        all => imports.push_str(&format!("\nuse serde::{{{}}};\n", all.join(", "))),
    }
    let mut link = vec!["Action", "Adapter", "AdapterError", "Applied", "Start"];
    if ["<Value>", " Value", "<Value,", "(Value"].iter().any(|use_| body.contains(use_)) {
        link.push("Value");
    }
    imports.push_str(&format!("use tlaloc_link::{{{}}};\n", link.join(", ")));
    imports
}

/// Text in a doc comment, between backquotes.
fn plain(text: &str) -> String {
    text.replace('`', "'").replace(['\n', '\r'], " ")
}

fn fields(body: &mut String, surface: &Surface, all: &[Field]) {
    let mut taken = Vec::new();
    for field in all {
        let name = unique(snake(&field.name), &mut taken);
        let mut attributes = Vec::new();
        if name != field.name {
            attributes.push(format!("rename = {:?}", field.name));
        }
        let mut of = of(surface, &field.of);
        if field.optional {
            attributes.push("default".to_owned());
            attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
            of = format!("Option<{of}>");
        }
        let _ = writeln!(body, "    /// `{}`.", plain(&field.name));
        attribute(body, &attributes);
        let line = format!("    pub {}: {of},", rust(name.clone()));
        if line.chars().count() <= WIDTH_MAX {
            let _ = writeln!(body, "{line}");
        } else {
            let _ = writeln!(body, "    pub {}:\n        {of},", rust(name));
        }
    }
}

fn attribute(body: &mut String, parts: &[String]) {
    if parts.is_empty() {
        return;
    }
    let line = format!("    #[serde({})]", parts.join(", "));
    if line.chars().count() <= WIDTH_MAX {
        let _ = writeln!(body, "{line}");
    } else {
        for part in parts {
            let _ = writeln!(body, "    #[serde({part})]");
        }
    }
}

fn state(body: &mut String, surface: &Surface) {
    let name = camel(&surface.module);
    let _ = write!(
        body,
        "\n/// What an implementation shows of the state: what is `None` is not compared.\n\
         #[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]\npub struct {name}State {{\n"
    );
    fields(body, surface, &surface.variables);
    body.push_str("}\n");
}

fn methods(body: &mut String, surface: &Surface) {
    let name = camel(&surface.module);
    let _ = write!(
        body,
        "\n/// The implementation, in the words of {name}: one method an action. An action of another name, or with other\n\
         /// parameters, is another method, so that code written for an older specification does not compile.\n\
         pub trait {name} {{\n\
         \x20   /// Brings the implementation into the initial state.\n\
         \x20   ///\n    /// # Errors\n    /// When it cannot.\n\
         \x20   fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError>;\n"
    );
    for (action, method) in surface.actions.iter().zip(method_names(surface)) {
        let _ = write!(
            body,
            "\n    /// Takes the step `{}`, or refuses it ([`Applied::Refused`]).\n    ///\n\
             \x20   /// # Errors\n    /// When the adapter itself fails.\n",
            plain(&action.name)
        );
        if action.parameters.len() >= PARAMETERS_MAX {
            let reason = "the action has as many parameters";
            let _ = writeln!(body, "    #[allow(clippy::too_many_arguments, reason = \"{reason}\")]");
        }
        signature(body, surface, action, &method);
    }
    let _ =
        write!(body, "\n    /// What the implementation shows now.\n    fn observe(&mut self) -> {name}State;\n}}\n");
}

fn method_names(surface: &Surface) -> Vec<String> {
    let mut taken = vec!["start".to_owned(), "observe".to_owned()];
    surface.actions.iter().map(|action| rust(unique(snake(&action.name), &mut taken))).collect()
}

fn parameter_names(action: &Action) -> Vec<String> {
    let mut taken = vec!["action".to_owned()];
    action.parameters.iter().map(|p| rust(unique(snake(&p.name), &mut taken))).collect()
}

fn parameter_type(surface: &Surface, parameter: &Field) -> String {
    let of = of(surface, &parameter.of);
    if parameter.optional { format!("Option<{of}>") } else { of }
}

fn signature(body: &mut String, surface: &Surface, action: &Action, method: &str) {
    let parameters: Vec<String> = parameter_names(action)
        .into_iter()
        .zip(&action.parameters)
        .map(|(name, parameter)| format!("{name}: {}", parameter_type(surface, parameter)))
        .collect();
    let mut all = vec!["&mut self".to_owned()];
    all.extend(parameters);
    let line = format!("    fn {method}({}) -> Result<Applied, AdapterError>;", all.join(", "));
    if line.chars().count() <= WIDTH_MAX {
        let _ = writeln!(body, "{line}");
        return;
    }
    let _ = writeln!(body, "    fn {method}(");
    for parameter in all {
        let _ = writeln!(body, "        {parameter},");
    }
    body.push_str("    ) -> Result<Applied, AdapterError>;\n");
}

fn adapted(body: &mut String, surface: &Surface) {
    let name = camel(&surface.module);
    let _ = write!(
        body,
        "\n/// Replays traces of {name} on an implementation.\n#[derive(Clone, Default, Debug)]\n\
         pub struct {name}Adapter<T>(pub T);\n\n\
         impl<T: {name}> Adapter for {name}Adapter<T> {{\n    type Observation = {name}State;\n\n\
         \x20   fn start(&mut self, start: &Start<'_>) -> Result<(), AdapterError> {{\n        self.0.start(start)\n    }}\n\n\
         \x20   fn apply(&mut self, action: &Action<'_>) -> Result<Applied, AdapterError> {{\n        match action.name() {{\n"
    );
    for (action, method) in surface.actions.iter().zip(method_names(surface)) {
        arm(body, action, &method);
    }
    let _ = write!(
        body,
        "            _ => Err(action.unknown()),\n        }}\n    }}\n\n\
         \x20   fn observe(&mut self) -> {name}State {{\n        self.0.observe()\n    }}\n}}\n"
    );
}

fn arm(body: &mut String, action: &Action, method: &str) {
    if action.parameters.is_empty() {
        let _ = writeln!(body, "            {:?} => self.0.{method}(),", action.name);
        return;
    }
    let _ = writeln!(body, "            {:?} => {{", action.name);
    let names = parameter_names(action);
    for (name, parameter) in names.iter().zip(&action.parameters) {
        if parameter.optional {
            let found = format!("action.parameters().iter().any(|(name, _)| name == {:?})", parameter.name);
            let _ = writeln!(body, "                let known = {found};");
            let _ = writeln!(
                body,
                "                let {name} = if known {{\n                    Some(action.parameter({:?})?)\n                }} else {{\n                    None\n                }};",
                parameter.name
            );
            continue;
        }
        let _ = writeln!(body, "                let {name} = action.parameter({:?})?;", parameter.name);
    }
    let line = format!("                self.0.{method}({})", names.join(", "));
    if names.join(", ").chars().count() <= WIDTH_MAX * 6 / 10 {
        let _ = writeln!(body, "{line}");
    } else {
        let _ = writeln!(body, "                self.0.{method}(");
        for name in names {
            let _ = writeln!(body, "                    {name},");
        }
        body.push_str("                )\n");
    }
    body.push_str("            }\n");
}

/// A type as Rust writes it.
fn of(surface: &Surface, reference: &Reference) -> String {
    match reference {
        Reference::Bool => "bool".to_owned(),
        Reference::Int => "i64".to_owned(),
        Reference::Text => "String".to_owned(),
        Reference::Enumeration(number) => surface.enumerations[*number].name.clone(),
        Reference::Record(number) => surface.records[*number].name.clone(),
        Reference::Sequence(item) => format!("Vec<{}>", of(surface, item)),
        Reference::Tuple(items) => {
            format!("({})", items.iter().map(|item| of(surface, item)).collect::<Vec<_>>().join(", "))
        }
        Reference::Set(element) => format!("BTreeSet<{}>", of(surface, element)),
        Reference::Map(key, value) => format!("BTreeMap<{}, {}>", of(surface, key), of(surface, value)),
        Reference::Any => "Value".to_owned(),
    }
}
