//! Where found rows go: a store shared with other workers, or one a worker has to itself.

use crate::model::Model;

use super::progress::Signals;
use super::store::{Batch, Block, Image, Offer, Store};

/// Access to the store.
pub(super) trait Intake {
    /// Rows may be offered some time after they were found, many at once.
    const BATCHED: bool;

    /// Stores a row unless it is there.
    fn offer(&mut self, row: &[u32]) -> Offer;

    /// The same for the row that some changes make of one with this image.
    fn offer_changed(&mut self, image: &Image, changes: &[(u32, u32)], row: &[u32]) -> Offer;

    /// The same for each row of a batch; tells what became of those that were not seen before.
    fn offer_batch(&mut self, batch: &Batch, offers: &mut Vec<(u32, Offer)>);

    /// The store.
    fn store(&self) -> &Store;
}

/// A store shared with other workers: rows without room must wait for a quiet point.
pub(super) struct SharedIntake<'a> {
    store: &'a Store,
    block: Block,
    packed: Vec<u64>,
}

impl<'a> SharedIntake<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, block: Block::default(), packed: Vec::new() }
    }

    /// What was claimed and not used.
    pub(super) fn close(self) -> Block {
        self.block
    }
}

impl Intake for SharedIntake<'_> {
    const BATCHED: bool = true;

    fn offer(&mut self, row: &[u32]) -> Offer {
        self.store.offer(row, &mut self.block, &mut self.packed)
    }

    fn offer_changed(&mut self, _: &Image, _: &[(u32, u32)], row: &[u32]) -> Offer {
        self.offer(row)
    }

    fn offer_batch(&mut self, batch: &Batch, offers: &mut Vec<(u32, Offer)>) {
        self.store.offer_batch(batch, &mut self.block, offers);
    }

    #[inline]
    fn store(&self) -> &Store {
        self.store
    }
}

/// A store nobody else uses: it makes room at once, so rows are stored in the order they are found.
pub(super) struct SoleIntake<'a, M> {
    store: &'a mut Store,
    model: &'a M,
    signals: &'a Signals,
    block: Block,
    packed: Vec<u64>,
    changed: Image,
}

impl<'a, M: Model> SoleIntake<'a, M> {
    pub(super) fn new(store: &'a mut Store, model: &'a M, signals: &'a Signals) -> Self {
        Self { store, model, signals, block: Block::default(), packed: Vec::new(), changed: Image::default() }
    }

    /// Gives back what was claimed and not used.
    pub(super) fn close(self) {
        self.store.reclaim([self.block]);
    }

    /// False if memory is at its limit.
    fn enlarge(&mut self) -> bool {
        if let Some(capacity) = self.store.capacity_wanted(1) {
            if self.signals.check_limits(0, self.store.bytes_with_capacity(capacity)) {
                return false;
            }
            if self.store.enlarge(capacity) {
                self.store.reindex(0..self.store.len());
            }
        }
        true
    }
}

impl<M: Model> Intake for SoleIntake<'_, M> {
    const BATCHED: bool = false;

    fn offer(&mut self, row: &[u32]) -> Offer {
        loop {
            let offer = self.store.offer(row, &mut self.block, &mut self.packed);
            if matches!(offer, Offer::New(_) | Offer::Seen) {
                return offer;
            }
            self.store.reclaim([std::mem::take(&mut self.block)]);
            let model = self.model;
            match offer {
                Offer::TooWide => {
                    if self.store.widen(&|slot| model.slot_len(slot)) {
                        self.store.reindex(0..self.store.len());
                    }
                }
                _ if self.enlarge() => {}
                _ => return offer,
            }
        }
    }

    fn offer_changed(&mut self, image: &Image, changes: &[(u32, u32)], row: &[u32]) -> Offer {
        if self.store.changed(image, changes, &mut self.changed) {
            let offer = self.store.offer_image(&self.changed, &mut self.block);
            if matches!(offer, Offer::New(_) | Offer::Seen) {
                return offer;
            }
        }
        self.offer(row)
    }

    fn offer_batch(&mut self, batch: &Batch, offers: &mut Vec<(u32, Offer)>) {
        offers.clear();
        let mut row = Vec::new();
        for at in 0..batch.len() {
            self.store.read_batch(batch, at, &mut row);
            let offer = self.offer(&row);
            if offer != Offer::Seen {
                offers.push((at as u32, offer));
            }
        }
    }

    #[inline]
    fn store(&self) -> &Store {
        self.store
    }
}
