#!/usr/bin/env python3
"""Puts one-line faults into the examples, one at a time, and says which tests catch them.

    python3 examples/mutations.py [--only rust|python] [--write docs/mutations.md]

A fault that changes what can be observed must be caught; the exit code is 1 if one is not. Faults that change nothing
but time are among them and must not be caught. Files are put back as they were, also when it is interrupted. Logs are
validated if `$TLALOC` is the program (an absolute path).
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List

ROOT = Path(__file__).resolve().parents[1]
PROTOCOL = "examples/two_phase_commit/src/protocol.rs"
NODE = "examples/two_phase_commit/src/node.rs"
SIMULATION = "examples/two_phase_commit/src/simulation.rs"
QUEUE = "examples/bounded_queue/bounded_queue.py"
SECONDS_MAX = 600
TESTS_SHOWN_MAX = 5


@dataclass
class Fault:
    """A line, found by a part of it, and what it becomes."""

    file: str
    old: str
    new: str
    what: str
    observable: bool = True


FAULTS = [
    Fault(PROTOCOL, "self.phase = Phase::Prepared;", "self.phase = Phase::Working;", "prepares without being prepared"),
    Fault(
        PROTOCOL,
        "self.vote = Some(Message::Prepared { from: self.name.clone() });",
        "self.vote = None;",
        "prepares without voting",
    ),
    Fault(
        PROTOCOL,
        "if self.phase != Phase::Working {\n            return Err(Refusal(\"only who",
        "if self.phase == Phase::Prepared {\n            return Err(Refusal(\"only who",
        "votes after it has aborted",
    ),
    Fault(
        PROTOCOL,
        "if self.phase != Phase::Working {\n            return Err(Refusal(\"who has voted cannot",
        "if self.phase == Phase::Committed {\n            return Err(Refusal(\"who has voted cannot",
        "refuses after it has voted",
    ),
    Fault(
        PROTOCOL,
        "(Message::Commit, Phase::Prepared | Phase::Committed) => Phase::Committed,",
        "(Message::Commit, Phase::Prepared | Phase::Committed) => Phase::Prepared,",
        "hears of the commit and stays prepared",
    ),
    Fault(
        PROTOCOL,
        "(Message::Abort, Phase::Working | Phase::Prepared | Phase::Aborted) => Phase::Aborted,",
        "(Message::Abort, Phase::Working | Phase::Prepared | Phase::Aborted) => Phase::Committed,",
        "commits when told to abort",
    ),
    Fault(
        PROTOCOL,
        "if self.patience == Patience::Waits || self.phase != Phase::Prepared {",
        "if self.phase != Phase::Prepared {",
        "gives up after it has voted",
    ),
    Fault(PROTOCOL, "self.votes.insert(from.clone());", "", "forgets votes"),
    Fault(
        PROTOCOL,
        "if self.decision != Decision::Undecided || !self.participants.contains(from) {",
        "if !self.participants.contains(from) {",
        "counts votes after the decision",
    ),
    Fault(
        PROTOCOL,
        "if self.decision != Decision::Undecided || self.votes != self.participants {",
        "if self.decision != Decision::Undecided || self.votes.is_empty() {",
        "commits with some of the votes",
    ),
    Fault(
        PROTOCOL,
        "if self.decision != Decision::Undecided {\n            return Err(Refusal(\"decisions",
        "if self.decision == Decision::Abort {\n            return Err(Refusal(\"decisions",
        "aborts after it has committed",
    ),
    Fault(
        PROTOCOL,
        "Decision::Commit => Some(Message::Commit),",
        "Decision::Commit => Some(Message::Abort),",
        "announces an abort when it has committed",
    ),
    Fault(PROTOCOL, "self.decision = Decision::Commit;", "self.decision = Decision::Abort;", "aborts with all votes"),
    Fault(
        NODE,
        "if known.machine.obey(&packet.message).is_ok() && known.machine.phase() != before {",
        "if known.machine.phase() != before {",
        "does not act on what it is told",
    ),
    Fault(
        NODE,
        "Command::DecideAbort => (\"DecideAbort\", known.machine.decide_abort()),",
        "Command::DecideAbort => (\"DecideCommit\", known.machine.decide_abort()),",
        "logs an abort as a commit",
    ),
    Fault(
        SIMULATION,
        "const AGAIN_AFTER: Duration = Duration::from_millis(50);",
        "const AGAIN_AFTER: Duration = Duration::from_millis(40);",
        "sends again sooner",
        observable=False,
    ),
    Fault(QUEUE, "while len(self._items) >= self._capacity:", "while len(self._items) > self._capacity:", "one too many"),
    Fault(
        QUEUE, "while len(self._items) >= self._capacity:", "while len(self._items) >= self._capacity - 1 > 0:", "one too few"
    ),
    Fault(QUEUE, "while len(self._items) >= self._capacity:", "if len(self._items) >= self._capacity:", "put waits once"),
    Fault(QUEUE, "while not self._items:", "if not self._items:", "get waits once"),
    Fault(QUEUE, "self._items.append(item)", "self._items.insert(0, item)", "a stack"),
    Fault(QUEUE, "item = self._items.pop(0)", "item = self._items[0]", "get leaves the item"),
    Fault(QUEUE, "self._changed.notify_all()", "self._changed.notify()", "wakes one only"),
    Fault(QUEUE, "self._changed.notify_all()", "pass", "wakes nobody"),
    Fault(QUEUE, "if self._wake_all:", "if not self._wake_all:", "the variants are swapped"),
    Fault(
        QUEUE,
        "self._items.append(item)\n            self._wake()",
        "self._items.append(item)\n            pass",
        "put wakes nobody",
    ),
    Fault(
        QUEUE,
        "item = self._items.pop(0)\n            self._wake()",
        "item = self._items.pop(0)\n            pass",
        "get wakes nobody",
    ),
    Fault(QUEUE, "self._asleep.clear()", "pass", "logs sleepers that are awake"),
    Fault(
        QUEUE,
        "me = threading.current_thread().name\n        emit",
        "me = str(threading.current_thread().name)\n        emit",
        "copies a name",
        observable=False,
    ),
]


@dataclass
class Outcome:
    """Which tests failed; empty if all passed."""

    fault: Fault
    caught_by: List[str]


def run(command: List[str], folder: Path) -> str:
    """The output of a command, whatever its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, errors="replace",
            timeout=SECONDS_MAX, check=False,
        )
    except subprocess.TimeoutExpired:
        return "FAIL: (the tests hang)"
    if done.returncode != 0 and "error[" in done.stderr:
        raise SystemExit(f"the fault does not compile:\n{done.stderr}")
    return done.stdout + done.stderr


def failed_tests(fault: Fault) -> List[str]:
    """Runs the tests of the example that the file belongs to."""
    if fault.file == QUEUE:
        folder = ROOT / "examples/bounded_queue"
        output = run([sys.executable, "-m", "unittest"], folder)
        found = re.findall(r"^(?:FAIL|ERROR): (\S+).*?(?: \[(.*?)\.itf\.json\])?$", output, re.MULTILINE)
        return sorted({f"{test} ({trace})" if trace else test for test, trace in found})
    output = run(["cargo", "test", "--locked", "--no-fail-fast", "-p", "two-phase-commit"], ROOT)
    return sorted(set(re.findall(r"^test (\S+)(?: - should panic)? \.\.\. FAILED", output, re.MULTILINE)))


def outcomes(faults: List[Fault]) -> Iterator[Outcome]:
    """Puts in one fault after the other."""
    for number, fault in enumerate(faults, start=1):
        path = ROOT / fault.file
        text = path.read_text(encoding="utf-8")
        if text.count(fault.old) != 1:
            raise SystemExit(f"{fault.file}: `{fault.old}` is there {text.count(fault.old)} times, not once")
        try:
            path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
            outcome = Outcome(fault, failed_tests(fault))
        finally:
            path.write_text(text, encoding="utf-8")
        print(f"{number}/{len(faults)} {fault.what}: {', '.join(outcome.caught_by) or 'not caught'}", flush=True)
        yield outcome


def table(found: List[Outcome]) -> str:
    """The outcomes as a page."""
    observable = [outcome for outcome in found if outcome.fault.observable]
    caught = sum(bool(outcome.caught_by) for outcome in observable)
    lines = [
        "# Faults and the tests that catch them",
        "",
        "Written by `python3 examples/mutations.py --write docs/mutations.md`: each line is one fault put into an example,",
        "with the tests that then fail.",
        "",
        f"{caught} of {len(observable)} faults that change what can be observed are caught.",
        "",
        "| file | fault | caught by |",
        "|---|---|---|",
    ]
    for outcome in found:
        tests = ", ".join(f"`{test}`" for test in outcome.caught_by[:TESTS_SHOWN_MAX])
        if len(outcome.caught_by) > TESTS_SHOWN_MAX:
            tests += f" and {len(outcome.caught_by) - TESTS_SHOWN_MAX} more"
        if not tests:
            tests = "**nothing**" if outcome.fault.observable else "nothing, and nothing should"
        lines.append(f"| `{Path(outcome.fault.file).name}` | {outcome.fault.what} | {tests} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Puts one-line faults into the examples.")
    parser.add_argument("--only", choices=["rust", "python"])
    parser.add_argument("--write", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    # So that files are put back then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = {None: FAULTS, "python": [f for f in FAULTS if f.file == QUEUE], "rust": [f for f in FAULTS if f.file != QUEUE]}
    for file in sorted({fault.file for fault in wanted[arguments.only]}):
        whole = [fault for fault in FAULTS if fault.file == file][:1]
        failed = failed_tests(whole[0])
        if failed:
            raise SystemExit(f"without a fault, tests of {file} fail: {', '.join(failed)}")
    found = list(outcomes(wanted[arguments.only]))
    if arguments.write:
        arguments.write.write_text(table(found), encoding="utf-8")
    wrong = [o for o in found if o.fault.observable != bool(o.caught_by)]
    for outcome in wrong:
        print(f"not as it should be: {outcome.fault.file}: {outcome.fault.what}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
