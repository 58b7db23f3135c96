//! The texts of the modules that come with the program.

/// Name and text, sorted by name.
static TEXTS: &[(&str, &str)] = &[
    ("Bags", include_str!("tla/Bags.tla")),
    ("BagsExt", include_str!("tla/BagsExt.tla")),
    ("BagsTheorems", include_str!("tla/BagsTheorems.tla")),
    ("Bitwise", include_str!("tla/Bitwise.tla")),
    ("CSV", include_str!("tla/CSV.tla")),
    ("Combinatorics", include_str!("tla/Combinatorics.tla")),
    ("DyadicRationals", include_str!("tla/DyadicRationals.tla")),
    ("FiniteSetTheorems", include_str!("tla/FiniteSetTheorems.tla")),
    ("FiniteSets", include_str!("tla/FiniteSets.tla")),
    ("FiniteSetsExt", include_str!("tla/FiniteSetsExt.tla")),
    ("FiniteSetsExtTheorems", include_str!("tla/FiniteSetsExtTheorems.tla")),
    ("Folds", include_str!("tla/Folds.tla")),
    ("FoldsTheorems", include_str!("tla/FoldsTheorems.tla")),
    ("FunctionTheorems", include_str!("tla/FunctionTheorems.tla")),
    ("Functions", include_str!("tla/Functions.tla")),
    ("Graphs", include_str!("tla/Graphs.tla")),
    ("IOUtils", include_str!("tla/IOUtils.tla")),
    ("Integers", include_str!("tla/Integers.tla")),
    ("Json", include_str!("tla/Json.tla")),
    ("Naturals", include_str!("tla/Naturals.tla")),
    ("NaturalsInduction", include_str!("tla/NaturalsInduction.tla")),
    ("Randomization", include_str!("tla/Randomization.tla")),
    ("RealTime", include_str!("tla/RealTime.tla")),
    ("Reals", include_str!("tla/Reals.tla")),
    ("Relation", include_str!("tla/Relation.tla")),
    ("SVG", include_str!("tla/SVG.tla")),
    ("SequenceTheorems", include_str!("tla/SequenceTheorems.tla")),
    ("Sequences", include_str!("tla/Sequences.tla")),
    ("SequencesExt", include_str!("tla/SequencesExt.tla")),
    ("SequencesExtTheorems", include_str!("tla/SequencesExtTheorems.tla")),
    ("SequencesTheorems", include_str!("tla/SequencesTheorems.tla")),
    ("ShiViz", include_str!("tla/ShiViz.tla")),
    ("Statistics", include_str!("tla/Statistics.tla")),
    ("TLAPS", include_str!("tla/TLAPS.tla")),
    ("TLC", include_str!("tla/TLC.tla")),
    ("TLCExt", include_str!("tla/TLCExt.tla")),
    ("Toolbox", include_str!("tla/Toolbox.tla")),
    ("UndirectedGraphs", include_str!("tla/UndirectedGraphs.tla")),
    ("VectorClocks", include_str!("tla/VectorClocks.tla")),
    ("WellFoundedInduction", include_str!("tla/WellFoundedInduction.tla")),
];

/// The text of a module that comes with the program.
pub fn source(name: &str) -> Option<&'static str> {
    let place = TEXTS.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    Some(TEXTS[place].1)
}

/// The names of all modules that come with the program, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, _)| *name)
}
