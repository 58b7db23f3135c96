//! A `tracing` layer that writes a log that `tlaloc validate` reads.
//!
//! Events with the target `tlaloc` are written, all others ignored:
//!
//! ```
//! use tlaloc_link::{Event, EventLayer, Log};
//! use tracing_subscriber::layer::SubscriberExt as _;
//!
//! # let lines = tlaloc_link::LineBuffer::default();
//! let subscriber = tracing_subscriber::registry().with(EventLayer::new(Log::new(lines.clone())));
//! # let _guard = tracing::subscriber::set_default(subscriber);
//! // Plain fields: `params.…` and `state.…` by name or path. The node is found on the span.
//! let _node = tracing::info_span!("node", node = "p1").entered();
//! tracing::info!(target: "tlaloc", action = "Prepare", params.p = "p1", "state.state[p1]" = "prepared");
//! // Anything serde can serialise: sets, records, clocks.
//! Event::action("ReceiveVote").param("p", "p1").state("votes", &["p1"]).emit();
//! # let lines = lines.to_string();
//! # let lines: Vec<_> = lines.lines().collect();
//! # assert_eq!(lines[0], r#"{"action":"Prepare","params":{"p":"p1"},"state":{"state[p1]":"prepared"},"node":"p1"}"#);
//! # assert_eq!(lines[1], r#"{"action":"ReceiveVote","params":{"p":"p1"},"state":{"votes":["p1"]},"node":"p1"}"#);
//! ```

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event as Tracing, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::clock::Clock;
use crate::event::{Event, Log};
use crate::observed::Observed;

/// The target of events that are written.
pub const TARGET: &str = "tlaloc";

/// The field in which [`Event::emit`] hands over a whole event.
const WHOLE: &str = "tlaloc_event";

impl Event {
    /// Sends the event through `tracing`, with the target `tlaloc`. A node that is not set is taken from the spans.
    pub fn emit(&self) {
        tracing::info!(target: TARGET, tlaloc_event = %self);
    }
}

/// Writes events with the target `tlaloc` to a [`Log`]. Lines that cannot be written are counted, see
/// [`EventLayer::failures`].
#[derive(Debug)]
pub struct EventLayer<W: Write> {
    log: Log<W>,
    failures: Arc<Mutex<u64>>,
}

impl<W: Write> EventLayer<W> {
    /// A layer that writes to this log.
    pub fn new(log: Log<W>) -> Self {
        EventLayer { log, failures: Arc::default() }
    }

    /// How many events could not be written so far; keep it to ask when the program ends.
    pub fn failures(&self) -> Arc<Mutex<u64>> {
        Arc::clone(&self.failures)
    }
}

/// The node that a span's field names, kept with the span.
struct Node(String);

impl<S, W> Layer<S> for EventLayer<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: Write + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(node), Some(span)) = (fields.event.node, context.span(id)) {
            span.extensions_mut().insert(Node(node));
        }
    }

    fn on_event(&self, tracing: &Tracing<'_>, context: Context<'_, S>) {
        if tracing.metadata().target() != TARGET {
            return;
        }
        let mut fields = Fields::default();
        tracing.record(&mut fields);
        let Fields { mut event, failed } = fields;
        if event.node.is_none() {
            let mut spans = context.event_span(tracing).into_iter().flat_map(|span| span.scope());
            event.node = spans.find_map(|span| span.extensions().get::<Node>().map(|Node(node)| node.clone()));
        }
        if failed || self.log.write(&event).is_err() {
            *self.failures.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }
    }
}

/// The fields of an event, as they are visited.
#[derive(Default)]
struct Fields {
    event: Event,
    failed: bool,
}

impl Fields {
    fn put(&mut self, name: &str, value: Observed) {
        let text = || match &value {
            Observed::Text(text) => Some(text.clone()),
            _ => None,
        };
        if let Some(parameter) = name.strip_prefix("params.") {
            self.event.params.push((parameter.to_owned(), value));
        } else if let Some(path) = name.strip_prefix("state.") {
            self.event.state.push((path.to_owned(), value));
        } else if name == "action" {
            self.event.action = text();
        } else if name == "node" {
            self.event.node = text();
        } else if name == "clock" {
            match value {
                Observed::Int(time) => {
                    self.event.clock = time.to_u128().and_then(|t| t.try_into().ok()).map(Clock::Lamport)
                }
                _ => self.failed = true,
            }
        } else {
            self.event.rest.insert(name.to_owned(), value.to_json());
        }
    }

    fn whole(&mut self, line: &str) {
        match line.parse() {
            Ok(event) => self.event = event,
            Err(_) => self.failed = true,
        }
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), Observed::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), Observed::Int(value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), Observed::Int(value.into()));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field.name(), Observed::Int(value.into()));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field.name(), Observed::Int(value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), Observed::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == WHOLE {
            self.whole(&format!("{value:?}"));
        } else {
            self.put(field.name(), Observed::Text(format!("{value:?}")));
        }
    }
}
