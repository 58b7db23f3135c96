//! Labels that begin with `\A` over a set of the state, asked element by element.
//!
//! `\A t \in tx : P(t)` as a whole reads what P reads of every transaction, and is hardly ever known; the set and each
//! instance read little ([`super::spread`] is the same for groups). MCKVSSafetySmall (3.4 million states): one such label
//! was evaluated 3.1 million times, 4.1 of 8.4 s of CPU.
//! What has no truth value, or no list of elements, is evaluated as a whole.

use crate::model::Stop;

use super::family::{Family, Trial};
use super::forest::Forest;
use super::label::{HOLDS, Label, Question};
use super::memo::Reads;
use super::mirror::Mirror;
use super::model::{EvaluationError, Formula, Phase};
use super::worker::TlaWorker;

type Outcome<T> = Result<T, Stop<EvaluationError>>;

/// A label taken apart by the elements of a set.
pub(super) struct Universal {
    pub(super) trial: Trial,
    family: Family,
    /// The label of each instance, with its tree.
    instances: Vec<(Label, Forest)>,
    /// Instances at hand.
    list: Vec<usize>,
    /// Which list the set is, then the outcome of each instance, as far as asked for twice.
    mirror: Mirror,
    epoch: u32,
}

impl Universal {
    /// Forgets what was learnt in another epoch.
    fn renew(&mut self, epoch: u32) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.mirror = Mirror::new(1 + self.instances.len());
            self.instances.iter_mut().for_each(|(_, forest)| *forest = Forest::new(1, epoch));
        }
    }
}

impl TlaWorker<'_> {
    /// A label taken apart, if it begins with a quantifier over a set of the state.
    pub(super) fn universal(&self, formula: &Formula) -> Option<Box<Universal>> {
        let family = self.family(formula, true)?;
        let (trial, epoch, list) = (Trial::default(), self.model.slots.epoch(), Vec::new());
        Some(Box::new(Universal { trial, family, instances: Vec::new(), list, mirror: Mirror::new(1), epoch }))
    }

    /// Whether all instances of a label hold in a state. What is read is noted in what is known of this epoch.
    pub(super) fn ask_instances(
        &mut self,
        label: &mut Label,
        epoch: u32,
        question: Question<'_>,
        noting: Option<(&Reads, usize)>,
    ) -> Outcome<bool> {
        let Some(mut universal) = label.universal.take() else { return Err(Stop::Exit) };
        universal.renew(epoch);
        let mut list = std::mem::take(&mut universal.list);
        list.clear();
        let told = self.list_instances(label.phase, &mut universal, question, noting, &mut list).and_then(|known| {
            self.make_labels(label, &mut universal);
            Ok((known, self.ask_each(&mut universal, &list, question, noting)?))
        });
        universal.list = list;
        match &told {
            Ok((known, (_, asked, missed))) => {
                universal.trial.judge_parts(*known, *asked, *missed);
                label.count_element_wise(*missed > 0);
            }
            Err(_) => universal.trial.give_up(),
        }
        label.universal = Some(universal);
        told.map(|(_, (holds, ..))| holds)
    }

    /// Puts the instances for the elements that the set has into `list`; whether they were known.
    fn list_instances(
        &mut self,
        phase: Phase,
        universal: &mut Universal,
        question: Question<'_>,
        noting: Option<(&Reads, usize)>,
        list: &mut Vec<usize>,
    ) -> Outcome<bool> {
        let Universal { family, mirror, epoch, .. } = universal;
        if let Some(place) = mirror.find(0, |slot| question.current[slot as usize]) {
            list.extend_from_slice(&family.lists[place as usize]);
            return Ok(true);
        }
        let at = (question.current, *epoch);
        if self.instances_held(family, at, noting, list).map_err(Self::failed(phase))? {
            return Ok(true);
        }
        self.set_level(question.level);
        let (found, known) = self.instances_in(family, at, phase, noting)?;
        list.extend_from_slice(&found);
        if known {
            mirror.copy(0, (&family.sets, 0), question.current);
        }
        Ok(known)
    }

    /// Makes the labels of instances that have none yet.
    fn make_labels(&mut self, label: &Label, universal: &mut Universal) {
        let Universal { family, instances, mirror, epoch, .. } = universal;
        while let Some(instance) = family.instances.get(instances.len()) {
            let label = Label::new(self.ready(instance), label.property, label.phase);
            instances.push((label.taken_apart(self.universal(instance)), Forest::new(1, *epoch)));
        }
        mirror.grow(1 + instances.len());
    }

    /// Whether all instances hold, how many were asked, and for how many that was in vain.
    fn ask_each(
        &mut self,
        universal: &mut Universal,
        list: &[usize],
        question: Question<'_>,
        noting: Option<(&Reads, usize)>,
    ) -> Outcome<(bool, u32, u32)> {
        let (mut asked, mut missed) = (0, 0);
        let Universal { instances, mirror, .. } = universal;
        for instance in list {
            asked += 1;
            let known = mirror.find(1 + instance, |slot| question.current[slot as usize]);
            let holds = match known {
                Some(leaf) => leaf == HOLDS,
                None => {
                    let (label, forest) = &mut instances[*instance];
                    let before = label.missed();
                    let answer = self.label(forest, 0, label, question, None, noting)?;
                    missed += (label.missed() > before) as u32;
                    if answer.is_from_tree() {
                        mirror.copy(1 + instance, (forest, 0), question.current);
                    }
                    answer.told.holds
                }
            };
            if !holds {
                return Ok((false, asked, missed));
            }
        }
        Ok((true, asked, missed))
    }
}
