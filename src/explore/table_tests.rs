//! The tables alone, on one thread. Beside `table.rs` and `keys.rs`, because `tests/loom` includes these files.

use std::collections::BTreeSet;

use super::keys::{Entered, Keys};
use super::table::{Inserted, Table};

#[test]
fn equal_hashes_with_unequal_keys_are_kept_apart() {
    let table = Table::new(8);
    let keys = [10u32, 20, 30];
    for (index, &key) in keys.iter().enumerate() {
        let same = |at: u64| keys[usize::try_from(at).expect("small")] == key;
        assert_eq!(table.insert(7, same, || Some(index as u64)), Inserted::New(index as u64));
        assert_eq!(table.insert(7, same, || None), Inserted::Seen(index as u64));
    }
    assert_eq!(table.find(7, |at| at == 2), Some(2));
    assert_eq!(table.find(7, |_| false), None);
    assert_eq!(table.insert(7, |_| false, || None), Inserted::NoIndex);
}

#[test]
fn a_moved_row_is_found_at_its_new_index() {
    let mut table = Table::new(8);
    assert_eq!(table.insert(u64::MAX, |_| false, || Some(5)), Inserted::New(5));
    assert_eq!(table.insert(u64::MAX, |_| false, || Some(6)), Inserted::New(6));
    table.replace_index(u64::MAX, 6, 1);
    assert_eq!(table.find(u64::MAX, |at| at == 1), Some(1));
    assert_eq!(table.find(u64::MAX, |at| at == 6), None);
}

fn numbers(len: u64) -> impl Iterator<Item = u64> {
    (1..=len).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[test]
fn keys_stay_while_the_table_grows_from_a_small_page_to_many() {
    let mut keys = Keys::new(8);
    for (count, key) in numbers(1_000_000).enumerate() {
        if count * 4 >= keys.capacity() * 3 {
            keys.enlarge(keys.capacity() * 5 / 4 + 1);
        }
        assert_eq!(keys.insert(key, || true), Entered::New, "{count}");
        if count % 99_991 == 0 {
            assert!(numbers(count as u64 + 1).all(|key| keys.insert(key, || false) == Entered::Seen), "{count}");
            assert!(!keys.crowded());
        }
    }
    assert!(keys.bytes() < 16_000_000, "3/5 full at least: {}", keys.bytes());
    let sorted: BTreeSet<u64> = numbers(1_000_000).collect();
    let least = sorted.iter().zip(sorted.iter().skip(1)).map(|(low, high)| high - low).min();
    assert_eq!(keys.least_distance(), least);
    let taken: BTreeSet<u64> = keys.take(1_000_000).into_iter().collect();
    assert_eq!(taken, sorted);
    assert_eq!(keys.insert(7, || true), Entered::New);
}

#[test]
fn a_page_that_is_full_is_said_to_be_and_makes_the_table_grow() {
    let mut keys = Keys::new(4);
    let all: Vec<u64> = numbers(6).collect();
    assert!(all[..4].iter().all(|key| keys.insert(*key, || true) == Entered::New));
    assert!(!keys.crowded());
    assert_eq!(keys.insert(all[4], || true), Entered::Full);
    assert!(keys.crowded());
    keys.add(all[4]);
    assert!(all[..5].iter().all(|key| keys.insert(*key, || false) == Entered::Seen));
    assert_eq!(keys.insert(all[5], || false), Entered::Full, "nobody gave it a place");
}
