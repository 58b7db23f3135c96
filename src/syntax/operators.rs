//! The one table of operators: spelling, fixity, precedence range and associativity.
//!
//! Every later stage knows an operator by its *canonical* spelling, the first column below; the
//! synonyms (ASCII and Unicode) disappear in the token pass. Precedences are the ranges of
//! *Specifying Systems*, table 6, times ten. Two operators whose ranges overlap may not meet without
//! parentheses, unless they are one left-associative operator.
//!
//! `.` (record field), `[` (application) and `!` (paths) are not operators here: they bind tighter
//! than all of these and the grammar reads them directly. `\X` is n-ary.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::tree::Fixity;

/// Whether `a + b + c` may be written, meaning `(a + b) + c`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Associativity {
    /// Two in a row need parentheses.
    None,
    /// Two in a row group to the left (for `\X`: make one longer product).
    Left,
}

/// One row of the table.
#[derive(PartialEq, Eq, Debug)]
pub struct Operator {
    /// The spelling used in the tree and by all later stages.
    pub canonical: &'static str,
    /// Other spellings.
    pub synonyms: &'static [&'static str],
    /// Infix, prefix or postfix.
    pub fixity: Fixity,
    /// Lower end of the precedence range.
    pub low: u8,
    /// Upper end of the precedence range.
    pub high: u8,
    /// Associativity.
    pub associativity: Associativity,
    /// False for operators of the language itself: a module cannot define them (4202).
    pub definable: bool,
}

const fn row(
    canonical: &'static str,
    synonyms: &'static [&'static str],
    fixity: Fixity,
    (low, high): (u8, u8),
    associativity: Associativity,
    definable: bool,
) -> Operator {
    Operator { canonical, synonyms, fixity, low, high, associativity, definable }
}

/// A definable left-associative infix operator.
const fn left(canonical: &'static str, synonyms: &'static [&'static str], range: (u8, u8)) -> Operator {
    row(canonical, synonyms, Fixity::Infix, range, Associativity::Left, true)
}

/// A definable infix operator without associativity.
const fn alone(canonical: &'static str, synonyms: &'static [&'static str], range: (u8, u8)) -> Operator {
    row(canonical, synonyms, Fixity::Infix, range, Associativity::None, true)
}

/// A built-in infix operator.
const fn built_in(
    canonical: &'static str,
    synonyms: &'static [&'static str],
    range: (u8, u8),
    associativity: Associativity,
) -> Operator {
    row(canonical, synonyms, Fixity::Infix, range, associativity, false)
}

/// A built-in prefix operator.
const fn prefix(canonical: &'static str, synonyms: &'static [&'static str], range: (u8, u8)) -> Operator {
    row(canonical, synonyms, Fixity::Prefix, range, Associativity::None, false)
}

/// A definable postfix operator.
const fn postfix(canonical: &'static str, synonyms: &'static [&'static str]) -> Operator {
    row(canonical, synonyms, Fixity::Postfix, (150, 150), Associativity::None, true)
}

use Associativity::{Left, None as NotAssociative};

/// All operators, tightest first.
pub static OPERATORS: &[Operator] = &[
    row("'", &[], Fixity::Postfix, (150, 150), NotAssociative, false),
    postfix("^+", &["⁺"]),
    postfix("^*", &[]),
    postfix("^#", &[]),
    alone("^", &[], (140, 140)),
    alone("^^", &[], (140, 140)),
    left("*", &[], (130, 130)),
    left("**", &[], (130, 130)),
    left("&", &[], (130, 130)),
    left("&&", &[], (130, 130)),
    left("(.)", &["\\odot", "⊙"], (130, 130)),
    left("(\\X)", &["\\otimes", "⊗"], (130, 130)),
    left("\\star", &["⋆"], (130, 130)),
    left("\\o", &["\\circ", "∘"], (130, 130)),
    left("\\bigcirc", &["◯"], (130, 130)),
    left("\\bullet", &["●"], (130, 130)),
    alone("/", &[], (130, 130)),
    alone("//", &[], (130, 130)),
    alone("\\div", &["÷"], (130, 130)),
    alone("(/)", &["\\oslash", "⊘"], (130, 130)),
    row("-.", &[], Fixity::Prefix, (120, 120), NotAssociative, true),
    left("-", &[], (110, 110)),
    left("--", &[], (110, 110)),
    left("(-)", &["\\ominus", "⊖"], (110, 110)),
    prefix("SUBSET", &[], (100, 130)),
    prefix("UNION", &[], (100, 130)),
    prefix("DOMAIN", &[], (100, 130)),
    built_in("\\X", &["\\times", "×"], (100, 130), Left),
    left("|", &[], (100, 110)),
    left("||", &["‖"], (100, 110)),
    left("%%", &[], (100, 110)),
    alone("%", &[], (100, 110)),
    left("+", &[], (100, 100)),
    left("++", &[], (100, 100)),
    left("(+)", &["\\oplus", "⊕"], (100, 100)),
    alone("\\wr", &["≀"], (90, 140)),
    left("$", &[], (90, 130)),
    left("$$", &[], (90, 130)),
    left("??", &["⁇"], (90, 130)),
    left("##", &[], (90, 130)),
    left("\\uplus", &["⊎"], (90, 130)),
    left("\\sqcap", &["⊓"], (90, 130)),
    left("\\sqcup", &["⊔"], (90, 130)),
    alone("!!", &["‼"], (90, 130)),
    alone("..", &["‥"], (90, 90)),
    alone("...", &["…"], (90, 90)),
    built_in("\\cup", &["\\union", "∪"], (80, 80), Left),
    built_in("\\cap", &["\\intersect", "∩"], (80, 80), Left),
    built_in("\\", &[], (80, 80), NotAssociative),
    alone(":>", &[], (70, 70)),
    alone("<:", &[], (70, 70)),
    left("@@", &[], (60, 60)),
    built_in("\\cdot", &["⋅"], (50, 140), Left),
    built_in("=", &[], (50, 50), NotAssociative),
    built_in("#", &["/=", "≠"], (50, 50), NotAssociative),
    alone("<", &[], (50, 50)),
    alone(">", &[], (50, 50)),
    alone("\\leq", &["<=", "=<", "≤"], (50, 50)),
    alone("\\geq", &[">=", "≥"], (50, 50)),
    built_in("\\in", &["∈"], (50, 50), NotAssociative),
    built_in("\\notin", &["∉"], (50, 50), NotAssociative),
    built_in("\\subseteq", &["⊆"], (50, 50), NotAssociative),
    alone("\\subset", &["⊂"], (50, 50)),
    alone("\\supset", &["⊃"], (50, 50)),
    alone("\\supseteq", &["⊇"], (50, 50)),
    alone("\\prec", &["≺"], (50, 50)),
    alone("\\preceq", &["⪯"], (50, 50)),
    alone("\\succ", &["≻"], (50, 50)),
    alone("\\succeq", &["⪰"], (50, 50)),
    alone("\\sqsubset", &["⊏"], (50, 50)),
    alone("\\sqsubseteq", &["⊑"], (50, 50)),
    alone("\\sqsupset", &["⊐"], (50, 50)),
    alone("\\sqsupseteq", &["⊒"], (50, 50)),
    alone("\\ll", &["≪"], (50, 50)),
    alone("\\gg", &["≫"], (50, 50)),
    alone("\\sim", &["∼"], (50, 50)),
    alone("\\simeq", &["≃"], (50, 50)),
    alone("\\cong", &["≅"], (50, 50)),
    alone("\\approx", &["≈"], (50, 50)),
    alone("\\asymp", &["≍"], (50, 50)),
    alone("\\doteq", &["≐"], (50, 50)),
    alone("\\propto", &["∝"], (50, 50)),
    alone("|-", &["⊢"], (50, 50)),
    alone("|=", &["⊨"], (50, 50)),
    alone("-|", &["⊣"], (50, 50)),
    alone("=|", &["⫤"], (50, 50)),
    alone(":=", &["≔"], (50, 50)),
    alone("::=", &["⩴"], (50, 50)),
    prefix("[]", &["□"], (40, 150)),
    prefix("<>", &["◇"], (40, 150)),
    prefix("ENABLED", &[], (40, 150)),
    prefix("UNCHANGED", &[], (40, 150)),
    prefix("~", &["\\lnot", "\\neg", "¬"], (40, 40)),
    built_in("/\\", &["\\land", "∧"], (30, 30), Left),
    built_in("\\/", &["\\lor", "∨"], (30, 30), Left),
    built_in("<=>", &["\\equiv", "≡", "⇔"], (20, 20), NotAssociative),
    built_in("~>", &["↝"], (20, 20), NotAssociative),
    built_in("-+->", &["⇸"], (20, 20), NotAssociative),
    built_in("=>", &["⇒"], (10, 10), NotAssociative),
];

/// Symbols that are no operators but have several spellings: spelling, canonical spelling.
const PUNCTUATION_SYNONYMS: &[(&str, &str)] = &[
    ("≜", "=="),
    ("⟨", "<<"),
    ("⟩", ">>"),
    ("⟩_", ">>_"),
    ("→", "->"),
    ("←", "<-"),
    ("↦", "|->"),
    ("∷", "::"),
    ("\\forall", "\\A"),
    ("∀", "\\A"),
    ("\\exists", "\\E"),
    ("∃", "\\E"),
];

static CANONICAL: LazyLock<FxHashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let rows = OPERATORS.iter().flat_map(|o| o.synonyms.iter().map(|s| (*s, o.canonical)));
    rows.chain(PUNCTUATION_SYNONYMS.iter().copied()).collect()
});

static BY_NAME: LazyLock<FxHashMap<(&'static str, Fixity), &'static Operator>> =
    LazyLock::new(|| OPERATORS.iter().map(|o| ((o.canonical, o.fixity), o)).collect());

/// The canonical spelling of a symbol that has one; `None` when it is canonical already or no symbol.
pub fn canonical(spelling: &str) -> Option<&'static str> {
    CANONICAL.get(spelling).copied()
}

/// The operator of a canonical spelling and fixity.
pub fn find(canonical: &str, fixity: Fixity) -> Option<&'static Operator> {
    BY_NAME.get(&(canonical, fixity)).copied()
}

/// True if the canonical spelling is an operator of any fixity.
pub fn is_operator(canonical: &str) -> bool {
    [Fixity::Infix, Fixity::Prefix, Fixity::Postfix].iter().any(|f| find(canonical, *f).is_some())
}

/// How two neighbouring operators relate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// The left one binds tighter: it is complete.
    LeftTighter,
    /// The right one binds tighter: it takes the operand between them.
    RightTighter,
    /// Neither: parentheses are needed.
    Conflict,
}

/// Which of two neighbouring operators takes the operand between them.
pub fn order(left: &Operator, right: &Operator) -> Order {
    if left.low > right.high || (left == right && left.associativity == Associativity::Left) {
        Order::LeftTighter
    } else if left.high < right.low {
        Order::RightTighter
    } else {
        Order::Conflict
    }
}
