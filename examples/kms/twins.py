#!/usr/bin/env python3
"""Twins: the implementation with one guard of the design forgotten, and the test that catches it.

    python3 examples/kms/twins.py [--traces | --run] [--all] [--write] [--only FEATURE]

Each guard of `specs/kms/threats.toml` is a constant of the specification and a cargo feature of the implementation. The
checker finds the counterexample without the guard, `tlaloc gen tests` makes a test of it; the good code passes it, the
code without the guard must not.

`--traces` compares the traces in `tests` with what the specification gives today (`--write` writes them), `--run` tests
every twin (`--write` puts the table into docs/kms.md). Without either, both. The program is `$TLALOC`, or
target/release/tlaloc. The exit code is 1 if a trace is not up to date or a twin is not caught.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

ROOT = Path(__file__).resolve().parents[2]
HERE = Path("examples/kms")
SPEC = HERE / "spec" / "Observed.tla"
CONFIGS = HERE / "spec"
TESTS = HERE / "tests"
DOCS = ROOT / "docs" / "kms.md"
SECONDS_MAX = 900


@dataclass
class Twin:
    """A feature, the constant it stands for, and what the checker finds."""

    feature: str
    constant: str
    property: str
    threat: str
    # Where the good code leaves the counterexample by doing something else than it, if not in its last step. Where it
    # refuses an action, the generator finds that out.
    leaves: Optional[int] = None


TWINS = [
    Twin("forget-last-digest", "RemembersLast", "NoRollback", "rollback by replay"),
    Twin("count-no-approvals", "CountsApprovals", "AuthorisedEvolution", "unapproved token"),
    Twin("own-operators", "AsksParentsOperators", "AuthorisedEvolution", "self-appointed operators"),
    Twin("pledge-twice", "PledgesOnce", "NoFork", "fork by two ceremonies"),
    # It founds the domain with a larger quorum.
    Twin("small-quorums", "QuorumsIntersect", "NoFork", "fork by corrupt operators", leaves=0),
    Twin("skip-author-check", "ChecksAuthor", "Secrecy", "token signed by a non-member"),
    Twin("issue-before-quorum", "IssuesAfterQuorum", "Secrecy", "keys before quorum"),
    Twin("key-everybody", "KeysMembersOnly", "Secrecy", "removed host still keyed"),
    Twin("no-mint-on-removal", "MintsOnRemoval", "Freshness", "old key after removal"),
    # It proposes a rotation that keeps the old key.
    Twin("drop-old-keys", "KeepsOldKeys", "Decryptable", "data lost by rotation", leaves=2),
    # It drops the bad token and goes on.
    Twin("die-on-bad-token", "SurvivesBadTokens", "Convergence", "shut down by garbage", leaves=2),
]

# Pairs of actions are many: the first sets take most of them.
COVERS = [("members", "actions", 20), ("members", "branches", 20), ("operators", "branches", 20), ("members", "pairs", 5)]


def tlaloc() -> str:
    return os.environ.get("TLALOC", str(ROOT / "target" / "release" / "tlaloc"))


def gen(config: Path, out: Path, *more: str) -> None:
    """`tlaloc gen tests`; a set that does not cover all has the exit code 1 and says what is missing."""
    command = [tlaloc(), "gen", "tests", str(SPEC), "--library", "specs/kms", "--config", str(config)]
    command += ["--lang", "rust", "--adapter", "Domain::new()", "--out", str(out), *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def written(out: Path) -> List[Path]:
    return sorted(out.glob("traces/*/*.itf.json"))


def config_of(twin: Twin) -> Path:
    return CONFIGS / "twins" / f"{twin.feature}.cfg"


def write_configs() -> None:
    """One config a twin: the good one with one constant off."""
    good = (ROOT / CONFIGS / "Good.cfg").read_text()
    for twin in TWINS:
        (ROOT / config_of(twin)).parent.mkdir(exist_ok=True)
        assert f"{twin.constant} = TRUE" in good, twin.constant
        model = good.split("\n", 1)[1].replace(f"{twin.constant} = TRUE", f"{twin.constant} = FALSE")
        (ROOT / config_of(twin)).write_text(f"\\* {twin.threat.capitalize()}: without the guard, {twin.property} fails.\n{model}")


def counterexample(twin: Twin) -> Dict[str, str]:
    """The counterexample without the guard, and what the design does instead."""
    files: Dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        fixed = ["--fixed", str(SPEC), "--fixed-config", str(CONFIGS / "Good.cfg")]
        gen(config_of(twin), Path(folder), *fixed)
        if all("-corrected" in path.name for path in written(Path(folder))):
            # The design takes the same actions to other states.
            gen(config_of(twin), Path(folder) / "again")
        for path in written(Path(folder)) + written(Path(folder) / "again"):
            trace = json.loads(path.read_text())
            if "-corrected" in path.name:
                # A behaviour without steps shows nothing.
                if len(trace["states"]) > 1:
                    files[f"traces/instead_of_{twin.feature.replace('-', '_')}.itf.json"] = path.read_text()
                continue
            assert trace["#meta"]["property"] == twin.property, (twin, trace["#meta"]["property"])
            if twin.leaves is not None:
                trace["#meta"]["expect"] = {"refused": twin.leaves}
            files[f"counterexamples/{twin.feature.replace('-', '_')}.itf.json"] = json.dumps(trace, indent=2) + "\n"
    return files


def covering() -> Dict[str, str]:
    files: Dict[str, str] = {}
    for model, cover, traces_max in COVERS:
        with tempfile.TemporaryDirectory() as folder:
            config = CONFIGS / f"{model.capitalize()}.cfg"
            gen(config, Path(folder), "--cover", cover, "--max-traces", str(traces_max))
            for number, path in enumerate(written(Path(folder)), 1):
                files[f"traces/{model}_{cover}_{number:02}.itf.json"] = path.read_text()
    return files


def compared(text: str) -> object:
    trace = json.loads(text)
    trace["#meta"].pop("tool_version", None)
    return trace


def traces(write: bool, only: Optional[str]) -> int:
    """Traces that are not what the specification gives today."""
    if write:
        write_configs()
    files: Dict[str, str] = {} if only else covering()
    for twin in TWINS:
        if only in (None, twin.feature):
            files.update(counterexample(twin))
    if write:
        if not only:
            for folder in ("traces", "counterexamples"):
                shutil.rmtree(ROOT / TESTS / folder, ignore_errors=True)
                (ROOT / TESTS / folder).mkdir()
        for name, text in files.items():
            (ROOT / TESTS / name).write_text(text)
        print(f"wrote {len(files)} traces")
        return 0
    stale = [name for name, text in files.items() if not is_current(ROOT / TESTS / name, text)]
    for name in stale:
        print(f"not what the specification gives today: {TESTS / name} (--traces --write)")
    print(f"{len(files) - len(stale)} of {len(files)} traces are what the specification gives today")
    return len(stale)


def is_current(path: Path, text: str) -> bool:
    return path.exists() and compared(path.read_text()) == compared(text)


def failing(features: List[str], everything: bool) -> List[str]:
    """Names of the tests that fail with these features."""
    command = ["cargo", "test", "--locked", "-p", "key-domain", "--no-fail-fast", "--features", ",".join(features)]
    command += [] if everything else ["--test", "replay", "--test", "secrets"]
    environment = {**os.environ, "TLALOC": str(Path(tlaloc()).resolve())}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX, env=environment)
    if "test result:" not in done.stdout:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return sorted(set(re.findall(r"^test (\S+)(?: - should panic)? \.\.\. FAILED$", done.stdout, re.M)))


def run(write: bool, only: Optional[str], everything: bool) -> int:
    """Twins that their test does not catch."""
    missed = 0
    rows = ["| threat | feature | violated in the spec | failing tests |", "|---|---|---|---|"]
    for twin in TWINS:
        if only not in (None, twin.feature):
            continue
        test = f"refuses::{twin.feature.replace('-', '_')}"
        failed = failing([twin.feature], everything)
        is_caught = test in failed
        missed += not is_caught
        others = [name for name in failed if name != test]
        shown = ", ".join(f"`{name}`" for name in others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
        print(f"{'caught' if is_caught else 'NOT CAUGHT'}: {twin.feature}: {test if is_caught else ''}, {shown}", flush=True)
        rows.append(f"| {twin.threat} | `{twin.feature}` | `{twin.property}` | `{test}`{', ' if shown else ''}{shown} |")
    if write and not only:
        text = DOCS.read_text()
        marked = re.compile(r"(<!-- twins -->\n).*?(<!-- /twins -->)", re.S)
        if not marked.search(text):
            raise SystemExit(f"{DOCS} has no place for the table")
        DOCS.write_text(marked.sub(lambda m: m.group(1) + "\n".join(rows) + "\n" + m.group(2), text))
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", action="store_true")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--all", action="store_true", help="with simulated runs, too, which takes long")
    parser.add_argument("--only", choices=[twin.feature for twin in TWINS])
    arguments = parser.parse_args()
    both = not (arguments.traces or arguments.run)
    wrong = 0
    if arguments.traces or both:
        wrong += traces(arguments.write, arguments.only)
    if arguments.run or both:
        wrong += run(arguments.write, arguments.only, arguments.all)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
