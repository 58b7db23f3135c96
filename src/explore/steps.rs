//! The steps that were taken while exploring, kept for whoever asks for them afterwards.
//!
//! Properties of behaviours need the steps of all states once more. Making them again takes as long as the first time
//! where trees know little: CoffeeCan with 1000 beans, 2 million steps: 6.4 s, 4.5 s with steps kept. A step is a few
//! numbers, what it changes in its source, so that it does not depend on where the store puts its target. Every
//! worker keeps the steps of the states that it expands; beyond a bound all are made again.

use super::Options;

/// Memory that the steps of all workers may take, and its share where memory is limited.
const BYTES_MAX: u64 = 64 << 20;
const SHARE: u64 = 8;
/// Bits of a step's first number that tell its changes; the others tell its group.
const CHANGES_BITS: u32 = 12;

/// Steps of some states, as one worker expanded them.
#[derive(Default)]
pub(super) struct StepLog {
    /// Each state with the end of its steps in `numbers`; they begin where those of the state before it end.
    sources: Vec<(u64, usize)>,
    /// For each step its group and how many changes follow: slot, id.
    numbers: Vec<u32>,
    /// Numbers that this worker may keep; 0 if no steps are kept.
    numbers_max: usize,
}

impl StepLog {
    /// The log of one worker.
    pub(super) fn new(options: &Options) -> Self {
        let bytes_max = options.max_memory_bytes.map_or(BYTES_MAX, |max| (max / SHARE).min(BYTES_MAX));
        Self { numbers_max: bytes_max as usize / size_of::<u32>() / options.workers.max(1), ..Self::default() }
    }

    /// True if steps are kept.
    #[inline]
    pub(super) fn is_kept(&self) -> bool {
        self.numbers_max > 0
    }

    /// Adds a step of the state at hand.
    pub(super) fn add(&mut self, group: u32, changes: &[(u32, u32)]) {
        let fits = changes.len() < 1 << CHANGES_BITS && group < 1 << (u32::BITS - CHANGES_BITS);
        if !self.is_kept() || !fits || self.numbers.len() + 1 + 2 * changes.len() > self.numbers_max {
            *self = Self::default();
            return;
        }
        self.numbers.push(group << CHANGES_BITS | changes.len() as u32);
        self.numbers.extend(changes.iter().flat_map(|&(slot, id)| [slot, id]));
    }

    /// Those were all the steps of a state.
    pub(super) fn end(&mut self, source: u64) {
        self.sources.push((source, self.numbers.len()));
    }

    /// Memory it takes to tell the log and place of so many states, once logs are put together.
    pub(super) fn places_bytes(&self, states: u64) -> u64 {
        if self.is_kept() { states * size_of::<(u32, u32)>() as u64 } else { 0 }
    }

    /// Memory it takes.
    pub(super) fn bytes(&self) -> u64 {
        (self.sources.capacity() * size_of::<(u64, usize)>() + self.numbers.capacity() * 4) as u64
    }
}

/// The steps of all states.
pub(super) struct Steps {
    logs: Vec<StepLog>,
    /// For each state its log and its place there.
    places: Vec<(u32, u32)>,
}

impl Steps {
    /// Puts logs together; `None` if the steps of some state are missing.
    pub(super) fn new(logs: Vec<StepLog>, states: u64) -> Option<Self> {
        if logs.iter().any(|log| !log.is_kept())
            || logs.iter().map(|log| log.sources.len() as u64).sum::<u64>() != states
        {
            return None;
        }
        let mut places = vec![(u32::MAX, 0); usize::try_from(states).ok()?];
        for (number, log) in logs.iter().enumerate() {
            for (at, (source, _)) in log.sources.iter().enumerate() {
                *places.get_mut(usize::try_from(*source).ok()?)? = (number as u32, u32::try_from(at).ok()?);
            }
        }
        places.iter().all(|(log, _)| *log != u32::MAX).then_some(Self { logs, places })
    }

    /// The steps of a state in the order in which they were made: group and changes.
    pub(super) fn of(
        &self,
        state: u64,
    ) -> Option<impl Iterator<Item = (u32, impl Iterator<Item = (u32, u32)> + Clone)>> {
        let (log, at) = *self.places.get(usize::try_from(state).ok()?)?;
        let (log, at) = (&self.logs[log as usize], at as usize);
        let begin = if at == 0 { 0 } else { log.sources[at - 1].1 };
        let mut left = &log.numbers[begin..log.sources[at].1];
        Some(std::iter::from_fn(move || {
            let (first, rest) = left.split_first()?;
            let (changes, rest) = rest.split_at(2 * (first & ((1 << CHANGES_BITS) - 1)) as usize);
            left = rest;
            Some((first >> CHANGES_BITS, changes.chunks_exact(2).map(|pair| (pair[0], pair[1]))))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::{StepLog, Steps};

    #[test]
    fn what_was_added_is_told_in_order_or_nothing_is() {
        let mut logs = vec![StepLog::new(&Options::default()), StepLog::new(&Options::default())];
        for source in [0u64, 3, 1, 2] {
            let log = &mut logs[(source % 2) as usize];
            for step in 0..source as u32 {
                let changes: Vec<(u32, u32)> = (0..step).map(|slot| (slot, source as u32 + slot)).collect();
                log.add(7 * step, &changes);
            }
            log.end(source);
        }
        let steps = Steps::new(logs, 4).expect("all states are there");
        for source in 0..4u32 {
            let told = steps.of(u64::from(source)).expect("it is there");
            let told: Vec<_> = told.map(|(group, changes)| (group, changes.collect())).collect();
            let expected = (0..source).map(|step| (7 * step, (0..step).map(|slot| (slot, source + slot)).collect()));
            assert_eq!(told, expected.collect::<Vec<(u32, Vec<(u32, u32)>)>>());
        }
        let mut log = StepLog::new(&Options::default());
        log.end(0);
        assert!(Steps::new(vec![log], 2).is_none());
        assert!(Steps::new(vec![StepLog::default()], 0).is_none());
    }
}
