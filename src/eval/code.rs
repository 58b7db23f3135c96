//! What the evaluator walks: expressions with every local numbered within its frame.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::inline::Inlined;
use crate::diagnostic::Span;
use crate::modules::Native;
use crate::resolve::spec::{Expr, Level, LocalId, OperatorId, Symbol, VariableId};
use crate::value::Value;

/// A lowered expression.
pub(crate) struct Code {
    /// What it is.
    pub kind: Kind,
    /// Where it is written.
    pub span: Span,
    /// Its level (locals count as constants).
    pub level: Level,
}

impl Code {
    /// `S` of `SUBSET S`.
    pub(super) fn power_set_of(&self) -> Option<&Code> {
        match &self.kind {
            Kind::PowerSet(of) => Some(of),
            Kind::Once(inner, _) => inner.power_set_of(),
            _ => None,
        }
    }
}

/// A body with a frame of its own: slots 0.. hold captured locals, then parameters, then what the body binds.
pub(crate) struct Unit {
    /// Slots of the frame.
    pub frame: usize,
    /// The body.
    pub body: Code,
}

/// A body that is lowered when it is first needed, in a frame of its own.
pub(crate) struct LazyUnit {
    /// What it evaluates.
    pub expr: Expr,
    /// What it takes from the surrounding frame, in slot order.
    pub captures: Vec<Capture>,
    /// What it takes from its caller, after the captures.
    pub parameters: Vec<UnitParameter>,
    /// The function itself, for recursive functions: the slot after the parameters.
    pub itself: Option<LocalId>,
    /// The lowered body.
    pub unit: OnceCell<Rc<Unit>>,
    /// Whether it has effects or answers that differ from time to time, once that is known.
    pub pure: OnceCell<bool>,
    /// Whether it may be evaluated where it may not be needed, once that is known.
    pub harmless: OnceCell<bool>,
}

/// A parameter of a unit: one local, or a tuple that is taken apart.
#[derive(Clone)]
pub(crate) enum UnitParameter {
    /// One local.
    One(LocalId),
    /// The components of a tuple.
    Tuple(Vec<LocalId>),
}

/// A local taken from the surrounding frame.
pub(crate) struct Capture {
    /// Its slot there.
    pub from: u32,
    /// Which local it is.
    pub local: LocalId,
    /// How to get at it if it is a LET definition that was not evaluated yet.
    pub cell: Option<Rc<LetCell>>,
}

/// A LET definition without parameters: evaluated in place at its first use, or made a thunk when a
/// closure takes it along.
pub(crate) struct LetCell {
    /// The definition in the frame of its LET.
    pub code: Code,
    /// The same with a frame of its own.
    pub lazy: Rc<LazyUnit>,
}

/// A LET operator with parameters: called with the locals it needs from its surroundings.
pub(crate) struct LetOperator {
    /// Its parameters.
    pub parameters: Vec<LocalId>,
    /// Its body.
    pub expr: Expr,
    /// Locals of the surroundings that it needs, in slot order.
    pub free: Vec<LocalId>,
    /// The lowered body.
    pub unit: OnceCell<Rc<Unit>>,
}

/// An argument of a call.
pub(crate) enum ArgumentCode {
    /// Passed as it is: a literal.
    Value(Value),
    /// A local of the caller's frame, passed as it is (a thunk stays one).
    Slot(u32, Option<Rc<LetCell>>),
    /// Cheap and total enough to be tried at once; what fails is put off.
    Eager(Code, Rc<LazyUnit>),
    /// Evaluated when it is needed.
    Lazy(Rc<LazyUnit>),
    /// An operator.
    Operator(OperatorCode),
}

/// An argument of a native operator.
pub(crate) enum NativeArgument {
    /// Evaluated before the call.
    Code(Code),
    /// An operator.
    Operator(OperatorCode),
}

/// An operator given as an argument.
pub(crate) enum OperatorCode {
    /// An operator parameter of the caller.
    Slot(u32),
    /// A body that takes all its arguments from the caller of the operator.
    Unit(Rc<LazyUnit>),
    /// A LET operator with the slots it needs.
    Let(Rc<LetOperator>, Vec<Capture>),
    /// A definition.
    Defined(OperatorId, usize),
    /// A native operator.
    Native(&'static Native),
}

/// One bound variable (or tuple of them) with its set.
pub(crate) struct BoundCode {
    /// The set.
    pub set: Code,
    /// Where elements go.
    pub binder: BinderCode,
    /// What an element of a set variable must fulfil to matter.
    pub guard: Option<Box<Code>>,
    /// True if what is asked of the elements is pure, so that some may be passed over.
    pub tries: bool,
}

/// Where an element of a bound goes.
pub(crate) enum BinderCode {
    /// One slot.
    Slot(u32),
    /// Components of a tuple into these slots.
    Tuple(Vec<u32>),
}

/// One step of an EXCEPT path.
pub(crate) enum PathCode {
    /// `[e]`.
    Index(Code),
    /// `.f`.
    Field(Value),
}

/// One update of EXCEPT.
pub(crate) struct UpdateCode {
    /// At least one step.
    pub path: Vec<PathCode>,
    /// Slot of `@`.
    pub at: u32,
    /// The new value.
    pub value: Code,
    /// True if the new value mentions `@`.
    pub uses_old: bool,
    /// True if the new value is `@ \cup d` or `@ \ d`, and `d` does not mention `@`.
    pub is_delta: bool,
    /// The whole update.
    pub span: Span,
}

/// `x[i].f`, `x'[i]`: a variable and where to go from it.
pub(crate) struct PathRead {
    /// The variable.
    pub variable: VariableId,
    /// Primed.
    pub next: bool,
    /// At least one step.
    pub steps: Vec<PathCode>,
}

/// What enumerating the instances of a universally quantified formula needs.
pub(crate) struct Instances {
    /// Whether the body may be satisfied in several ways, once that is known.
    pub branches: OnceCell<bool>,
    /// Slots of the frame it is in.
    pub frame: Rc<Cell<u32>>,
}

/// Integer operators evaluated in place when both operands are integers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Interval,
}

/// The forms of lowered expressions.
pub(crate) enum Kind {
    Literal(Value),
    /// A slot of the frame.
    Local(u32),
    /// A LET definition in a slot of the frame.
    LetLocal(u32, Rc<LetCell>),
    Variable(VariableId),
    NextVariable(VariableId),
    /// A constant expression: evaluated once.
    Once(Box<Code>, OnceCell<Value>),
    /// A definition without parameters of constant level: evaluated once for all its uses.
    ConstantOperator(OperatorId),
    Call(OperatorId, Vec<ArgumentCode>),
    /// A call whose body stands in its place.
    Inlined(Box<Inlined>),
    CallSlot(u32, Vec<ArgumentCode>),
    CallLet(Rc<LetOperator>, Vec<Capture>, Vec<ArgumentCode>),
    Native(&'static Native, Vec<NativeArgument>),
    Arithmetic(Arithmetic, Box<(Code, Code)>, &'static Native),
    /// A constant operator with a table of values.
    Table(Rc<Vec<(Vec<Value>, Value)>>, String, Vec<Code>),
    Not(Box<Code>),
    And(Vec<Code>),
    Or(Vec<Code>),
    Implies(Box<(Code, Code)>),
    Equivalent(Box<(Code, Code)>),
    Equal(Box<(Code, Code)>),
    NotEqual(Box<(Code, Code)>),
    In(Box<(Code, Code)>),
    NotIn(Box<(Code, Code)>),
    SubsetEq(Box<(Code, Code)>),
    Cup(Box<(Code, Code)>),
    Cap(Box<(Code, Code)>),
    Difference(Box<(Code, Code)>),
    PowerSet(Box<Code>),
    Union(Box<Code>),
    Domain(Box<Code>),
    Prime(Box<Code>),
    Enabled(Box<Code>),
    Unchanged(Box<Code>),
    Product(Vec<Code>),
    Path(Box<PathRead>),
    Apply(Box<(Code, Code)>),
    Field(Box<Code>, Symbol),
    Tuple(Vec<Code>),
    SetEnumeration(Vec<Code>),
    SetFilter(Box<BoundCode>, Box<Code>, Rc<LazyUnit>),
    SetMap(Vec<BoundCode>, Box<Code>),
    /// Bounds, body, the body as a closure; true if the function is recursive.
    Function(Vec<BoundCode>, Box<Code>, Rc<LazyUnit>, bool),
    FunctionSet(Box<(Code, Code)>),
    Record(Vec<(Symbol, Code)>),
    RecordSet(Vec<(Symbol, Code)>),
    Except(Box<Code>, Vec<UpdateCode>),
    /// `[A]_v`.
    Square(Box<(Code, Code)>),
    /// `<<A>>_v`.
    Angle(Box<(Code, Code)>),
    Forall(Vec<BoundCode>, Box<Code>, Instances),
    Exists(Vec<BoundCode>, Box<Code>),
    Choose(Box<BoundCode>, Box<Code>),
    If(Box<(Code, Code, Code)>),
    Case(Vec<(Code, Code)>, Option<Box<Code>>),
    /// Slots to clear, then the body.
    Let(Vec<u32>, Box<Code>),
    /// `A \cdot B`.
    Compose(Box<(Code, Code)>),
    /// Temporal formulas, unbounded quantifiers, what has no value.
    NoValue(String),
}
