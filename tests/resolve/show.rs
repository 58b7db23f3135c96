//! Resolved specs made of text, and shown as text.

use tlaloc::diagnostic::{Diagnostic, Sources};
use tlaloc::resolve::spec::{
    Argument, Binder, Bound, ENABLED_IN, Expr, ExprKind, LocalId, OperatorBody, OperatorRef, Parameter, PathStep,
    SUBSTITUTED, Spec, Update,
};
use tlaloc::resolve::{Resolution, Search, resolve_file};

/// Runs on a thread on which deep recursion is fine.
pub(crate) fn on_large_stack<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(work).expect("a thread can be started");
    match thread.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Drops a deep spec where there is stack for it.
pub(crate) fn forget(spec: Spec) {
    on_large_stack(move || drop(spec));
}

/// Resolves `body` as module Root, with other modules after it in its file.
pub(crate) fn resolve(body: &str, others: &[&str], config: Option<&str>) -> (Resolution, Sources) {
    let text = format!("---- MODULE Root ----\n{body}\n====\n{}\n", others.join("\n"));
    let config = config.map(str::to_owned);
    on_large_stack(move || {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let root = folder.path().join("Root.tla");
        std::fs::write(&root, text).expect("the file can be written");
        let mut sources = Sources::default();
        let search = Search { folder: folder.path().to_path_buf(), libraries: Vec::new() };
        let mut before = Vec::new();
        let config = config.and_then(|text| {
            let file = sources.add("Root.cfg", text);
            let (config, diagnostics) = tlaloc::config::parse_config(&sources, file);
            before = diagnostics;
            config
        });
        let mut resolution = resolve_file(&mut sources, &root, &search, config.as_ref());
        resolution.diagnostics.extend(before);
        (resolution, sources)
    })
}

/// The spec of module Root, which must be fine.
pub(crate) fn resolved(body: &str) -> Spec {
    resolved_with(body, &[])
}

/// The same with other modules.
pub(crate) fn resolved_with(body: &str, others: &[&str]) -> Spec {
    let (resolution, sources) = resolve(body, others, None);
    let told = |d: &Diagnostic| format!("{} {} {}", sources.place(d.span), d.code, d.message);
    let told: Vec<_> = resolution.diagnostics.iter().map(told).collect();
    resolution.spec.unwrap_or_else(|| panic!("{}", told.join("\n")))
}

/// The body of an operator by its whole name.
pub(crate) fn body<'s>(spec: &'s Spec, name: &str) -> &'s Expr {
    let operator = spec.operators.iter().find(|operator| operator.name == name);
    match operator.map(|operator| &operator.body) {
        Some(OperatorBody::Expr(body)) => body,
        other => panic!("{name}: {other:?}"),
    }
}

/// The body of an operator as text.
pub(crate) fn operator(spec: &Spec, name: &str) -> String {
    expr(spec, body(spec, name))
}

fn local(spec: &Spec, id: LocalId) -> String {
    spec.locals[id.0 as usize].name.clone()
}

fn list<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn exprs(spec: &Spec, items: &[Expr]) -> String {
    list(items, |item| shown(spec, item))
}

fn bounds(spec: &Spec, items: &[Bound]) -> String {
    list(items, |bound| {
        let names = match &bound.binder {
            Binder::Each(locals) => list(locals, |id| local(spec, *id)),
            Binder::Tuple(locals) => format!("<<{}>>", list(locals, |id| local(spec, *id))),
        };
        format!("{names} \\in {}", shown(spec, &bound.set))
    })
}

fn parameters(spec: &Spec, items: &[Parameter]) -> String {
    list(items, |parameter| local(spec, parameter.local))
}

fn call(name: &str, spec: &Spec, arguments: &[Argument]) -> String {
    if arguments.is_empty() {
        return name.to_owned();
    }
    format!("{name}({})", list(arguments, |argument| argument_text(spec, argument)))
}

fn argument_text(spec: &Spec, argument: &Argument) -> String {
    match argument {
        Argument::Expr(value) => shown(spec, value),
        Argument::Operator(OperatorRef::Defined(id)) => spec.operators[id.0 as usize].name.clone(),
        Argument::Operator(OperatorRef::Partial(id, leading)) => {
            format!("{}..", call(&spec.operators[id.0 as usize].name, spec, leading))
        }
        Argument::Operator(OperatorRef::Local(id)) => local(spec, *id),
        Argument::Operator(OperatorRef::Constant(id)) => spec.constants[id.0 as usize].name.clone(),
        Argument::Operator(OperatorRef::Unary(op)) => format!("{op:?}"),
        Argument::Operator(OperatorRef::Binary(op)) => format!("{op:?}"),
        Argument::Operator(OperatorRef::Lambda(locals, body)) => {
            format!("LAMBDA {} : {}", parameters(spec, locals), shown(spec, body))
        }
    }
}

fn update(spec: &Spec, update: &Update) -> String {
    let path: String = update
        .path
        .iter()
        .map(|step| match step {
            PathStep::Index(index) => format!("[{}]", shown(spec, index)),
            PathStep::Field(field) => format!(".{}", spec.symbols.text(*field)),
        })
        .collect();
    format!("!{path} = {}", shown(spec, &update.value))
}

/// An expression as text: built-ins by the names of their variants.
pub(crate) fn expr(spec: &Spec, e: &Expr) -> String {
    let text = shown(spec, e);
    number_ats(&text)
}

/// `@` with its id → `@1`, `@2`, … by first appearance.
fn number_ats(text: &str) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut parts = text.split("@#");
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('#').unwrap_or(part.len());
        let id = &part[..end];
        let place = seen.iter().position(|other| *other == id).unwrap_or_else(|| {
            seen.push(id);
            seen.len() - 1
        });
        numbered.push_str(&format!("@{}{}", place + 1, part.get(end + 1..).unwrap_or_default()));
    }
    numbered
}

fn shown(spec: &Spec, e: &Expr) -> String {
    let one = |e: &Expr| shown(spec, e);
    match &*e.kind {
        ExprKind::Bool(value) => value.to_string().to_uppercase(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::String(symbol) => format!("{:?}", spec.symbols.text(*symbol)),
        ExprKind::Decimal(text) => text.clone(),
        ExprKind::BooleanSet => "BOOLEAN".to_owned(),
        ExprKind::StringSet => "STRING".to_owned(),
        ExprKind::Local(id) if local(spec, *id) == "@" => format!("@#{}#", id.0),
        ExprKind::Local(id) => local(spec, *id),
        ExprKind::Variable(id) => spec.variables[id.0 as usize].name.clone(),
        ExprKind::Constant(id) => spec.constants[id.0 as usize].name.clone(),
        ExprKind::Call(id, arguments) => call(&spec.operators[id.0 as usize].name, spec, arguments),
        ExprKind::CallLocal(id, arguments) => call(&local(spec, *id), spec, arguments),
        ExprKind::CallConstant(id, arguments) => call(&spec.constants[id.0 as usize].name, spec, arguments),
        ExprKind::Unary(op, a) => format!("{op:?}({})", one(a)),
        ExprKind::Binary(op, a, b) => format!("{op:?}({}, {})", one(a), one(b)),
        ExprKind::And(items) => format!("AND({})", exprs(spec, items)),
        ExprKind::Or(items) => format!("OR({})", exprs(spec, items)),
        ExprKind::Product(items) => format!("Product({})", exprs(spec, items)),
        ExprKind::Apply(f, a) => format!("{}[{}]", one(f), one(a)),
        ExprKind::Field(r, field) => format!("{}.{}", one(r), spec.symbols.text(*field)),
        ExprKind::Tuple(items) => format!("<<{}>>", exprs(spec, items)),
        ExprKind::SetEnumeration(items) => format!("{{{}}}", exprs(spec, items)),
        ExprKind::SetFilter(bound, body) => {
            format!("{{{} : {}}}", bounds(spec, std::slice::from_ref(bound)), one(body))
        }
        ExprKind::SetMap(body, bound) => format!("{{{} : {}}}", one(body), bounds(spec, bound)),
        ExprKind::Function { recursive, bounds: bound, body } => {
            let own = recursive.map(|id| format!("{}: ", local(spec, id))).unwrap_or_default();
            format!("[{own}{} |-> {}]", bounds(spec, bound), one(body))
        }
        ExprKind::FunctionSet(a, b) => format!("[{} -> {}]", one(a), one(b)),
        ExprKind::Record(fields) | ExprKind::RecordSet(fields) => {
            format!("[{}]", list(fields, |(field, e)| format!("{}: {}", spec.symbols.text(*field), one(e))))
        }
        ExprKind::Except(f, updates) => {
            format!("[{} EXCEPT {}]", one(f), list(updates, |u| update(spec, u)))
        }
        ExprKind::SquareAction(a, v) => format!("[{}]_{}", one(a), one(v)),
        ExprKind::AngleAction(a, v) => format!("<<{}>>_{}", one(a), one(v)),
        ExprKind::WeakFairness(v, a) => format!("WF_{}({})", one(v), one(a)),
        ExprKind::StrongFairness(v, a) => format!("SF_{}({})", one(v), one(a)),
        ExprKind::Forall(bound, body) => format!("\\A {} : {}", bounds(spec, bound), one(body)),
        ExprKind::Exists(bound, body) => format!("\\E {} : {}", bounds(spec, bound), one(body)),
        ExprKind::Unbounded(locals, body) => {
            format!("\\? {} : {}", list(locals, |id| local(spec, *id)), one(body))
        }
        ExprKind::TemporalQuantifier(locals, body) => {
            format!("\\EE {} : {}", list(locals, |id| local(spec, *id)), one(body))
        }
        ExprKind::Choose(bound, body) => {
            format!("CHOOSE {} : {}", bounds(spec, std::slice::from_ref(bound)), one(body))
        }
        ExprKind::ChooseUnbounded(_, body) => format!("CHOOSE {}", one(body)),
        ExprKind::If(a, b, c) => format!("IF {} THEN {} ELSE {}", one(a), one(b), one(c)),
        ExprKind::Case(arms, other) => {
            let arms = list(arms, |(guard, value)| format!("{} -> {}", one(guard), one(value)));
            format!("CASE {arms} {}", other.as_ref().map(one).unwrap_or_default())
        }
        ExprKind::Let(definitions, body) => {
            let definitions: Vec<_> = definitions
                .iter()
                .map(|d| {
                    let own = local(spec, d.local);
                    match d.parameters.len() {
                        0 => format!("{own} == {}", one(&d.body)),
                        _ => format!("{own}({}) == {}", parameters(spec, &d.parameters), one(&d.body)),
                    }
                })
                .collect();
            format!("LET {} IN {}", definitions.join(" "), one(body))
        }
        // Notes for ENABLED.
        ExprKind::Label(name, body) if name.starts_with(SUBSTITUTED) || name.starts_with(ENABLED_IN) => one(body),
        ExprKind::Label(name, body) => format!("{name} :: {}", one(body)),
    }
}

/// Ids bound in an expression made of quantifiers, connectives and filters.
pub(crate) fn binders(e: &Expr, found: &mut Vec<LocalId>) {
    let bound = |bounds: &[Bound], found: &mut Vec<LocalId>| {
        for bound in bounds {
            match &bound.binder {
                Binder::Each(locals) | Binder::Tuple(locals) => found.extend(locals),
            }
            binders(&bound.set, found);
        }
    };
    match &*e.kind {
        ExprKind::Forall(bounds, body) | ExprKind::Exists(bounds, body) => {
            bound(bounds, found);
            binders(body, found);
        }
        ExprKind::SetFilter(one, body) => {
            bound(std::slice::from_ref(one), found);
            binders(body, found);
        }
        ExprKind::Binary(_, a, b) => {
            binders(a, found);
            binders(b, found);
        }
        _ => {}
    }
}
