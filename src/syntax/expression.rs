//! Expressions: the tree of what `grammar/expression.pest` reads.

use pest::iterators::Pair;

use super::build::{Builder, next_part, parts};
use super::grammar::Rule;
use super::precedence::Precedence;
use super::tree::{
    Bound, ExceptStep, ExceptUpdate, Expr, ExprKind, Junction, Name, PathStep, Pattern, PredefinedSet, Quantifier,
    Selector,
};
use crate::diagnostic::{Diagnostic, Span};

type Part<'p> = Pair<'p, Rule>;

impl Builder<'_> {
    /// An expression: its flat parts, put together by precedence.
    pub(super) fn expression(&mut self, pair: Part<'_>) -> Expr {
        let span = self.span(&pair);
        self.operation(parts(pair), span)
    }

    fn operation<'p>(&mut self, sequence: impl Iterator<Item = Part<'p>>, span: Span) -> Expr {
        let mut precedence = Precedence::default();
        for part in sequence {
            match part.as_rule() {
                Rule::prefix_operator => precedence.prefix(self.name(&part), &mut self.diagnostics),
                Rule::infix_operator => precedence.infix(self.name(&part), &mut self.diagnostics),
                Rule::postfix_operator => precedence.postfix(self.name(&part), &mut self.diagnostics),
                Rule::application => {
                    let end = self.span(&part);
                    let arguments = self.application(part);
                    precedence.suffix(end, |function| ExprKind::Apply(function, arguments));
                }
                Rule::field => {
                    let end = self.span(&part);
                    let field = self.field(part);
                    precedence.suffix(end, |record| ExprKind::Field(record, field));
                }
                Rule::bare_operator => {
                    let name = self.name(&part);
                    precedence.operand(path(vec![step(Selector::Name(name.text), Vec::new(), name.span)], name.span));
                }
                _ => precedence.operand(self.operand(next_part(&mut parts(part)))),
            }
        }
        precedence.finish().unwrap_or_else(|| expr(ExprKind::Tuple(Vec::new()), span))
    }

    fn operand(&mut self, pair: Part<'_>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::and_list => self.junction_list(Junction::And, pair),
            Rule::or_list => self.junction_list(Junction::Or, pair),
            Rule::reference => self.reference(pair),
            Rule::plain_reference => ExprKind::Path(
                self.names(pair).into_iter().map(|n| step(Selector::Name(n.text), Vec::new(), n.span)).collect(),
            ),
            Rule::number => match pair.as_str().split_once('.') {
                Some((integer, fraction)) => ExprKind::Decimal(integer.to_owned(), fraction.to_owned()),
                None => ExprKind::Number(pair.as_str().to_owned()),
            },
            Rule::string => ExprKind::String(unescape(self.text(span))),
            Rule::truth_value => ExprKind::Boolean(pair.as_str().starts_with('T')),
            Rule::predefined_set if pair.as_str().starts_with('B') => ExprKind::PredefinedSet(PredefinedSet::Boolean),
            Rule::predefined_set => ExprKind::PredefinedSet(PredefinedSet::String),
            Rule::at => {
                if self.except_depth == 0 {
                    let message = "`@` stands for the old value in EXCEPT and has no meaning here";
                    self.diagnostics.push(Diagnostic::error("4261", span, message));
                }
                ExprKind::At
            }
            Rule::parenthesized => *self.expression(next_part(&mut parts(pair))).kind,
            Rule::set => self.set(pair),
            Rule::bracketed => self.bracketed(pair),
            Rule::angled => self.angled(pair),
            Rule::fairness => self.fairness(pair),
            Rule::if_then_else => {
                let mut inner = parts(pair);
                let mut next = || self.expression(next_part(&mut inner));
                ExprKind::If(next(), next(), next())
            }
            Rule::case => self.case(pair),
            Rule::let_in => self.let_in(pair),
            Rule::quantified => self.quantified(pair),
            _ => self.choose(pair),
        };
        expr(kind, span)
    }

    fn text(&self, span: Span) -> &str {
        self.source.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn junction_list(&mut self, junction: Junction, pair: Part<'_>) -> ExprKind {
        let items = parts(pair).map(|item| self.expression(next_part(&mut parts(item)))).collect();
        ExprKind::JunctionList(junction, items)
    }

    fn expressions(&mut self, pair: Part<'_>) -> Vec<Expr> {
        parts(pair).map(|p| self.expression(p)).collect()
    }

    fn arguments(&mut self, pair: Part<'_>) -> Vec<Expr> {
        parts(pair).map(|p| self.argument(p)).collect()
    }

    fn application(&mut self, pair: Part<'_>) -> Vec<Expr> {
        let list = next_part(&mut parts(pair));
        self.no_leading_pattern(&list);
        self.expressions(list)
    }

    fn field(&mut self, pair: Part<'_>) -> Name {
        self.name(&next_part(&mut parts(pair)))
    }

    /// `x`, `Op(a)!2`, or `label(x) :: e`.
    fn reference(&mut self, pair: Part<'_>) -> ExprKind {
        let mut steps: Vec<PathStep> = Vec::new();
        for part in parts(pair) {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::name => steps.push(step(Selector::Name(self.name(&part).text), Vec::new(), span)),
                Rule::arguments => {
                    let arguments = self.arguments(part);
                    if let Some(last) = steps.last_mut() {
                        last.span = last.span.to(span);
                        last.arguments = arguments;
                    }
                }
                Rule::labelled => return self.label(steps, part),
                _ => {
                    let step = self.path_step(part);
                    steps.push(step);
                }
            }
        }
        ExprKind::Path(steps)
    }

    fn path_step(&mut self, pair: Part<'_>) -> PathStep {
        let whole = self.span(&pair);
        let mut selector = Selector::Arguments;
        let mut arguments = Vec::new();
        for part in parts(pair) {
            match part.as_rule() {
                Rule::selector => selector = self.selector(part),
                _ => arguments = self.arguments(part),
            }
        }
        step(selector, arguments, whole)
    }

    fn selector(&mut self, pair: Part<'_>) -> Selector {
        let span = self.span(&pair);
        match pair.as_str().trim_end() {
            "<<" => return Selector::First,
            ">>" => return Selector::Second,
            "@" => return Selector::At,
            ":" => return Selector::Whole,
            _ => {}
        }
        let named = next_part(&mut parts(pair));
        if named.as_rule() != Rule::index {
            return Selector::Name(self.name(&named).text);
        }
        Selector::Index(named.as_str().parse().unwrap_or_else(|_| {
            self.error(span, "there is no subexpression with so large a number", "");
            0
        }))
    }

    fn label(&mut self, steps: Vec<PathStep>, body: Part<'_>) -> ExprKind {
        let body = self.expression(next_part(&mut parts(body)));
        let mut steps = steps.into_iter();
        let first = steps.next();
        let plain = |e: &Expr| match &*e.kind {
            ExprKind::Path(path) => match &path[..] {
                [PathStep { selector: Selector::Name(text), arguments, .. }] if arguments.is_empty() => {
                    Some(Name { text: text.clone(), span: e.span })
                }
                _ => None,
            },
            _ => None,
        };
        let Some(PathStep { selector: Selector::Name(text), arguments, span }) = first else {
            return *body.kind;
        };
        let parameters: Vec<Name> = arguments.iter().filter_map(plain).collect();
        if parameters.len() < arguments.len() {
            self.error(span, "the parameters of a label are identifiers", "");
        }
        let span = Span { end: span.start + text.len() as u32, ..span };
        ExprKind::Label(Name { text, span }, parameters, body)
    }

    fn set(&mut self, pair: Part<'_>) -> ExprKind {
        let mut inner = parts(pair);
        let Some(first) = inner.next() else { return ExprKind::SetEnumeration(Vec::new()) };
        let Some(rest) = inner.next() else {
            self.no_leading_pattern(&first);
            return ExprKind::SetEnumeration(self.expressions(first));
        };
        let second = next_part(&mut parts(rest));
        let first_span = self.span(&first);
        let mut heads = first.clone().into_inner();
        let head = next_part(&mut heads);
        if heads.next().is_some() {
            self.error(first_span, "only one bound can stand before `:` in a set", "a filter is `{x \\in S : P}`");
            return ExprKind::SetEnumeration(self.expressions(first));
        }
        if !is_membership(&head) {
            self.no_leading_pattern(&first);
            let element = self.expression(head);
            return ExprKind::SetMap(element, self.bounds_of_expressions(second));
        }
        let mut bounds = self.bounds_of_expressions(first).into_iter();
        let span = self.span(&second);
        let mut conditions = self.expressions(second).into_iter();
        let (condition, more) = (conditions.next(), conditions.next());
        if more.is_some() {
            self.error(span, "the condition of a set filter is one formula", "");
        }
        match (bounds.next(), condition) {
            (Some(bound), Some(condition)) => ExprKind::SetFilter(bound, condition),
            _ => ExprKind::SetEnumeration(Vec::new()),
        }
    }

    /// SANY reads a tuple before `\in` at the start of a set or an application as what is bound.
    fn no_leading_pattern(&mut self, list: &Part<'_>) {
        let Some(first) = list.clone().into_inner().next() else { return };
        if is_membership(&first) && operand_rule(&first) == Some(Rule::angled) {
            let span = self.span(&first);
            self.error(span, "a tuple before `\\in` is read here as bound names", "put the formula in parentheses");
        }
    }

    fn bracketed(&mut self, pair: Part<'_>) -> ExprKind {
        let mut inner = parts(pair);
        let first = next_part(&mut inner);
        match first.as_rule() {
            Rule::record => return ExprKind::Record(self.fields(first)),
            Rule::record_set => return ExprKind::RecordSet(self.fields(first)),
            _ => {}
        }
        let second = next_part(&mut inner);
        if second.as_rule() == Rule::function_body {
            let bounds = self.bounds_of_expressions(first);
            return ExprKind::Function(bounds, self.expression(next_part(&mut parts(second))));
        }
        let span = self.span(&first);
        let mut firsts = self.expressions(first).into_iter();
        let head = firsts.next().unwrap_or_else(|| expr(ExprKind::Tuple(Vec::new()), span));
        if firsts.next().is_some() {
            self.error(
                span,
                "one expression is expected here",
                "a function of several arguments is `[x \\in S, y \\in T |-> e]`",
            );
        }
        match second.as_rule() {
            Rule::function_range => ExprKind::FunctionSet(head, self.expression(next_part(&mut parts(second)))),
            Rule::square_subscript => ExprKind::SquareAction(head, self.subscript(second)),
            _ => ExprKind::Except(head, parts(second).map(|p| self.update(p)).collect()),
        }
    }

    fn fields(&mut self, pair: Part<'_>) -> Vec<(Name, Expr)> {
        let mut fields: Vec<(Name, Expr)> = Vec::new();
        for part in parts(pair) {
            let mut inner = parts(part);
            let name = self.name(&next_part(&mut inner));
            let value = self.expression(next_part(&mut inner));
            if let Some((first, _)) = fields.iter().find(|(other, _)| other.text == name.text) {
                let message = format!("the field `{}` is given twice", name.text);
                self.diagnostics.push(Diagnostic::error("4262", name.span, message).label(first.span, "first here"));
            }
            fields.push((name, value));
        }
        fields
    }

    fn update(&mut self, pair: Part<'_>) -> ExceptUpdate {
        let span = self.span(&pair);
        let mut path = Vec::new();
        let mut value = None;
        for part in parts(pair) {
            match part.as_rule() {
                Rule::update_index => path.push(ExceptStep::Index(self.application(part))),
                Rule::field => path.push(ExceptStep::Field(self.field(part))),
                _ => {
                    self.except_depth += 1;
                    value = Some(self.expression(part));
                    self.except_depth -= 1;
                }
            }
        }
        ExceptUpdate { path, value: value.expect("an update has a value"), span }
    }

    fn angled(&mut self, pair: Part<'_>) -> ExprKind {
        let span = self.span(&pair);
        let mut elements = Vec::new();
        for part in parts(pair) {
            if part.as_rule() == Rule::expressions {
                elements = self.expressions(part);
                continue;
            }
            let subscript = self.subscript(part);
            let mut actions = elements.into_iter();
            let (Some(action), None) = (actions.next(), actions.next()) else {
                self.error(span, "`<<A>>_v` takes exactly one action", "a tuple is written `<<a, b>>`");
                return ExprKind::Tuple(Vec::new());
            };
            return ExprKind::AngleAction(action, subscript);
        }
        ExprKind::Tuple(elements)
    }

    /// What follows `_`: the part of a part.
    fn subscript(&mut self, pair: Part<'_>) -> Expr {
        let subscript = next_part(&mut parts(pair));
        self.operand(next_part(&mut parts(subscript)))
    }

    fn fairness(&mut self, pair: Part<'_>) -> ExprKind {
        let mut inner = parts(pair);
        let weak = next_part(&mut inner).as_str().starts_with('W');
        let subscript = self.operand(next_part(&mut parts(next_part(&mut inner))));
        let action = self.expression(next_part(&mut inner));
        if weak { ExprKind::WeakFairness(subscript, action) } else { ExprKind::StrongFairness(subscript, action) }
    }

    fn case(&mut self, pair: Part<'_>) -> ExprKind {
        let mut arms = Vec::new();
        let mut other = None;
        for part in parts(pair) {
            let is_other = part.as_rule() == Rule::other_arm;
            let mut inner = parts(part);
            let first = self.expression(next_part(&mut inner));
            if is_other {
                other = Some(first);
            } else {
                arms.push((first, self.expression(next_part(&mut inner))));
            }
        }
        ExprKind::Case(arms, other)
    }

    fn let_in(&mut self, pair: Part<'_>) -> ExprKind {
        let mut inner: Vec<Part<'_>> = parts(pair).collect();
        let body = inner.pop().expect("LET has a body");
        let units = inner.into_iter().map(|p| self.definition_or_instance(p, None)).collect();
        ExprKind::Let(units, self.expression(body))
    }

    fn quantified(&mut self, pair: Part<'_>) -> ExprKind {
        let mut inner = parts(pair);
        let quantifier = match next_part(&mut inner).as_str().trim_end() {
            "\\A" => Quantifier::Forall,
            "\\E" => Quantifier::Exists,
            "\\AA" => Quantifier::TemporalForall,
            _ => Quantifier::TemporalExists,
        };
        let bounds = next_part(&mut inner);
        let bounds = self.bounds(bounds, false);
        ExprKind::Quantified(quantifier, bounds, self.expression(next_part(&mut inner)))
    }

    fn choose(&mut self, pair: Part<'_>) -> ExprKind {
        let mut inner = parts(pair);
        let part = next_part(&mut inner);
        let span = self.span(&part);
        let bound = self.bound(part);
        let several = matches!(&bound.pattern, Pattern::Names(names) if names.len() != 1);
        if several {
            self.error(span, "CHOOSE binds one name or one tuple", "write `CHOOSE <<x, y>> \\in S : P`");
        }
        ExprKind::Choose(bound, self.expression(next_part(&mut inner)))
    }

    /// The bounds of a quantifier or function definition: all have a set, or (unless `sets`) none has.
    pub(super) fn bounds(&mut self, pair: Part<'_>, sets: bool) -> Vec<Bound> {
        let span = self.span(&pair);
        let bounds: Vec<Bound> = parts(pair).map(|p| self.bound(p)).collect();
        let unbounded = bounds.iter().filter(|b| b.set.is_none()).count();
        let tuple = bounds.iter().any(|b| b.set.is_none() && matches!(b.pattern, Pattern::Tuple(_)));
        if unbounded > 0 && (sets || tuple || unbounded < bounds.len()) {
            self.error(
                span,
                "expected `\\in` and a set after the bound names",
                "either every bound has a set or none has",
            );
        }
        bounds
    }

    fn bound(&mut self, pair: Part<'_>) -> Bound {
        let mut inner = parts(pair);
        let names = next_part(&mut inner);
        let is_tuple = names.as_rule() == Rule::name_tuple;
        let names = self.names(names);
        let pattern = if is_tuple { Pattern::Tuple(names) } else { Pattern::Names(names) };
        Bound { pattern, set: inner.next().map(|p| self.expression(p)) }
    }

    /// `x, y \in S, <<a, b>> \in T`, read as expressions, taken as bounds.
    fn bounds_of_expressions(&mut self, pair: Part<'_>) -> Vec<Bound> {
        let mut bounds = Vec::new();
        let mut names: Vec<Name> = Vec::new();
        let whole = self.span(&pair);
        for expression in parts(pair) {
            let span = self.span(&expression);
            let mut sequence = parts(expression);
            let operand = sequence.next().filter(|p| p.as_rule() == Rule::operand);
            let bound_names = operand.and_then(|operand| self.bound_names(operand));
            let set = sequence.next();
            match (bound_names, set) {
                (Some(Pattern::Names(name)), None) => names.extend(name),
                (Some(pattern), Some(membership)) if is_element_of(&membership) => {
                    let pattern = match pattern {
                        Pattern::Names(name) => {
                            names.extend(name);
                            Pattern::Names(std::mem::take(&mut names))
                        }
                        tuple if names.is_empty() => tuple,
                        tuple => {
                            self.error(span, "names before a tuple need `\\in` and a set of their own", "");
                            names.clear();
                            tuple
                        }
                    };
                    let set = Some(self.operation(sequence, span));
                    bounds.push(Bound { pattern, set });
                }
                _ => {
                    self.error(span, "expected a bound such as `x \\in S`", "");
                    return bounds;
                }
            }
        }
        if !names.is_empty() || bounds.is_empty() {
            self.error(whole, "expected `\\in` and a set after the bound names", "");
        }
        bounds
    }

    /// The names that an operand binds if a bound begins with it.
    fn bound_names(&self, operand: Part<'_>) -> Option<Pattern> {
        let inner = parts(operand).next()?;
        match inner.as_rule() {
            Rule::reference => self.lone_name(inner).map(|name| Pattern::Names(vec![name])),
            Rule::angled => {
                let mut elements = parts(inner);
                let list = elements.next().filter(|p| p.as_rule() == Rule::expressions)?;
                if elements.next().is_some() {
                    return None;
                }
                let names = parts(list).map(|expression| {
                    let mut sequence = parts(expression);
                    let operand = sequence.next().filter(|p| p.as_rule() == Rule::operand)?;
                    let reference = parts(operand).next().filter(|p| p.as_rule() == Rule::reference)?;
                    if sequence.next().is_some() { None } else { self.lone_name(reference) }
                });
                names.collect::<Option<Vec<_>>>().map(Pattern::Tuple)
            }
            _ => None,
        }
    }

    fn lone_name(&self, reference: Part<'_>) -> Option<Name> {
        let mut inner = parts(reference);
        let name = inner.next()?;
        if inner.next().is_some() { None } else { Some(self.name(&name)) }
    }
}

/// True if a flat expression begins `x \in` or `<<…>> \in`.
fn is_membership(expression: &Part<'_>) -> bool {
    let mut inner = expression.clone().into_inner();
    let starts = operand_rule(expression) == Some(Rule::angled)
        || (operand_rule(expression) == Some(Rule::reference)
            && inner.peek().and_then(|p| p.into_inner().next()).is_some_and(|r| r.into_inner().count() == 1));
    inner.next();
    starts && inner.next().is_some_and(|p| is_element_of(&p))
}

/// The rule of the operand that an expression begins with.
fn operand_rule(expression: &Part<'_>) -> Option<Rule> {
    let first = expression.clone().into_inner().next().filter(|p| p.as_rule() == Rule::operand)?;
    first.into_inner().next().map(|p| p.as_rule())
}

fn is_element_of(pair: &Part<'_>) -> bool {
    pair.as_rule() == Rule::infix_operator && pair.as_str().chars().skip(1).eq("\\in".chars())
}

fn expr(kind: ExprKind, span: Span) -> Expr {
    Expr { kind: Box::new(kind), span }
}

fn path(steps: Vec<PathStep>, span: Span) -> Expr {
    expr(ExprKind::Path(steps), span)
}

fn step(selector: Selector, arguments: Vec<Expr>, span: Span) -> PathStep {
    PathStep { selector, arguments, span }
}

/// The text of a string literal with its quotes.
pub(super) fn unescape(literal: &str) -> String {
    let inner = literal.strip_prefix('"').and_then(|s| s.strip_suffix('"')).unwrap_or(literal);
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('f') => text.push('\u{c}'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}
