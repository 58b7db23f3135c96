//! Real specifications and TLC's counts on them, each checked by a child process of its own.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value as Json;

use super::Judgement;

/// One model.
#[derive(Clone, Deserialize, Debug)]
pub struct Row {
    /// Root module, relative to the corpus.
    pub tla: String,
    /// Config, relative to the corpus.
    pub cfg: String,
    /// `exhaustive search`, `simulate`, `generate`.
    pub mode: String,
    /// `success`, `safety failure`, `liveness failure`, `unknown`.
    pub result: String,
    /// Distinct states.
    pub distinct: Option<u64>,
    /// Generated states.
    pub generated: Option<u64>,
    /// Levels.
    pub depth: Option<u64>,
    /// CPU seconds that TLC took.
    pub tlc_cpu_seconds: Option<f64>,
}

/// Reads the rows of a corpus.
///
/// # Errors
/// When they cannot be read.
pub fn read(folder: &Path) -> std::io::Result<Vec<Row>> {
    let text = std::fs::read_to_string(folder.join("expected.json"))?;
    serde_json::from_str(&text).map_err(std::io::Error::from)
}

impl Row {
    /// True if the fact is more than that the model parses.
    pub fn can_run(&self) -> bool {
        self.mode == "exhaustive search"
            && match self.result.as_str() {
                "success" => self.distinct.is_some(),
                "safety failure" | "liveness failure" => true,
                _ => false,
            }
    }
}

/// How to run the models.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Models that took TLC longer are only parsed.
    pub tlc_seconds_max: Option<f64>,
    /// How long a model may take.
    pub timeout: Duration,
    /// Worker threads; `None`: the program's default.
    pub workers: Option<usize>,
    /// Have the program measure where its time goes.
    pub stats: bool,
}

/// What became of a model.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// True if it was explored, false if it was only read.
    pub explored: bool,
    /// The comparison.
    pub judgement: Judgement,
    /// The program's report.
    pub report: Json,
    /// CPU seconds, user and system; `None` where the system does not tell.
    pub cpu_seconds: Option<f64>,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// Checks the model of a row with a program.
pub fn run(program: &Path, folder: &Path, row: &Row, settings: &Settings) -> Outcome {
    let small = settings.tlc_seconds_max.is_none_or(|max| row.tlc_cpu_seconds.is_some_and(|s| s <= max));
    let explored = row.can_run() && small;
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (program, folder) = (absolute(program), absolute(folder));
    let mut command = Command::new(program);
    command.arg("check").arg(folder.join(&row.tla)).arg("--config").arg(folder.join(&row.cfg));
    command.args(["--json", "--allow-io"]);
    if settings.stats {
        command.arg("--stats");
    }
    if let Some(workers) = settings.workers {
        command.arg("--workers").arg(workers.to_string());
    }
    if !explored {
        command.arg("--dry-run");
    }
    // Some models write files where they are run.
    let scratch = std::env::temp_dir().join(format!("tlaloc-corpus-{}", std::process::id()));
    if std::fs::create_dir_all(&scratch).is_ok() {
        command.current_dir(&scratch);
    }
    let cpu = children_cpu_seconds();
    let started = Instant::now();
    let answer = finish(command, settings.timeout);
    // What cannot be removed is left to the system.
    let _ = std::fs::remove_dir_all(&scratch);
    let seconds = started.elapsed().as_secs_f64();
    let cpu_seconds = cpu.zip(children_cpu_seconds()).map(|(before, after)| after - before);
    let (judgement, report) = match answer {
        Ok(report) => (if explored { compare(row, &report) } else { compare_parse(&report) }, report),
        Err(message) => (Judgement::Differs(message), Json::Null),
    };
    Outcome { explored, judgement, report, cpu_seconds, seconds }
}

/// The one object that the program prints.
fn finish(mut command: Command, timeout: Duration) -> Result<Json, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("does not start: {e}"))?;
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let ended = wait(&mut child, timeout)?;
    let text = |reader: Option<std::thread::JoinHandle<String>>| reader.and_then(|r| r.join().ok()).unwrap_or_default();
    let (stdout, stderr) = (text(stdout), text(stderr));
    let Some(status) = ended else {
        return Err(format!("takes more than {} s", timeout.as_secs()));
    };
    serde_json::from_str(&stdout).map_err(|e| {
        let last = stderr.lines().last().unwrap_or_default();
        format!("no report ({status}; {e}): {last}")
    })
}

fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // A broken pipe ends the text; what came is used.
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// `None`: killed after the timeout.
fn wait(child: &mut Child, timeout: Duration) -> Result<Option<std::process::ExitStatus>, String> {
    let deadline = Instant::now() + timeout;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Ok(None);
            }
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}

/// CPU seconds of all children that have ended.
#[cfg(unix)]
fn children_cpu_seconds() -> Option<f64> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    let microseconds = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Some(microseconds as f64 / 1e6)
}

/// CPU seconds of all children that have ended.
#[cfg(not(unix))]
fn children_cpu_seconds() -> Option<f64> {
    None
}

/// Compares a report of an explored model.
fn compare(row: &Row, report: &Json) -> Judgement {
    let verdict = report["verdict"].as_str().unwrap_or_default();
    let right = match row.result.as_str() {
        "success" => verdict == "ok",
        "safety failure" => verdict == "violation" && (!report["trace"].is_null() || report["kind"] == "assumption"),
        "liveness failure" => verdict == "violation" && !report["trace"].is_null(),
        _ => false,
    };
    if !right {
        return Judgement::Differs(format!("{} ({}), should be {}", verdict, reason(report), row.result));
    }
    for (what, theirs) in [("distinct", row.distinct), ("generated", row.generated), ("depth", row.depth)] {
        // Without a behaviour to explore, TLC prints zeros.
        let (ours, Some(theirs)) = (report[what].as_u64().unwrap_or(0), theirs) else { continue };
        if ours == theirs {
            continue;
        }
        let difference = format!("{what} is {ours}, should be {theirs}");
        // Several workers of TLC may find a state first by a longer way: its depth is an upper bound.
        if what == "depth" && ours + 1 == theirs {
            return Judgement::Nearly(difference);
        }
        return Judgement::Differs(difference);
    }
    Judgement::Agrees
}

/// Compares a report of a model that was only read.
fn compare_parse(report: &Json) -> Judgement {
    if report["verdict"] == "error" {
        return Judgement::Differs(format!("cannot be read: {}", reason(report)));
    }
    Judgement::Agrees
}

/// The first message of a report, with its place.
fn reason(report: &Json) -> String {
    let finding = &report["findings"][0];
    let diagnostic = if finding["diagnostic"].is_object() { &finding["diagnostic"] } else { &report["diagnostics"][0] };
    let message = diagnostic["message"].as_str().or_else(|| finding["message"].as_str()).unwrap_or("no message");
    let message = message.lines().next().unwrap_or_default();
    match (diagnostic["file"].as_str(), diagnostic["line"].as_u64()) {
        (Some(file), Some(line)) => {
            let file = Path::new(file).file_name().map_or(file.to_owned(), |n| n.to_string_lossy().into_owned());
            format!("{file}:{line}: {message}")
        }
        _ => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(result: &str) -> Row {
        Row {
            tla: "M.tla".into(),
            cfg: "M.cfg".into(),
            mode: "exhaustive search".into(),
            result: result.into(),
            distinct: (result == "success").then_some(5),
            generated: None,
            depth: None,
            tlc_cpu_seconds: None,
        }
    }

    #[test]
    fn success_needs_equal_counts() {
        let ok = json!({"verdict": "ok", "distinct": 5, "findings": []});
        assert_eq!(compare(&row("success"), &ok), Judgement::Agrees);
        let other = json!({"verdict": "ok", "distinct": 6, "findings": []});
        assert!(!compare(&row("success"), &other).is_acceptable());
        let cut_short = json!({"verdict": "incomplete", "distinct": 5, "unchecked": []});
        assert!(!compare(&row("success"), &cut_short).is_acceptable());
        let unchecked = json!({"verdict": "incomplete", "distinct": 5, "unchecked": ["Live"]});
        assert!(!compare(&row("success"), &unchecked).is_acceptable());
    }

    #[test]
    fn safety_failure_needs_a_trace() {
        let bare = json!({"verdict": "violation", "kind": "invariant", "trace": null});
        assert!(!compare(&row("safety failure"), &bare).is_acceptable());
        let traced = json!({"verdict": "violation", "kind": "invariant", "trace": {"states": []}});
        assert_eq!(compare(&row("safety failure"), &traced), Judgement::Agrees);
    }
}
