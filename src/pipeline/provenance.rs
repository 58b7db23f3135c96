//! Where a trace or generated code comes from.

use sha2::{Digest as _, Sha256};

use super::Plan;
use crate::diagnostic::Sources;
use crate::trace::itf::Provenance;

/// Files of a run with their digests. Modules are digested as they were read; the config again from its file.
pub fn provenance(plan: &Plan, sources: &Sources) -> Provenance {
    let config = plan.config.clone().unwrap_or_else(|| plan.spec.with_extension("cfg"));
    let mut provenance = Provenance {
        spec: plan.spec.display().to_string(),
        config_sha256: std::fs::read(&config).ok().map(|bytes| digest(&bytes)),
        config: config.display().to_string(),
        ..Provenance::default()
    };
    for (_, file) in sources.iter().filter(|(_, f)| f.path != config) {
        let path = file.path.display().to_string();
        let digest = digest(file.text.as_bytes());
        if file.path == plan.spec {
            provenance.spec_sha256 = Some(digest);
        } else if !path.starts_with('<') {
            provenance.modules_sha256.push((path, digest));
        }
    }
    provenance
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
