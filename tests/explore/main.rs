//! The exploration engine on toy graphs.

mod graph;
mod naive;

mod laws;
mod toys;

use graph::{Graph, GraphModel};
use naive::Summary;
use tlaloc::explore::{Keeping, Options, Outcome, explore};

/// Options that make every rare path common: a tiny table, no patience with deferred rows, no
/// level too small for all workers.
fn cramped(workers: usize) -> Options {
    Options { workers, table_bits: 3, deferred_max: 2, solo_rows: 0, ..Options::default() }
}

/// Every way to keep states, without rows that are not needed.
const KEEPING: [Keeping; 3] = [Keeping::Rows, Keeping::Compressed, Keeping::Fingerprints];

fn keeping(keeping: Keeping, workers: usize) -> Options {
    Options { keeping, kept_bytes: 0, ..cramped(workers) }
}

fn run(graph: &Graph, options: &Options) -> (GraphModel, Outcome<u32>) {
    let model = GraphModel::new(graph.clone());
    let outcome = explore(&model, options);
    (model, outcome)
}

fn summary(graph: &Graph, options: &Options) -> Summary {
    let (model, outcome) = run(graph, options);
    Summary::of(&model, &outcome)
}
