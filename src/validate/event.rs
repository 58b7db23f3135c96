//! A line of a log → what it says about a step.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::logged::Logged;
use super::mapping::{Event as EventMeaning, Mapping, Meaning};
use super::path::Path;
use crate::partition::branch::Branches;
use crate::resolve::spec::Spec;

/// What a line says.
#[derive(Debug)]
pub struct Event {
    /// Which log.
    pub file: usize,
    /// Which line, from 1.
    pub line: u64,
    /// Its name in the log.
    pub name: Option<String>,
    /// Which steps it may be.
    pub step: StepKind,
    /// What is known of the action's parameters.
    pub params: Vec<(String, Logged)>,
    /// What is known of variables after the step.
    pub state: Vec<(usize, Logged)>,
    /// Where it happened.
    pub node: Option<String>,
    /// When.
    pub clock: Option<Clock>,
}

/// Which steps an event may be.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// One of these leaves of the next-state relation, in order.
    Leaves(Rc<[usize]>),
    /// Any step, or none.
    Any,
    /// None: it only tells something about the state.
    Stutter,
}

/// When an event happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Clock {
    /// Lamport time.
    Lamport(u64),
    /// Events of each node known of.
    Vector(BTreeMap<String, u64>),
}

/// An action of the specification.
#[derive(Default)]
struct Action {
    leaves: Vec<usize>,
    parameters: BTreeSet<String>,
}

/// The names of a specification that a log may use.
pub struct Vocabulary {
    actions: BTreeMap<String, Action>,
    variables: HashMap<String, usize>,
    /// Leaves of what the log's names mean.
    known: HashMap<String, Rc<[usize]>>,
}

impl Vocabulary {
    /// The names of a specification.
    ///
    /// # Errors
    /// When the mapping uses names that it does not have.
    pub fn new(spec: &Spec, branches: &Branches, mapping: &Mapping) -> Result<Self, String> {
        let mut actions: BTreeMap<String, Action> = BTreeMap::new();
        for (number, leaf) in branches.leaves.iter().enumerate() {
            for name in leaf.names.iter().chain([&leaf.name]).collect::<BTreeSet<_>>() {
                let action = actions.entry(name.clone()).or_default();
                action.leaves.push(number);
                action.parameters.extend(leaf.parameters.iter().cloned());
            }
        }
        let variables = spec.variables.iter().enumerate().map(|(i, v)| (v.name.clone(), i)).collect();
        let mut vocabulary = Self { actions, variables, known: HashMap::new() };
        for (name, meaning) in &mapping.actions {
            let names: &[String] = match meaning {
                Meaning::Action(name) => std::slice::from_ref(name),
                Meaning::Actions(names) => names,
                Meaning::Event(EventMeaning { stutter: true, .. }) => continue,
                Meaning::Event(event) => event.action.as_ref().map_or(std::slice::from_ref(name), |a| a.names()),
            };
            let leaves = vocabulary.leaves(names)?;
            vocabulary.known.insert(name.clone(), leaves);
        }
        Ok(vocabulary)
    }

    /// The leaves of some actions; `*` stands for all.
    ///
    /// # Errors
    /// When the specification has no such action.
    pub fn leaves(&self, names: &[String]) -> Result<Rc<[usize]>, String> {
        let mut leaves = BTreeSet::new();
        for name in names {
            if name == "*" {
                leaves.extend(self.actions.values().flat_map(|a| &a.leaves));
                continue;
            }
            let action = self.actions.get(name).ok_or_else(|| {
                let help = nearest(name, self.actions.keys());
                format!("the specification has no action {name}{help}")
            })?;
            leaves.extend(&action.leaves);
        }
        Ok(leaves.into_iter().copied().collect())
    }

    fn meaning(&mut self, name: &str) -> Result<Rc<[usize]>, String> {
        if let Some(leaves) = self.known.get(name) {
            return Ok(leaves.clone());
        }
        let leaves = self.leaves(&[name.to_owned()])?;
        self.known.insert(name.to_owned(), leaves.clone());
        Ok(leaves)
    }

    fn variable(&self, path: &Path) -> Result<usize, String> {
        self.variables.get(&path.variable).copied().ok_or_else(|| {
            let help = nearest(&path.variable, self.variables.keys());
            format!("the specification has no variable {}{help}", path.variable)
        })
    }

    /// Every parameter must be one of some action it may be.
    fn check_params(&self, params: &[(String, Logged)], leaves: &[usize], branches: &Branches) -> Result<(), String> {
        for (name, _) in params {
            let known = |leaf: &usize| branches.leaves[*leaf].parameters.contains(name);
            if !leaves.iter().any(known) {
                let all: BTreeSet<&String> = leaves.iter().flat_map(|l| &branches.leaves[*l].parameters).collect();
                let all: Vec<&str> = all.into_iter().map(String::as_str).collect();
                let has = if all.is_empty() { "it has none".to_owned() } else { format!("it has {}", all.join(", ")) };
                return Err(format!("the action has no parameter {name}: {has}"));
            }
        }
        Ok(())
    }
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a String>) -> String {
    let mut names: Vec<&str> = names.map(String::as_str).collect();
    names.sort_unstable();
    match crate::config::nearest::nearest(name, names.iter().copied()) {
        Some(near) => format!("; is {near} meant?"),
        None if names.len() <= NAMES_SHOWN => format!("; it has {}", names.join(", ")),
        None => String::new(),
    }
}

/// Names listed in a message at most.
const NAMES_SHOWN: usize = 12;

/// Reads lines.
pub struct Reader<'m> {
    mapping: &'m Mapping,
    branches: &'m Branches,
    vocabulary: Vocabulary,
    /// Paths that every event may have something at, with the fields.
    state: Vec<(&'m str, &'m str)>,
}

impl<'m> Reader<'m> {
    /// A reader of lines.
    pub fn new(mapping: &'m Mapping, branches: &'m Branches, vocabulary: Vocabulary) -> Self {
        let state = mapping.state.iter().map(|(path, field)| (path.as_str(), field.as_str())).collect();
        Self { mapping, branches, vocabulary, state }
    }

    /// What a line says; `None` for lines that are skipped.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&mut self, file: usize, line: u64, bytes: &[u8]) -> Result<Option<Event>, String> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| {
            let at = error.column();
            let text = error.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            format!("not JSON at column {at}: {text}")
        })?;
        let Json::Object(object) = json else { return Err("a line must be a JSON object".to_owned()) };
        let fields = &self.mapping.fields;
        let name = self.name(&object)?;
        if self.mapping.ignore.iter().any(|ignored| ignored == name.as_deref().unwrap_or_default()) {
            return Ok(None);
        }
        let meaning = name.as_ref().and_then(|name| match self.mapping.actions.get(name) {
            Some(Meaning::Event(event)) => Some(event),
            _ => None,
        });
        let node = match field(&object, &fields.node) {
            None | Some(Json::Null) => None,
            Some(node) => Some(self.key(node).ok_or_else(|| format!("{} must be a name, but is {node}", fields.node))?),
        };
        let clock = field(&object, &fields.clock).map(|clock| self.clock(clock)).transpose()?.flatten();
        let params = self.params(&object, meaning)?;
        let state = self.state(&object, meaning, node.as_deref(), &params)?;
        let step = match (&name, meaning) {
            (_, Some(meaning)) if meaning.stutter => StepKind::Stutter,
            (Some(name), _) => StepKind::Leaves(self.vocabulary.meaning(name)?),
            (None, _) => StepKind::Any,
        };
        match &step {
            StepKind::Leaves(leaves) => self.vocabulary.check_params(&params, leaves, self.branches)?,
            StepKind::Any if !params.is_empty() => {
                return Err(format!("there are parameters but no {}", fields.action.names().join(" ")));
            }
            StepKind::Any if state.is_empty() => {
                let action = fields.action.names().join(" ");
                return Err(format!(
                    "the line has neither {action} nor {}; `ignore = [\"\"]` in the mapping skips such lines",
                    fields.state
                ));
            }
            StepKind::Any | StepKind::Stutter => {}
        }
        Ok(Some(Event { file, line, name, step, params, state, node, clock }))
    }

    fn name(&self, object: &Map<String, Json>) -> Result<Option<String>, String> {
        let mut parts = Vec::new();
        for path in self.mapping.fields.action.names() {
            match field(object, path) {
                None | Some(Json::Null) => {}
                Some(Json::String(part)) => parts.push(part.as_str()),
                Some(other) => return Err(format!("{path} must be a string, but is {other}")),
            }
        }
        Ok((!parts.is_empty()).then(|| parts.join(" ")))
    }

    fn logged(&self, name: &str, json: &Json) -> Result<Logged, String> {
        if self.mapping.partial.iter().any(|partial| partial == name) {
            return Logged::read_part(json, self.mapping);
        }
        Logged::read(json, self.mapping)
    }

    fn params(
        &self,
        object: &Map<String, Json>,
        meaning: Option<&EventMeaning>,
    ) -> Result<Vec<(String, Logged)>, String> {
        let mut params = Vec::new();
        let mut add = |name: &str, json: &Json| {
            let logged = self.logged(name, json).map_err(|e| format!("parameter {name}: {e}"))?;
            if !logged.is_nothing() {
                params.push((name.to_owned(), logged));
            }
            Ok::<(), String>(())
        };
        if let Some(fields) = meaning.and_then(|m| m.params.as_ref()) {
            for (name, path) in fields {
                if let Some(json) = field(object, path) {
                    add(name, json)?;
                }
            }
            return Ok(params);
        }
        match field(object, &self.mapping.fields.params) {
            None | Some(Json::Null) => {}
            Some(Json::Object(fields)) => fields.iter().try_for_each(|(name, json)| add(name, json))?,
            Some(_) => return Err(format!("{} must be an object", self.mapping.fields.params)),
        }
        Ok(params)
    }

    fn state(
        &self,
        object: &Map<String, Json>,
        meaning: Option<&EventMeaning>,
        node: Option<&str>,
        params: &[(String, Logged)],
    ) -> Result<Vec<(usize, Logged)>, String> {
        let mut state = Vec::new();
        let mut add = |path: &str, json: &Json| {
            let path = Path::parse(path)?;
            let variable = self.vocabulary.variable(&path)?;
            let logged = self.logged(&path.variable, json).map_err(|e| format!("{path}: {e}"))?;
            if !logged.is_nothing() {
                state.push((variable, path.around(logged)));
            }
            Ok::<(), String>(())
        };
        match field(object, &self.mapping.fields.state) {
            None | Some(Json::Null) => {}
            Some(Json::Object(fields)) => fields.iter().try_for_each(|(path, json)| add(path, json))?,
            Some(_) => return Err(format!("{} must be an object", self.mapping.fields.state)),
        }
        let own = meaning.iter().flat_map(|m| m.state.iter().map(|(path, field)| (path.as_str(), field.as_str())));
        for (path, name) in self.state.iter().copied().chain(own) {
            let Some(json) = field(object, name) else { continue };
            add(&self.filled(path, object, node, params)?, json)?;
        }
        Ok(state)
    }

    /// A path with `$node`, `$parameter` and `$field` replaced.
    fn filled(
        &self,
        path: &str,
        object: &Map<String, Json>,
        node: Option<&str>,
        params: &[(String, Logged)],
    ) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = path;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
            let (name, more) = after.split_at(end);
            let value = match params.iter().find(|(n, _)| n == name) {
                Some((_, Logged::Text(text))) => Some(text.clone()),
                Some((_, Logged::Int(number))) => Some(number.to_string()),
                Some(_) => None,
                None if name == "node" && node.is_some() => node.map(str::to_owned),
                None => field(object, name).and_then(|json| self.key(json)),
            };
            filled.push_str(&value.ok_or_else(|| format!("{path} needs {name}, which the line does not name"))?);
            rest = more;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn key(&self, json: &Json) -> Option<String> {
        match Logged::read(json, self.mapping).ok()? {
            Logged::Text(text) => Some(text),
            Logged::Int(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn clock(&self, json: &Json) -> Result<Option<Clock>, String> {
        let name = &self.mapping.fields.clock;
        match json {
            Json::Null => Ok(None),
            Json::Number(number) => match number.as_u64() {
                Some(time) => Ok(Some(Clock::Lamport(time))),
                None => Err(format!("{name} must be a natural number or an object of them")),
            },
            Json::Object(entries) => {
                let mut vector = BTreeMap::new();
                for (node, count) in entries {
                    let count = count.as_u64().ok_or_else(|| format!("{name}: {node} has no natural number"))?;
                    let node = self.key(&Json::String(node.clone())).unwrap_or_else(|| node.clone());
                    vector.insert(node, count);
                }
                Ok(Some(Clock::Vector(vector)))
            }
            _ => Err(format!("{name} must be a natural number or an object of them")),
        }
    }
}

/// What stands at a path of names in an object; a name may contain full stops.
fn field<'j>(object: &'j Map<String, Json>, path: &str) -> Option<&'j Json> {
    if let Some(found) = object.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| match object.get(&path[..at]) {
        Some(Json::Object(inner)) => field(inner, &path[at + 1..]),
        _ => None,
    })
}
