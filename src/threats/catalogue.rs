//! `threats.toml` as data.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A whole `threats.toml`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// What the system is.
    pub title: String,
    /// The root module's file, from the folder of the catalogue.
    pub spec: String,
    /// The config of the good model.
    pub config: String,
    /// The properties that threats are held against.
    pub properties: Vec<String>,
    /// What is taken for granted.
    #[serde(rename = "assumption", default)]
    pub assumptions: Vec<Assumption>,
    /// What may go wrong.
    #[serde(rename = "threat")]
    pub threats: Vec<Threat>,
}

/// Something taken for granted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// A short name.
    pub name: String,
    /// What is assumed.
    pub text: String,
    /// Where it is in the spec.
    #[serde(rename = "where")]
    pub place: String,
}

/// An attack, what stops it, and what it would break.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Threat {
    /// A short name.
    pub name: String,
    /// What the attacker wants and does.
    pub text: String,
    /// The attacker's action in the spec.
    pub action: String,
    /// The guard that stops it: a definition and what it does.
    pub mitigation: String,
    /// The line of config that switches the guard off: `Checks = FALSE`, `Accepts <- AcceptsAll`.
    pub off: String,
    /// What then fails.
    pub property: String,
    /// The config of another good model than the catalogue's, if that does not show this threat.
    pub config: Option<String>,
    /// Names of assumptions it rests on.
    #[serde(default)]
    pub assumptions: Vec<String>,
}

impl Catalogue {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is not of this form.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        Self::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|e| e.to_string())
    }

    /// The configs of good models, the catalogue's own first.
    pub(super) fn configs(&self) -> Vec<&str> {
        let mut configs = vec![self.config.as_str()];
        for config in self.threats.iter().map(|t| self.config_of(t)) {
            if !configs.contains(&config) {
                configs.push(config);
            }
        }
        configs
    }

    /// The config of the good model of a threat.
    pub(super) fn config_of<'a>(&'a self, threat: &'a Threat) -> &'a str {
        threat.config.as_deref().unwrap_or(&self.config)
    }

    /// What is wrong before anything is checked: names that are not there, or there twice, or not used.
    pub(super) fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut names = BTreeSet::new();
        let own = self.threats.iter().map(|t| &t.name).chain(self.assumptions.iter().map(|a| &a.name));
        for name in own {
            if !names.insert(name) {
                complaints.push(format!("the name {name} is given twice"));
            }
        }
        for property in &self.properties {
            if !self.threats.iter().any(|t| t.property == *property) {
                complaints.push(format!("no threat is held against {property}: nothing shows that it can fail"));
            }
        }
        for assumption in &self.assumptions {
            if !self.threats.iter().any(|t| t.assumptions.contains(&assumption.name)) {
                complaints.push(format!("no threat rests on the assumption {}", assumption.name));
            }
        }
        complaints
    }

    /// What is wrong with one threat before anything is checked.
    pub(super) fn complaints_about(&self, threat: &Threat) -> Vec<String> {
        let mut complaints = Vec::new();
        if !self.properties.contains(&threat.property) {
            complaints.push(format!("{} is not among the properties", threat.property));
        }
        for name in &threat.assumptions {
            if !self.assumptions.iter().any(|a| a.name == *name) {
                complaints.push(format!("there is no assumption {name}"));
            }
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "title = 'T'\nspec = 'M.tla'\nconfig = 'M.cfg'\nproperties = ['P', 'Q']\n";
    const THREAT: &str = "[[threat]]\nname = 'a'\ntext = 't'\naction = 'A'\nmitigation = 'm'\noff = 'G = FALSE'\n";

    #[test]
    fn names_must_be_known_and_used() {
        let text = format!(
            "{HEAD}[[assumption]]\nname = 'x'\ntext = 't'\nwhere = 'W'\n{THREAT}property = 'P'\n{THREAT}property = 'R'\nassumptions = ['y']\n"
        );
        let catalogue = Catalogue::parse(&text).expect("it is of the form");
        let complaints = catalogue.complaints().join("; ");
        assert!(complaints.contains("a is given twice"), "{complaints}");
        assert!(complaints.contains("no threat is held against Q"), "{complaints}");
        assert!(complaints.contains("no threat rests on the assumption x"), "{complaints}");
        assert_eq!(catalogue.complaints_about(&catalogue.threats[0]), Vec::<String>::new());
        assert_eq!(
            catalogue.complaints_about(&catalogue.threats[1]),
            ["R is not among the properties", "there is no assumption y"]
        );
    }

    #[test]
    fn misspelt_fields_are_errors() {
        let text = format!("{HEAD}{THREAT}property = 'P'\nassumption = ['y']\n");
        assert!(Catalogue::parse(&text).is_err_and(|e| e.contains("assumption")));
    }
}
