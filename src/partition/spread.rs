//! Groups that begin with a quantifier over a set of the state, asked element by element.
//!
//! `\E p \in Correct : Step(p)` as a whole reads what the step of every process reads, and is hardly ever known. With a
//! tree for the set and one for the step of each element, each by itself reads little. bcastByz, where the correct
//! processes are part of the state: 12,575 times all their steps were evaluated, now 372 times those of one (1.6 s,
//! 0.1 s). What a worker has asked for twice it knows by itself, as of other groups: MCKVSSafetySmall (3.4 million states,
//! transactions `\E t \in tx`) takes 8.4 s, 13.5 s with look-ups in trees of many words.
//! Asked only where the tree of the whole mostly misses, and as long as that of the set and those of the elements
//! mostly know. Sets that are kept by their elements ([`super::atoms`]) are left alone: of them only what matters is
//! read, where here it would be all.
//! What fails is evaluated as a whole: errors come in the order of the formula.

use std::collections::HashMap;

use crate::model::{Model as _, Stop};

use super::family::{Family, Trial};
use super::forest::Made;
use super::group::{Enabled, Group};
use super::mirror::Mirror;
use super::model::{EvaluationError, Formula, Phase};
use super::worker::TlaWorker;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// A group taken apart by the elements of a set.
pub(super) struct Spread {
    trial: Trial,
    family: Family,
    /// The group of each instance.
    groups: Vec<usize>,
    known: Known,
}

/// What a worker knows of the set and its elements by itself.
#[derive(Default)]
struct Known {
    /// Whose successors they are: see [`Enabled`].
    serial: u32,
    /// The list that the set is, then the leaf of each element.
    mirror: Mirror,
    /// Leaves by element and outcome.
    leaves: HashMap<(usize, u32), u32>,
}

impl Known {
    /// Forgets what is known of another one's successors.
    fn renew(&mut self, enabled: &Enabled, elements: usize) {
        if self.serial != enabled.serial {
            *self = Self { serial: enabled.serial, ..Self::default() };
        }
        self.mirror.grow(elements + 1);
    }
}

impl Spread {
    /// Counts a question of the whole.
    pub(super) fn judge(&mut self, hit: bool) {
        self.trial.judge(hit);
    }

    /// True if it is to be asked by elements.
    #[inline]
    pub(super) fn is_asked(&self) -> bool {
        self.trial.is_by_elements()
    }
}

impl TlaWorker<'_> {
    /// An action taken apart, if it begins with a quantifier over a set of the state.
    pub(super) fn spread(&self, action: &Formula) -> Option<Box<Spread>> {
        let family = self.family(action, false)?;
        Some(Box::new(Spread { trial: Trial::default(), family, groups: Vec::new(), known: Known::default() }))
    }

    /// True if the worker knows by itself what each element that a group is asked for leads to: then `leaves` has it.
    pub(super) fn know_elements(&mut self, enabled: &Enabled, number: usize, row: &[u32]) -> bool {
        let group = &mut self.groups[number];
        let Some(spread) = group.spread.as_mut().filter(|spread| spread.is_asked()) else { return false };
        if spread.known.serial != enabled.serial {
            return false;
        }
        let mirror = &mut spread.known.mirror;
        let Some(list) = mirror.find(0, |slot| row[slot as usize]) else { return false };
        self.leaves.clear();
        for element in spread.family.lists[list as usize].iter() {
            let Some(leaf) = mirror.find(1 + element, |slot| row[slot as usize]) else { return false };
            self.leaves.push(leaf);
        }
        spread.trial.judge_parts(true, self.leaves.len() as u32, 0);
        group.count_element_wise(false);
        true
    }

    /// Puts the successors that a group makes of a row into `made`: those of each element. What is known goes to `enabled`.
    pub(super) fn look_up_elements(
        &mut self,
        number: usize,
        row: &[u32],
        enabled: Option<&mut Enabled>,
    ) -> Outcome<()> {
        let Some(mut spread) = self.groups[number].spread.take() else { return self.evaluate(number, row) };
        let mut reached = std::mem::take(&mut self.reached);
        reached.clear();
        let told = self.each_element(&mut spread, row, &mut reached, enabled);
        let missed = match &told {
            Ok((known, asked, missed)) => {
                spread.trial.judge_parts(*known, *asked, *missed);
                *missed > 0
            }
            Err(_) => {
                spread.trial.give_up();
                true
            }
        };
        self.groups[number].spread = Some(spread);
        self.groups[number].count_element_wise(missed);
        std::mem::swap(&mut self.made, &mut reached);
        self.reached = reached;
        if told.is_ok() { Ok(()) } else { self.evaluate(number, row) }
    }

    /// Whether the set was known, how many elements were asked, and for how many that was in vain.
    fn each_element(
        &mut self,
        spread: &mut Spread,
        row: &[u32],
        reached: &mut Made,
        mut enabled: Option<&mut Enabled>,
    ) -> Outcome<(bool, u32, u32)> {
        let epoch = self.model.slots.epoch();
        let (list, known) = self.instances_in(&mut spread.family, (row, epoch), Phase::Next, None)?;
        let Spread { family, groups, .. } = spread;
        while let Some(instance) = family.instances.get(groups.len()) {
            let group = Group::apart(self.ready(instance), self.spread(instance), self.model.slots.epoch());
            self.groups.push(group);
            groups.push(self.groups.len() - 1);
        }
        enabled = enabled.filter(|enabled| known && enabled.epoch == spread.family.sets.epoch);
        if let Some(enabled) = enabled.as_deref_mut() {
            spread.known.renew(enabled, spread.groups.len());
            spread.known.mirror.copy(0, (&spread.family.sets, 0), row);
        }
        let (asked, mut missed) = (list.len() as u32, 0);
        let ordered = self.model.ordered();
        for element in list.iter() {
            let group = spread.groups[*element];
            let before = self.groups[group].rate().missed;
            self.expand(group, row)?;
            let hit = self.groups[group].rate().missed == before;
            missed += u32::from(!hit);
            if let Some(enabled) = enabled.as_deref_mut().filter(|_| hit) {
                self.learn_element(spread, *element, row, enabled);
            }
            for (times, changes) in self.made.iter() {
                reached.add(changes, u64::from(times), ordered);
            }
        }
        Ok((known, asked, missed))
    }

    /// Learns what an element leads to, which is in `made`.
    fn learn_element(&mut self, spread: &mut Spread, element: usize, row: &[u32], enabled: &mut Enabled) {
        let Spread { known, groups, .. } = spread;
        let Some(own) = &self.groups[groups[element]].own else { return };
        if own.epoch != enabled.epoch || !known.mirror.has_room() || !enabled.has_room() {
            return;
        }
        let mut path = Vec::new();
        let Some(outcome) = own.follow(0, row, &[], |slot, id| path.push((slot, id))) else { return };
        let (made, numbers) = (&self.made, &mut self.numbers);
        let leaf = *known.leaves.entry((element, outcome)).or_insert_with(|| enabled.keep(made, numbers));
        known.mirror.learn(1 + element, &path, leaf);
    }
}
