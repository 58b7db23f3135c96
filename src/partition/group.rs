//! Groups, asked for the successors of a state: their decision trees first.
//!
//! What a worker has asked for twice it knows by itself ([`Enabled`]); then the trees that all workers share are asked;
//! what those do not know is evaluated, watched, and added to them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::eval::action::Flow;
use crate::model::{GroupId, Model, Stop, Transition, Visit};

use super::codec::updates;
use super::forest::{Forest, Found, Made, Outcome as Leaf};
use super::fused::Fused;
use super::label::Ready;
use super::memo::{Habit, HitRate, Known};
use super::mirror::Mirror;
use super::model::{EvaluationError, Formula, Phase};
use super::spread::Spread;
use super::worker::{Asker, Lent, TlaWorker};

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// Changes of successors that a worker keeps for itself: 1 MiB.
const CHANGES_MAX: usize = 1 << 17;
/// The leaf of groups that make no successors.
const NOTHING: u32 = u32::MAX >> 2;

/// A transition group, or an action that was added.
pub(super) struct Group {
    ready: Ready,
    habit: Habit,
    /// The tree of an added action, or of an element's.
    pub(super) own: Option<Box<Forest>>,
    /// What it consists of, if it can be asked by elements.
    pub(super) spread: Option<Box<Spread>>,
}

impl Group {
    /// How often its tree knew.
    pub(super) fn rate(&self) -> HitRate {
        self.habit.rate
    }

    pub(super) fn new(ready: Ready, spread: Option<Box<Spread>>) -> Self {
        Self { ready, habit: Habit::default(), own: None, spread }
    }

    /// A group with a tree of its own.
    pub(super) fn apart(ready: Ready, spread: Option<Box<Spread>>, epoch: u32) -> Self {
        Self { own: Some(Box::new(Forest::new(1, epoch))), ..Self::new(ready, spread) }
    }

    /// Counts a question that was asked element by element.
    pub(super) fn count_element_wise(&mut self, missed: bool) {
        self.habit.count_otherwise(missed);
    }
}

/// What the groups of the model do, as far as a worker knows it by itself.
pub(super) struct Enabled {
    pub(super) epoch: u32,
    /// Which of a worker's it is.
    pub(super) serial: u32,
    /// Which groups a row does not disable at first sight.
    fused: Fused,
    /// What the others make of it: the place of the first successor in `successors`.
    mirror: Mirror,
    successors: Vec<Successor>,
    changes: Vec<(u32, u32)>,
    /// Leaves of the mirror by what they are in the shared trees.
    places: HashMap<u32, u32>,
    left: Vec<u64>,
    path: Vec<(u32, u32)>,
}

/// A successor that a worker knows.
struct Successor {
    times: u32,
    /// What stands for its changes.
    number: u32,
    /// Its changes among all.
    start: u32,
    end: u32,
    /// The next one is of the same leaf.
    more: bool,
}

impl Enabled {
    fn new(groups: usize, epoch: u32, serial: u32) -> Self {
        Self {
            epoch,
            serial,
            fused: Fused::new(groups),
            mirror: Mirror::new(groups),
            successors: Vec::new(),
            changes: Vec::new(),
            places: HashMap::new(),
            left: Vec::new(),
            path: Vec::new(),
        }
    }

    /// Learns what a tree said of a row. Numbers of changes are `numbers..`.
    fn learn(&mut self, forest: &Forest, group: usize, row: &[u32], found: &Found, made: &Made, numbers: &mut u32) {
        // Second slots rarely disable a group: looking at them costs Lamport's mutex a third more time.
        if found.outcome == 0 && found.reads == 1 {
            self.fused.learn(group, found, true);
        } else if self.mirror.has_room() && self.has_room() {
            let leaf = match self.places.get(&found.outcome) {
                Some(leaf) => *leaf,
                None => {
                    let leaf = self.keep(made, numbers);
                    self.places.insert(found.outcome, leaf);
                    leaf
                }
            };
            self.path.clear();
            forest.follow(group, row, &[], |slot, id| self.path.push((slot, id)));
            self.mirror.learn(group, &self.path, leaf);
        }
    }

    /// True if successors can be kept.
    pub(super) fn has_room(&self) -> bool {
        self.changes.len() + self.successors.len() < CHANGES_MAX
    }

    /// Keeps successors; gives their leaf.
    pub(super) fn keep(&mut self, made: &Made, numbers: &mut u32) -> u32 {
        let first = self.successors.len() as u32;
        for (times, changes) in made.iter() {
            let start = self.changes.len() as u32;
            self.changes.extend_from_slice(changes);
            let end = self.changes.len() as u32;
            self.successors.push(Successor { times, number: *numbers, start, end, more: true });
            *numbers = numbers.saturating_add(1);
        }
        match self.successors[first as usize..].last_mut() {
            Some(last) => last.more = false,
            None => return NOTHING,
        }
        first
    }
}

impl TlaWorker<'_> {
    /// Adds an action to be asked for successors besides the groups of the model; gives its number.
    pub fn add_action(&mut self, action: &Formula) -> usize {
        let group = Group::apart(self.ready(action), self.spread(action), self.model.slots.epoch());
        self.groups.push(group);
        self.groups.len() - 1 - self.model.parts.actions.len()
    }

    /// Calls `each` with the successors that a group of the model, or an action that was added, makes.
    ///
    /// # Errors
    /// When evaluation fails, or `each` does.
    pub fn successors_by(
        &mut self,
        action: usize,
        row: &[u32],
        each: &mut dyn FnMut(&mut Self, &[u32]) -> Outcome<()>,
    ) -> Outcome<()> {
        let own = action >= self.model.groups.len();
        self.expand(if own { action + self.model.parts.actions.len() } else { action }, row)?;
        let mut target = row.to_vec();
        let made = std::mem::take(&mut self.made);
        let result = self.hand_on_made(
            row,
            GroupId(action as u32),
            &made,
            &mut |worker: &mut Self, transition: Transition<'_>| {
                transition.each_target(row, &mut target, |target| each(worker, target))
            },
        );
        self.made = made;
        result
    }

    /// Puts the successors that one group makes of a row into `made`.
    pub(super) fn expand(&mut self, number: usize, row: &[u32]) -> Outcome<()> {
        if let Some(own) = self.groups[number].own.take() {
            let epoch = self.model.slots.epoch();
            let own = if own.epoch == epoch { own } else { Box::new(Forest::new(1, epoch)) };
            let result = self.look_up(&own, 0, number, row, None);
            self.groups[number].own = Some(own);
            return result;
        }
        let known = self.known(Asker::Groups);
        let result = self.look_up_group(&known.forest, number, row, None);
        self.put_back(Asker::Groups, known);
        result
    }

    /// Asks a tree. What it knows goes to `enabled`, where the next such question is answered.
    pub(super) fn look_up(
        &mut self,
        forest: &Forest,
        tree: usize,
        number: usize,
        row: &[u32],
        mut enabled: Option<&mut Enabled>,
    ) -> Outcome<()> {
        let habit = &mut self.groups[number].habit;
        if let Some(enabled) = &mut enabled {
            habit.count_all(enabled.mirror.take_hits(number), 0);
        }
        if !self.memoised {
            return self.evaluate(number, row);
        }
        if self.groups[number].spread.as_ref().is_some_and(|spread| spread.is_asked()) {
            return self.look_up_elements(number, row, enabled);
        }
        let habit = &mut self.groups[number].habit;
        if habit.is_paused() {
            return self.evaluate(number, row);
        }
        let found = forest.find(tree, row, &[]);
        habit.count(found.is_some());
        if let Some(spread) = &mut self.groups[number].spread {
            spread.judge(found.is_some());
        }
        if let Some(found) = found {
            forest.successors(found.outcome, &mut self.made);
            if let Some(enabled) = enabled.filter(|enabled| enabled.epoch == forest.epoch) {
                enabled.learn(forest, number, row, &found, &self.made, &mut self.numbers);
            }
            return Ok(());
        }
        self.evaluate(number, row)?;
        if forest.epoch == self.model.slots.epoch() {
            let watch = self.watch.borrow();
            if forest.insert(tree, &watch.reads, row, &[], &Leaf::Successors(&self.made)).is_err() {
                self.model.slots.begin_epoch();
            }
        }
        Ok(())
    }

    /// Evaluates a group.
    pub(super) fn evaluate(&mut self, number: usize, row: &[u32]) -> Outcome<()> {
        let begun = self.model.plan.measure.then(Instant::now);
        let result = self.evaluate_group(number, row);
        self.evaluating_groups += begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        result
    }

    fn evaluate_group(&mut self, number: usize, row: &[u32]) -> Outcome<()> {
        let model = self.model;
        self.show(row, None);
        self.watch.borrow_mut().selective = model.memoised() && !self.groups[number].habit.in_pause();
        self.set_level(self.progress.level);
        if model.impure {
            self.seed(number, row);
        }
        let (universe, watch, ordered) = (self.universe, self.watch.clone(), model.ordered());
        let made = &mut self.made;
        made.clear();
        let mut changes = std::mem::take(&mut self.updates);
        let (prepared, arguments) = &self.groups[number].ready;
        let result = self.evaluator.successors_counted(prepared, arguments, &mut |evaluator, times| {
            updates(model, evaluator, universe, &mut watch.borrow_mut(), &mut changes)?;
            made.add(&changes.list, times, ordered);
            Ok(Flow::Continue)
        });
        self.updates = changes;
        result.map_err(Self::failed(Phase::Next))?;
        self.asked_to_exit()
    }

    /// Changes of a row with that of its view.
    fn viewed(&mut self, row: &[u32], changes: &[(u32, u32)]) -> Outcome<Vec<(u32, u32)>> {
        let mut target = row.to_vec();
        changes.iter().for_each(|(slot, id)| target[*slot as usize] = *id);
        self.fill_view(&mut target)?;
        Ok(std::iter::once((0, target[0])).chain(changes.iter().copied()).collect())
    }

    /// What is known of groups, to be put back.
    pub(super) fn enabled(&mut self) -> Box<Enabled> {
        let (groups, epoch) = (self.model.groups.len(), self.model.slots.epoch());
        match self.enabled.take() {
            Some(enabled) if enabled.epoch == epoch => enabled,
            enabled => {
                self.count_hits(enabled);
                self.serial += 1;
                Box::new(Enabled::new(groups, epoch, self.serial))
            }
        }
    }

    /// Counts what the mirror knew.
    pub(super) fn count_hits(&mut self, enabled: Lent<Enabled>) {
        if let Some(mut enabled) = enabled {
            for (number, group) in self.groups.iter_mut().enumerate().take(self.model.groups.len()) {
                group.habit.count_all(enabled.mirror.take_hits(number), 0);
            }
        }
    }

    /// Hands on successors that a group makes of a row.
    fn hand_on_made(&mut self, row: &[u32], group: GroupId, made: &Made, each: &mut impl Visit<Self>) -> Outcome<()> {
        for (times, changes) in made.iter() {
            self.hand_on_one(row, Transition { group, times, changes, number: None }, each)?;
        }
        Ok(())
    }

    /// Hands on a successor of a row, with the view if there is one.
    #[inline(always)]
    fn hand_on_one(&mut self, row: &[u32], transition: Transition<'_>, each: &mut impl Visit<Self>) -> Outcome<()> {
        if self.view.is_none() { each.visit(self, transition) } else { self.hand_on_viewed(row, transition, each) }
    }

    #[inline(never)]
    fn hand_on_viewed(&mut self, row: &[u32], transition: Transition<'_>, each: &mut impl Visit<Self>) -> Outcome<()> {
        let changes = self.viewed(row, transition.changes)?;
        each.visit(self, Transition { changes: &changes, number: None, ..transition })
    }

    /// Hands on what the groups that a row does not disable at first sight make of it.
    #[inline(always)]
    pub(super) fn hand_on_enabled(
        &mut self,
        enabled: &mut Enabled,
        known: &Known,
        row: &[u32],
        each: &mut impl Visit<Self>,
    ) -> Outcome<()> {
        enabled.fused.left(row, &mut enabled.left);
        for word in 0..enabled.left.len() {
            let mut bits = enabled.left[word];
            while bits != 0 {
                let number = 64 * word + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let Some(leaf) = enabled.mirror.find(number, |slot| row[slot as usize]) else {
                    self.hand_on_looked_up(enabled, known, number, row, each)?;
                    continue;
                };
                self.hand_on_leaf(enabled, (number, leaf), row, each)?;
            }
        }
        Ok(())
    }

    /// Hands on the successors of a leaf that a group leads to.
    #[inline(always)]
    fn hand_on_leaf(
        &mut self,
        enabled: &Enabled,
        (number, leaf): (usize, u32),
        row: &[u32],
        each: &mut impl Visit<Self>,
    ) -> Outcome<()> {
        let mut at = leaf as usize;
        while let Some(&Successor { times, number: of, start, end, more }) = enabled.successors.get(at) {
            let changes = &enabled.changes[start as usize..end as usize];
            let transition = Transition { group: GroupId(number as u32), times, changes, number: Some(of) };
            self.hand_on_one(row, transition, each)?;
            if !more {
                break;
            }
            at += 1;
        }
        Ok(())
    }

    /// Hands on what a group makes of a row, of which this worker does not know it yet.
    #[inline(never)]
    fn hand_on_looked_up(
        &mut self,
        enabled: &mut Enabled,
        known: &Known,
        number: usize,
        row: &[u32],
        each: &mut impl Visit<Self>,
    ) -> Outcome<()> {
        if self.know_elements(enabled, number, row) {
            let leaves = std::mem::take(&mut self.leaves);
            let result = leaves.iter().try_for_each(|leaf| self.hand_on_leaf(enabled, (number, *leaf), row, each));
            self.leaves = leaves;
            return result;
        }
        self.look_up_group(&known.forest, number, row, Some(enabled))?;
        let made = std::mem::take(&mut self.made);
        let result = self.hand_on_made(row, GroupId(number as u32), &made, each);
        self.made = made;
        result
    }
}
