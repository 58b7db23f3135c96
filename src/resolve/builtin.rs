//! Operators that need no definition, and where the well-known others are defined.

use super::spec::{BinaryOp, Level, UnaryOp};

/// A built-in prefix or postfix operator.
pub(super) fn unary(symbol: &str) -> Option<UnaryOp> {
    Some(match symbol {
        "~" | "\\lnot" | "\\neg" => UnaryOp::Not,
        "SUBSET" => UnaryOp::PowerSet,
        "UNION" => UnaryOp::Union,
        "DOMAIN" => UnaryOp::Domain,
        "'" => UnaryOp::Prime,
        "ENABLED" => UnaryOp::Enabled,
        "UNCHANGED" => UnaryOp::Unchanged,
        "[]" => UnaryOp::Always,
        "<>" => UnaryOp::Eventually,
        _ => return None,
    })
}

/// A built-in infix operator.
pub(super) fn binary(symbol: &str) -> Option<BinaryOp> {
    Some(match symbol {
        "/\\" | "\\land" => BinaryOp::And,
        "\\/" | "\\lor" => BinaryOp::Or,
        "=>" => BinaryOp::Implies,
        "<=>" | "\\equiv" => BinaryOp::Equivalent,
        "=" => BinaryOp::Equal,
        "#" | "/=" => BinaryOp::NotEqual,
        "\\in" => BinaryOp::In,
        "\\notin" => BinaryOp::NotIn,
        "\\subseteq" => BinaryOp::SubsetEq,
        "\\cup" | "\\union" => BinaryOp::Cup,
        "\\cap" | "\\intersect" => BinaryOp::Cap,
        "\\" => BinaryOp::Difference,
        "~>" => BinaryOp::LeadsTo,
        "-+->" => BinaryOp::Guarantees,
        "\\cdot" => BinaryOp::Compose,
        _ => return None,
    })
}

/// How an operator treats levels.
#[derive(Clone, Copy)]
pub(super) struct LevelRule {
    /// Operands may have at most this level.
    pub(super) operand_max: Level,
    /// The level of the result; `None`: that of the operands.
    pub(super) result: Option<Level>,
    /// Equals may not be substituted for equals in its operands.
    pub(super) non_leibniz: bool,
}

impl LevelRule {
    const fn of(operand_max: Level, result: Option<Level>, non_leibniz: bool) -> Self {
        LevelRule { operand_max, result, non_leibniz }
    }
}

/// Levels of a built-in of one operand.
pub(super) fn unary_rule(op: UnaryOp) -> LevelRule {
    match op {
        UnaryOp::Not => LevelRule::of(Level::Temporal, None, false),
        UnaryOp::PowerSet | UnaryOp::Union | UnaryOp::Domain => LevelRule::of(Level::Action, None, false),
        UnaryOp::Prime | UnaryOp::Unchanged => LevelRule::of(Level::State, Some(Level::Action), true),
        UnaryOp::Enabled => LevelRule::of(Level::Action, Some(Level::State), true),
        UnaryOp::Always | UnaryOp::Eventually => LevelRule::of(Level::Temporal, Some(Level::Temporal), true),
    }
}

/// Levels of a built-in of two operands.
pub(super) fn binary_rule(op: BinaryOp) -> LevelRule {
    match op {
        BinaryOp::And | BinaryOp::Or | BinaryOp::Implies | BinaryOp::Equivalent => {
            LevelRule::of(Level::Temporal, None, false)
        }
        BinaryOp::LeadsTo | BinaryOp::Guarantees => LevelRule::of(Level::Temporal, Some(Level::Temporal), true),
        BinaryOp::Compose => LevelRule::of(Level::Action, Some(Level::Action), true),
        _ => LevelRule::of(Level::Action, None, false),
    }
}

/// True for names that no module may define (4202).
pub(super) fn reserved(name: &str) -> bool {
    unary(name).is_some() || binary(name).is_some() || matches!(name, "\\X" | "\\times" | ".")
}

/// The standard module that a user most likely wants for an unknown name.
pub(super) fn defining_module(name: &str) -> Option<&'static str> {
    Some(match name {
        "+" | "-" | "*" | "^" | "<" | ">" | "\\leq" | "\\geq" | "<=" | ">=" | "=<" | ".." | "%" | "\\div" | "-."
        | "Nat" | "Int" => "Integers",
        "/" | "Real" | "Infinity" => "Reals",
        "Seq" | "Len" | "Append" | "Head" | "Tail" | "SubSeq" | "SelectSeq" | "\\o" | "\\circ" => "Sequences",
        "Cardinality" | "IsFiniteSet" => "FiniteSets",
        ":>" | "@@" | "Print" | "PrintT" | "Assert" | "TLCGet" | "TLCSet" | "Permutations" | "SortSeq"
        | "RandomElement" | "ToString" | "TLCEval" | "Any" | "JavaTime" => "TLC",
        "(+)" | "(-)" | "\\oplus" | "\\ominus" | "\\sqsubseteq" | "IsABag" | "BagToSet" | "SetToBag" | "BagIn"
        | "EmptyBag" | "CopiesIn" | "BagUnion" | "BagCardinality" | "SubBag" | "BagOfAll" => "Bags",
        "RandomSubset" | "RandomSetOfSubsets" | "RandomSubsetSet" => "Randomization",
        "SetToSeq" | "Range" | "Reverse" | "FoldSeq" | "FoldLeft" | "FoldRight" | "Remove" | "ReplaceAll"
        | "Contains" | "IsPrefix" | "IsSuffix" | "SetToSeqs" | "SelectInSeq" | "RemoveAt" | "InsertAt"
        | "ReplaceAt" | "Cons" | "Front" | "Last" | "ToSet" | "Zip" | "SetToSortSeq" => "SequencesExt",
        "FoldSet" | "SumSet" | "Max" | "Min" | "kSubset" | "Quantify" | "Choose" | "ChooseUnique" | "SymDiff"
        | "MapThenSumSet" | "ProductSet" => "FiniteSetsExt",
        "FoldFunction" | "FoldFunctionOnSet" | "Restrict" | "RestrictDomain" | "RestrictValues" | "Inverse"
        | "AntiFunction" | "IsInjective" | "Injection" | "Surjection" | "Bijection" => "Functions",
        "ToJson" | "JsonSerialize" | "JsonDeserialize" | "ndJsonSerialize" | "ndJsonDeserialize" | "ToJsonObject"
        | "ToJsonArray" => "Json",
        "IOExec" | "IOEnv" | "IOSerialize" | "IODeserialize" | "atoi" | "zeroPadN" => "IOUtils",
        _ => return None,
    })
}
