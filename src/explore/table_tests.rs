//! The table alone, on one thread. Beside `table.rs`, because `tests/loom` includes that file.

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
