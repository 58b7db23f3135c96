//! The tables of states.

use loom::sync::Arc;
use loom::thread;

use super::keys::{Entered, Keys};
use super::sync::{AtomicU64, Ordering};
use super::table::{Inserted, Table};

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

#[test]
fn a_key_is_entered_once() {
    loom::model(|| {
        let keys = Arc::new(Keys::new(4));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let keys = keys.clone();
                thread::spawn(move || keys.insert(7, || true))
            })
            .collect();
        let mut told = vec![keys.insert(7, || true)];
        told.extend(others.into_iter().map(|other| other.join().expect("no thread panics")));
        assert_eq!(told.iter().filter(|entered| **entered == Entered::New).count(), 1, "{told:?}");
        assert!(!told.contains(&Entered::Full), "{told:?}");
        assert_eq!(keys.insert(7, || false), Entered::Seen);
    });
}

#[test]
fn keys_with_one_home_are_kept_apart_until_their_page_is_full() {
    loom::model(|| {
        // All of these keys begin at the first of two entries.
        let keys = Arc::new(Keys::new(2));
        let other = {
            let keys = keys.clone();
            thread::spawn(move || [keys.insert(1, || true), keys.insert(2, || true)])
        };
        let ours = [keys.insert(2, || true), keys.insert(3, || true)];
        let theirs = other.join().expect("no thread panics");
        let told: Vec<Entered> = ours.into_iter().chain(theirs).collect();
        assert_eq!(told.iter().filter(|entered| **entered == Entered::New).count(), 2, "{told:?}");
        assert!(told.contains(&Entered::Full), "three keys, two entries: {told:?}");
        assert!(keys.crowded());
        let all: Vec<Entered> = [1, 2, 3].into_iter().map(|key| keys.insert(key, || true)).collect();
        assert_eq!(all.iter().filter(|entered| **entered == Entered::Seen).count(), 2, "{all:?}");
    });
}
