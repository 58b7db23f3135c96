//! The store alone, whatever it keeps.

use super::layout::Layout;
use super::store::{Batch, Block, Keeping, Offer, Store};

fn square(id: u32) -> Vec<u32> {
    vec![id % 97, id / 97, id]
}

#[test]
fn rows_survive_widening_growth_and_reclaiming() {
    let mut store = Store::new(Layout::new(vec![0; 3], 3), 3);
    let mut blocks = vec![Block::default(); 3];
    let mut packed = Vec::new();
    for id in 0..5000u32 {
        let row = square(id);
        let at = id as usize % 3;
        loop {
            match store.offer(&row, &mut blocks[at], &mut packed) {
                Offer::New(_) => break,
                Offer::Seen => panic!("row {id} was never offered"),
                Offer::TooWide => {
                    store.reclaim(std::mem::take(&mut blocks));
                    store.widen(&|slot| row[slot] + 1);
                }
                Offer::Full => {
                    store.reclaim(std::mem::take(&mut blocks));
                    if let Some(capacity) = store.capacity_wanted(1) {
                        store.enlarge(capacity);
                        store.reindex(0..store.len());
                    }
                }
            }
            blocks.resize(3, Block::default());
        }
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
