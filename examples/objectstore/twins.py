#!/usr/bin/env python3
"""Twins: the store without one guard of the design, and the test that catches it.

    python3 examples/objectstore/twins.py [--traces | --run] [--write] [--only FEATURE]

Each guard of `specs/objectstore/threats.toml` is a constant of the specification and a cargo feature of the
implementation. The checker finds the counterexample without the guard, `tlaloc gen tests` makes a test of it; the good
code passes it, the code without the guard must not.

`--traces` compares the traces in `tests` with what the specification gives today (`--write` writes them), `--run` tests
every twin (`--write` puts the table into docs/objectstore.md). Without either, both. The program is `$TLALOC`, or
target/release/tlaloc. The exit code is 1 if a trace is not up to date or a twin is not caught.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

ROOT = Path(__file__).resolve().parents[2]
HERE = Path("examples/objectstore")
SPECS = Path("specs/objectstore")
SPEC = SPECS / "MCShardedStore.tla"
TESTS = HERE / "tests"
DOCS = ROOT / "docs" / "objectstore.md"
MARK = "<!-- twins -->"
SECONDS_MAX = 900
TESTS_SHOWN_MAX = 4


@dataclass
class Twin:
    """A feature, and where its counterexample comes from."""

    feature: str
    constant: str
    base: str
    claim: str
    threat: str
    # Where the good code takes the step of the counterexample, but to another state. Where it refuses a step, the
    # generator finds that out.
    leaves: Optional[int] = None

    @property
    def name(self) -> str:
        return self.feature.replace("-", "_")

    @property
    def config(self) -> Path:
        return HERE / "spec" / ("".join(word.capitalize() for word in self.feature.split("-")) + ".cfg")


TWINS = [
    Twin("ack-early", "AcksWhenAllWritten", "Threats", "INVARIANT Durability", "acknowledged too soon"),
    Twin("skip-checksums", "VerifiesChecksums", "Threats", "INVARIANT Durability", "rot spread by copying"),
    # It writes the shard, although an older one is there.
    Twin("unversioned-names", "NamesVersions", "ThreatsVersions", "INVARIANT Durability",
         "stale shard taken for a new one", leaves=7),
    Twin("collect-intents", "SparesIntents", "Threats", "INVARIANT NoReferencedShardCollected",
         "collector races writers"),
    Twin("unfenced-leaders", "FencesLeaders", "ThreatsLeaders", "INVARIANT NoReferencedShardCollected",
         "deposed leader commits"),
    Twin("move-blindly", "ComparesPlaces", "Threats", "INVARIANT NoReferencedShardCollected",
         "stale places committed"),
    Twin("late-put", "ComparesVersions", "ThreatsVersions", "PROPERTY NoResurrection", "late put"),
    # It asks the deposed leader, and gets no answer.
    Twin("serve-stale", "ConfirmsLeadership", "ThreatsLeaders", "INVARIANT ReadsAreCurrent", "stale read", leaves=5),
    Twin("crowd-domain", "SpreadsShards", "Threats", "INVARIANT Placement", "shards crowd together"),
    # A lasso: nothing in it is refused, but it is left.
    Twin("no-scrub", "Scrubs", "Threats", "PROPERTY Repaired", "rot nobody looks for"),
]

COVERS = [("actions", 20), ("pairs", 100)]


def tlaloc() -> str:
    return os.environ.get("TLALOC", str(ROOT / "target" / "release" / "tlaloc"))


def run(command: List[str], good: List[int]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    if done.returncode not in good:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def gen(config: Path, out: Path, *more: str) -> Dict[str, dict]:
    """The traces that `tlaloc gen tests` writes, by name."""
    command = [tlaloc(), "gen", "tests", str(SPEC), "--config", str(config), "--lang", "rust"]
    run(command + ["--adapter", "Store::new()", "--out", str(out), *more], [0, 1])
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(out.glob("traces/*/*.json"))}


def without(twin: Twin) -> str:
    """The config of the threats' model without the guard, asking only for what is broken then."""
    lines = (ROOT / SPECS / f"{twin.base}.cfg").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not re.match(r"\\\*|INVARIANTS|PROPERTIES", line)]
    text = "\n".join(kept).replace(f" {twin.constant} = TRUE", f" {twin.constant} = FALSE")
    return f"\\* {twin.base}.cfg without {twin.constant}: the feature {twin.feature}.\n{text}\n{twin.claim}\n"


def counterexample(twin: Twin, folder: Path) -> Dict[str, dict]:
    """The counterexample with the step to be refused, and what the good design does instead."""
    fixed = ["--fixed", str(SPEC), "--fixed-config", str(SPECS / f"{twin.base}.cfg")]
    found = gen(twin.config, folder / twin.name, *fixed)
    traces = {}
    for name, trace in found.items():
        where = "corrected" if name.endswith("-corrected.itf.json") else "counterexamples"
        traces[f"{where}/{twin.name}.itf.json"] = trace
    bad = f"counterexamples/{twin.name}.itf.json"
    if bad not in traces:
        saved = folder / f"{twin.name}.itf.json"
        run([tlaloc(), "check", str(SPEC), "--config", str(twin.config), "--trace-out", str(saved)], [12, 13])
        traces[bad] = json.loads(saved.read_text(encoding="utf-8"))
        if twin.leaves is not None:
            traces[bad]["#meta"]["expect"] = {"refused": twin.leaves}
    return traces


def said(trace: dict) -> dict:
    """What a trace says, but for the version that wrote it."""
    return {**trace, "#meta": {**trace["#meta"], "tool_version": None}}


def traces(twins: List[Twin], write: bool) -> List[str]:
    """What is not up to date."""
    now: Dict[str, dict] = {}
    stale = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for twin in twins:
            config = ROOT / twin.config
            if write:
                config.write_text(without(twin), encoding="utf-8")
            elif config.read_text(encoding="utf-8") != without(twin):
                stale.append(str(twin.config))
            now.update(counterexample(twin, folder))
        if len(twins) == len(TWINS):
            for what, most in COVERS:
                limits = ["--cover", what, "--max-states", "1000000", "--max-length", "60", "--max-traces", str(most)]
                for name, trace in gen(HERE / "spec" / "Covering.cfg", folder / what, *limits).items():
                    now[f"traces/{name}"] = trace
    for name, trace in now.items():
        file = ROOT / TESTS / name
        if write:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(trace, ensure_ascii=False) + "\n", encoding="utf-8")
        elif not file.exists() or said(json.loads(file.read_text(encoding="utf-8"))) != said(trace):
            stale.append(str(TESTS / name))
    return stale


def failed_tests(features: List[str]) -> List[str]:
    quick = [f"--config=profile.dev.package.objectstore.{how}" for how in ("opt-level=0", "debug=false")]
    command = ["cargo", "test", *quick, "--locked", "--no-fail-fast", "-p", "objectstore", "--test", "replay", *features, "refuses::"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    if "test result" not in done.stdout:
        raise SystemExit(done.stdout + done.stderr)
    return sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", done.stdout, re.MULTILINE)))


def row(twin: Twin, failed: List[str]) -> str:
    own = f"refuses::{twin.name}"
    others = [test for test in failed if test != own]
    shown = ", ".join(f"`{test}`" for test in [own, *others[:TESTS_SHOWN_MAX]])
    more = f" and {len(others) - TESTS_SHOWN_MAX} more" if len(others) > TESTS_SHOWN_MAX else ""
    return f"| {twin.threat} | `{twin.feature}` | {twin.claim.split()[1]} | {shown}{more} |"


def twins_are_caught(twins: List[Twin], write: bool) -> List[str]:
    """What is not as it should be. Each twin has to fail its own counterexample."""
    wrong = [f"without a fault, {test} fails" for test in failed_tests([])]
    rows = ["| threat | feature | broken in the spec | tests that fail |", "|---|---|---|---|"]
    for twin in twins:
        failed = failed_tests(["--features", twin.feature])
        print(f"{twin.feature}: {', '.join(failed) or 'not caught'}", flush=True)
        if f"refuses::{twin.name}" not in failed:
            wrong.append(f"{twin.feature}: refuses::{twin.name} does not catch it")
        rows.append(row(twin, failed))
    if write and len(twins) == len(TWINS) and not wrong:
        text = DOCS.read_text(encoding="utf-8")
        before, _, after = text.split(MARK)
        DOCS.write_text(f"{before}{MARK}\n" + "\n".join(rows) + f"\n{MARK}{after}", encoding="utf-8")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="The store without one guard of the design, and what catches it.")
    parser.add_argument("--traces", action="store_true")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", choices=[twin.feature for twin in TWINS])
    arguments = parser.parse_args()
    both = not arguments.traces and not arguments.run
    twins = [twin for twin in TWINS if arguments.only in (None, twin.feature)]
    wrong = []
    if both or arguments.traces:
        wrong += [f"not up to date: {name}" for name in traces(twins, arguments.write)]
    if both or arguments.run:
        wrong += twins_are_caught(twins, arguments.write)
    print("\n".join(wrong) or "all is as it should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
