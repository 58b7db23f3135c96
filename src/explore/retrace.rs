//! Rows that were let go are found again, where the way to a finding leads through them.
//!
//! The search is made once more, without counting and noting, down to the level above the row that was reached on the way
//! back; rows of the last levels stay, as many as memory allows, and the way goes on through them. If that does not
//! bring it to an initial state, again from there: each time there are fewer levels. As a rule one
//! time will do: rows that need no index take less memory than the search had.
//!
//! Findings are followed back when the run is over, for the store that the search needs is given up for it.
//!
//! What was tried in thought: the index of a predecessor with every state (5 bytes each, always, and a way that
//! depends on who came first); rows of closed levels in a file (as much disk as the exact store takes memory).

use crate::model::Model;

use super::search::{Search, initial_level};
use super::team::Crashed;
use super::trace::WayBack;

/// Where no memory limit is given, this many times the memory that closed levels had is enough to find rows again.
const KEPT_FACTOR: u64 = 16;

impl<'m, M: Model> Search<'m, M> {
    /// Follows back what was found without its rows.
    pub(super) fn trace_untraced(&mut self) -> Result<(), Crashed> {
        for (sighting, level) in std::mem::take(&mut self.untraced) {
            self.shared.signals.forget_limit();
            self.follow(sighting, level)?;
        }
        Ok(())
    }

    /// Walks back to an initial state, finding rows again on the way.
    pub(super) fn walk_all_the_way(&mut self, mut way: WayBack) -> Result<WayBack, Crashed> {
        loop {
            way = self.walk_back(way)?;
            if way.level == 0 || way.lost {
                return Ok(way);
            }
            self.find_again(way.level)?;
            way.lost = self.shared.signals.aborted() || !self.shared.read().has(way.level - 1);
        }
    }

    /// Finds the rows of the first levels again.
    fn find_again(&mut self, levels: usize) -> Result<(), Crashed> {
        let published = &self.shared.options.progress;
        let depth = published.depth();
        self.team.all(|member| member.begin_again())?;
        {
            let mut space = self.shared.write();
            let kept = self.shared.options.kept_bytes;
            let free = |max: u64| max.saturating_sub(published.memory_bytes()) + space.store.arena_bytes();
            let kept = self.shared.options.max_memory_bytes.map_or(kept.saturating_mul(KEPT_FACTOR), free).max(kept);
            space.begin_again(u32::try_from(levels).unwrap_or(u32::MAX), kept);
        }
        self.team.one(initial_level)?;
        let mut found = 0;
        while self.shared.read().depth() > found && !self.shared.signals.stopped() {
            found = self.shared.read().depth();
            if !self.shared.read().deepest() {
                self.next_level()?;
            }
        }
        self.team.all(|member| member.end_again())?;
        published.set_depth(depth);
        Ok(())
    }
}
