//! A report as text: findings with their reasons and traces, then one line of verdict and one of figures.

use super::diagnostics::Drawing;
use super::figures::{count, counted, duration, memory};
use crate::diagnostic::Sources;
use crate::report::{Because, Collision, Finding, Kind, Report, Standing, Stats, Verdict};
use crate::trace::text::{Detail, Role, lines};

/// How a piece of text is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Ordinary.
    Plain,
    /// A heading.
    Strong,
    /// All is well.
    Good,
    /// Something is wrong.
    Bad,
    /// Not everything is known.
    Doubtful,
    /// A value that changed.
    Changed,
    /// Less important.
    Faint,
}

/// Text in one tone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// How it is meant.
    pub tone: Tone,
    /// The text, newlines included.
    pub text: String,
}

/// What to show.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// All variables of all states.
    pub full_trace: bool,
    /// How often each action was taken.
    pub coverage: bool,
    /// Whether diagnostics are drawn in colour.
    pub coloured: bool,
}

/// Source text of a reason longer than this is cut.
const EXPRESSION_WIDTH_MAX: usize = 90;

/// The whole report.
pub fn report(report: &Report, sources: &Sources, options: Options) -> Vec<Piece> {
    let mut page = Page { pieces: Vec::new() };
    for finding in report.findings.iter().filter(|f| !is_drawn(f, report)) {
        page.finding(finding, sources, options);
    }
    if options.coverage && !report.actions.is_empty() {
        page.coverage(report, sources);
    }
    if let Some(stats) = &report.stats {
        page.stats(stats);
    }
    page.verdict(report);
    page.figures(report);
    page.pieces
}

struct Page {
    pieces: Vec<Piece>,
}

impl Page {
    fn put(&mut self, tone: Tone, text: impl Into<String>) {
        self.pieces.push(Piece { tone, text: text.into() });
    }

    fn line(&mut self, tone: Tone, text: &str) {
        self.put(tone, text);
        self.put(Tone::Plain, "\n");
    }

    fn finding(&mut self, finding: &Finding, sources: &Sources, options: Options) {
        match &finding.diagnostic {
            Some(diagnostic) => self.put(Tone::Plain, Drawing::new(sources, options.coloured).draw(diagnostic)),
            // The diagnostics, drawn already, say it.
            None if matches!(finding.kind, Kind::Parse | Kind::Config | Kind::System) => return,
            None => self.line(Tone::Bad, &sentence(&finding.message)),
        }
        if !finding.because.is_empty() {
            self.put(Tone::Plain, "\n");
            self.line(Tone::Strong, "Because");
            for step in &finding.because {
                self.because(step, sources);
            }
        }
        if let Some(trace) = &finding.trace {
            self.put(Tone::Plain, "\n");
            let detail = if options.full_trace { Detail::Everything } else { Detail::Changes };
            for line in lines(trace, sources, detail) {
                let tone = match line.role {
                    Role::Heading => Tone::Strong,
                    Role::Changed => Tone::Changed,
                    Role::Remark => Tone::Faint,
                    Role::Initial | Role::Unchanged | Role::Blank => Tone::Plain,
                };
                self.line(tone, &line.text);
            }
        }
        if finding.kind == Kind::Deadlock {
            self.line(
                Tone::Faint,
                "\nIf behaviours may end there, say so: CHECK_DEADLOCK FALSE in the config, or --no-deadlock.",
            );
        }
        self.put(Tone::Plain, "\n");
    }

    fn because(&mut self, step: &Because, sources: &Sources) {
        self.pieces.extend(because(step, sources));
    }

    fn coverage(&mut self, report: &Report, sources: &Sources) {
        self.line(Tone::Strong, "Actions");
        let width = report.actions.iter().map(|a| a.name.chars().count()).max().unwrap_or(0);
        for action in &report.actions {
            let tone = if action.generated == 0 { Tone::Doubtful } else { Tone::Plain };
            let taken = if action.generated == 0 {
                "never taken".to_owned()
            } else {
                format!("{} generated, {} distinct", count(action.generated), count(action.distinct))
            };
            self.line(tone, &format!("  {:<width$}  {taken}  {}", action.name, sources.place(action.span)));
        }
        self.put(Tone::Plain, "\n");
    }

    fn stats(&mut self, stats: &Stats) {
        self.line(Tone::Strong, "Time of all workers");
        let evaluated = stats.action_seconds + stats.label_seconds;
        let rest = (stats.worker_seconds - evaluated - stats.store_seconds).max(0.0);
        for (name, seconds) in [
            ("evaluating actions", stats.action_seconds),
            ("evaluating labels", stats.label_seconds),
            ("store", stats.store_seconds),
            ("look-ups and the rest", rest),
        ] {
            let share = 100.0 * seconds / stats.worker_seconds.max(f64::MIN_POSITIVE);
            self.line(Tone::Plain, &format!("  {name:<22} {share:>5.1} %  {}", duration(seconds)));
        }
        self.line(Tone::Strong, "Memory");
        for (name, bytes) in
            [("states", stats.store_bytes), ("decision trees", stats.tree_bytes), ("values", stats.value_bytes)]
        {
            self.line(Tone::Plain, &format!("  {name:<22} {:>7}", memory(bytes)));
        }
        self.line(Tone::Strong, "Look-ups, and how many had to be evaluated");
        let width = stats.look_ups.iter().map(|l| l.name.chars().count()).max().unwrap_or(0);
        for look_up in &stats.look_ups {
            let share = 100.0 * look_up.missed as f64 / look_up.asked.max(1) as f64;
            let missed = format!("{} missed ({share:.2} %)", count(look_up.missed));
            self.line(Tone::Plain, &format!("  {:<width$}  {:>15}  {missed}", look_up.name, count(look_up.asked)));
        }
        let bits: u32 = stats.slots.iter().map(|slot| u32::from(slot.bits)).sum();
        self.line(Tone::Strong, &format!("Slots: {bits} bits a state"));
        let width = stats.slots.iter().map(|s| s.name.chars().count()).max().unwrap_or(0);
        for slot in stats.slots.iter().filter(|slot| slot.bits > 0) {
            let values = counted(slot.values.into(), "value");
            self.line(Tone::Plain, &format!("  {:<width$}  {:>2} bits  {values}", slot.name, slot.bits));
        }
        self.put(Tone::Plain, "\n");
    }

    fn verdict(&mut self, report: &Report) {
        let (tone, text) = match report.verdict {
            Verdict::Ok => match report.collision {
                None => (Tone::Good, "ok: no error found".to_owned()),
                Some(collision) => (Tone::Doubtful, probably(collision)),
            },
            Verdict::Violation => (Tone::Bad, format!("violation: {}", what(report))),
            Verdict::Error => (Tone::Bad, format!("error: {}", what(report))),
            Verdict::Incomplete => (Tone::Doubtful, format!("incomplete: {}", missing(report))),
            Verdict::Interrupted => (Tone::Doubtful, "interrupted: nothing found so far".to_owned()),
        };
        self.line(tone, &text);
        self.standings(report);
    }

    /// What is known of the other properties, where one is violated and the search went on.
    fn standings(&mut self, report: &Report) {
        let with = |wanted: Standing| {
            let names = report.properties.iter().filter(|(_, standing)| *standing == wanted);
            names.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (holds, violated, unchecked) = (with(Standing::Holds), with(Standing::Violated), with(Standing::Unchecked));
        if violated.is_empty() || holds.is_empty() && !violated.contains(',') {
            return;
        }
        for (what, names) in [("violated", violated), ("holds", holds), ("not checked", unchecked)] {
            if !names.is_empty() {
                self.line(Tone::Plain, &format!("{what}: {names}"));
            }
        }
    }

    fn figures(&mut self, report: &Report) {
        let mut figures = Vec::new();
        if let Some(distinct) = report.distinct {
            figures.push(counted(distinct, "distinct state"));
        }
        if let Some(generated) = report.generated {
            figures.push(format!("{} generated", count(generated)));
        }
        if let Some(depth) = report.depth {
            figures.push(format!("depth {depth}"));
        }
        if report.queue > 0 {
            figures.push(format!("{} left to expand", count(report.queue)));
        }
        figures.push(duration(report.seconds));
        figures.push(counted(report.workers as u64, "worker"));
        figures.extend(report.peak_memory_bytes.map(memory));
        if !report.exact {
            figures.push("not exact: hashes of states".to_owned());
        }
        self.line(Tone::Plain, &figures.join(", "));
        if let Some(temporal) = &report.temporal {
            let text = format!(
                "temporal properties: {}, product of {} and {}, {}",
                counted(temporal.steps, "step"),
                counted(temporal.product_nodes, "node"),
                counted(temporal.product_edges, "edge"),
                duration(temporal.seconds)
            );
            self.line(Tone::Faint, &text);
        }
    }
}

/// One link of a reason: a line.
pub(super) fn because(step: &Because, sources: &Sources) -> Vec<Piece> {
    let text: Vec<_> = sources.text(step.span).split_whitespace().collect();
    let mut text = text.join(" ");
    if text.chars().count() > EXPRESSION_WIDTH_MAX {
        text = text.chars().take(EXPRESSION_WIDTH_MAX - 1).chain(['…']).collect();
    }
    let place = sources.position(step.span.file, step.span.start).map_or(String::new(), |p| format!("line {}", p.line));
    let piece = |tone, text| Piece { tone, text };
    vec![
        piece(Tone::Faint, format!("  {place:<9} ")),
        piece(Tone::Plain, text),
        piece(Tone::Changed, format!("    \\* {}", step.note)),
        piece(Tone::Plain, "\n".to_owned()),
    ]
}

/// True if the finding only repeats a diagnostic of the report, which has been drawn.
fn is_drawn(finding: &Finding, report: &Report) -> bool {
    matches!(finding.kind, Kind::Parse | Kind::Config) && report.diagnostics.iter().any(|d| d.is_error())
}

/// The text with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// What "no error" is worth where states were known by their hashes.
fn probably(collision: Collision) -> String {
    let observed = collision
        .observed
        .map_or(String::new(), |observed| format!("; {observed:.1e} from the least distance of two hashes"));
    format!(
        "probably ok: no error found, but states may have been missed, as only their hashes were compared\n\
         probability that two states had one hash: {:.1e} if hashes are random{observed}",
        collision.calculated
    )
}

/// What was found, in a few words.
fn what(report: &Report) -> String {
    let Some(finding) = report.findings.first() else {
        let errors = report.diagnostics.iter().filter(|d| d.is_error()).count();
        return counted(errors as u64, "error");
    };
    let mut text = kind(finding.kind).to_owned();
    if let Some(property) = &finding.property {
        text.push(' ');
        text.push_str(property);
    }
    if let Some(trace) = &finding.trace {
        text.push_str(&format!(", trace of {}", counted(trace.steps.len() as u64, "state")));
    }
    if report.findings.len() > 1 {
        text.push_str(&format!(", and {} more", report.findings.len() - 1));
    }
    text
}

/// Why not everything was checked.
fn missing(report: &Report) -> String {
    if !report.unchecked.is_empty() {
        let (noun, verb) = if report.unchecked.len() == 1 { ("property", "is") } else { ("properties", "are") };
        let reason = report.findings.first().map_or(String::new(), |f| format!(": {}", f.message));
        return format!(
            "no error found, but the temporal {noun} {} {verb} not checked{reason}",
            report.unchecked.join(", ")
        );
    }
    match report.findings.first() {
        Some(finding) => finding.message.clone(),
        None => "no error found, but the search was cut short".to_owned(),
    }
}

/// The kind in words.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Assumption => "assumption",
        Kind::Postcondition => "postcondition",
        Kind::Deadlock => "deadlock",
        Kind::Invariant => "invariant",
        Kind::InvariantInitial => "invariant, in an initial state,",
        Kind::ActionProperty => "action property",
        Kind::PropertyInitial => "property, in an initial state,",
        Kind::Temporal => "temporal property",
        Kind::Assert => "assertion",
        Kind::Evaluation => "evaluation failed",
        Kind::InvariantEvaluation => "evaluation failed in invariant",
        Kind::PropertyEvaluation => "evaluation failed in property",
        Kind::Parse => "the specification does not parse",
        Kind::Config => "the config is wrong",
        Kind::TooLarge => "too large",
        Kind::System => "the system refused",
        Kind::Incomplete => "incomplete",
    }
}
