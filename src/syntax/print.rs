//! Surface tree → text that parses to the same tree, up to spans.
//!
//! Junction lists are printed as bulleted lists, one item a line; parentheses stand where precedence
//! needs them and nowhere else. The tree does not hold what `ASSUME … PROVE …`, `USE` and `HIDE` say,
//! so a printed module has a placeholder there.

mod parentheses;

use super::operators;
use super::tree::{
    Bound, Definition, DefinitionHead, ExceptStep, ExceptUpdate, Expr, ExprKind, Fixity, InstanceUnit, Junction,
    Module, Name, OperatorDeclaration, PathStep, Pattern, PredefinedSet, Quantifier, Selector, Statement, Unit,
};
use parentheses::{Side, contains_operator, ends_in_case, is_angled, is_bare, needs_parentheses};

/// The text of a module, from its header to `====`.
pub fn module(module: &Module) -> String {
    let mut printer = Printer::default();
    printer.module(module);
    printer.text
}

/// The text of an expression; continuation lines are indented as if it began in column 1.
pub fn expression(expression: &Expr) -> String {
    let mut printer = Printer::default();
    printer.expr(expression);
    printer.text
}

#[derive(Default)]
struct Printer {
    text: String,
    /// Characters already in the current line.
    column: usize,
}

impl Printer {
    fn write(&mut self, text: &str) {
        self.column += text.chars().count();
        self.text.push_str(text);
    }

    fn line(&mut self, indent: usize) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }

    fn separated<T>(&mut self, items: &[T], mut print: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.write(", ");
            }
            print(self, item);
        }
    }

    fn names(&mut self, names: &[Name]) {
        self.separated(names, |p, name| p.write(&name.text));
    }

    fn module(&mut self, module: &Module) {
        self.write(&format!("---- MODULE {} ----", module.name.text));
        self.line(0);
        if !module.extends.is_empty() {
            self.write("EXTENDS ");
            self.names(&module.extends);
            self.line(0);
        }
        for unit in &module.units {
            self.unit(unit);
            self.line(0);
        }
        self.write("====");
    }

    fn unit(&mut self, unit: &Unit) {
        match unit {
            Unit::Constants(declarations) => self.declarations("CONSTANTS ", declarations),
            Unit::Recursive(declarations) => self.declarations("RECURSIVE ", declarations),
            Unit::Variables(names) => {
                self.write("VARIABLES ");
                self.names(names);
            }
            Unit::Definition(definition) => self.definition(definition),
            Unit::Instance(instance) => self.instance(instance),
            Unit::Assume { name, body, .. } => {
                self.write("ASSUME ");
                self.unit_name(name.as_ref());
                self.expr(body);
            }
            Unit::Theorem { name, statement, .. } => {
                self.write("THEOREM ");
                self.unit_name(name.as_ref());
                match statement {
                    Statement::Formula(formula) => self.expr(formula),
                    Statement::AssumeProve(_) => self.write("ASSUME TRUE PROVE TRUE"),
                }
            }
            Unit::Module(module) => self.module(module),
            Unit::Separator(_) => self.write("----"),
            Unit::UseOrHide(_) => self.write("USE TRUE"),
        }
    }

    fn unit_name(&mut self, name: Option<&Name>) {
        if let Some(name) = name {
            self.write(&name.text);
            self.write(" == ");
        }
    }

    fn declarations(&mut self, keyword: &str, declarations: &[OperatorDeclaration]) {
        self.write(keyword);
        self.separated(declarations, Self::declaration);
    }

    fn declaration(&mut self, declaration: &OperatorDeclaration) {
        let symbol = &declaration.name.text;
        match declaration.fixity {
            Fixity::Infix => self.write(&format!("_ {symbol} _")),
            Fixity::Prefix => self.write(&format!("{symbol} _")),
            Fixity::Postfix => self.write(&format!("_ {symbol}")),
            Fixity::Nonfix if declaration.arity == 0 => self.write(symbol),
            Fixity::Nonfix => self.write(&format!("{symbol}({})", vec!["_"; declaration.arity].join(", "))),
        }
    }

    fn parameters(&mut self, parameters: &[OperatorDeclaration]) {
        if !parameters.is_empty() {
            self.write("(");
            self.separated(parameters, Self::declaration);
            self.write(")");
        }
    }

    fn definition(&mut self, definition: &Definition) {
        if definition.local {
            self.write("LOCAL ");
        }
        let symbol = &definition.name.text;
        match (&definition.head, definition.fixity) {
            (DefinitionHead::Function(bounds), _) => {
                self.write(symbol);
                self.write("[");
                self.separated(bounds, Self::bound);
                self.write("]");
            }
            (DefinitionHead::Operator(parameters), fixity) => match (&parameters[..], fixity) {
                ([left, right], Fixity::Infix) => {
                    self.write(&format!("{} {symbol} {}", left.name.text, right.name.text));
                }
                ([operand], Fixity::Prefix) => self.write(&format!("{symbol} {}", operand.name.text)),
                ([operand], Fixity::Postfix) => self.write(&format!("{} {symbol}", operand.name.text)),
                _ => {
                    self.write(symbol);
                    self.parameters(parameters);
                }
            },
        }
        self.write(" == ");
        self.expr(&definition.body);
    }

    fn instance(&mut self, instance: &InstanceUnit) {
        if instance.local {
            self.write("LOCAL ");
        }
        if let Some(name) = &instance.name {
            self.write(&name.text);
            self.parameters(&instance.parameters);
            self.write(" == ");
        }
        self.write("INSTANCE ");
        self.write(&instance.module.text);
        if !instance.substitutions.is_empty() {
            self.write(" WITH ");
            self.separated(&instance.substitutions, |p, (name, value)| {
                p.write(&name.text);
                p.write(" <- ");
                p.expr(value);
            });
        }
    }

    /// An expression where any expression may stand.
    fn expr(&mut self, expr: &Expr) {
        match &*expr.kind {
            ExprKind::Number(digits) => self.write(digits),
            ExprKind::Decimal(integer, fraction) => self.write(&format!("{integer}.{fraction}")),
            ExprKind::String(text) => self.write(&quoted(text)),
            ExprKind::Boolean(truth) => self.write(if *truth { "TRUE" } else { "FALSE" }),
            ExprKind::PredefinedSet(PredefinedSet::Boolean) => self.write("BOOLEAN"),
            ExprKind::PredefinedSet(PredefinedSet::String) => self.write("STRING"),
            ExprKind::At => self.write("@"),
            ExprKind::Path(steps) => self.path(steps),
            ExprKind::Prefix(name, operand) => self.prefix(name, operand),
            ExprKind::Infix(name, left, right) => self.infix(&name.text, &[left, right]),
            ExprKind::Product(factors) => self.infix("\\X", &factors.iter().collect::<Vec<_>>()),
            ExprKind::Postfix(name, operand) => {
                self.operand(operand, Side::Suffixed);
                self.write(&name.text);
            }
            ExprKind::JunctionList(junction, items) => self.junction_list(*junction, items),
            ExprKind::Apply(function, arguments) => {
                self.operand(function, Side::Suffixed);
                self.write("[");
                self.list_without_pattern(arguments);
                self.write("]");
            }
            ExprKind::Field(record, field) => {
                self.operand(record, Side::Suffixed);
                self.write(".");
                self.write(&field.text);
            }
            ExprKind::Lambda(parameters, body) => {
                self.declarations("LAMBDA ", parameters);
                self.body(body);
            }
            ExprKind::Tuple(_)
            | ExprKind::SetEnumeration(_)
            | ExprKind::SetFilter(..)
            | ExprKind::SetMap(..)
            | ExprKind::Function(..)
            | ExprKind::FunctionSet(..)
            | ExprKind::Record(_)
            | ExprKind::RecordSet(_)
            | ExprKind::Except(..) => self.bracketed(&expr.kind),
            ExprKind::SquareAction(action, subscript) => self.action("[", action, "]_", subscript),
            ExprKind::AngleAction(action, subscript) => self.action("<<", action, ">>_", subscript),
            ExprKind::WeakFairness(subscript, action) => self.fairness("WF_", subscript, action),
            ExprKind::StrongFairness(subscript, action) => self.fairness("SF_", subscript, action),
            ExprKind::Quantified(quantifier, bounds, body) => {
                self.write(match quantifier {
                    Quantifier::Forall => "\\A ",
                    Quantifier::Exists => "\\E ",
                    Quantifier::TemporalForall => "\\AA ",
                    Quantifier::TemporalExists => "\\EE ",
                });
                self.separated(bounds, Self::bound);
                self.body(body);
            }
            ExprKind::Choose(bound, body) => {
                self.write("CHOOSE ");
                self.bound(bound);
                self.body(body);
            }
            ExprKind::If(condition, then, otherwise) => {
                self.write("IF ");
                self.expr(condition);
                self.write(" THEN ");
                self.expr(then);
                self.write(" ELSE ");
                self.expr(otherwise);
            }
            ExprKind::Case(arms, other) => self.case(arms, other.as_ref()),
            ExprKind::Let(units, body) => self.let_in(units, body),
            ExprKind::Label(name, parameters, body) => {
                self.write(&name.text);
                if !parameters.is_empty() {
                    self.write("(");
                    self.names(parameters);
                    self.write(")");
                }
                self.write(" :: ");
                self.expr(body);
            }
        }
    }

    fn body(&mut self, body: &Expr) {
        self.write(" : ");
        self.expr(body);
    }

    fn parenthesized(&mut self, expr: &Expr) {
        self.write("(");
        self.expr(expr);
        self.write(")");
    }

    fn expr_or_parenthesized(&mut self, expr: &Expr, parentheses: bool) {
        if parentheses { self.parenthesized(expr) } else { self.expr(expr) }
    }

    fn operand(&mut self, expr: &Expr, side: Side<'_>) {
        self.expr_or_parenthesized(expr, needs_parentheses(expr, side));
    }

    fn prefix(&mut self, name: &Name, operand: &Expr) {
        let symbol = if name.text == "-." { "-" } else { &name.text };
        self.write(symbol);
        let double_minus = symbol == "-" && matches!(&*operand.kind, ExprKind::Prefix(inner, _) if inner.text == "-.");
        if double_minus || symbol.starts_with(|c: char| c.is_ascii_alphabetic()) {
            self.write(" ");
        }
        match operators::find(&name.text, Fixity::Prefix) {
            Some(operator) => self.operand(operand, Side::Prefixed(operator)),
            None => self.parenthesized(operand),
        }
    }

    fn infix(&mut self, symbol: &str, operands: &[&Expr]) {
        let operator = operators::find(symbol, Fixity::Infix);
        for (i, operand) in operands.iter().enumerate() {
            if i > 0 {
                self.write(&format!(" {symbol} "));
            }
            match operator {
                Some(operator) if i == 0 => self.operand(operand, Side::Left(operator)),
                Some(operator) => self.operand(operand, Side::Right(operator)),
                None => self.parenthesized(operand),
            }
        }
    }

    fn junction_list(&mut self, junction: Junction, items: &[Expr]) {
        let column = self.column;
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.line(column);
            }
            self.write(if junction == Junction::And { "/\\ " } else { "\\/ " });
            self.expr(item);
        }
    }

    fn path(&mut self, steps: &[PathStep]) {
        for (i, step) in steps.iter().enumerate() {
            if i > 0 {
                self.write("!");
            }
            match &step.selector {
                // Blanks keep `F( * )` from being a comment and `I! !!` from being two operators.
                Selector::Name(name) if operators::is_operator(name) => {
                    self.write(&format!(" {name}{}", if i == 0 { " " } else { "" }));
                }
                Selector::Name(name) => self.write(name),
                Selector::Index(index) => self.write(&index.to_string()),
                Selector::First => self.write("<<"),
                Selector::Second => self.write(">>"),
                Selector::At => self.write("@"),
                Selector::Whole => self.write(":"),
                Selector::Arguments => {}
            }
            if !step.arguments.is_empty() {
                self.write("(");
                self.separated(&step.arguments, Self::expr);
                self.write(")");
            }
        }
    }

    fn bound(&mut self, bound: &Bound) {
        match &bound.pattern {
            Pattern::Names(names) => self.names(names),
            Pattern::Tuple(names) => {
                self.write("<<");
                self.names(names);
                self.write(">>");
            }
        }
        if let Some(set) = &bound.set {
            self.write(" \\in ");
            self.expr(set);
        }
    }

    /// A list whose first element must not look like a bound, `<<x>> \in S`.
    fn list_without_pattern(&mut self, elements: &[Expr]) {
        let mut first = true;
        self.separated(elements, |p, element| {
            p.expr_or_parenthesized(
                element,
                first && matches!(&*element.kind, ExprKind::Infix(..)) && is_angled(element),
            );
            first = false;
        });
    }

    fn bracketed(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Tuple(elements) => {
                self.write("<<");
                self.separated(elements, Self::expr);
                self.write(">>");
            }
            ExprKind::SetEnumeration(elements) => {
                self.write("{");
                self.list_without_pattern(elements);
                self.write("}");
            }
            ExprKind::SetFilter(bound, condition) => {
                self.write("{");
                self.bound(bound);
                self.body(condition);
                self.write("}");
            }
            ExprKind::SetMap(element, bounds) => {
                self.write("{");
                self.expr_or_parenthesized(element, matches!(&*element.kind, ExprKind::Infix(..)));
                self.write(" : ");
                self.separated(bounds, Self::bound);
                self.write("}");
            }
            ExprKind::Function(bounds, value) => {
                self.write("[");
                self.separated(bounds, Self::bound);
                self.write(" |-> ");
                self.expr(value);
                self.write("]");
            }
            ExprKind::FunctionSet(domain, range) => {
                self.write("[");
                self.expr_or_parenthesized(domain, ends_in_case(domain));
                self.write(" -> ");
                self.expr(range);
                self.write("]");
            }
            ExprKind::Record(fields) => self.fields(fields, " |-> "),
            ExprKind::RecordSet(fields) => self.fields(fields, " : "),
            ExprKind::Except(function, updates) => {
                self.write("[");
                self.expr(function);
                self.write(" EXCEPT ");
                self.separated(updates, Self::update);
                self.write("]");
            }
            _ => {}
        }
    }

    fn fields(&mut self, fields: &[(Name, Expr)], relation: &str) {
        self.write("[");
        self.separated(fields, |p, (name, value)| {
            p.write(&name.text);
            p.write(relation);
            p.expr(value);
        });
        self.write("]");
    }

    fn update(&mut self, update: &ExceptUpdate) {
        self.write("!");
        for step in &update.path {
            match step {
                ExceptStep::Index(index) => {
                    self.write("[");
                    self.list_without_pattern(index);
                    self.write("]");
                }
                ExceptStep::Field(name) => {
                    self.write(".");
                    self.write(&name.text);
                }
            }
        }
        self.write(" = ");
        self.expr(&update.value);
    }

    fn action(&mut self, open: &str, action: &Expr, close: &str, subscript: &Expr) {
        self.write(open);
        self.expr(action);
        self.write(close);
        let plain = matches!(&*subscript.kind, ExprKind::Path(_)) && !is_bare(subscript);
        self.subscript(subscript, plain);
    }

    fn fairness(&mut self, word: &str, subscript: &Expr, action: &Expr) {
        self.write(word);
        let named = |s: &PathStep| matches!(s.selector, Selector::Name(_)) && s.arguments.is_empty();
        let plain = matches!(&*subscript.kind, ExprKind::Path(steps) if steps.iter().all(named))
            && !contains_operator(subscript);
        self.subscript(subscript, plain);
        self.parenthesized(action);
    }

    fn subscript(&mut self, subscript: &Expr, plain: bool) {
        let bracketed = matches!(
            &*subscript.kind,
            ExprKind::Tuple(_)
                | ExprKind::SetEnumeration(_)
                | ExprKind::SetFilter(..)
                | ExprKind::SetMap(..)
                | ExprKind::Function(..)
                | ExprKind::FunctionSet(..)
                | ExprKind::Record(_)
                | ExprKind::RecordSet(_)
                | ExprKind::Except(..)
        );
        self.expr_or_parenthesized(subscript, !plain && !bracketed);
    }

    fn case(&mut self, arms: &[(Expr, Expr)], other: Option<&Expr>) {
        let column = self.column;
        for (i, (condition, value)) in arms.iter().enumerate() {
            if i > 0 {
                self.line(column);
            }
            self.write(if i == 0 { "CASE " } else { "  [] " });
            self.expr_or_parenthesized(condition, ends_in_case(condition));
            self.write(" -> ");
            self.expr_or_parenthesized(value, ends_in_case(value));
        }
        if let Some(other) = other {
            self.line(column);
            self.write("  [] OTHER -> ");
            self.expr(other);
        }
    }

    fn let_in(&mut self, units: &[Unit], body: &Expr) {
        let column = self.column;
        self.write("LET ");
        for (i, unit) in units.iter().enumerate() {
            if i > 0 {
                self.line(column + 4);
            }
            self.unit(unit);
        }
        self.line(column);
        self.write("IN ");
        self.expr(body);
    }
}

/// A string literal.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '\r' => literal.push_str("\\r"),
            '\u{c}' => literal.push_str("\\f"),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}
