//! How far a run is: one live line on a terminal, a plain line now and then elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::figures::{count, duration, memory};
use crate::explore::Published;

/// How often the live line changes.
const LIVE_INTERVAL: Duration = Duration::from_millis(200);

/// How often a plain line is written.
const PLAIN_INTERVAL: Duration = Duration::from_secs(10);

/// Shows progress until it is stopped.
pub(super) struct Live {
    bar: ProgressBar,
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Live {
    /// Starts to show what the search publishes.
    pub(super) fn start(published: Arc<Published>, memory_limit: Option<u64>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if terminal { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if terminal {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
        }
        let (stop, stopped) = mpsc::channel();
        let shown = bar.clone();
        let work = move || {
            let started = Instant::now();
            let interval = if terminal { LIVE_INTERVAL } else { PLAIN_INTERVAL };
            let mut last = (0.0, 0);
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                let seconds = started.elapsed().as_secs_f64();
                let distinct = published.distinct();
                let rate = (distinct.saturating_sub(last.1)) as f64 / (seconds - last.0);
                last = (seconds, distinct);
                let line = line(&published, rate, seconds, memory_limit);
                if terminal {
                    shown.set_message(line);
                    shown.tick();
                } else {
                    let _ = writeln!(std::io::stderr().lock(), "progress: {line}");
                }
            }
        };
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(work).ok();
        Self { bar, stop, thread }
    }

    /// Where lines that the specification prints go: standard output, or standard error when that is kept
    /// for JSON.
    pub(super) fn printer(&self, to_stderr: bool) -> Arc<dyn Fn(&str) + Send + Sync> {
        let bar = self.bar.clone();
        Arc::new(move |line| {
            bar.suspend(|| {
                let _ = if to_stderr {
                    writeln!(std::io::stderr().lock(), "{line}")
                } else {
                    writeln!(std::io::stdout().lock(), "{line}")
                };
            });
        })
    }

    /// Removes the live line.
    pub(super) fn stop(mut self) {
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

fn line(published: &Published, rate: f64, seconds: f64, limit: Option<u64>) -> String {
    let mut line = format!(
        "{} distinct states ({}/s), {} generated, {} queued, depth {}, {}",
        count(published.distinct()),
        count(rate.max(0.0) as u64),
        count(published.generated()),
        count(published.queue()),
        published.depth(),
        duration(seconds),
    );
    if let Some(bytes) = resident() {
        line.push_str(&format!(", {}", memory(bytes)));
        if let Some(limit) = limit {
            line.push_str(&format!(" of {}", memory(limit)));
        }
    }
    line
}

/// Resident memory of this process, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
