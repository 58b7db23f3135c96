//! Generating code from a specification: spec and config as for a check, then what the code is made of.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tlaloc_link as link;

use super::run::{Ended, Run};
use super::{Observer, Plan};
use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::generate::cover::{self, Budget, Criterion, Subject};
use crate::generate::graph::{Bounds, Graph};
use crate::generate::repair::{self, Wanted};
use crate::generate::surface;
use crate::generate::tests_file::{self, TestsFile};
use crate::generate::{names, python, rust};
use crate::partition::TlaModel;
use crate::partition::branch::Branches;
use crate::partition::formula::fault_diagnostic;
use crate::report::{Kind, Report};
use crate::trace::itf::{self, Provenance};
use crate::value::machine::Fault;

/// A language that code is generated in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
}

impl Language {
    /// As it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Language::Rust => "rust",
            Language::Python => "python",
        }
    }
}

/// What is generated from.
#[derive(Clone, Debug)]
pub struct GeneratePlan {
    /// The specification and how to read it.
    pub check: Plan,
    /// States looked at, at most.
    pub states_max: usize,
    /// The language.
    pub language: Language,
}

/// Tests to be generated.
#[derive(Clone, Debug)]
pub struct TestsPlan {
    /// An expression that makes an adapter; in Python also `module:Name`.
    pub adapter: String,
    /// The folder of the traces as the test has to name it.
    pub folder: String,
}

/// A set of traces to be generated.
#[derive(Clone, Debug)]
pub struct CoverPlan {
    /// What is to be covered.
    pub criterion: Criterion,
    /// Names of predicates; none: the invariants of the config.
    pub predicates: Vec<String>,
    /// How much may be used.
    pub budget: Budget,
}

/// A counterexample to be made tests of.
#[derive(Clone, Debug)]
pub struct CounterexamplePlan {
    /// A saved trace; `None`: the specification is checked.
    pub trace: Option<PathBuf>,
    /// The corrected specification, and its config.
    pub fixed: Option<(PathBuf, Option<PathBuf>)>,
}

/// What was generated.
#[derive(Clone, Debug, Default)]
pub struct Generated {
    /// Files by name.
    pub files: Vec<(String, String)>,
    /// Traces by name.
    pub traces: Vec<(String, String)>,
    /// Begins the names of traces that these replace.
    pub replaces: Option<String>,
    /// What there is to say.
    pub notes: Vec<String>,
    /// False if something asked for could not be done within the limits.
    pub complete: bool,
}

/// Why nothing was generated.
pub enum Ungenerated {
    /// The specification cannot be used.
    Unusable(Box<Report>, Sources),
    /// Something is in error.
    Error(Box<Diagnostic>, Sources),
    /// There is nothing to generate from.
    Nothing(String),
}

type Outcome<T> = Result<T, Ungenerated>;

/// Steps looked at for each state, on average, at most.
const EDGES_PER_STATE: usize = 50;

/// A specification read, and its model.
struct Source {
    model: TlaModel,
    sources: Sources,
    provenance: Provenance,
}

fn read(plan: &Plan, observer: &Observer) -> Outcome<Source> {
    let mut run = Run::new(plan, observer);
    let model = run.read().and_then(|()| {
        run.assume()?;
        run.without_checks();
        run.build()
    });
    match model {
        Ok(model) => {
            let sources = run.into_report().1;
            let mut provenance = super::provenance(plan, &sources);
            "ok".clone_into(&mut provenance.verdict);
            Ok(Source { model, sources, provenance })
        }
        Err(Ended) => {
            run.settle();
            let (report, sources) = run.into_report();
            Err(Ungenerated::Unusable(Box::new(report), sources))
        }
    }
}

fn failed(sources: &Sources) -> impl Fn(Box<Fault>) -> Ungenerated {
    |fault| Ungenerated::Error(Box::new(fault_diagnostic(&fault)), sources.clone())
}

fn explore(source: &Source, branches: &Branches, states: usize) -> Outcome<Graph> {
    let bounds = Bounds { states, edges: states.saturating_mul(EDGES_PER_STATE) };
    let mut evaluator = source.model.evaluator(0);
    Graph::explore(&source.model, branches, &mut evaluator, bounds).map_err(failed(&source.sources))
}

/// An adapter for an implementation. Evaluation recurses: call it on a thread with a stack of [`super::STACK_BYTES`].
///
/// # Errors
/// When the specification cannot be used.
pub fn adapter(plan: &GeneratePlan, observer: &Observer) -> Outcome<Generated> {
    let source = read(&plan.check, observer)?;
    let branches = Branches::new(&source.model, &source.model.evaluator(0));
    let graph = explore(&source, &branches, plan.states_max)?;
    let seen = if graph.complete {
        format!("Types are those of all {} states.", graph.states.len())
    } else {
        format!("Types are those of the first {} states: values of others may be of another.", graph.states.len())
    };
    let command = format!("tlaloc gen adapter --lang {}", plan.language.name());
    let mut lines = origin(&command, &source.provenance);
    lines.push(seen);
    let surface = surface::surface(&source.model, &branches, &graph, lines);
    let text = match plan.language {
        Language::Rust => rust::adapter(&surface),
        Language::Python => python::adapter(&surface),
    };
    let mut notes = Vec::new();
    if !graph.complete {
        notes.push(format!(
            "types are those of {} states, which are not all; --max-states looks at more",
            graph.states.len()
        ));
    }
    Ok(Generated { files: vec![(String::new(), text)], notes, complete: true, ..Generated::default() })
}

/// Lines that say where generated code comes from.
fn origin(command: &str, provenance: &Provenance) -> Vec<String> {
    let short = |digest: &Option<String>| digest.as_ref().map_or("unknown", |d| &d[..d.len().min(16)]).to_owned();
    vec![
        format!("Generated by `{command}` (tlaloc {}); do not edit, generate again.", env!("CARGO_PKG_VERSION")),
        format!("From {} (SHA-256 {}),", provenance.spec, short(&provenance.spec_sha256)),
        format!("with {} (SHA-256 {}).", provenance.config, short(&provenance.config_sha256)),
    ]
}

/// A set of traces that covers what is asked for, and a test that replays them.
///
/// # Errors
/// When the specification cannot be used.
pub fn covering_tests(
    plan: &GeneratePlan,
    tests: &TestsPlan,
    request: &CoverPlan,
    observer: &Observer,
) -> Outcome<Generated> {
    let source = read(&plan.check, observer)?;
    let spec = source.model.plan.spec.clone();
    let mut evaluator = source.model.evaluator(0);
    let branches = Branches::new(&source.model, &evaluator);
    let predicates = predicates(&source, request)?;
    let graph = explore(&source, &branches, plan.states_max)?;
    let subject = Subject { model: &source.model, branches: &branches, graph: &graph, sources: &source.sources };
    let suite = cover::cover(&subject, &mut evaluator, request.criterion, &predicates, request.budget)
        .map_err(failed(&source.sources))?;
    let criterion = criterion_name(request.criterion);
    let mut provenance = source.provenance.clone();
    provenance.kind = format!("cover-{criterion}");
    provenance.actions = branches.names();
    let mut generated = Generated { complete: true, ..Generated::default() };
    for (number, behaviour) in suite.behaviours.iter().enumerate() {
        let trace = graph.trace(&source.model, behaviour.initial, &behaviour.steps);
        let exported = itf::exported(&trace, &source.sources, &provenance);
        generated.traces.push((format!("cover-{criterion}-{:02}", number + 1), pretty(&exported)));
    }
    generated.replaces = Some(format!("cover-{criterion}-"));
    let (steps, covered) =
        (suite.behaviours.iter().map(|b| b.steps.len()).sum::<usize>(), suite.goals.len() - suite.missing.len());
    generated.notes.push(format!(
        "{} traces with {steps} steps cover {covered} of {} {criterion}, over {} states",
        suite.behaviours.len(),
        suite.goals.len(),
        graph.states.len()
    ));
    for (goal, why) in &suite.missing {
        generated.notes.push(format!("not covered: {goal}: {why}"));
        generated.complete &= *why == "it never happens";
    }
    generated.files.push(tests_of(plan.language, &spec.root, tests));
    Ok(generated)
}

fn predicates(source: &Source, request: &CoverPlan) -> Outcome<Vec<String>> {
    if request.criterion != Criterion::Predicates {
        return Ok(Vec::new());
    }
    for name in &request.predicates {
        if !cover::is_predicate(&source.model.plan.spec, name) {
            let message = format!("{name} is no definition without parameters about one state");
            let diagnostic = Diagnostic::error("predicate", Span::NONE, message);
            return Err(Ungenerated::Error(Box::new(diagnostic), source.sources.clone()));
        }
    }
    if request.predicates.is_empty() {
        return Err(Ungenerated::Nothing("no predicate is named: --predicate NAME".to_owned()));
    }
    Ok(request.predicates.clone())
}

fn criterion_name(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Actions => "actions",
        Criterion::Pairs => "pairs",
        Criterion::Branches => "branches",
        Criterion::Predicates => "predicates",
    }
}

fn pretty(trace: &link::Trace) -> String {
    let json = trace.to_json();
    serde_json::to_string_pretty(&json).unwrap_or_else(|_| json.to_string()) + "\n"
}

fn tests_of(language: Language, module: &str, tests: &TestsPlan) -> (String, String) {
    let command = format!("tlaloc gen tests --lang {}", language.name());
    let provenance = [
        format!("Generated by `{command}` (tlaloc {}); do not edit, generate again.", env!("CARGO_PKG_VERSION")),
        "Every trace says which specification it comes from.".to_owned(),
    ];
    let purpose = format!("Behaviours of {module}, replayed on the implementation.");
    let file = TestsFile {
        module,
        adapter: &tests.adapter,
        folder: &tests.folder,
        purpose: &purpose,
        provenance: &provenance,
    };
    match language {
        Language::Rust => (format!("{}_traces.rs", names::snake(module)), tests_file::rust(&file)),
        Language::Python => (format!("test_{}_traces.py", names::snake(module)), tests_file::python(&file)),
    }
}

/// A counterexample as tests: one that the implementation must not follow, and, given the corrected specification,
/// how far it has to go along.
///
/// # Errors
/// When there is no counterexample, or a specification cannot be used.
pub fn counterexample_tests(
    plan: &GeneratePlan,
    tests: &TestsPlan,
    request: &CounterexamplePlan,
    observer: &Observer,
) -> Outcome<Generated> {
    let (mut bad, module) = match &request.trace {
        Some(path) => (saved(path)?, stem(&plan.check.spec)),
        None => found(&plan.check, observer)?,
    };
    let mut generated = Generated { complete: true, ..Generated::default() };
    let digest = Sha256::digest(bad.to_json().to_string().as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let what = bad.meta.property.clone().or_else(|| bad.meta.kind.clone()).unwrap_or_else(|| "trace".to_owned());
    let name = format!("{}-{digest}", names::snake(&what));
    if let Some((spec, config)) = &request.fixed {
        let fixed = Plan { spec: spec.clone(), config: config.clone(), ..plan.check.clone() };
        let source = read(&fixed, observer)?;
        let wanted: Vec<Wanted> = bad.steps.iter().map(wanted).collect();
        let mut evaluator = source.model.evaluator(0);
        let followed = repair::follow(&source.model, &mut evaluator, &wanted).map_err(failed(&source.sources))?;
        let Some(followed) = followed else {
            return Err(Ungenerated::Nothing("the corrected specification has no initial state".to_owned()));
        };
        let branches = Branches::new(&source.model, &evaluator);
        let mut provenance = source.provenance.clone();
        (provenance.kind, provenance.property) = ("corrected".to_owned(), bad.meta.property.clone());
        provenance.actions = branches.names();
        let exported = itf::exported(&followed.trace, &source.sources, &provenance);
        generated.traces.push((format!("{name}-corrected"), pretty(&exported)));
        match followed.refused {
            Some(index) => {
                let step = bad.steps.get(index).map_or(String::new(), ToString::to_string);
                generated.notes.push(format!("the corrected specification refuses step {index}: {step}"));
                bad.meta.expect = Some(link::Expect::Refuses(Some(index)));
            }
            None => {
                generated.complete = false;
                generated.notes.push(
                    "the corrected specification goes along with the whole counterexample: it is no test of the correction"
                        .to_owned(),
                );
                generated.files.push(tests_of(plan.language, &module, tests));
                return Ok(generated);
            }
        }
    }
    generated.traces.push((name, pretty(&bad)));
    generated.files.push(tests_of(plan.language, &module, tests));
    Ok(generated)
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
}

fn wanted(step: &link::Step) -> Wanted {
    Wanted {
        action: step.action.clone(),
        parameters: step.parameters.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
        state: step.state.iter().map(|(name, value)| (name.clone(), value.to_json())).collect(),
    }
}

fn saved(path: &Path) -> Outcome<link::Trace> {
    link::Trace::read(path).map_err(|error| {
        let diagnostic = Diagnostic::error("trace", Span::NONE, error.to_string());
        Ungenerated::Error(Box::new(diagnostic), Sources::default())
    })
}

/// The first counterexample of a check.
fn found(plan: &Plan, observer: &Observer) -> Outcome<(link::Trace, String)> {
    let (report, sources) = super::check(plan, observer);
    let errors = [Kind::Evaluation, Kind::InvariantEvaluation, Kind::PropertyEvaluation, Kind::Assert];
    let violations = report.findings.iter().filter(|f| !errors.contains(&f.kind));
    let finding = violations.filter_map(|f| Some((f, f.trace.as_ref()?))).next();
    let Some((finding, trace)) = finding else {
        if report.exit_code() != 0 {
            return Err(Ungenerated::Unusable(Box::new(report), sources));
        }
        let message = "the check finds no counterexample; --cover makes tests of a specification that is right";
        return Err(Ungenerated::Nothing(message.to_owned()));
    };
    let mut provenance = super::provenance(plan, &sources);
    provenance.property.clone_from(&finding.property);
    (provenance.verdict, provenance.kind) = ("violation".to_owned(), names::snake(&format!("{:?}", finding.kind)));
    provenance.actions.clone_from(&report.labels);
    Ok((itf::exported(trace, &sources, &provenance), report.root))
}
