//! Specifications written for a test, in a folder of their own.

use std::path::PathBuf;

use tempfile::TempDir;

/// A module to be checked and its config.
pub(crate) struct Files {
    folder: TempDir,
    pub(crate) spec: PathBuf,
    pub(crate) config: PathBuf,
}

impl Files {
    /// The config of a module, which has no text yet.
    pub(crate) fn new(module: &str, config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for specifications");
        let at = |extension: &str| folder.path().join(format!("{module}.{extension}"));
        let (spec, config_file) = (at("tla"), at("cfg"));
        std::fs::write(&config_file, config).expect("the folder is ours");
        Self { folder, spec, config: config_file }
    }

    /// Writes a module.
    pub(crate) fn write(&self, module: &str, text: &str) {
        std::fs::write(self.folder.path().join(format!("{module}.tla")), text).expect("the folder is ours");
    }
}
