//! The guards of the design: the constants of `ShardedStore.tla` that are called mitigations there.
//!
//! A build with a feature lacks that guard. Tests can also take one away at run time.

/// Which guards are up. All of them, in the design.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guards {
    /// A put commits once all shards are written, not once K are.
    pub acks_when_all_written: bool,
    /// What is copied or rebuilt comes from shards whose checksum is right.
    pub verifies_checksums: bool,
    /// A shard on disk is known by its version, not only by its index.
    pub names_versions: bool,
    /// The collector leaves alone what is being written.
    pub spares_intents: bool,
    /// A deposed leader's commit is refused.
    pub fences_leaders: bool,
    /// A repair or move is refused if the places have changed under it.
    pub compares_places: bool,
    /// A put is refused if a later version is in the map.
    pub compares_versions: bool,
    /// A leader makes sure that it still is one before it answers.
    pub confirms_leadership: bool,
    /// New places keep to the placement rule.
    pub spreads_shards: bool,
    /// Shards are read now and then.
    pub scrubs: bool,
}

impl Guards {
    /// The design.
    pub const ALL: Guards = Guards {
        acks_when_all_written: true,
        verifies_checksums: true,
        names_versions: true,
        spares_intents: true,
        fences_leaders: true,
        compares_places: true,
        compares_versions: true,
        confirms_leadership: true,
        spreads_shards: true,
        scrubs: true,
    };

    /// The design without the guard that this feature takes away.
    pub fn without(feature: &str) -> Option<Guards> {
        let mut guards = Guards::ALL;
        let guard = match feature {
            "ack-early" => &mut guards.acks_when_all_written,
            "skip-checksums" => &mut guards.verifies_checksums,
            "unversioned-names" => &mut guards.names_versions,
            "collect-intents" => &mut guards.spares_intents,
            "unfenced-leaders" => &mut guards.fences_leaders,
            "move-blindly" => &mut guards.compares_places,
            "late-put" => &mut guards.compares_versions,
            "serve-stale" => &mut guards.confirms_leadership,
            "crowd-domain" => &mut guards.spreads_shards,
            "no-scrub" => &mut guards.scrubs,
            _ => return None,
        };
        *guard = false;
        Some(guards)
    }
}

impl Default for Guards {
    /// Those that this build has.
    fn default() -> Self {
        Guards {
            acks_when_all_written: !cfg!(feature = "ack-early"),
            verifies_checksums: !cfg!(feature = "skip-checksums"),
            names_versions: !cfg!(feature = "unversioned-names"),
            spares_intents: !cfg!(feature = "collect-intents"),
            fences_leaders: !cfg!(feature = "unfenced-leaders"),
            compares_places: !cfg!(feature = "move-blindly"),
            compares_versions: !cfg!(feature = "late-put"),
            confirms_leadership: !cfg!(feature = "serve-stale"),
            spreads_shards: !cfg!(feature = "crowd-domain"),
            scrubs: !cfg!(feature = "no-scrub"),
        }
    }
}
