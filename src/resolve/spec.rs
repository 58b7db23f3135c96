//! The resolved specification: every name bound to an id, every INSTANCE substituted, every override
//! and constant of the config applied, every level known.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use crate::diagnostic::Span;

/// Strings, field names and model values of one run, numbered by first appearance: TLC orders them so
/// (config first, then identifiers of the root module and of the modules it needs in loading order,
/// then string literals).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Symbol(pub u32);

/// The table behind [`Symbol`].
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    texts: Vec<String>,
    ids: HashMap<String, Symbol>,
}

impl Symbols {
    /// The symbol of a text; a new one comes after all others.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.ids.get(text) {
            return *symbol;
        }
        let symbol = Symbol(self.texts.len() as u32);
        self.texts.push(text.to_owned());
        self.ids.insert(text.to_owned(), symbol);
        symbol
    }

    /// The text of a symbol of this table.
    pub fn text(&self, symbol: Symbol) -> &str {
        &self.texts[symbol.0 as usize]
    }

    /// All texts in symbol order.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// A declared variable of the root module, by declaration order (EXTENDed modules first).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct VariableId(pub u32);

/// A declared constant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ConstantId(pub u32);

/// A defined operator (a copy of it for every INSTANCE).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct OperatorId(pub u32);

/// A bound variable, parameter or LET definition: unique in the whole spec (each binder its own).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct LocalId(pub u32);

/// Levels of TLA+ expressions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Level {
    /// The same in every state.
    #[default]
    Constant,
    /// Depends on one state.
    State,
    /// Depends on a step.
    Action,
    /// Depends on a behaviour.
    Temporal,
}

/// A whole specification with its model.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// Name of the root module.
    pub root: String,
    /// Strings, field names, model values in order.
    pub symbols: Symbols,
    /// Constants by id.
    pub constants: Vec<Constant>,
    /// Variables by id.
    pub variables: Vec<Variable>,
    /// Operators by id.
    pub operators: Vec<Operator>,
    /// Locals by id.
    pub locals: Vec<Local>,
    /// ASSUMEs and AXIOMs of the root module and of every module it extends or instantiates, in TLC's order.
    pub assumptions: Vec<Assumption>,
    /// What the config asks for.
    pub checks: Checks,
    /// Operators of the root module by name (what config names and `ALIAS` expressions refer to).
    pub root_operators: HashMap<String, OperatorId>,
}

impl Spec {
    /// A definition without parameters, applied.
    pub fn call(&self, id: OperatorId) -> Expr {
        let operator = &self.operators[id.0 as usize];
        Expr { kind: Box::new(ExprKind::Call(id, Vec::new())), span: operator.span, level: operator.level }
    }
}

/// A CONSTANT and what the config made of it.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its name (of an instance: `I!C` cannot happen, those are substituted).
    pub name: String,
    /// Its number of arguments.
    pub arity: usize,
    /// Its declaration.
    pub span: Span,
    /// Its value.
    pub binding: ConstantBinding,
}

/// What a constant stands for.
#[derive(Clone, PartialEq, Debug)]
pub enum ConstantBinding {
    /// Nothing: only when no config is needed (`tlaloc parse`).
    Unbound,
    /// `C = v`.
    Value(ConfigValue),
    /// `C <- Op`: arity agrees.
    Operator(OperatorId),
    /// `C(v, w) = u`: one entry a line.
    Table(Vec<(Vec<ConfigValue>, ConfigValue)>),
}

/// A value written in a config.
#[derive(Clone, PartialEq, Debug)]
pub enum ConfigValue {
    /// A number.
    Int(i64),
    /// TRUE or FALSE.
    Bool(bool),
    /// A string.
    String(Symbol),
    /// A model value.
    Model(Symbol),
    /// `{…}` in the order written.
    Set(Vec<ConfigValue>),
}

/// A VARIABLE.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its declaration.
    pub span: Span,
}

/// A bound variable, parameter or LET definition.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name.
    pub name: String,
    /// Where it is bound.
    pub span: Span,
}

/// A formal parameter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Parameter {
    /// Its id.
    pub local: LocalId,
    /// 0 for an expression, else the number of arguments of the operator expected.
    pub arity: usize,
}

/// A defined operator.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Its name as a user would write it from the root module: `Op`, `I!Op`, `+`.
    pub name: String,
    /// Its own name, without instance prefixes.
    pub short_name: String,
    /// The module whose text defines it.
    pub module: String,
    /// True if that module is one of ours (`crate::modules`), so that a native version may stand in.
    pub built_in_module: bool,
    /// Its parameters: those of enclosing parameterised instances first.
    pub parameters: Vec<Parameter>,
    /// What it stands for.
    pub body: OperatorBody,
    /// Its level when all arguments are constants.
    pub level: Level,
    /// True if it was declared RECURSIVE.
    pub recursive: bool,
    /// Its whole definition.
    pub span: Span,
}

/// What an operator stands for.
#[derive(Clone, Debug)]
pub enum OperatorBody {
    /// An expression over the parameters.
    Expr(Expr),
    /// `Op = v` in the config (arity 0).
    Value(ConfigValue),
    /// `Op(v, w) = u` in the config.
    Table(Vec<(Vec<ConfigValue>, ConfigValue)>),
    /// `Op <- Other` in the config.
    Alias(OperatorId),
}

/// An ASSUME or AXIOM.
#[derive(Clone, Debug)]
pub struct Assumption {
    /// `ASSUME Name == …`.
    pub name: Option<String>,
    /// The formula.
    pub body: Expr,
    /// The whole unit.
    pub span: Span,
}

/// A definition that the config names.
#[derive(Clone, Debug)]
pub struct Named {
    /// As written in the config.
    pub name: String,
    /// The definition (arity 0).
    pub operator: OperatorId,
    /// Where the config names it.
    pub span: Span,
}

/// What the config asks to be checked.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// INIT.
    pub init: Option<Named>,
    /// NEXT.
    pub next: Option<Named>,
    /// SPECIFICATION.
    pub specification: Option<Named>,
    /// INVARIANT(S), in order.
    pub invariants: Vec<Named>,
    /// PROPERTY / PROPERTIES, in order.
    pub properties: Vec<Named>,
    /// CONSTRAINT(S).
    pub constraints: Vec<Named>,
    /// ACTION_CONSTRAINT(S).
    pub action_constraints: Vec<Named>,
    /// VIEW.
    pub view: Option<Named>,
    /// SYMMETRY.
    pub symmetry: Option<Named>,
    /// ALIAS.
    pub alias: Option<Named>,
    /// POSTCONDITION(S).
    pub postconditions: Vec<Named>,
    /// CHECK_DEADLOCK; `None` if the config does not say.
    pub check_deadlock: Option<bool>,
}

/// A resolved expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Where it is written (for a substituted expression: where the substitute is written).
    pub span: Span,
    /// Its level, parameters counting as constants, bound variables as their sets, LET definitions as their
    /// bodies.
    pub level: Level,
}

/// What an expression says, not where: its span is left out.
impl Hash for Expr {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.kind.hash(hasher);
        self.level.hash(hasher);
    }
}

/// An argument of an operator.
#[derive(Clone, Hash, Debug)]
pub enum Argument {
    /// An expression.
    Expr(Expr),
    /// An operator of the arity the parameter asks for.
    Operator(OperatorRef),
}

/// An operator given as an argument.
#[derive(Clone, Hash, Debug)]
pub enum OperatorRef {
    /// A definition.
    Defined(OperatorId),
    /// A definition of a parameterised instance or LET with its leading arguments already given.
    Partial(OperatorId, Vec<Argument>),
    /// An operator parameter or LET operator in scope.
    Local(LocalId),
    /// A CONSTANT operator.
    Constant(ConstantId),
    /// A built-in prefix or postfix operator.
    Unary(UnaryOp),
    /// A built-in infix operator.
    Binary(BinaryOp),
    /// `LAMBDA x : e`.
    Lambda(Vec<Parameter>, Expr),
}

/// Built-in operators of one operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// `~`.
    Not,
    /// `SUBSET`.
    PowerSet,
    /// `UNION`.
    Union,
    /// `DOMAIN`.
    Domain,
    /// `'`.
    Prime,
    /// `ENABLED`.
    Enabled,
    /// `UNCHANGED`.
    Unchanged,
    /// `[]`.
    Always,
    /// `<>`.
    Eventually,
}

/// Built-in operators of two operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    /// `/\`.
    And,
    /// `\/`.
    Or,
    /// `=>`.
    Implies,
    /// `<=>`.
    Equivalent,
    /// `=`.
    Equal,
    /// `#`.
    NotEqual,
    /// `\in`.
    In,
    /// `\notin`.
    NotIn,
    /// `\subseteq`.
    SubsetEq,
    /// `\cup`.
    Cup,
    /// `\cap`.
    Cap,
    /// `\`.
    Difference,
    /// `~>`.
    LeadsTo,
    /// `-+->`.
    Guarantees,
    /// `\cdot`.
    Compose,
}

/// What a bound introduces.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Binder {
    /// Each ranges over the set.
    Each(Vec<LocalId>),
    /// Together they are the components of one element.
    Tuple(Vec<LocalId>),
}

/// `x, y \in S` or `<<a, b>> \in S`.
#[derive(Clone, Hash, Debug)]
pub struct Bound {
    /// What is bound.
    pub binder: Binder,
    /// The set it ranges over.
    pub set: Expr,
}

/// A LET definition.
#[derive(Clone, Hash, Debug)]
pub struct LetDefinition {
    /// What it is called by ([`ExprKind::Local`] without parameters, else [`ExprKind::CallLocal`]).
    pub local: LocalId,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// Its body.
    pub body: Expr,
    /// True if it may call itself or a later definition of the same LET.
    pub recursive: bool,
}

/// One step of an EXCEPT path.
#[derive(Clone, Hash, Debug)]
pub enum PathStep {
    /// `[e]`, and `[a, b]` as a tuple.
    Index(Expr),
    /// `.f`.
    Field(Symbol),
}

/// `!path = value`.
#[derive(Clone, Debug)]
pub struct Update {
    /// At least one step.
    pub path: Vec<PathStep>,
    /// `@` in `value`.
    pub at: LocalId,
    /// The new value.
    pub value: Expr,
    /// The whole update.
    pub span: Span,
}

/// What an update says, not where: its span is left out.
impl Hash for Update {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (&self.path, self.at, &self.value).hash(hasher);
    }
}

/// Begins the [`ExprKind::Label`] of an expression that stands for a variable of an instantiated module; the number
/// of the instance and the name of the variable follow.
pub const SUBSTITUTED: &str = "<-";

/// Begins the [`ExprKind::Label`] of the action of a fairness condition in an instantiated module; the number of
/// the instance follows.
pub const ENABLED_IN: &str = "ENABLED ";

/// The forms of resolved expressions.
#[derive(Clone, Hash, Debug)]
pub enum ExprKind {
    /// TRUE, FALSE.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    String(Symbol),
    /// A decimal: parses, but has no value.
    Decimal(String),
    /// BOOLEAN.
    BooleanSet,
    /// STRING.
    StringSet,
    /// A bound variable, parameter or LET constant.
    Local(LocalId),
    /// A state variable.
    Variable(VariableId),
    /// A constant of arity 0.
    Constant(ConstantId),
    /// A definition applied.
    Call(OperatorId, Vec<Argument>),
    /// An operator parameter or LET operator applied.
    CallLocal(LocalId, Vec<Argument>),
    /// A CONSTANT operator applied.
    CallConstant(ConstantId, Vec<Argument>),
    /// A built-in applied to one operand.
    Unary(UnaryOp, Expr),
    /// A built-in applied to two operands.
    Binary(BinaryOp, Expr, Expr),
    /// A bulleted list.
    And(Vec<Expr>),
    /// A bulleted list.
    Or(Vec<Expr>),
    /// `A \X B \X C`.
    Product(Vec<Expr>),
    /// `f[e]`; several arguments come as one tuple.
    Apply(Expr, Expr),
    /// `r.f`.
    Field(Expr, Symbol),
    /// `<<a, b>>`.
    Tuple(Vec<Expr>),
    /// `{a, b}`.
    SetEnumeration(Vec<Expr>),
    /// `{x \in S : P}`.
    SetFilter(Bound, Expr),
    /// `{e : x \in S}`.
    SetMap(Expr, Vec<Bound>),
    /// `[x \in S |-> e]`; `recursive` is the function's own name inside `e` (`f[x \in S] == e`).
    Function {
        /// The function itself, inside its body.
        recursive: Option<LocalId>,
        /// Its domain.
        bounds: Vec<Bound>,
        /// Its value.
        body: Expr,
    },
    /// `[S -> T]`.
    FunctionSet(Expr, Expr),
    /// `[a |-> 1]`, fields in the order written.
    Record(Vec<(Symbol, Expr)>),
    /// `[a : S]`, fields in the order written.
    RecordSet(Vec<(Symbol, Expr)>),
    /// `[f EXCEPT …]`.
    Except(Expr, Vec<Update>),
    /// `[A]_v`: action, subscript.
    SquareAction(Expr, Expr),
    /// `<<A>>_v`: action, subscript.
    AngleAction(Expr, Expr),
    /// `WF_v(A)`: subscript, action.
    WeakFairness(Expr, Expr),
    /// `SF_v(A)`: subscript, action.
    StrongFairness(Expr, Expr),
    /// `\A x \in S : P`.
    Forall(Vec<Bound>, Expr),
    /// `\E x \in S : P`.
    Exists(Vec<Bound>, Expr),
    /// `\A x : P`, `\E x : P`: have no value.
    Unbounded(Vec<LocalId>, Expr),
    /// `\AA x : F`, `\EE x : F`.
    TemporalQuantifier(Vec<LocalId>, Expr),
    /// `CHOOSE x \in S : P`.
    Choose(Bound, Expr),
    /// `CHOOSE x : P`: has no value unless the config overrides it.
    ChooseUnbounded(Binder, Expr),
    /// `IF`.
    If(Expr, Expr, Expr),
    /// `CASE`.
    Case(Vec<(Expr, Expr)>, Option<Expr>),
    /// `LET`.
    Let(Vec<LetDefinition>, Expr),
    /// `name :: e`.
    Label(String, Expr),
}
