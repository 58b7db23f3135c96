//! Surface trees + config → [`spec::Spec`].
//!
//! *Takes* the root file, a way to find other modules, and a config. *Gives* a [`spec::Spec`] and all
//! diagnostics. *Holds*: every name is an id, every INSTANCE is substituted, arity and level rules are
//! satisfied. *Ignores* pest and text, values, states.

pub mod spec;
