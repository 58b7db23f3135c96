//! What workers share under every interleaving, and every order of memory that the language allows.
//!
//! The sources themselves are compiled here, with loom's primitives in the place of the real ones (`sync`): the tables
//! of states, the decision trees, the interner of values.

#[path = "../../src/partition/forest.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "what only other parts of the checker call")]
mod forest;
#[path = "../../src/explore/keys.rs"]
#[allow(dead_code, reason = "what only other parts of the engine call")]
mod keys;
#[path = "../../src/value/shards.rs"]
#[allow(dead_code, reason = "what only other parts of the checker call")]
mod shards;
#[path = "../../src/explore/table.rs"]
#[allow(dead_code, reason = "what only other parts of the engine call")]
mod table;

mod states;
mod sync;
mod trees;
mod values;
