//! The store alone, whatever it keeps.

use std::sync::Mutex;

use super::layout::Layout;
use super::store::{Batch, Block, Identity, Keeping, Offer, Store};

fn square(id: u32) -> Vec<u32> {
    vec![id % 97, id / 97, id]
}

/// Offers a row until it finds room, which is made as the engine makes it. `lens` are the lengths of dictionaries.
fn offer(store: &mut Store, blocks: &mut Vec<Block>, lens: &mut Vec<u32>, at: usize, row: &[u32]) -> Offer {
    lens.resize(row.len(), 1);
    lens.iter_mut().zip(row).for_each(|(len, id)| *len = (*len).max(id.saturating_add(1)));
    loop {
        let offer = store.offer(row, &mut blocks[at], &mut Vec::new());
        match offer {
            Offer::New(_) | Offer::Seen => return offer,
            Offer::TooWide => {
                store.reclaim(std::mem::take(blocks));
                if store.widen(&|slot| lens[slot]) {
                    store.reindex(0..store.len());
                }
            }
            Offer::Full => {
                store.reclaim(std::mem::take(blocks));
                if let Some(capacity) = store.capacity_wanted(1)
                    && store.enlarge(capacity)
                {
                    store.reindex(0..store.len());
                }
            }
        }
        blocks.resize(3, Block::default());
    }
}

#[test]
fn rows_survive_widening_growth_and_reclaiming() {
    let mut store = Store::new(Layout::new(vec![0; 3], 3), 3);
    let (mut blocks, mut lens) = (vec![Block::default(); 3], Vec::new());
    for id in 0..5000u32 {
        assert!(
            matches!(offer(&mut store, &mut blocks, &mut lens, id as usize % 3, &square(id)), Offer::New(_)),
            "{id}"
        );
    }
    store.reclaim(blocks);
    assert_eq!(store.len(), 5000);
    let mut seen: Vec<u64> = (0..5000).filter_map(|id| store.find(&square(id))).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..5000).collect::<Vec<u64>>());
    let mut row = Vec::new();
    for index in 0..5000 {
        store.read(index, &mut row);
        assert_eq!(store.find(&row), Some(index));
    }
    assert_eq!(store.find(&square(5000)), None);
}

/// Rows whose last slots have ids beyond 63 bits from some number on.
fn long(id: u32, wide_from: u32) -> Vec<u32> {
    let more = if id < wide_from { 0 } else { id.wrapping_mul(0x9e37_79b1) };
    vec![id % 97, id / 97, id, more, more >> 3]
}

#[test]
fn whatever_is_kept_each_row_is_new_once() {
    // More rows than a chunk of the arena has: the first ones are freed before the layout is widened, twice.
    let rows = 300_000;
    for keeping in [Keeping::Rows, Keeping::Compressed, Keeping::Fingerprints] {
        for wide_from in [u32::MAX, 200_000] {
            let mut store = Store::keeping(keeping, Layout::new(vec![0; 5], 5), 3);
            let (mut blocks, mut lens, mut seen) = (vec![Block::default(); 3], Vec::new(), 0);
            for id in 0..rows {
                let row = long(id, wide_from);
                assert!(
                    matches!(offer(&mut store, &mut blocks, &mut lens, id as usize % 3, &row), Offer::New(_)),
                    "{keeping:?} {id}"
                );
                if id % 7 == 0 {
                    let row = long(id / 2, wide_from);
                    seen += u32::from(offer(&mut store, &mut blocks, &mut lens, 0, &row) == Offer::Seen);
                }
                if id % 50_000 == 49_999 {
                    store.reclaim(std::mem::take(&mut blocks));
                    blocks.resize(3, Block::default());
                    store.release(store.len(), 0);
                }
            }
            assert_eq!(seen, rows.div_ceil(7), "{keeping:?}");
            store.reclaim(blocks);
            assert_eq!(store.len(), u64::from(rows));
            let mut blocks = vec![Block::default(); 3];
            for id in 0..rows {
                let row = long(id, wide_from);
                assert_eq!(
                    offer(&mut store, &mut blocks, &mut lens, 0, &row),
                    Offer::Seen,
                    "{keeping:?} {wide_from} {id}"
                );
            }
            let known = match (keeping, wide_from) {
                (Keeping::Rows, _) => store.identity() == Identity::Row,
                (Keeping::Compressed, u32::MAX) => store.identity() == Identity::Word,
                (Keeping::Compressed, _) => store.identity() == Identity::Code,
                _ => matches!(store.identity(), Identity::Hash { .. }),
            };
            assert!(known, "{keeping:?}: {:?}", store.identity());
        }
    }
}

/// Three threads offer all rows in batches, each in an order of its own; gives how many were new.
fn offer_all(store: &Store, rows: u32, blocks: &Mutex<Vec<Block>>) -> usize {
    let new = Mutex::new(0);
    std::thread::scope(|scope| {
        for offset in 0..3u32 {
            let new = &new;
            scope.spawn(move || {
                let (mut block, mut batch, mut offers) = (Block::default(), Batch::default(), Vec::new());
                let mut ids = (0..rows).map(|id| (id + offset * rows / 3) % rows).peekable();
                while let Some(id) = ids.next() {
                    assert!(store.prepare(&long(id, 0), &mut batch), "wide enough");
                    if batch.len() < 100 && ids.peek().is_some() {
                        continue;
                    }
                    store.offer_batch(&batch, &mut block, &mut offers);
                    let added = offers.iter().filter(|offer| matches!(offer, (_, Offer::New(_)))).count();
                    *new.lock().expect("no thread panics") += added;
                    batch.clear();
                }
                blocks.lock().expect("no thread panics").push(block);
            });
        }
    });
    new.into_inner().expect("no thread panics")
}

#[test]
fn concurrent_offers_store_each_row_once_whatever_is_kept() {
    let rows = 6000;
    for keeping in [Keeping::Rows, Keeping::Compressed, Keeping::Fingerprints] {
        let mut store = Store::keeping(keeping, Layout::new(vec![7, 13, 19, 32, 29], 5), 5);
        let (mut new, mut last) = (0, usize::MAX);
        while last > 0 || new < rows as usize {
            let blocks = Mutex::default();
            last = offer_all(&store, rows, &blocks);
            new += last;
            store.reclaim(blocks.into_inner().expect("no thread panics"));
            assert_eq!(store.len(), new as u64, "{keeping:?}");
            if let Some(capacity) = store.capacity_wanted(100)
                && store.enlarge(capacity)
            {
                store.reindex(0..store.len());
            }
        }
        assert_eq!(new, rows as usize, "{keeping:?}");
    }
}

#[test]
fn concurrent_offers_of_the_same_rows_store_each_once() {
    let store = Store::new(Layout::new(vec![7, 13, 13], 3), 14);
    let fresh = std::sync::Mutex::new((0, Vec::new()));
    std::thread::scope(|scope| {
        for offset in 0..4u32 {
            let (store, fresh) = (&store, &fresh);
            scope.spawn(move || {
                let (mut block, mut packed, mut new) = (Block::default(), Vec::new(), 0);
                for id in (0..4000).map(|id| (id + offset * 1000) % 4000) {
                    if let Offer::New(_) = store.offer(&square(id), &mut block, &mut packed) {
                        new += 1;
                    }
                }
                let mut fresh = fresh.lock().expect("no thread panics");
                fresh.0 += new;
                fresh.1.push(block);
            });
        }
    });
    let (new, blocks) = fresh.into_inner().expect("no thread panics");
    let mut store = store;
    store.reclaim(blocks);
    assert_eq!((new, store.len()), (4000, 4000));
    let mut row = Vec::new();
    for index in 0..4000 {
        store.read(index, &mut row);
        assert_eq!(store.find(&row), Some(index));
    }
}

#[test]
fn a_view_decides_identity_alone() {
    let store = Store::new(Layout::new(vec![4, 4], 1), 4);
    let (mut block, mut packed) = (Block::default(), Vec::new());
    assert_eq!(store.offer(&[3, 1], &mut block, &mut packed), Offer::New(0));
    assert_eq!(store.offer(&[3, 2], &mut block, &mut packed), Offer::Seen);
    let mut row = Vec::new();
    store.read(0, &mut row);
    assert_eq!(row, [3, 1]);
}
