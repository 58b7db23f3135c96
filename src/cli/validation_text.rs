//! The outcome of validating a log as text.

use super::figures::{count, counted, duration, memory};
use super::text::{Piece, Tone, because};
use crate::diagnostic::Sources;
use crate::report::Because;
use crate::validate::outcome::{Answer, Attempt, CandidateState, Misfit, Nearest, Outcome, Place, Rejection};

/// What is known around an outcome.
pub struct Frame {
    /// Name of the specification.
    pub root: String,
    /// The logs, as given.
    pub logs: Vec<String>,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Peak resident memory, if the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// Links of a reason shown.
const BECAUSE_MAX: usize = 10;

/// The whole outcome.
pub fn outcome(outcome: &Outcome, sources: &Sources, frame: &Frame) -> Vec<Piece> {
    let mut page = Page { pieces: Vec::new(), sources };
    if let Some(rejection) = &outcome.rejection {
        page.rejection(outcome, rejection);
    }
    if outcome.answer == Answer::Accepted {
        page.actions(outcome);
    }
    page.verdict(outcome, frame);
    let mut figures = vec![
        counted(outcome.events, "event"),
        format!("{} matched", count(outcome.matched)),
        format!("{} held at most", counted(outcome.states_max as u64, "state")),
        duration(frame.seconds),
    ];
    figures.extend(frame.peak_memory_bytes.map(memory));
    page.line(Tone::Plain, &figures.join(", "));
    page.pieces
}

struct Page<'a> {
    pieces: Vec<Piece>,
    sources: &'a Sources,
}

impl Page<'_> {
    fn put(&mut self, tone: Tone, text: impl Into<String>) {
        self.pieces.push(Piece { tone, text: text.into() });
    }

    fn line(&mut self, tone: Tone, text: &str) {
        self.put(tone, text);
        self.put(Tone::Plain, "\n");
    }

    fn verdict(&mut self, outcome: &Outcome, frame: &Frame) {
        let logs = frame.logs.join(", ");
        let (be, noun) = if frame.logs.len() == 1 { ("is", "the log") } else { ("are", "the logs") };
        let (tone, text) = match &outcome.answer {
            Answer::Accepted => (Tone::Good, format!("accepted: {logs} {be} a behaviour of {}", frame.root)),
            Answer::Rejected => {
                let stuck = outcome.rejection.as_ref().map_or(String::new(), |r| places(&r.stuck));
                (Tone::Bad, format!("rejected: {noun} {be} not a behaviour of {}: {stuck} does not fit", frame.root))
            }
            Answer::Incomplete(reason) => (Tone::Doubtful, format!("incomplete: {reason}")),
            Answer::Error(_) => (Tone::Bad, format!("error: {noun} could not be validated")),
            Answer::Interrupted => (Tone::Doubtful, "interrupted".to_owned()),
        };
        self.line(tone, &text);
    }

    fn actions(&mut self, outcome: &Outcome) {
        let seen = |a: &&crate::validate::outcome::ActionUse| a.logged + a.silent > 0;
        let width = outcome.actions.iter().map(|a| a.name.chars().count()).max().unwrap_or(0);
        self.line(Tone::Strong, "Actions");
        for action in outcome.actions.iter().filter(seen) {
            let mut text = format!("  {:<width$}  {} logged", action.name, count(action.logged));
            if action.silent > 0 {
                text.push_str(&format!(", {} silent", count(action.silent)));
            }
            self.line(Tone::Plain, &text);
            for branch in action.branches.iter().filter(|b| b.steps == 0) {
                let place = self.sources.place(branch.span);
                self.line(Tone::Doubtful, &format!("  {:<width$}  branch never seen  {place}", ""));
            }
        }
        for action in outcome.actions.iter().filter(|a| !seen(a)) {
            let place = self.sources.place(action.span);
            self.line(Tone::Doubtful, &format!("  {:<width$}  never seen  {place}", action.name));
        }
        self.put(Tone::Plain, "\n");
    }

    fn rejection(&mut self, outcome: &Outcome, rejection: &Rejection) {
        let stuck = places(&rejection.stuck);
        self.line(Tone::Bad, &format!("The specification does not go on with {stuck}"));
        let before = match outcome.matched {
            0 => "Nothing was matched before".to_owned(),
            n => format!("Matched before: {}, the last {}", counted(n, "event"), places(&rejection.after)),
        };
        self.line(Tone::Plain, &before);
        let total = rejection.candidates_total;
        let shown = rejection.candidates.len();
        let more = if shown < total { format!(", the nearest {shown} of them") } else { String::new() };
        self.line(Tone::Plain, &format!("It may be in {} there{more}:", counted(total as u64, "state")));
        for candidate in &rejection.candidates {
            self.candidate(candidate);
        }
        self.put(Tone::Plain, "\n");
    }

    fn candidate(&mut self, candidate: &CandidateState) {
        self.put(Tone::Plain, "\n");
        let heading = match &candidate.step {
            None => "Initial state".to_owned(),
            Some(step) => format!("State after {step}"),
        };
        self.line(Tone::Strong, &heading);
        for (name, value) in &candidate.variables {
            self.line(Tone::Plain, &format!("  /\\ {name} = {}", value.display()));
        }
        for attempt in &candidate.attempts {
            self.attempt(attempt);
        }
    }

    fn attempt(&mut self, attempt: &Attempt) {
        let place = place(&attempt.event);
        let action = &attempt.action;
        match &attempt.misfit {
            Misfit::Disabled => self.line(Tone::Bad, &format!("{place}: {action} is not possible here")),
            Misfit::Fault(message) => self.line(Tone::Bad, &format!("{place}: evaluating {action} fails: {message}")),
            Misfit::Parameters(found) => {
                self.line(Tone::Bad, &format!("{place}: no {action} has these parameters"));
                self.nearest(found, "has");
            }
            Misfit::State(found) => {
                self.line(Tone::Bad, &format!("{place}: {action} is possible, but does not lead there"));
                self.nearest(found, "leads to");
            }
        }
        let because: &[Because] = &attempt.because[..attempt.because.len().min(BECAUSE_MAX)];
        for step in because {
            self.pieces.extend(self::because(step, self.sources));
        }
    }

    fn nearest(&mut self, found: &[Nearest], verb: &str) {
        for near in found {
            let allowed = if near.allowed.is_empty() { "nothing there".to_owned() } else { near.allowed.join(" or ") };
            let text = format!("  {}: the log says {}, the specification {verb} {allowed}", near.path, near.logged);
            self.line(Tone::Changed, &text);
        }
    }
}

/// `run.ndjson:4 (Prepare)`.
fn place(place: &Place) -> String {
    let name = place.name.as_ref().map_or(String::new(), |n| format!(" ({n})"));
    format!("{}:{}{name}", place.log, place.line)
}

fn places(all: &[Place]) -> String {
    all.iter().map(place).collect::<Vec<_>>().join(" or ")
}
