//! TLC's single-dash flags, and what they are called here.

use std::ffi::OsString;

/// TLC's flag and what to write instead; `Err` where there is nothing to write, with the reason.
const FLAGS: &[(&str, Result<&str, &str>)] = &[
    ("-config", Ok("--config FILE")),
    ("-workers", Ok("--workers N (or `--workers auto`)")),
    ("-deadlock", Ok("--no-deadlock")),
    ("-continue", Ok("--continue")),
    ("-coverage", Ok("--coverage")),
    ("-dumptrace", Ok("--trace-out FILE")),
    ("-dumpTrace", Ok("--trace-out FILE")),
    ("-seed", Ok("--seed N")),
    ("-maxSetSize", Ok("--max-set-size N")),
    ("-help", Ok("--help")),
    ("-h", Ok("--help")),
    ("-version", Ok("--version")),
    ("-tool", Ok("--json (one JSON object instead of TLC's framed messages)")),
    ("-json", Ok("--json")),
    ("-difftrace", Err("counterexamples show what changed by default; `--full-trace` shows everything")),
    ("-nowarning", Err("warnings go to standard error and do not change the exit code")),
    ("-fp", Err("states are compared exactly, there is no fingerprint polynomial to choose")),
    ("-fpmem", Err("use `--memory BYTES` to bound the memory of the state store")),
    ("-fpbits", Err("states are compared exactly, there is no fingerprint set")),
    ("-terse", Err("values are always printed on one line")),
    ("-cleanup", Err("nothing is left on disk")),
    ("-metadir", Err("nothing is written to disk")),
    ("-lncheck", Err("temporal properties are checked at the end of a run")),
    ("-simulate", Err("random simulation is not available yet")),
    ("-generate", Err("random simulation is not available yet")),
    ("-depth", Err("random simulation is not available yet; `--max-depth N` bounds the levels of a search")),
    ("-dfid", Err("the search is breadth-first; `--max-depth N` bounds its levels")),
    ("-checkpoint", Err("checkpoints are not available yet")),
    ("-recover", Err("checkpoints are not available yet")),
    ("-dump", Err("dumps of the state graph are not available yet")),
    ("-view", Err("use VIEW in the config file")),
    ("-userFile", Err("what a specification prints goes to standard output; redirect that")),
    ("-debugger", Err("there is no debugger")),
    ("-gzip", Err("nothing is written to disk")),
    ("-noGenerateSpecTE", Err("no trace specification is written; `--trace-out FILE` writes ITF JSON")),
];

/// The message for the first of TLC's flags among the arguments, if there is one.
pub(super) fn explain(arguments: &[OsString]) -> Option<String> {
    let takes_any_text = arguments.get(1).is_some_and(|command| command == "eval");
    let flag = arguments.iter().skip(1).filter_map(|a| a.to_str()).take_while(|a| *a != "--").find_map(|argument| {
        FLAGS.iter().find(|(flag, _)| *flag == argument && !(takes_any_text || argument == "-h"))
    })?;
    Some(match flag {
        (flag, Ok(ours)) => format!("`{flag}` is TLC's spelling; here it is `{ours}`"),
        (flag, Err(reason)) => format!("TLC's `{flag}` has no counterpart here: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(line: &str) -> Option<String> {
        explain(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn names_our_flag() {
        assert_eq!(
            explained("tlaloc check Spec -config MC.cfg").as_deref(),
            Some("`-config` is TLC's spelling; here it is `--config FILE`")
        );
        assert!(explained("tlaloc check Spec -workers auto").is_some_and(|m| m.contains("--workers auto")));
        assert!(explained("tlaloc check -deadlock Spec").is_some_and(|m| m.contains("--no-deadlock")));
    }

    #[test]
    fn leaves_our_own_flags_alone() {
        assert_eq!(explained("tlaloc check Spec --config MC.cfg --workers 2"), None);
        assert_eq!(explained("tlaloc eval -depth"), None);
        assert_eq!(explained("tlaloc check -- -config"), None);
    }
}
