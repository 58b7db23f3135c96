//! What is found wrong with a state or step, and noted.

use crate::model::{Judgement, PropertyId, Stop, Worker};

use super::expand::{Expansion, Standing};
use super::finding::{Check, FindingKind, Site};
use super::intake::Intake;
use super::pending::Origin;

impl<E> Expansion<E> {
    /// Checks invariants; after a change those that read it, if the run would have ended had one not held before.
    pub(super) fn check<W: Worker<Error = E>>(
        &self,
        worker: &mut W,
        row: &[u32],
        changes: Option<&[(u32, u32)]>,
    ) -> Result<Judgement, Stop<E>> {
        match changes {
            Some(changes) if !self.each_class => worker.check_changed_state(row, changes),
            _ => worker.check_state(row),
        }
    }

    /// Checks a new state that had to wait.
    pub(super) fn judge_late<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        intake: &mut impl Intake,
        origin: Origin,
        found: &[u32],
        changes: Option<&[(u32, u32)]>,
    ) {
        let judged = self.check(worker, found, changes);
        if matches!(judged, Ok(Judgement::Holds)) {
            return;
        }
        let mut from = Vec::new();
        if let Some(index) = origin.source() {
            intake.store().read(index, &mut from);
        }
        let source = origin.source().map(|index| (index, &*from));
        let site = Site { source, position: origin.position(), group: origin.group(), target: Some(found) };
        self.judge_state(worker, site, judged, true);
    }

    pub(super) fn judge_state<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        site: Site<'_>,
        judged: Result<Judgement, Stop<E>>,
        new: bool,
    ) {
        // Who stores a state first is chance; whether a state outside the model is bad is not.
        self.sightings.contested |= new && !matches!(judged, Ok(Judgement::Holds));
        self.judge(worker, site, Check::State, judged, FindingKind::Invariant);
    }

    pub(super) fn judge_step<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        site: Site<'_>,
        row: &[u32],
        standing: Standing,
    ) {
        match (site.source, site.group) {
            (Some((_, from)), Some(group)) => {
                let judged = worker.check_step(from, group, row);
                self.judge(worker, site, Check::Step, judged, FindingKind::StepProperty);
            }
            _ if standing != Standing::Seen => {
                let judged = worker.check_initial(row);
                self.judge(worker, site, Check::Step, judged, FindingKind::InitialProperty);
            }
            _ => {}
        }
    }

    pub(super) fn judge<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        site: Site<'_>,
        check: Check,
        judged: Result<Judgement, Stop<E>>,
        kind: fn(PropertyId) -> FindingKind<E>,
    ) {
        match judged {
            Ok(Judgement::Holds) => {}
            Ok(Judgement::Violated(first)) => {
                let all = site.violated(worker, first, self.each_class);
                all.into_iter().for_each(|property| self.note(worker, site, check, kind(property)));
            }
            Err(stop) => self.stop(worker, site, check, stop),
        }
    }

    pub(super) fn stop<W: Worker<Error = E>>(&mut self, worker: &mut W, site: Site<'_>, check: Check, stop: Stop<E>) {
        match stop {
            Stop::Error(error) => self.note(worker, site, check, FindingKind::Error(error)),
            Stop::Exit => {
                self.exit = true;
                self.halted |= self.ordered;
            }
        }
    }

    pub(super) fn note<W: Worker<Error = E>>(
        &mut self,
        worker: &mut W,
        site: Site<'_>,
        check: Check,
        kind: FindingKind<E>,
    ) {
        self.halted |= self.ordered && (!self.each_class || matches!(kind, FindingKind::Error(_)));
        self.sightings.note(worker, site, check, kind);
    }
}
