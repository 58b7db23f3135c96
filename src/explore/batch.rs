//! Rows that wait to be offered together, so that their cache misses overlap.
//!
//! A successor is made of its source's words by masks ([`super::deltas`]), and most are not even added: those that
//! are the source itself, and those that were added lately. Neighbours in a level have successors in
//! common (two steps that do not touch each other, in either order), so a small direct-mapped cache of rows knows
//! many of those that are not new. It compares rows, not hashes; all its rows are stored or wait. Whether a row is to
//! be added is hard to foresee, so it is written in any case, and stays if it counts.

use super::arena::Block;
use super::deltas::Deltas;
use super::index::{Index, finish, hash_words, key_of, key_of_hash};
use super::keys::Keys;
use super::store::{Image, Offer, Store};
use super::table::Table;

/// Offers made at once.
const OFFERS: usize = 64;
/// Log2 of the rows remembered, if they are of one or two words. Two-phase commit with 8 managers takes 6 % longer with
/// 2^10, as long with 2^14.
const RECENT_BITS: u32 = 12;

/// Rows packed and hashed, to be offered together.
#[derive(Default, Debug)]
pub struct Batch {
    len: usize,
    /// With room for one more.
    hashes: Vec<u64>,
    packed: Vec<u64>,
    /// Rows added lately, at the places that their hashes say; of zeroes where there is none. The row of zeroes is
    /// never known.
    recent: Vec<u64>,
    deltas: Deltas,
    /// Words of a row and widenings of the store, for which the last two are.
    layout: Layout,
}

/// Words of a row, and widenings of the store.
type Layout = (usize, u32);

/// Log2 of the rows remembered, of so many words: 64 KiB of them.
#[inline(always)]
fn recent_bits(words: usize) -> u32 {
    RECENT_BITS - words.div_ceil(2).next_power_of_two().ilog2().min(RECENT_BITS)
}

/// Where a row of so many words with this hash is remembered.
#[inline(always)]
fn place(words: usize, hash: u64) -> usize {
    (hash >> 1 >> (63 - recent_bits(words))) as usize
}

impl Batch {
    /// Rows in it.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets the rows that wait.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes room for one more row.
    fn make_room(&mut self, words: usize) {
        if self.len >= self.hashes.len() {
            let rows = (2 * self.len).max(OFFERS + 1);
            self.hashes.resize(rows, 0);
            self.packed.resize(rows * words, 0);
        }
    }

    /// Adds the row that changes with a known number make of `source`, unless there is no need to; gives its hash.
    #[inline(always)]
    fn add_known<const WORDS: usize>(&mut self, source: &[u64], number: u32) -> Option<u64> {
        let from: &[u64; WORDS] = source.first_chunk()?;
        let row = self.deltas.apply(number, from)?;
        let hash = hash_words(&row);
        let recent: &mut [u64; WORDS] = self.recent.get_mut(place(WORDS, hash) * WORDS..)?.first_chunk_mut()?;
        let forgotten = (*recent != row) | (row == [0; WORDS]);
        *self.hashes.get_mut(self.len)? = hash;
        *self.packed.get_mut(self.len * WORDS..)?.first_chunk_mut()? = row;
        *recent = row;
        self.len += usize::from(forgotten & (row != *from));
        Some(hash)
    }
}

impl Store {
    /// Prepares a batch for one more row of the present layout.
    fn open(&self, batch: &mut Batch) {
        let layout = (self.layout.words(), self.widenings);
        batch.make_room(layout.0);
        if batch.layout == layout {
            return;
        }
        let words = layout.0;
        batch.layout = layout;
        batch.deltas.reset(words);
        batch.packed.resize(batch.hashes.len() * words, 0);
        batch.recent.clear();
        batch.recent.resize(words << recent_bits(words), 0);
    }

    /// Adds the row that some changes make of `source` to a batch, unless it is `source` itself or was added lately;
    /// gives its hash. None if an id does not fit its slot's bits, or the store was widened since `source` was made.
    #[inline(always)]
    #[must_use]
    pub fn prepare_changed(
        &self,
        source: &Image,
        changes: &[(u32, u32)],
        number: Option<u32>,
        batch: &mut Batch,
    ) -> Option<u64> {
        let number = number.unwrap_or(u32::MAX);
        let known = match batch.layout {
            layout if layout != (self.layout.words(), self.widenings) => None,
            (1, _) => batch.add_known::<1>(&source.packed, number),
            (2, _) => batch.add_known::<2>(&source.packed, number),
            _ => None,
        };
        if known.is_some() { known } else { self.prepare_anew(source, changes, number, batch) }
    }

    /// Does so where changes are not known by their number, or not yet, and for rows of many words.
    #[inline(never)]
    fn prepare_anew(&self, source: &Image, changes: &[(u32, u32)], number: u32, batch: &mut Batch) -> Option<u64> {
        self.open(batch);
        let words = self.layout.words();
        let row = &mut batch.packed[batch.len * words..][..words];
        row.copy_from_slice(&source.packed);
        let sum = self.change(source, changes, row)?;
        let hash = if self.sums() { finish(sum) } else { self.hash_packed(row) };
        if !self.sums()
            && self.layout.key_slots() == self.layout.slots()
            && let Some((kept, set)) = batch.deltas.masks_mut(number)
        {
            self.layout.masks(changes, kept, set);
        }
        let place = place(words, hash);
        let recent = &mut batch.recent[place * words..][..words];
        batch.hashes[batch.len] = hash;
        let forgotten = *row != *recent || row.iter().all(|word| *word == 0);
        batch.len += usize::from(forgotten && *row != *source.packed);
        recent.copy_from_slice(row);
        Some(hash)
    }

    /// Takes back the row with this hash that was made of `source` and added last.
    pub fn take_back(&self, source: &Image, hash: u64, batch: &mut Batch) {
        batch.len -= 1;
        // The source is known, so it may stand anywhere.
        let words = source.packed.len();
        let place = place(words, hash);
        batch.recent[place * words..][..words].copy_from_slice(&source.packed);
    }

    /// Adds a row to a batch; false, and nothing is added, if an id does not fit its slot's bits.
    #[must_use]
    pub fn prepare(&self, row: &[u32], batch: &mut Batch) -> bool {
        self.open(batch);
        let words = self.layout.words();
        let packed = &mut batch.packed[batch.len * words..][..words];
        let fits = self.layout.pack(row, packed);
        batch.hashes[batch.len] = self.hash_packed(packed);
        batch.len += usize::from(fits);
        fits
    }

    /// Offers the rows of a batch, which was prepared since the last widening, in their order, and tells
    /// what became of those that were not seen before, by their places in the batch.
    ///
    /// First all table entries are loaded, then those looked for and the rows they point to, then the
    /// others are offered: the loads of a pass are independent, so the processor has many misses under way at once, as
    /// with explicit prefetching but without intrinsics.
    pub fn offer_batch(&self, batch: &Batch, block: &mut Block, offers: &mut Vec<(u32, Offer)>) {
        offers.clear();
        let words = self.layout.words();
        let (hashes, packed) = (&batch.hashes[..batch.len], &batch.packed[..batch.len * words]);
        let chunks = hashes.chunks(OFFERS).zip(packed.chunks(OFFERS * words));
        for (number, (hashes, packed)) in chunks.enumerate() {
            let first = (number * OFFERS) as u32;
            let mut keys = [0; OFFERS];
            let places = keys.iter_mut();
            let table = match &self.index {
                Index::Rows(table) => {
                    match words {
                        1 => self.offer_rows(1, table, hashes, packed, block, first, offers),
                        2 => self.offer_rows(2, table, hashes, packed, block, first, offers),
                        _ => self.offer_rows(words, table, hashes, packed, block, first, offers),
                    }
                    continue;
                }
                Index::Words(table) => {
                    places.zip(packed).for_each(|(key, word)| *key = key_of(*word));
                    table
                }
                Index::Hashes(table) => {
                    places.zip(hashes).for_each(|(key, hash)| *key = key_of_hash(*hash));
                    table
                }
                Index::Codes(table, parts) => {
                    // No key is 0: it stands for a row whose parts have no room.
                    places
                        .zip(packed.chunks_exact(words))
                        .for_each(|(key, row)| *key = parts.code(row).map_or(0, key_of));
                    table
                }
            };
            self.offer_keys(table, &keys[..hashes.len()], packed.chunks_exact(words), block, first, offers);
        }
    }

    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "a part of a batch, and where it goes")]
    fn offer_rows(
        &self,
        words: usize,
        table: &Table,
        hashes: &[u64],
        packed: &[u64],
        block: &mut Block,
        first: u32,
        offers: &mut Vec<(u32, Offer)>,
    ) {
        std::hint::black_box(hashes.iter().map(|&hash| table.touch(hash)).fold(0, u64::wrapping_add));
        let mut glances = [None; OFFERS];
        glances.iter_mut().zip(hashes).for_each(|(glance, &hash)| *glance = table.glance(hash));
        let mut seen = 0u64;
        if self.layout.key_slots() == self.layout.slots() {
            for (at, (glance, row)) in glances.iter().zip(packed.chunks_exact(words)).enumerate() {
                let Some(index) = glance else { continue };
                let stored = self.arena.words(*index);
                let differing = (0..words).fold(0, |bits, at| bits | (row[at] ^ stored(at)));
                seen |= u64::from(differing == 0) << at;
            }
        }
        for (at, (&hash, row)) in hashes.iter().zip(packed.chunks_exact(words)).enumerate() {
            if seen >> at & 1 == 0 {
                match self.offer_packed(hash, row, block) {
                    Offer::Seen => {}
                    offer => offers.push((first + at as u32, offer)),
                }
            }
        }
    }

    fn offer_keys<'p>(
        &self,
        keys: &Keys,
        all: &[u64],
        rows: impl Iterator<Item = &'p [u64]>,
        block: &mut Block,
        first: u32,
        offers: &mut Vec<(u32, Offer)>,
    ) {
        std::hint::black_box(all.iter().map(|&key| keys.glance(key)).fold(0, u64::wrapping_add));
        for (at, (&key, row)) in (first..).zip(all.iter().zip(rows)) {
            let offer = if key == 0 { Offer::Full } else { self.offer_key(keys, key, row, block) };
            if offer != Offer::Seen {
                offers.push((at, offer));
            }
        }
    }

    /// Reads a row of a batch, which was prepared since the last widening.
    pub fn read_batch(&self, batch: &Batch, at: usize, row: &mut Vec<u32>) {
        let packed = &batch.packed[at * self.layout.words()..];
        self.layout.unpack(|word| packed[word], row);
    }

    /// The slots in which a row of a batch, which was prepared since the last widening, differs from a stored one.
    pub fn batch_changes(&self, batch: &Batch, at: usize, from: u64, changes: &mut Vec<(u32, u32)>) {
        let packed = &batch.packed[at * self.layout.words()..];
        changes.clear();
        self.layout.differences(self.arena.words(from), packed, changes);
    }
}
