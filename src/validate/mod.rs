//! A log of the real system and the specification → is the log a behaviour of it, and if not, where and why not.
//!
//! *Takes* a model, its branches, NDJSON logs and a mapping of their names. *Gives* an [`outcome::Outcome`]. *Holds*:
//! accepted means that a behaviour of the specification matches every event; rejected means that none
//! does, in any order of the events that their clocks allow and with any silent steps within the bound; whenever
//! something was left out, the answer is neither. *Ignores* properties, constraints, how outcomes are shown.
//!
//! Phases: the mapping is read ([`mapping`]); each line becomes an [`event`] that says what is [`logged`] of a step; [`log`]
//! gives the events that may be next; [`search`] follows all behaviours that match; where none goes on, [`reject`]
//! says why.

pub mod path;
pub mod mapping;
pub mod logged;
pub mod event;
pub mod log;
pub mod states;
pub mod search;
pub mod outcome;
mod disabled;
mod reject;
mod answer;

pub use answer::{Request, validate};
