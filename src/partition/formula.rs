//! Taking SPECIFICATION and PROPERTY apart into what is checked where.

use crate::diagnostic::{Diagnostic, Span};
use crate::eval::Evaluator;
use crate::eval::action::Flow;
use crate::eval::unfold;
use crate::resolve::spec::{
    Argument, BinaryOp, Binder, Bound, Expr, ExprKind, LetDefinition, Level, LocalId, Named, OperatorRef, Spec, UnaryOp,
};
use crate::value::Value;
use crate::value::machine::FaultKind;

/// An expression with values for the locals that surround it.
#[derive(Clone)]
pub struct Closed {
    /// The expression.
    pub expr: Expr,
    /// Values of locals it mentions.
    pub bindings: Vec<(LocalId, Value)>,
}

/// One conjunct of a behaviour formula.
pub enum Part {
    /// A state predicate: about initial states.
    Initial(Closed),
    /// `[][A]_v`: action, subscript.
    Step(Closed),
    /// `[]P` with a state predicate P.
    Always(Closed),
    /// Anything else: needs behaviours.
    Temporal(Closed),
}

/// Init, Next and the rest of a SPECIFICATION.
pub struct Behaviour {
    /// Conjoined they are the initial predicate.
    pub initial: Vec<Closed>,
    /// The next-state relation `[A]_v`.
    pub next: Option<Closed>,
    /// Fairness and other temporal assumptions.
    pub temporal: Vec<Closed>,
}

/// Takes a SPECIFICATION apart.
///
/// # Errors
/// When it is not of the form that can be checked.
pub fn behaviour(spec: &Spec, evaluator: &mut Evaluator, named: &Named) -> Result<Behaviour, Diagnostic> {
    let mut result = Behaviour { initial: Vec::new(), next: None, temporal: Vec::new() };
    for part in parts_of(spec, evaluator, named)? {
        match part {
            Part::Initial(p) => result.initial.push(p),
            Part::Step(step) if result.next.is_none() => result.next = Some(step),
            Part::Step(step) => {
                let message = format!("the specification {} has more than one next-state relation", named.name);
                return Err(Diagnostic::error("2203", step.expr.span, message));
            }
            Part::Always(p) => {
                let message = "a specification cannot contain [] of a state formula";
                return Err(
                    Diagnostic::error("2204", p.expr.span, message).help("make it an INVARIANT or a CONSTRAINT")
                );
            }
            Part::Temporal(t) => result.temporal.push(t),
        }
    }
    Ok(result)
}

/// Takes a property or specification apart.
///
/// # Errors
/// When a conjunct is of a form that cannot be checked.
pub fn parts_of(spec: &Spec, evaluator: &mut Evaluator, named: &Named) -> Result<Vec<Part>, Diagnostic> {
    let mut walk = Walk { spec, evaluator, parts: Vec::new() };
    walk.conjunct(&Closed { expr: spec.call(named.operator), bindings: Vec::new() })?;
    Ok(walk.parts)
}

struct Walk<'a> {
    spec: &'a Spec,
    evaluator: &'a mut Evaluator,
    parts: Vec<Part>,
}

impl Walk<'_> {
    fn conjunct(&mut self, formula: &Closed) -> Result<(), Diagnostic> {
        let expr = &formula.expr;
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: formula.bindings.clone() };
        match &*expr.kind {
            ExprKind::And(items) => return items.iter().try_for_each(|e| self.conjunct(&inner(e))),
            ExprKind::Binary(BinaryOp::And, a, b) => {
                self.conjunct(&inner(a))?;
                return self.conjunct(&inner(b));
            }
            ExprKind::Label(_, e) => return self.conjunct(&inner(e)),
            _ if expr.level <= Level::State => {
                self.parts.push(Part::Initial(formula.clone()));
                return Ok(());
            }
            ExprKind::Call(..) => {
                if let Some(body) = unfold(self.spec, expr) {
                    return self.conjunct(&inner(&body));
                }
            }
            ExprKind::Let(definitions, body) => {
                if let Some(flat) = unfold_let(definitions, body) {
                    return self.conjunct(&inner(&flat));
                }
            }
            ExprKind::Forall(bounds, body) => return self.unroll(formula, bounds, body),
            ExprKind::Unary(UnaryOp::Always, e) => return self.always(formula, e),
            ExprKind::TemporalQuantifier(..) => {
                return Err(unsupported(expr.span, "temporal quantifiers (\\AA, \\EE)"));
            }
            _ => {}
        }
        if expr.level == Level::Action {
            let help = "write [][A]_v to say that every step is an A step or leaves v unchanged";
            return Err(Diagnostic::error("2205", expr.span, "an action cannot be a conjunct of a behaviour formula")
                .help(help));
        }
        self.parts.push(Part::Temporal(formula.clone()));
        Ok(())
    }

    /// `[]e`.
    fn always(&mut self, whole: &Closed, e: &Expr) -> Result<(), Diagnostic> {
        let inner = |e: &Expr| Closed { expr: e.clone(), bindings: whole.bindings.clone() };
        match &*e.kind {
            ExprKind::Label(_, e) => return self.always(whole, e),
            ExprKind::SquareAction(..) => self.parts.push(Part::Step(inner(e))),
            _ if e.level <= Level::State => self.parts.push(Part::Always(inner(e))),
            ExprKind::And(items) => return items.iter().try_for_each(|item| self.always(whole, item)),
            ExprKind::Binary(BinaryOp::And, a, b) => {
                self.always(whole, a)?;
                return self.always(whole, b);
            }
            ExprKind::Call(..) => match unfold(self.spec, e) {
                Some(body) => return self.always(whole, &body),
                None => self.parts.push(Part::Temporal(whole.clone())),
            },
            ExprKind::Let(definitions, body) => match unfold_let(definitions, body) {
                Some(flat) => return self.always(whole, &flat),
                None => self.parts.push(Part::Temporal(whole.clone())),
            },
            _ => self.parts.push(Part::Temporal(whole.clone())),
        }
        Ok(())
    }

    /// `\A x \in S : F` over a constant set.
    fn unroll(&mut self, formula: &Closed, bounds: &[Bound], body: &Expr) -> Result<(), Diagnostic> {
        if bounds.iter().any(|b| b.set.level > Level::Constant) {
            self.parts.push(Part::Temporal(formula.clone()));
            return Ok(());
        }
        let locals: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
        let mut instances = Vec::new();
        let surrounding: Vec<LocalId> = formula.bindings.iter().map(|(l, _)| *l).collect();
        let values: Vec<Value> = formula.bindings.iter().map(|(_, v)| v.clone()).collect();
        let result = self.evaluator.each_binding(&surrounding, &values, bounds, &mut |_, elements| {
            instances.push(elements.to_vec());
            Ok(Flow::Continue)
        });
        result.map_err(|fault| fault_diagnostic(&fault))?;
        for instance in instances {
            let mut bindings = formula.bindings.clone();
            bindings.extend(locals.iter().copied().zip(instance));
            self.conjunct(&Closed { expr: body.clone(), bindings })?;
        }
        Ok(())
    }
}

/// Instances of one quantifier that become parts of their own at most.
const INSTANCES_MAX: usize = 256;

/// A formula as parts whose conjunction it is, in order: conjuncts, and instances of `\A` over constant sets.
pub fn conjuncts(spec: &Spec, evaluator: &mut Evaluator, formula: &Closed) -> Vec<Closed> {
    let inner = |e: &Expr| Closed { expr: e.clone(), bindings: formula.bindings.clone() };
    let all = |evaluator: &mut Evaluator, parts: Vec<Closed>| {
        parts.iter().flat_map(|part| conjuncts(spec, evaluator, part)).collect()
    };
    match &*formula.expr.kind {
        ExprKind::And(items) => all(evaluator, items.iter().map(inner).collect()),
        ExprKind::Binary(BinaryOp::And, a, b) => all(evaluator, vec![inner(a), inner(b)]),
        ExprKind::Label(_, e) => conjuncts(spec, evaluator, &inner(e)),
        ExprKind::Call(id, arguments) if arguments.is_empty() && formula.expr.level > Level::Constant => {
            let native = spec.operators[id.0 as usize].built_in_module;
            match unfold(spec, &formula.expr).filter(|_| !native) {
                Some(body) => conjuncts(spec, evaluator, &inner(&body)),
                None => vec![formula.clone()],
            }
        }
        ExprKind::Binary(BinaryOp::In, element, set) if is_part(element) => match typed(spec, element, set) {
            Some(parts) => all(evaluator, parts.iter().map(inner).collect()),
            None => vec![formula.clone()],
        },
        ExprKind::Forall(bounds, body) if bounds.iter().all(|b| b.set.level == Level::Constant) => {
            match instances(evaluator, formula, bounds) {
                Some(instances) => all(
                    evaluator,
                    instances.into_iter().map(|bindings| Closed { expr: body.clone(), bindings }).collect(),
                ),
                None => vec![formula.clone()],
            }
        }
        _ => vec![formula.clone()],
    }
}

/// True for a variable or a part of one: `x`, `x[i]`, `x.f`.
fn is_part(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Variable(_) => true,
        ExprKind::Apply(f, _) | ExprKind::Field(f, _) => is_part(f),
        _ => false,
    }
}

/// `x \in [S -> T]` as `DOMAIN x = S` and `\A s \in S : x[s] \in T`; `x \in [f : T]` likewise. Each part reads less
/// than the whole.
fn typed(spec: &Spec, part: &Expr, set: &Expr) -> Option<Vec<Expr>> {
    let make = |kind: ExprKind, level: Level| Expr { kind: Box::new(kind), span: set.span, level };
    let state = |kind: ExprKind| make(kind, Level::State);
    let has_domain = |domain: Expr| {
        state(ExprKind::Binary(BinaryOp::Equal, state(ExprKind::Unary(UnaryOp::Domain, part.clone())), domain))
    };
    match &*set.kind {
        ExprKind::FunctionSet(domain, range) if domain.level == Level::Constant => {
            let local = local_beyond(spec, part);
            let element = make(ExprKind::Local(local), Level::Constant);
            let value = state(ExprKind::Apply(part.clone(), element));
            let typed = state(ExprKind::Binary(BinaryOp::In, value, range.clone()));
            let bound = Bound { binder: Binder::Each(vec![local]), set: domain.clone() };
            Some(vec![has_domain(domain.clone()), state(ExprKind::Forall(vec![bound], typed))])
        }
        ExprKind::RecordSet(fields) => {
            let names = fields.iter().map(|(name, _)| make(ExprKind::String(*name), Level::Constant)).collect();
            let mut parts = vec![has_domain(make(ExprKind::SetEnumeration(names), Level::Constant))];
            parts.extend(fields.iter().map(|(name, of)| {
                let field = state(ExprKind::Field(part.clone(), *name));
                state(ExprKind::Binary(BinaryOp::In, field, of.clone()))
            }));
            Some(parts)
        }
        ExprKind::Call(_, arguments) if arguments.is_empty() && set.level == Level::Constant => {
            typed(spec, part, &unfold(spec, set)?)
        }
        _ => None,
    }
}

/// A local that neither the specification nor the part mentions.
fn local_beyond(spec: &Spec, part: &Expr) -> LocalId {
    let depth = std::iter::successors(Some(part), |part| match &*part.kind {
        ExprKind::Apply(f, _) | ExprKind::Field(f, _) => Some(f),
        _ => None,
    });
    LocalId((spec.locals.len() + depth.count()) as u32)
}

/// The bindings of a quantifier over constant sets, if there are not too many.
pub(super) fn instances(
    evaluator: &mut Evaluator,
    formula: &Closed,
    bounds: &[Bound],
) -> Option<Vec<Vec<(LocalId, Value)>>> {
    let locals: Vec<LocalId> = bounds.iter().flat_map(|b| binder_locals(&b.binder)).copied().collect();
    let surrounding: Vec<LocalId> = formula.bindings.iter().map(|(l, _)| *l).collect();
    let values: Vec<Value> = formula.bindings.iter().map(|(_, v)| v.clone()).collect();
    let mut instances = Vec::new();
    let flow = evaluator.each_binding(&surrounding, &values, bounds, &mut |_, elements| {
        let mut bindings = formula.bindings.clone();
        bindings.extend(locals.iter().copied().zip(elements.iter().cloned()));
        instances.push(bindings);
        Ok(if instances.len() > INSTANCES_MAX { Flow::Stop } else { Flow::Continue })
    });
    matches!(flow, Ok(Flow::Continue)).then_some(instances)
}

/// Locals that a binder binds, in order.
pub(crate) fn binder_locals(binder: &Binder) -> &[LocalId] {
    let (Binder::Each(locals) | Binder::Tuple(locals)) = binder;
    locals
}

/// `LET d IN e` with the definitions put in as text, which leaves the structure of `e` open.
pub(crate) fn unfold_let(definitions: &[LetDefinition], body: &Expr) -> Option<Expr> {
    if definitions.iter().any(|d| d.recursive) {
        return None;
    }
    let mut flat = body.clone();
    // Later definitions may mention earlier ones.
    for definition in definitions.iter().rev() {
        let stands_for = if definition.parameters.is_empty() {
            Argument::Expr(definition.body.clone())
        } else {
            Argument::Operator(OperatorRef::Lambda(definition.parameters.clone(), definition.body.clone()))
        };
        flat = crate::eval::substitute(&flat, &std::iter::once((definition.local, stands_for)).collect());
    }
    Some(flat)
}

fn unsupported(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error("2206", span, format!("{what} are not supported"))
}

/// A fault as a diagnostic, with the calls around it.
pub fn fault_diagnostic(fault: &crate::value::machine::Fault) -> Diagnostic {
    let span = fault.place.unwrap_or(Span::NONE);
    let mut diagnostic = Diagnostic::error(fault.kind.code(), span, fault_message(&fault.message));
    for (name, call) in &fault.calls {
        let text = format!("while evaluating {name}");
        // A recursion is told once.
        if !diagnostic.labels.iter().any(|l| l.span == *call && l.text == text) {
            diagnostic = diagnostic.label(*call, text);
        }
    }
    match fault_help(fault) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// What to do about a fault, where most people need to be told.
fn fault_help(fault: &crate::value::machine::Fault) -> Option<&'static str> {
    Some(match fault.kind {
        FaultKind::Unassigned => {
            "a variable gets its value from `x = e` or `x \\in S` in Init and from `x' = e` or `x' \\in S` in Next, before it is read; \
             conjuncts are evaluated from left to right"
        }
        FaultKind::Incomplete => {
            "every disjunct must give each variable a value; write `UNCHANGED v` for a variable that stays as it is"
        }
        FaultKind::Incomparable => {
            "TLA+ does not say whether values of different kinds are equal; a model value may be compared with anything"
        }
        FaultKind::NotEnumerable => {
            "only finite sets can be listed: choose from a finite set such as `0..3`, or replace the set in the config: \
             `CONSTANT Nat <- SmallNat`"
        }
        FaultKind::TooLarge => "a set of this size is not listed; `--max-set-size N` allows more",
        FaultKind::Forbidden => "`--allow-io` lets specifications read and write files and start processes",
        _ => return None,
    })
}

/// Values that TLC puts on lines of their own are put behind the text while they are short.
fn fault_message(message: &str) -> String {
    if message.is_empty() {
        return "evaluation failed".to_owned();
    }
    let joined = message.lines().collect::<Vec<_>>().join(" ");
    if joined.chars().count() <= MESSAGE_WIDTH_MAX { joined } else { message.to_owned() }
}

/// Longer messages keep their lines.
const MESSAGE_WIDTH_MAX: usize = 160;
