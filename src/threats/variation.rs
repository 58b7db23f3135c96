//! Configs that differ from a base in one line.

use std::path::{Path, PathBuf};

use crate::config::{Assignment, Config, parse_config};
use crate::diagnostic::Sources;

/// The config of the good model.
pub(super) struct Base {
    sources: Sources,
    config: Config,
    path: PathBuf,
}

fn parse(sources: &mut Sources, path: &Path, text: String) -> Result<Config, String> {
    let file = sources.add(path, text);
    let (config, diagnostics) = parse_config(sources, file);
    if let Some(error) = diagnostics.iter().find(|d| d.is_error()) {
        return Err(format!("{}: {}", path.display(), error.message));
    }
    config.ok_or_else(|| format!("{}: the config cannot be read", path.display()))
}

impl Base {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        let mut sources = Sources::default();
        let config = parse(&mut sources, path, text)?;
        Ok(Self { sources, config, path: path.to_owned() })
    }

    /// The text of the whole config.
    pub(super) fn text(&self) -> &str {
        self.sources.get(self.config.file).map_or("", |file| &file.text)
    }

    /// What is checked.
    pub(super) fn properties(&self) -> impl Iterator<Item = &str> {
        self.config.invariants.iter().chain(&self.config.properties).map(|r| r.name.as_str())
    }

    /// The assignments, as written, of what `switches` do not assign.
    pub(super) fn bounds<'t>(&self, switches: impl Iterator<Item = &'t str>) -> Vec<String> {
        let switched: Vec<_> = switches.filter_map(|off| self.switch(off).ok()).map(|(_, a)| a.left.name).collect();
        let kept = self.config.assignments.iter().filter(|a| !switched.contains(&a.left.name));
        kept.map(|a| self.sources.text(a.span).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    /// The config with one assignment instead of the one it has for the same name.
    pub(super) fn without(&self, off: &str) -> Result<String, String> {
        let (text, switch) = self.switch(off)?;
        let same = |a: &&Assignment| a.left.name == switch.left.name && a.module == switch.module;
        let whole = self.text();
        let Some(assignment) = self.config.assignments.iter().find(same) else {
            return Ok(format!("{whole}\nCONSTANTS {text}\n"));
        };
        let (before, rest) = whole.split_at_checked(assignment.span.start as usize).unwrap_or((whole, ""));
        let after = rest.get((assignment.span.end - assignment.span.start) as usize..).unwrap_or_default();
        if self.sources.text(assignment.span).split_whitespace().eq(text.split_whitespace()) {
            return Err(format!("`{off}` is what {} says already", self.path.display()));
        }
        Ok(format!("{before}{text}{after}"))
    }

    /// What a line of config assigns.
    fn switch(&self, off: &str) -> Result<(String, Assignment), String> {
        let mut sources = Sources::default();
        let name = PathBuf::from(format!("`{off}`"));
        let config = parse(&mut sources, &name, format!("CONSTANTS {off}\n"))?;
        match <[Assignment; 1]>::try_from(config.assignments) {
            Ok([assignment]) => Ok((off.trim().to_owned(), assignment)),
            Err(several) => Err(format!("`{off}` makes {} assignments, not one", several.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        let mut sources = Sources::default();
        let path = PathBuf::from("M.cfg");
        let config = parse(&mut sources, &path, text.to_owned()).expect("the config is right");
        Base { sources, config, path }
    }

    #[test]
    fn one_assignment_is_replaced() {
        let base = base("CONSTANTS\n    N = 3\n    Checks = TRUE \\* always\nINVARIANT Inv\n");
        assert_eq!(
            base.without("Checks = FALSE").as_deref(),
            Ok("CONSTANTS\n    N = 3\n    Checks = FALSE \\* always\nINVARIANT Inv\n")
        );
        assert_eq!(base.bounds(["Checks = FALSE"].into_iter()), ["N = 3"]);
        assert_eq!(base.properties().collect::<Vec<_>>(), ["Inv"]);
    }

    #[test]
    fn definitions_are_overridden() {
        let varied = base("INVARIANT Inv\n").without("Accepts <- AcceptsAll").expect("a line of config");
        assert!(varied.ends_with("CONSTANTS Accepts <- AcceptsAll\n"), "{varied}");
    }

    #[test]
    fn what_switches_nothing_off_is_an_error() {
        let base = base("CONSTANT Checks = FALSE\n");
        assert!(base.without("Checks = FALSE").is_err_and(|e| e.contains("already")));
        assert!(base.without("Checks = ").is_err());
        assert!(base.without("A = 1 B = 2").is_err_and(|e| e.contains("2 assignments")));
    }
}
