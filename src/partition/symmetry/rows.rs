//! Representatives of rows, and rows of states, for a worker.

use super::canonical::Representative;
use crate::partition::codec::encode_state;
use crate::partition::worker::TlaWorker;
use crate::value::machine::Result;
use crate::value::{Value, ValueId};

impl TlaWorker<'_> {
    /// Replaces a row by the representative of its orbit; false if it is that one. The slot of a view is left to the
    /// caller.
    pub(in crate::partition) fn represent(&mut self, row: &mut [u32]) -> Result<bool> {
        let (Some(symmetry), Some(canonical)) = (&self.model.symmetry, &mut self.symmetry) else { return Ok(false) };
        let watch = self.watch.clone();
        match canonical.row(symmetry, &mut self.evaluator, &mut watch.borrow_mut().lookup, row)? {
            Representative::Itself => return Ok(false),
            Representative::Replaced => return Ok(true),
            Representative::Unknown => {}
        }
        let (values, universe) = (self.values(row)?, self.universe);
        let (evaluator, Some(canonical)) = (&mut self.evaluator, &mut self.symmetry) else { return Ok(false) };
        let ids = values.iter().map(|value| universe.intern(evaluator, value)).collect::<Result<Vec<ValueId>>>()?;
        let Some(best) = canonical.state(symmetry, evaluator, &ids)? else { return Ok(false) };
        let best: Vec<Value> = best.into_iter().map(|id| universe.value(id)).collect();
        row.copy_from_slice(&self.encode(&best)?);
        Ok(true)
    }

    /// The row of a state, with nothing in the slot of a view.
    ///
    /// # Errors
    /// When a value cannot be listed.
    pub(super) fn encode(&mut self, values: &[Value]) -> Result<Vec<u32>> {
        let (watch, mut row) = (self.watch.clone(), Vec::new());
        let lookup = &mut watch.borrow_mut().lookup;
        encode_state(self.model, &mut self.evaluator, self.universe, lookup, values, &mut row)?;
        Ok(row)
    }
}
