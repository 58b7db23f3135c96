//! Taking successors that nothing is asked of before they are stored: the innermost loop of most runs.

use crate::model::{Stop, Transition, Visit, Worker};

use super::super::finding::Site;
use super::super::footprint;
use super::super::intake::Intake;
use super::super::pending::Origin;
use super::super::progress::Signals;
use super::super::store::Image;
use super::Expansion;

/// The expansion of a state where nothing is to be asked of its successors before they are stored: most are changes that
/// are known, and end up in the batch or nowhere.
pub(super) struct Plainly<'a, E, I> {
    pub(super) expansion: &'a mut Expansion<E>,
    pub(super) intake: &'a mut I,
    pub(super) signals: &'a Signals,
    pub(super) index: u64,
    pub(super) from: &'a [u32],
    pub(super) image: &'a Image,
    pub(super) target: &'a mut Vec<u32>,
}

impl<W: Worker, I: Intake> Visit<W> for Plainly<'_, W::Error, I> {
    #[inline(always)]
    fn visit(&mut self, worker: &mut W, transition: Transition<'_>) -> Result<(), Stop<W::Error>> {
        let Self { expansion, intake, signals, index, from, image, target } = self;
        let (times, changes) = (u64::from(transition.times), transition.changes);
        if transition.group.0 as usize >= expansion.tallies.len() {
            expansion.tally(Some(transition.group));
        }
        if let Some(tally) = expansion.tallies.get_mut(transition.group.0 as usize) {
            tally.generated += times;
        }
        if expansion.steps.is_kept() {
            expansion.steps.add(transition.group.0, changes);
        }
        let position = expansion.position;
        expansion.arrived(*intake, signals, times)?;
        expansion.pending.begin(Origin::new(Some(*index), position, Some(transition.group)));
        let site = || Site { source: Some((*index, *from)), position, group: Some(transition.group), target: None };
        let waiting = expansion.pending.batch.len();
        let hash = intake.store().prepare_changed(image, changes, transition.number, &mut expansion.pending.batch);
        match hash {
            Some(hash) => {
                expansion.footprint |= footprint::bits(hash);
                // Others are known, and satisfy constraints.
                if expansion.constrained
                    && expansion.pending.batch.len() > waiting
                    && !expansion.is_inside(worker, site(), target, changes)
                {
                    intake.store().take_back(image, hash, &mut expansion.pending.batch);
                }
            }
            None => expansion.take_unfit(worker, *intake, signals, site(), target, changes),
        }
        expansion.leave(worker, *intake, signals)
    }
}
