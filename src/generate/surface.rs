//! What an adapter is made of, whatever the language: enumerations, records, variables and actions with their types.

use std::collections::BTreeSet;

use super::graph::Graph;
use super::names::{camel, unique};
use super::types::{Type, Word};
use crate::partition::TlaModel;
use crate::partition::branch::Branches;
use crate::resolve::spec::{ConfigValue, ConstantBinding, Spec};
use crate::value::Universe;

/// A type in terms of what is declared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reference {
    /// TRUE, FALSE.
    Bool,
    /// Integers.
    Int,
    /// Any string or model value.
    Text,
    /// An enumeration, by number.
    Enumeration(usize),
    /// A record, by number.
    Record(usize),
    /// Sequences.
    Sequence(Box<Reference>),
    /// Tuples of these.
    Tuple(Vec<Reference>),
    /// Sets.
    Set(Box<Reference>),
    /// Functions.
    Map(Box<Reference>, Box<Reference>),
    /// Anything.
    Any,
}

/// Strings or model values.
pub struct Enumeration {
    /// Its name in CamelCase.
    pub name: String,
    /// Names in CamelCase, and the texts they stand for.
    pub variants: Vec<(String, String)>,
}

/// A record with its fields.
pub struct Record {
    /// Its name in CamelCase.
    pub name: String,
    /// Fields in order.
    pub fields: Vec<Field>,
}

/// A field, a variable or a parameter.
pub struct Field {
    /// Its name in the specification.
    pub name: String,
    /// Its type.
    pub of: Reference,
    /// It may be missing.
    pub optional: bool,
}

/// An action.
pub struct Action {
    /// Its name in the specification.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<Field>,
}

/// All of it.
pub struct Surface {
    /// The root module.
    pub module: String,
    /// Enumerations by number.
    pub enumerations: Vec<Enumeration>,
    /// Records by number: what a record mentions comes before it.
    pub records: Vec<Record>,
    /// Variables in order.
    pub variables: Vec<Field>,
    /// Actions in order.
    pub actions: Vec<Action>,
    /// Where it comes from, line by line.
    pub provenance: Vec<String>,
}

/// Works out what an adapter is made of. Unless all states were seen, strings are not enumerated: there may be others.
pub fn surface(model: &TlaModel, branches: &Branches, graph: &Graph, provenance: Vec<String>) -> Surface {
    let spec = &model.plan.spec;
    let mut types = Types {
        constants: constants(spec),
        closed: graph.complete,
        enumerations: Vec::new(),
        words: Vec::new(),
        records: Vec::new(),
        shapes: Vec::new(),
        taken: vec![camel(&spec.root), format!("{}State", camel(&spec.root)), format!("{}Adapter", camel(&spec.root))],
    };
    // Names of what the generated code imports.
    types.taken.extend(RESERVED.iter().map(|name| (*name).to_owned()));
    let variables = spec.variables.iter().enumerate().map(|(place, variable)| {
        let seen = graph.states.iter().map(|values| Type::of(&values[place])).fold(Type::Never, Type::join);
        let of = types.reference(&seen, &camel(&variable.name));
        Field { name: variable.name.clone(), of, optional: true }
    });
    let variables = variables.collect();
    let actions = actions(model, branches, graph).into_iter().map(|(name, parameters)| {
        let parameters = parameters.into_iter().map(|(parameter, seen, always)| {
            let of = types.reference(&seen, &format!("{}{}", camel(&name), camel(&parameter)));
            Field { name: parameter, of, optional: !always }
        });
        let parameters = parameters.collect();
        Action { name, parameters }
    });
    let actions = actions.collect();
    Surface {
        module: spec.root.clone(),
        enumerations: types.enumerations,
        records: types.records,
        variables,
        actions,
        provenance,
    }
}

const RESERVED: &[&str] = &[
    "Action",
    "Adapter",
    "AdapterError",
    "Applied",
    "Start",
    "Value",
    "BTreeMap",
    "BTreeSet",
    "Serialize",
    "Deserialize",
    "Option",
    "Result",
    "String",
    "Vec",
    "Enum",
    "ABC",
    "Dict",
    "FrozenSet",
    "Tuple",
    "Some",
    "None",
    "Ok",
    "Err",
    "Self",
];

type Parameters = Vec<(String, Type, bool)>;

/// Actions with their parameters: those of all steps seen, or else those that the definition says.
fn actions(model: &TlaModel, branches: &Branches, graph: &Graph) -> Vec<(String, Parameters)> {
    let universe = Universe::current();
    let mut actions: Vec<(String, Parameters)> = branches.names().into_iter().map(|n| (n, Vec::new())).collect();
    for (name, parameters) in &mut actions {
        let leaves = branches.leaves.iter().enumerate().filter(|(_, leaf)| leaf.name == *name);
        let numbers: BTreeSet<usize> = leaves.map(|(number, _)| number).collect();
        for number in &numbers {
            for own in &branches.leaves[*number].own_parameters {
                if !parameters.iter().any(|(known, _, _)| known == own) {
                    parameters.push((own.clone(), Type::Never, true));
                }
            }
        }
        for label in graph.labels.iter().filter(|l| numbers.contains(&l.leaf)) {
            for (own, seen, always) in parameters.iter_mut() {
                match label.parameters.iter().find(|(name, _)| name == own) {
                    Some((_, value)) => *seen = std::mem::replace(seen, Type::Never).join(Type::of(value)),
                    None => *always = false,
                }
            }
        }
        for number in &numbers {
            let group = &model.groups[branches.leaves[*number].group.0 as usize];
            for (own, seen, _) in parameters.iter_mut().filter(|(_, seen, _)| *seen == Type::Never || is_text(seen)) {
                for (_, id) in group.parameters.iter().filter(|(name, _)| name == own) {
                    *seen = std::mem::replace(seen, Type::Never).join(Type::of(&universe.value(*id)));
                }
            }
        }
    }
    actions
}

fn is_text(of: &Type) -> bool {
    matches!(of, Type::Text(_))
}

/// Constants that are sets of strings or model values.
fn constants(spec: &Spec) -> Vec<(String, BTreeSet<Word>)> {
    let mut constants = Vec::new();
    for constant in &spec.constants {
        let ConstantBinding::Value(ConfigValue::Set(elements)) = &constant.binding else { continue };
        let words = elements.iter().map(|element| match element {
            ConfigValue::String(symbol) => Some(Word { text: spec.symbols.text(*symbol).to_owned(), model: false }),
            ConfigValue::Model(symbol) => Some(Word { text: spec.symbols.text(*symbol).to_owned(), model: true }),
            _ => None,
        });
        if let Some(words) = words.collect::<Option<BTreeSet<Word>>>().filter(|words| !words.is_empty()) {
            constants.push((constant.name.clone(), words));
        }
    }
    constants
}

struct Types {
    constants: Vec<(String, BTreeSet<Word>)>,
    /// No further strings are to be expected.
    closed: bool,
    enumerations: Vec<Enumeration>,
    /// Texts of the enumerations.
    words: Vec<BTreeSet<String>>,
    records: Vec<Record>,
    /// Types of the records.
    shapes: Vec<Type>,
    taken: Vec<String>,
}

impl Types {
    fn reference(&mut self, of: &Type, name: &str) -> Reference {
        match of {
            Type::Never | Type::Any => Reference::Any,
            Type::Empty => Reference::Sequence(Box::new(Reference::Any)),
            Type::Bool => Reference::Bool,
            Type::Int => Reference::Int,
            Type::Text(words) => self.enumeration(words, name),
            Type::Sequence(item, _) => Reference::Sequence(Box::new(self.reference(item, name))),
            Type::Tuple(items) => {
                let items = items.iter().enumerate();
                Reference::Tuple(items.map(|(i, item)| self.reference(item, &format!("{name}{}", i + 1))).collect())
            }
            Type::Set(element) => Reference::Set(Box::new(self.reference(element, name))),
            Type::Map(key, value) => {
                let key = self.reference(key, &format!("{name}Key"));
                Reference::Map(Box::new(key), Box::new(self.reference(value, name)))
            }
            Type::Record(fields) => {
                if let Some(known) = self.shapes.iter().position(|shape| shape == of) {
                    return Reference::Record(known);
                }
                let fields = fields.iter().map(|(field, (of, always))| Field {
                    name: field.clone(),
                    of: self.reference(of, &format!("{name}{}", camel(field))),
                    optional: !always,
                });
                let fields = fields.collect();
                let name = unique(name.to_owned(), &mut self.taken);
                self.records.push(Record { name, fields });
                self.shapes.push(of.clone());
                Reference::Record(self.records.len() - 1)
            }
        }
    }

    fn enumeration(&mut self, words: &BTreeSet<Word>, name: &str) -> Reference {
        let constant = self.constants.iter().find(|(_, all)| words.is_subset(all)).cloned();
        let (name, words) = match constant {
            Some((constant, all)) => (camel(&constant), all),
            None if !self.closed && words.iter().any(|w| !w.model) => return Reference::Text,
            None => (name.to_owned(), words.clone()),
        };
        let texts: BTreeSet<String> = words.iter().map(|w| w.text.clone()).collect();
        if let Some(known) = self.words.iter().position(|other| *other == texts) {
            return Reference::Enumeration(known);
        }
        let mut taken = vec!["Self".to_owned()];
        let variants = texts.iter().map(|text| (unique(camel(text), &mut taken), text.clone())).collect();
        let name = unique(name, &mut self.taken);
        self.enumerations.push(Enumeration { name, variants });
        self.words.push(texts);
        Reference::Enumeration(self.enumerations.len() - 1)
    }
}
