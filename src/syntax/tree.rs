//! The surface tree: what a module says, before anyone knows what its names mean.
//!
//! Every node carries the span of its text. Parentheses are not kept as nodes (the printer adds what
//! precedence needs); labels, junction lists and every binder form are.

use crate::diagnostic::Span;

/// An identifier or operator symbol as written, in its canonical ASCII spelling
/// (`\cup` for `\union` and `∪`, `\leq` for `<=` and `=<`, see `operators.rs`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Name {
    /// Canonical text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A module: `---- MODULE name ---- … ====`.
#[derive(Clone, PartialEq, Debug)]
pub struct Module {
    /// Its name.
    pub name: Name,
    /// `EXTENDS` list, in order.
    pub extends: Vec<Name>,
    /// Its units, in order.
    pub units: Vec<Unit>,
    /// From the header's first dash to the last `=`.
    pub span: Span,
}

/// What one file holds.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct File {
    /// Top-level modules in order; the first is the one the file is named after.
    pub modules: Vec<Module>,
    /// Identifiers by first appearance in the text (TLC orders model values and strings by it).
    pub identifiers: Vec<String>,
    /// String literals (unescaped) by first appearance.
    pub strings: Vec<String>,
}

/// A top-level unit of a module.
#[derive(Clone, PartialEq, Debug)]
pub enum Unit {
    /// `CONSTANT(S)`.
    Constants(Vec<OperatorDeclaration>),
    /// `VARIABLE(S)`.
    Variables(Vec<Name>),
    /// `RECURSIVE`.
    Recursive(Vec<OperatorDeclaration>),
    /// `Op(..) == e`, `f[x \in S] == e`.
    Definition(Definition),
    /// `INSTANCE M …` or `I(p) == INSTANCE M …`.
    Instance(InstanceUnit),
    /// `ASSUME`, `ASSUMPTION`, `AXIOM`.
    Assume {
        /// `ASSUME Name == e`.
        name: Option<Name>,
        /// The assumed formula.
        body: Expr,
        /// Whole unit.
        span: Span,
    },
    /// `THEOREM`, `LEMMA`, `PROPOSITION`, `COROLLARY`; its proof is skipped.
    Theorem {
        /// `THEOREM Name == …`.
        name: Option<Name>,
        /// What is claimed.
        statement: Statement,
        /// Whole unit without the proof.
        span: Span,
    },
    /// A nested module.
    Module(Module),
    /// `----`.
    Separator(Span),
    /// `USE …` / `HIDE …`: of interest to provers only.
    UseOrHide(Span),
}

/// What a theorem claims.
#[derive(Clone, PartialEq, Debug)]
pub enum Statement {
    /// A formula.
    Formula(Expr),
    /// `ASSUME a, NEW x \in S PROVE g`: kept as text only.
    AssumeProve(Span),
}

/// `C`, `Op(_,_)`, `_+_`, `-._`, `_^+` in CONSTANT, RECURSIVE and formal parameters.
#[derive(Clone, PartialEq, Debug)]
pub struct OperatorDeclaration {
    /// Name or symbol.
    pub name: Name,
    /// Number of arguments.
    pub arity: usize,
    /// How it is written.
    pub fixity: Fixity,
}

/// How a user writes an application of the operator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fixity {
    /// `Op` or `Op(a, b)`.
    Nonfix,
    /// `a + b`.
    Infix,
    /// `-. a`.
    Prefix,
    /// `a^#`.
    Postfix,
}

/// An operator or function definition.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    /// `LOCAL`.
    pub local: bool,
    /// Name or symbol.
    pub name: Name,
    /// How it is written.
    pub fixity: Fixity,
    /// Parameters, or a function's bounds.
    pub head: DefinitionHead,
    /// Right-hand side.
    pub body: Expr,
    /// Whole definition.
    pub span: Span,
}

/// What stands between a definition's name and `==`.
#[derive(Clone, PartialEq, Debug)]
pub enum DefinitionHead {
    /// `Op(a, F(_))`; empty for `Op == …`.
    Operator(Vec<OperatorDeclaration>),
    /// `f[x \in S, y \in T]`.
    Function(Vec<Bound>),
}

/// `[LOCAL] [I(p) ==] INSTANCE M [WITH …]`.
#[derive(Clone, PartialEq, Debug)]
pub struct InstanceUnit {
    /// `LOCAL`.
    pub local: bool,
    /// `I` of `I(p) == INSTANCE …`.
    pub name: Option<Name>,
    /// Parameters of `I`.
    pub parameters: Vec<OperatorDeclaration>,
    /// The instantiated module.
    pub module: Name,
    /// `WITH` substitutions in order: name or symbol ← expression or operator.
    pub substitutions: Vec<(Name, Expr)>,
    /// Whole unit.
    pub span: Span,
}

/// `x, y \in S` or `<<a, b>> \in S`.
#[derive(Clone, PartialEq, Debug)]
pub struct Bound {
    /// What is bound.
    pub pattern: Pattern,
    /// The set; `None` only in unbounded quantifiers and CHOOSE.
    pub set: Option<Expr>,
}

/// What a bound introduces.
#[derive(Clone, PartialEq, Debug)]
pub enum Pattern {
    /// `x, y` each ranges over the set.
    Names(Vec<Name>),
    /// `<<a, b>>` together are one element.
    Tuple(Vec<Name>),
}

/// An expression with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Its text.
    pub span: Span,
}

/// One step of `A!B(x)!C`, or of a subexpression name.
#[derive(Clone, PartialEq, Debug)]
pub struct PathStep {
    /// What is selected.
    pub selector: Selector,
    /// Arguments given at this step.
    pub arguments: Vec<Expr>,
    /// Its text.
    pub span: Span,
}

/// What a step after `!` selects.
#[derive(Clone, PartialEq, Debug)]
pub enum Selector {
    /// A name or operator symbol: instance, operator or label.
    Name(String),
    /// `!1`, `!2`, …
    Index(u32),
    /// `!<<`: first operand.
    First,
    /// `!>>`: second operand.
    Second,
    /// `!@`: arguments bound, body of a quantifier-like expression.
    At,
    /// `!:`: the whole definition.
    Whole,
    /// `!(e)`: arguments for a binder that has no label.
    Arguments,
}

/// Which bracketing sort of junction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Junction {
    /// `/\`.
    And,
    /// `\/`.
    Or,
}

/// Which quantifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantifier {
    /// `\A`.
    Forall,
    /// `\E`.
    Exists,
    /// `\AA`.
    TemporalForall,
    /// `\EE`.
    TemporalExists,
}

/// The forms of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// Decimal, `\b`, `\o`, `\h` literal: its decimal digits, of any length.
    Number(String),
    /// `1.5`: integer and fraction digits.
    Decimal(String, String),
    /// A string, unescaped.
    String(String),
    /// `TRUE`, `FALSE`.
    Boolean(bool),
    /// `BOOLEAN`, `STRING`: the two predefined sets.
    PredefinedSet(PredefinedSet),
    /// `@` inside EXCEPT.
    At,
    /// `x`, `Op(a, b)`, `I(p)!Op(a)!2`: never empty; the first step is a name.
    /// A bare operator symbol given as an argument is a path of one step without arguments.
    Path(Vec<PathStep>),
    /// `LAMBDA x, y : e` (only legal as an operator argument or in WITH).
    Lambda(Vec<OperatorDeclaration>, Expr),
    /// Prefix operator, built-in or not: `~`, `-.`, `[]`, `<>`, `SUBSET`, `UNION`, `DOMAIN`, `ENABLED`, `UNCHANGED`.
    Prefix(Name, Expr),
    /// Infix operator, built-in or not, except `\X` and `.`.
    Infix(Name, Expr, Expr),
    /// Postfix operator: `'`, `^+`, `^*`, `^#`.
    Postfix(Name, Expr),
    /// `A \X B \X C`: one n-ary product.
    Product(Vec<Expr>),
    /// A bulleted list of two or more items, or of one.
    JunctionList(Junction, Vec<Expr>),
    /// `f[a, b]`: arguments, at least one.
    Apply(Expr, Vec<Expr>),
    /// `r.f`.
    Field(Expr, Name),
    /// `<<a, b>>`.
    Tuple(Vec<Expr>),
    /// `{a, b}`.
    SetEnumeration(Vec<Expr>),
    /// `{x \in S : P}`.
    SetFilter(Bound, Expr),
    /// `{e : x \in S, …}`.
    SetMap(Expr, Vec<Bound>),
    /// `[x \in S |-> e]`.
    Function(Vec<Bound>, Expr),
    /// `[S -> T]`.
    FunctionSet(Expr, Expr),
    /// `[a |-> 1, …]`.
    Record(Vec<(Name, Expr)>),
    /// `[a : S, …]`.
    RecordSet(Vec<(Name, Expr)>),
    /// `[f EXCEPT !…= e, …]`.
    Except(Expr, Vec<ExceptUpdate>),
    /// `[A]_v`.
    SquareAction(Expr, Expr),
    /// `<<A>>_v`.
    AngleAction(Expr, Expr),
    /// `WF_v(A)`: subscript, action.
    WeakFairness(Expr, Expr),
    /// `SF_v(A)`: subscript, action.
    StrongFairness(Expr, Expr),
    /// `\A x \in S : P` and the other quantifiers; every bound has a set or none has.
    Quantified(Quantifier, Vec<Bound>, Expr),
    /// `CHOOSE x \in S : P`, `CHOOSE <<a, b>> \in S : P`, `CHOOSE x : P`.
    Choose(Bound, Expr),
    /// `IF c THEN a ELSE b`.
    If(Expr, Expr, Expr),
    /// `CASE p -> e [] … [] OTHER -> g`.
    Case(Vec<(Expr, Expr)>, Option<Expr>),
    /// `LET … IN e`; definitions, RECURSIVE and named instances only.
    Let(Vec<Unit>, Expr),
    /// `name(x, y) :: e`.
    Label(Name, Vec<Name>, Expr),
}

/// The two sets that need no module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PredefinedSet {
    /// `{TRUE, FALSE}`.
    Boolean,
    /// All strings.
    String,
}

/// One `![i].a = e` of EXCEPT.
#[derive(Clone, PartialEq, Debug)]
pub struct ExceptUpdate {
    /// The path, at least one step.
    pub path: Vec<ExceptStep>,
    /// The new value.
    pub value: Expr,
    /// From `!` to the end of the value.
    pub span: Span,
}

/// One step of an EXCEPT path.
#[derive(Clone, PartialEq, Debug)]
pub enum ExceptStep {
    /// `[a, b]`.
    Index(Vec<Expr>),
    /// `.f`.
    Field(Name),
}
