//! Random cases that are the same on every run.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::{RngSeed, TestRunner};

/// A runner of so many cases, or as many as `PROPTEST_CASES` says; how many they are.
///
/// They are the same on every run, for what a test asserts of all of them together is not left to chance;
/// `PROPTEST_RNG_SEED` gives others.
pub(crate) fn runner(cases: u32) -> (TestRunner, u32) {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    config.cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(cases);
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0);
    }
    let cases = config.cases;
    (TestRunner::new(config), cases)
}
