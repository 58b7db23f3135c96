//! Printing and parsing are inverse.

mod syntax;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use syntax::{expression, file, shape};
use tlaloc::diagnostic::Span;
use tlaloc::syntax::operators::{OPERATORS, Operator};
use tlaloc::syntax::print;
use tlaloc::syntax::tree::*;

fn named(text: &str) -> Name {
    Name { text: text.to_owned(), span: Span::NONE }
}

fn expr(kind: ExprKind) -> Expr {
    Expr { kind: Box::new(kind), span: Span::NONE }
}

fn name() -> impl Strategy<Value = Name> + Clone {
    prop::sample::select(vec!["x", "y", "Op", "_a", "1b", "IFx", "WF", "x_1", "ℕ"]).prop_map(named)
}

fn operator(fixity: Fixity) -> impl Strategy<Value = Name> {
    let rows: Vec<&'static Operator> =
        OPERATORS.iter().filter(|o| o.fixity == fixity && o.canonical != "\\X").collect();
    prop::sample::select(rows).prop_map(|o| named(o.canonical))
}

fn step(selector: Selector, arguments: Vec<Expr>) -> PathStep {
    PathStep { selector, arguments, span: Span::NONE }
}

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        4 => name().prop_map(|n| ExprKind::Path(vec![step(Selector::Name(n.text), vec![])])),
        1 => prop::sample::select(vec!["0", "7", "123456789012345678901"]).prop_map(|n| ExprKind::Number(n.to_owned())),
        1 => Just(ExprKind::Decimal("1".to_owned(), "05".to_owned())),
        1 => "[ -~\n\té]{0,6}".prop_map(ExprKind::String),
        1 => any::<bool>().prop_map(ExprKind::Boolean),
        1 => Just(ExprKind::PredefinedSet(PredefinedSet::Boolean)),
        1 => Just(ExprKind::PredefinedSet(PredefinedSet::String)),
        1 => Just(ExprKind::Tuple(vec![])),
        1 => Just(ExprKind::SetEnumeration(vec![])),
    ]
    .prop_map(expr)
}

fn junction() -> impl Strategy<Value = Junction> {
    prop_oneof![Just(Junction::And), Just(Junction::Or)]
}

fn bound(set: impl Strategy<Value = Expr>) -> impl Strategy<Value = Bound> {
    let pattern = prop_oneof![vec(name(), 1..3).prop_map(Pattern::Names), vec(name(), 1..3).prop_map(Pattern::Tuple)];
    (pattern, set).prop_map(|(pattern, set)| Bound { pattern, set: Some(set) })
}

/// A bound of one name or one tuple.
fn single(set: impl Strategy<Value = Expr>) -> impl Strategy<Value = Bound> {
    let pattern = prop_oneof![name().prop_map(|n| Pattern::Names(vec![n])), vec(name(), 1..3).prop_map(Pattern::Tuple)];
    (pattern, set).prop_map(|(pattern, set)| Bound { pattern, set: Some(set) })
}

fn parameter() -> impl Strategy<Value = OperatorDeclaration> {
    let nonfix =
        (name(), 0usize..3).prop_map(|(name, arity)| OperatorDeclaration { name, arity, fixity: Fixity::Nonfix });
    let symbol = |fixity, arity| operator(fixity).prop_map(move |name| OperatorDeclaration { name, arity, fixity });
    prop_oneof![
        4 => nonfix,
        1 => symbol(Fixity::Infix, 2),
        1 => symbol(Fixity::Prefix, 1),
        1 => symbol(Fixity::Postfix, 1),
    ]
}

fn argument(e: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = Expr> {
    let bare = prop_oneof![operator(Fixity::Infix), operator(Fixity::Postfix), operator(Fixity::Prefix)]
        .prop_map(|n| expr(ExprKind::Path(vec![step(Selector::Name(n.text), vec![])])));
    let lambda = (vec(parameter(), 1..3), e.clone()).prop_map(|(p, e)| expr(ExprKind::Lambda(p, e)));
    prop_oneof![4 => e, 1 => bare, 1 => lambda]
}

fn path(e: impl Strategy<Value = Expr> + Clone) -> impl Strategy<Value = ExprKind> {
    let selector = prop_oneof![
        name().prop_map(|n| Selector::Name(n.text)),
        operator(Fixity::Infix).prop_map(|n| Selector::Name(n.text)),
        (0u32..40).prop_map(Selector::Index),
        Just(Selector::First),
        Just(Selector::Second),
        Just(Selector::At),
        Just(Selector::Whole),
    ];
    let selected = (selector, vec(argument(e.clone()), 0..3)).prop_map(|(s, a)| step(s, a));
    let applied = vec(argument(e.clone()), 1..3).prop_map(|a| step(Selector::Arguments, a));
    let rest = vec(prop_oneof![3 => selected, 1 => applied], 0..3);
    (name(), vec(argument(e), 0..3), rest).prop_map(|(first, arguments, rest)| {
        let mut steps = vec![step(Selector::Name(first.text), arguments)];
        steps.extend(rest);
        ExprKind::Path(steps)
    })
}

/// Distinct fields.
fn fields(e: impl Strategy<Value = Expr>) -> impl Strategy<Value = Vec<(Name, Expr)>> {
    vec((name(), e), 1..4).prop_map(|mut fields| {
        let mut seen = std::collections::HashSet::new();
        fields.retain(|(n, _)| seen.insert(n.text.clone()));
        fields
    })
}

fn brackets(e: BoxedStrategy<Expr>) -> impl Strategy<Value = ExprKind> {
    let b = || bound(e.clone());
    let step = prop_oneof![vec(e.clone(), 1..3).prop_map(ExceptStep::Index), name().prop_map(ExceptStep::Field)];
    let at = prop_oneof![3 => e.clone(), 1 => Just(expr(ExprKind::At))];
    let update = (vec(step, 1..3), at).prop_map(|(path, value)| ExceptUpdate { path, value, span: Span::NONE });
    prop_oneof![
        vec(e.clone(), 0..3).prop_map(ExprKind::Tuple),
        vec(e.clone(), 0..3).prop_map(ExprKind::SetEnumeration),
        (single(e.clone()), e.clone()).prop_map(|(b, e)| ExprKind::SetFilter(b, e)),
        (e.clone(), vec(b(), 1..3)).prop_map(|(e, b)| ExprKind::SetMap(e, b)),
        (vec(b(), 1..3), e.clone()).prop_map(|(b, e)| ExprKind::Function(b, e)),
        (e.clone(), e.clone()).prop_map(|(s, t)| ExprKind::FunctionSet(s, t)),
        fields(e.clone()).prop_map(ExprKind::Record),
        fields(e.clone()).prop_map(ExprKind::RecordSet),
        (e.clone(), vec(update, 1..3)).prop_map(|(f, u)| ExprKind::Except(f, u)),
        (e.clone(), e.clone()).prop_map(|(a, v)| ExprKind::SquareAction(a, v)),
        (e.clone(), e.clone()).prop_map(|(a, v)| ExprKind::AngleAction(a, v)),
        (e.clone(), e.clone()).prop_map(|(v, a)| ExprKind::WeakFairness(v, a)),
        (e.clone(), e.clone()).prop_map(|(v, a)| ExprKind::StrongFairness(v, a)),
        path(e.clone()),
    ]
}

fn operations(e: BoxedStrategy<Expr>) -> impl Strategy<Value = ExprKind> {
    prop_oneof![
        2 => (operator(Fixity::Prefix), e.clone()).prop_map(|(o, e)| ExprKind::Prefix(o, e)),
        6 => (operator(Fixity::Infix), e.clone(), e.clone()).prop_map(|(o, l, r)| ExprKind::Infix(o, l, r)),
        2 => (operator(Fixity::Postfix), e.clone()).prop_map(|(o, e)| ExprKind::Postfix(o, e)),
        1 => vec(e.clone(), 2..4).prop_map(ExprKind::Product),
        4 => (junction(), vec(e.clone(), 1..4)).prop_map(|(j, e)| ExprKind::JunctionList(j, e)),
        1 => (e.clone(), vec(e.clone(), 1..3)).prop_map(|(f, a)| ExprKind::Apply(f, a)),
        1 => (e, name()).prop_map(|(r, f)| ExprKind::Field(r, f)),
    ]
}

fn binders(e: BoxedStrategy<Expr>) -> impl Strategy<Value = ExprKind> {
    let quantifier = prop::sample::select(vec![
        Quantifier::Forall,
        Quantifier::Exists,
        Quantifier::TemporalForall,
        Quantifier::TemporalExists,
    ]);
    let unbounded = vec(name(), 1..3).prop_map(|n| vec![Bound { pattern: Pattern::Names(n), set: None }]);
    let bounds = prop_oneof![3 => vec(bound(e.clone()), 1..3), 1 => unbounded];
    let free = name().prop_map(|n| Bound { pattern: Pattern::Names(vec![n]), set: None });
    let arms = vec((e.clone(), e.clone()), 1..3);
    prop_oneof![
        (quantifier, bounds, e.clone()).prop_map(|(q, b, e)| ExprKind::Quantified(q, b, e)),
        (prop_oneof![3 => single(e.clone()), 1 => free], e.clone()).prop_map(|(b, e)| ExprKind::Choose(b, e)),
        (e.clone(), e.clone(), e.clone()).prop_map(|(c, a, b)| ExprKind::If(c, a, b)),
        (arms, option::of(e.clone())).prop_map(|(a, o)| ExprKind::Case(a, o)),
        (vec(local(e.clone()), 1..4), e.clone()).prop_map(|(u, e)| ExprKind::Let(u, e)),
        (name(), vec(name(), 0..3), e).prop_map(|(n, p, e)| ExprKind::Label(n, p, e)),
    ]
}

fn definition(e: BoxedStrategy<Expr>) -> impl Strategy<Value = Definition> {
    let plain = |n: Name| OperatorDeclaration { name: n, arity: 0, fixity: Fixity::Nonfix };
    let nonfix = (name(), vec(parameter(), 0..3)).prop_map(|(n, p)| (n, Fixity::Nonfix, DefinitionHead::Operator(p)));
    let function =
        (name(), vec(bound(e.clone()), 1..3)).prop_map(|(n, b)| (n, Fixity::Nonfix, DefinitionHead::Function(b)));
    let infix = (operator(Fixity::Infix), name(), name()).prop_filter_map("= is no head", move |(o, a, b)| {
        (o.text != "=").then(|| (o, Fixity::Infix, DefinitionHead::Operator(vec![plain(a), plain(b)])))
    });
    let prefix = name().prop_map(move |a| (named("-."), Fixity::Prefix, DefinitionHead::Operator(vec![plain(a)])));
    let postfix = (operator(Fixity::Postfix), name())
        .prop_map(move |(o, a)| (o, Fixity::Postfix, DefinitionHead::Operator(vec![plain(a)])));
    let head = prop_oneof![4 => nonfix, 1 => function, 1 => infix, 1 => prefix, 1 => postfix];
    (head, e).prop_map(|((name, fixity, head), body)| Definition {
        local: false,
        name,
        fixity,
        head,
        body,
        span: Span::NONE,
    })
}

fn instance(e: BoxedStrategy<Expr>) -> impl Strategy<Value = InstanceUnit> {
    // An operator on the right of `<-` would take the next definition for its operand.
    let value =
        prop_oneof![3 => e.clone(), 1 => (vec(parameter(), 1..3), e).prop_map(|(p, e)| expr(ExprKind::Lambda(p, e)))];
    let replaced = prop_oneof![3 => name(), 1 => operator(Fixity::Infix), 1 => operator(Fixity::Postfix)];
    (name(), vec(parameter(), 0..3), name(), vec((replaced, value), 0..3)).prop_map(
        |(name, parameters, module, substitutions)| InstanceUnit {
            local: false,
            name: Some(name),
            parameters,
            module,
            substitutions,
            span: Span::NONE,
        },
    )
}

fn local(e: BoxedStrategy<Expr>) -> impl Strategy<Value = Unit> {
    prop_oneof![
        4 => definition(e.clone()).prop_map(Unit::Definition),
        1 => instance(e).prop_map(Unit::Instance),
        1 => vec(parameter(), 1..3).prop_map(Unit::Recursive),
    ]
}

fn any_expr() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(5, 40, 4, |e| {
        let e = e.boxed();
        prop_oneof![operations(e.clone()), brackets(e.clone()), binders(e)].prop_map(expr)
    })
}

fn unit(e: BoxedStrategy<Expr>) -> impl Strategy<Value = Unit> {
    prop_oneof![
        1 => vec(parameter(), 1..3).prop_map(Unit::Constants),
        1 => vec(name(), 1..3).prop_map(Unit::Variables),
        1 => vec(parameter(), 1..3).prop_map(Unit::Recursive),
        4 => (definition(e.clone()), any::<bool>()).prop_map(|(d, local)| Unit::Definition(Definition { local, ..d })),
        1 => (instance(e.clone()), any::<bool>(), any::<bool>()).prop_map(|(i, local, anonymous)| {
            let name = i.name.filter(|_| !anonymous);
            let parameters = if anonymous { Vec::new() } else { i.parameters };
            Unit::Instance(InstanceUnit { local, name, parameters, ..i })
        }),
        1 => (option::of(name()), e.clone()).prop_map(|(name, body)| Unit::Assume { name, body, span: Span::NONE }),
        1 => (option::of(name()), option::of(e)).prop_map(|(name, formula)| {
            let statement = formula.map_or(Statement::AssumeProve(Span::NONE), Statement::Formula);
            Unit::Theorem { name, statement, span: Span::NONE }
        }),
        1 => Just(Unit::Separator(Span::NONE)),
        1 => Just(Unit::UseOrHide(Span::NONE)),
    ]
}

fn any_module() -> impl Strategy<Value = Module> {
    let flat = (name(), vec(name(), 0..3), vec(unit(any_expr().boxed()), 0..5))
        .prop_map(|(name, extends, units)| Module { name, extends, units, span: Span::NONE })
        .boxed();
    (flat.clone(), option::of(flat)).prop_map(|(mut outer, inner)| {
        outer.units.extend(inner.map(Unit::Module));
        outer
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn parse_after_print_is_identity(tree in any_expr()) {
        let text = print::expression(&tree);
        let (parsed, diagnostics) = expression(&text);
        prop_assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
        let parsed = parsed.expect("a tree without diagnostics");
        prop_assert_eq!(shape(&parsed), shape(&tree), "{}", text);
    }

    #[test]
    fn parse_after_print_is_identity_for_modules(tree in any_module()) {
        let text = print::module(&tree);
        let (parsed, diagnostics) = file(&text);
        prop_assert!(diagnostics.is_empty(), "{diagnostics:?}\n{text}");
        let parsed = parsed.expect("a tree without diagnostics");
        prop_assert_eq!(shape(&parsed.modules[0]), shape(&tree), "{}", text);
    }
}

#[test]
fn lists_are_bulleted() {
    let text = "/\\ a\n/\\ \\/ b\n   \\/ c /\\ d\n/\\ (e \\/ f) /\\ g";
    let (tree, diagnostics) = expression(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!(print::expression(&tree.expect("a tree")), text);
}

#[test]
fn parentheses_stand_only_where_needed() {
    for text in [
        "~x \\in S",
        "(~x) \\in S",
        "-a * b",
        "(-a) * b",
        "a - (b - c)",
        "[](P => Q)",
        "[]<>P => Q",
        "(A \\X B) \\X C",
        "A \\X B \\X C",
        "f[x].g'",
        "(a + b)[1]",
        "- -3",
        "{(x \\in S) : y \\in T}",
        "{x \\in S : y \\in T}",
        "F( + , LAMBDA x : x)",
    ] {
        let (tree, diagnostics) = expression(text);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        assert_eq!(print::expression(&tree.expect("a tree")), text);
    }
}
