//! Finding the stored rows that a stored row leads to: only what a step changes is packed.

use super::index::Index;
use super::store::Store;

/// A stored row from which others are looked for.
#[derive(Default)]
pub struct Near {
    packed: Vec<u64>,
    changed: Vec<u64>,
}

impl Store {
    /// Takes the row at an index to look for others near it.
    pub(super) fn approach(&self, index: u64, near: &mut Near) {
        near.packed.resize(self.layout.words(), 0);
        if matches!(self.index, Index::Rows(_)) {
            self.arena.copy(index, &mut near.packed);
        }
    }

    /// Index of the stored row with the key of the row approached after these changes, slots with ids.
    pub(super) fn find_near(&self, near: &mut Near, changes: impl Iterator<Item = (u32, u32)>) -> Option<u64> {
        let Index::Rows(table) = &self.index else { return None };
        let packed = &mut near.changed;
        packed.clone_from(&near.packed);
        // With a view, the other slots may hold what no stored row has.
        for (slot, id) in changes.filter(|(slot, _)| (*slot as usize) < self.layout.key_slots()) {
            self.layout.replace(packed, slot, id)?;
        }
        table.find(self.hash_packed(packed), |index| self.layout.same_key(packed, self.arena.words(index)))
    }
}
