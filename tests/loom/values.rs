//! The interner of values.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

use super::shards::Shards;

/// The number of a text; texts of one length have one hash.
fn number(shards: &Shards<&'static str>, text: &'static str) -> (u32, bool) {
    shards.number(text.len() as u64, |other| *other == text, |_| text)
}

#[test]
fn equal_values_get_one_number() {
    loom::model(|| {
        let shards = Arc::new(Shards::new(2));
        let others: Vec<_> = [["a", "b"], ["b", "a"]]
            .into_iter()
            .map(|texts| {
                let shards = shards.clone();
                thread::spawn(move || texts.map(|text| number(&shards, text)))
            })
            .collect();
        let told: Vec<_> = others.into_iter().map(|other| other.join().expect("no thread panics")).collect();
        let (a, b) = (number(&shards, "a"), number(&shards, "b"));
        assert!(!a.1 && !b.1 && a.0 != b.0, "both are numbered, and they differ");
        assert_eq!((told[0][0].0, told[0][1].0), (a.0, b.0));
        assert_eq!((told[1][1].0, told[1][0].0), (a.0, b.0));
        let made = told.iter().flatten().filter(|(_, new)| *new).count();
        assert_eq!((made, shards.count()), (2, 2), "each is made once");
    });
}

#[test]
fn who_learns_a_number_can_read_its_value() {
    loom::model(|| {
        let (shards, told) = (Arc::new(Shards::new(1)), Arc::new(AtomicU32::new(u32::MAX)));
        let other = {
            let (shards, told) = (shards.clone(), told.clone());
            thread::spawn(move || {
                number(&shards, "b");
                // As a slot of a row tells it: published by the table of states.
                told.store(number(&shards, "a").0, Ordering::Release);
            })
        };
        let learnt = told.load(Ordering::Acquire);
        if learnt != u32::MAX {
            assert_eq!(shards.get(learnt), Some(&"a"));
        }
        // Two threads number values of one hash meanwhile.
        let ours = number(&shards, "c").0;
        assert_eq!(shards.get(ours), Some(&"c"));
        other.join().expect("no thread panics");
        assert_eq!(shards.count(), 3);
    });
}
