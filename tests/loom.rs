//! The concurrent hash table under every interleaving, and every order of memory that the language allows.
//!
//! The table's own source is compiled here with loom's atomics in the place of the real ones. Rows are as the arena
//! has them: words written and read relaxed, published by nothing but the table.

#[path = "../src/explore/table.rs"]
#[allow(dead_code, reason = "what only other parts of the engine call")]
mod table;

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
}

use loom::sync::Arc;
use loom::thread;
use sync::{AtomicU64, Ordering};
use table::{Inserted, Table};

/// A table of so many entries, and the rows its indices stand for: 0 if nothing was written.
struct Store {
    table: Table,
    rows: Vec<AtomicU64>,
}

/// All keys begin at the first entry; keys that differ by 16 have one tag.
fn hash(key: u64) -> u64 {
    key % 16
}

impl Store {
    fn new(capacity: usize, rows: usize) -> Arc<Self> {
        Arc::new(Self { table: Table::new(capacity), rows: (0..rows).map(|_| AtomicU64::new(0)).collect() })
    }

    fn row(&self, index: u64) -> u64 {
        let row = self.rows[usize::try_from(index).expect("an index of these rows")].load(Ordering::Relaxed);
        assert_ne!(row, 0, "a row is read after it was written");
        row
    }

    /// Inserts a key with a row at `index`, which nobody else has.
    fn insert(&self, key: u64, index: u64) -> Inserted {
        let place = || {
            self.rows[usize::try_from(index).expect("an index of these rows")].store(key, Ordering::Relaxed);
            Some(index)
        };
        self.table.insert(hash(key), |at| self.row(at) == key, place)
    }

    fn find(&self, key: u64) -> Option<u64> {
        self.table.find(hash(key), |at| self.row(at) == key)
    }
}

/// The index that an insert gave.
fn index(inserted: Inserted) -> u64 {
    match inserted {
        Inserted::New(index) | Inserted::Seen(index) => index,
        Inserted::NoIndex => panic!("there are indices"),
    }
}

#[test]
fn one_key_is_stored_once() {
    loom::model(|| {
        let store = Store::new(4, 3);
        let others: Vec<_> = (0..2)
            .map(|me| {
                let store = store.clone();
                thread::spawn(move || store.insert(1, me))
            })
            .collect();
        let mut told = vec![store.insert(1, 2)];
        told.extend(others.into_iter().map(|other| other.join().expect("no thread panics")));
        let new = told.iter().filter(|inserted| matches!(inserted, Inserted::New(_))).count();
        assert_eq!(new, 1, "{told:?}");
        assert!(told.iter().all(|inserted| index(*inserted) == index(told[0])), "{told:?}");
        assert_eq!(store.find(1), Some(index(told[0])));
    });
}

#[test]
fn colliding_keys_are_kept_apart() {
    loom::model(|| {
        let store = Store::new(4, 4);
        let other = {
            let store = store.clone();
            thread::spawn(move || [store.insert(1, 0), store.insert(17, 1)])
        };
        let ours = [store.insert(17, 2), store.insert(1, 3)];
        let theirs = other.join().expect("no thread panics");
        assert_eq!(index(theirs[0]), index(ours[1]), "key 1");
        assert_eq!(index(theirs[1]), index(ours[0]), "key 17");
        let new = ours.iter().chain(&theirs).filter(|inserted| matches!(inserted, Inserted::New(_))).count();
        assert_eq!(new, 2, "{ours:?} {theirs:?}");
        assert_eq!((store.row(index(ours[0])), store.row(index(ours[1]))), (17, 1));
    });
}

#[test]
fn what_is_found_was_written() {
    loom::model(|| {
        let store = Store::new(4, 2);
        let other = {
            let store = store.clone();
            thread::spawn(move || {
                store.insert(1, 0);
                store.insert(2, 1);
            })
        };
        let glanced = store.table.glance(hash(1)).map(|index| store.row(index));
        assert!(glanced.is_none_or(|key| key == 1));
        // The second key stands behind the first: who finds it can find the first.
        if store.find(2).is_some() {
            assert_eq!(store.find(1), Some(0));
        }
        other.join().expect("no thread panics");
        assert_eq!((store.find(1), store.find(2), store.find(3)), (Some(0), Some(1), None));
    });
}
