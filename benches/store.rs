//! Offers a second to the state store (new rows, seen rows, alone and in batches, one thread and two), and
//! what a whole exploration costs a successor when making it costs next to nothing.

use std::cmp::Ordering;
use std::hint::black_box;
use std::sync::{Mutex, PoisonError};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tlaloc::explore::layout::Layout;
use tlaloc::explore::store::{Batch, Block, Offer, Store};
use tlaloc::explore::{End, Keeping, Options, explore};
use tlaloc::model::{GroupId, Judgement, Model, Progress, Stop, Worker};

const ROWS: u32 = 1 << 20;
/// 20 slots of 3 bits: a row of 60 bits, like a small protocol.
const SLOTS: u32 = 20;
const BITS: u32 = 3;
/// Every row of the benches fits below 5/8 of this table.
const TABLE_BITS: u32 = 21;
/// As the engine has it.
const BATCH_ROWS: usize = 64;

fn empty() -> Store {
    Store::new(Layout::new(vec![3; SLOTS as usize], SLOTS as usize), TABLE_BITS)
}

/// Spreads a number over all slots, as a permutation of 60-bit numbers.
fn write_row(number: u32, row: &mut [u32]) {
    let mut bits = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for id in row {
        *id = u32::try_from(bits & 7).expect("three bits");
        bits >>= BITS;
    }
}

fn offer_all(store: &Store, numbers: impl Iterator<Item = u32>) -> (Block, u64) {
    let (mut block, mut packed, mut new) = (Block::default(), Vec::new(), 0);
    let mut row = [0; SLOTS as usize];
    for number in numbers {
        write_row(number, &mut row);
        new += u64::from(matches!(store.offer(&row, &mut block, &mut packed), Offer::New(_)));
    }
    (block, new)
}

fn offer_in_batches(store: &Store, numbers: impl Iterator<Item = u32>) -> (Block, usize) {
    let (mut block, mut batch, mut offers, mut new) = (Block::default(), Batch::default(), Vec::new(), 0);
    let mut row = [0; SLOTS as usize];
    let mut numbers = numbers.peekable();
    while let Some(number) = numbers.next() {
        write_row(number, &mut row);
        assert!(store.prepare(&row, &mut batch), "three bits fit");
        if batch.len() == BATCH_ROWS || numbers.peek().is_none() {
            store.offer_batch(&batch, &mut block, &mut offers);
            new += offers.iter().filter(|(_, offer)| matches!(offer, Offer::New(_))).count();
            batch.clear();
        }
    }
    (block, new)
}

fn offers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).throughput(Throughput::Elements(ROWS.into()));
    group.bench_function("rows_alone", |bencher| {
        let mut row = [0; SLOTS as usize];
        bencher.iter(|| (0..ROWS).for_each(|number| write_row(number, black_box(&mut row))));
    });
    group.bench_function("new", |bencher| {
        bencher.iter_batched(empty, |store| (offer_all(&store, 0..ROWS), store), BatchSize::PerIteration);
    });
    group.bench_function("seen", |bencher| {
        let store = empty();
        offer_all(&store, 0..ROWS);
        bencher.iter(|| offer_all(&store, (0..ROWS).rev()));
    });
    group.bench_function("new_in_batches", |bencher| {
        bencher.iter_batched(empty, |store| (offer_in_batches(&store, 0..ROWS), store), BatchSize::PerIteration);
    });
    group.bench_function("seen_in_batches", |bencher| {
        let store = empty();
        offer_all(&store, 0..ROWS);
        bencher.iter(|| offer_in_batches(&store, (0..ROWS).rev()));
    });
    group.bench_function("new_by_two_threads", |bencher| {
        bencher.iter_batched(empty, |store| (two_threads(&store), store), BatchSize::PerIteration);
    });
    group.bench_function("reindex", |bencher| {
        let full = || {
            let mut store = empty();
            let (block, _) = offer_all(&store, 0..ROWS);
            store.reclaim([block]);
            store.enlarge(1 << (TABLE_BITS + 1));
            store
        };
        bencher.iter_batched(
            full,
            |store| {
                store.reindex(0..store.len());
                store
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("widen", |bencher| {
        let full = || {
            let mut store = empty();
            let (block, _) = offer_all(&store, 0..ROWS);
            store.reclaim([block]);
            store
        };
        bencher.iter_batched(
            full,
            |mut store| {
                if store.widen(&|_| 9) {
                    store.reindex(0..store.len());
                }
                store
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// The same offers to stores that keep less; rows of 120 bits, which do not fit the table.
fn kept(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keeping");
    group.sample_size(10).throughput(Throughput::Elements(ROWS.into()));
    for (name, keeping) in
        [("rows", Keeping::Rows), ("compressed", Keeping::Compressed), ("fingerprints", Keeping::Fingerprints)]
    {
        for (bits, copies) in [(60, 1), (120, 2)] {
            let slots = copies * SLOTS as usize;
            let empty = || Store::keeping(keeping, Layout::new(vec![3; slots], slots), TABLE_BITS);
            group.bench_function(format!("new_{name}_{bits}_bits"), |bencher| {
                bencher.iter_batched(empty, |store| offer_wide(store, slots), BatchSize::PerIteration);
            });
            group.bench_function(format!("seen_{name}_{bits}_bits"), |bencher| {
                bencher.iter_batched(
                    || offer_wide(empty(), slots),
                    |store| offer_wide(store, slots),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

/// Offers all rows in batches, and makes room between batches. Halves of rows repeat, as those of protocols do.
fn offer_wide(mut store: Store, slots: usize) -> Store {
    let (mut block, mut batch, mut offers) = (Block::default(), Batch::default(), Vec::new());
    let mut row = vec![0; slots];
    for number in 0..ROWS {
        write_row(if slots > SLOTS as usize { number % 1024 } else { number }, &mut row[..SLOTS as usize]);
        if slots > SLOTS as usize {
            write_row(number / 1024, &mut row[SLOTS as usize..]);
        }
        assert!(store.prepare(&row, &mut batch), "three bits fit");
        if batch.len() < BATCH_ROWS {
            continue;
        }
        loop {
            store.offer_batch(&batch, &mut block, &mut offers);
            if !offers.iter().any(|(_, offer)| *offer == Offer::Full) {
                break;
            }
            store.reclaim([std::mem::take(&mut block)]);
            if let Some(capacity) = store.capacity_wanted(BATCH_ROWS as u64)
                && store.enlarge(capacity)
            {
                store.reindex(0..store.len());
            }
        }
        batch.clear();
    }
    store.reclaim([block]);
    store
}

/// Two threads offer interleaved halves.
fn two_threads(store: &Store) -> u64 {
    let total = Mutex::new(0u64);
    std::thread::scope(|scope| {
        for half in 0..2 {
            let total = &total;
            scope.spawn(move || {
                let (_, new) = offer_in_batches(store, (half..ROWS).step_by(2));
                *total.lock().unwrap_or_else(PoisonError::into_inner) += new as u64;
            });
        }
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Counters of three bits that are incremented one at a time.
struct Counters(usize);

impl Model for Counters {
    type Error = ();
    type Worker<'m> = Counting;

    fn slots(&self) -> usize {
        self.0
    }

    fn key_slots(&self) -> usize {
        self.0
    }

    fn slot_len(&self, _: usize) -> u32 {
        8
    }

    fn symmetric(&self) -> bool {
        false
    }

    fn ordered(&self) -> bool {
        false
    }

    fn checks_deadlock(&self) -> bool {
        false
    }

    fn worker(&self) -> Counting {
        Counting(vec![0; self.0])
    }
}

struct Counting(Vec<u32>);

impl Worker for Counting {
    type Error = ();

    fn progress(&mut self, _: Progress) {}

    fn initial(&mut self, found: &mut dyn FnMut(&mut Self, &[u32]) -> Result<(), Stop<()>>) -> Result<(), Stop<()>> {
        let row = self.0.clone();
        found(self, &row)
    }

    fn successors(
        &mut self,
        row: &[u32],
        found: &mut dyn FnMut(&mut Self, GroupId, &[u32]) -> Result<(), Stop<()>>,
    ) -> Result<(), Stop<()>> {
        let mut next = std::mem::take(&mut self.0);
        next.copy_from_slice(row);
        for slot in (0..row.len()).filter(|&slot| row[slot] < 7) {
            next[slot] += 1;
            found(self, GroupId(0), &next)?;
            next[slot] -= 1;
        }
        self.0 = next;
        Ok(())
    }

    fn state_in_model(&mut self, _: &[u32]) -> Result<bool, Stop<()>> {
        Ok(true)
    }

    fn step_in_model(&mut self, _: &[u32], _: GroupId, _: &[u32]) -> Result<bool, Stop<()>> {
        Ok(true)
    }

    fn check_initial(&mut self, _: &[u32]) -> Result<Judgement, Stop<()>> {
        Ok(Judgement::Holds)
    }

    fn check_state(&mut self, _: &[u32]) -> Result<Judgement, Stop<()>> {
        Ok(Judgement::Holds)
    }

    fn check_step(&mut self, _: &[u32], _: GroupId, _: &[u32]) -> Result<Judgement, Stop<()>> {
        Ok(Judgement::Holds)
    }

    fn canonical(&mut self, _: &mut [u32]) -> Result<(), Stop<()>> {
        Ok(())
    }

    fn order(&mut self, left: &[u32], right: &[u32]) -> Ordering {
        left.cmp(right)
    }
}

fn explorations(criterion: &mut Criterion) {
    const DIGITS: usize = 6;
    let generated = 1 + DIGITS as u64 * 7 * 8u64.pow(DIGITS as u32 - 1);
    let mut group = criterion.benchmark_group("explore");
    group.sample_size(10).throughput(Throughput::Elements(generated));
    for workers in [1, 2] {
        group.bench_function(format!("counters_by_{workers}"), |bencher| {
            bencher.iter(|| {
                let outcome = explore(&Counters(DIGITS), &Options { workers, ..Options::default() });
                assert_eq!((outcome.end, outcome.generated), (End::Exhausted, generated));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, offers, kept, explorations);
criterion_main!(benches);
