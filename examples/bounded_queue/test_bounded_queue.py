"""The queue does what its spec does, and the broken one does not."""

import io
import json
import logging
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import List, Tuple

from tlaloc_link import Conforms, Coverage, EventHandler, Failure, Trace, replay, trace_files

import bounded_queue
from bounded_queue import BoundedQueue
from driven import DrivenQueue

HERE = Path(__file__).parent
SPEC = HERE.parents[1] / "specs" / "bounded_queue" / "BoundedQueue.tla"

SECONDS_MAX = 10.0
"""Longer than any run takes that ends."""

HANGS_AFTER_SECONDS = 0.3
"""A broken queue that has not ended by then may end later: the test then tries the next."""


def follow(trace: Trace, wake_all: bool = bounded_queue.WAKE_ALL) -> Coverage:
    """Replays a behaviour of the design (two producers, two consumers, room for two)."""
    with DrivenQueue(2, wake_all=wake_all) as queue:
        return replay(trace, queue, expect=Conforms())


def refuse(trace: Trace, wake_all: bool = bounded_queue.WAKE_ALL) -> Coverage:
    """Replays a behaviour of a design with a mistake (room for one)."""
    with DrivenQueue(1, wake_all=wake_all) as queue:
        return replay(trace, queue)


def run_threads(seed: int, wake_all: bool, rounds: int = 30) -> Tuple[bool, str, List[str]]:
    """Two producers and two consumers as fast as they can: (did it end?, log, items as they came out)."""
    chance = random.Random(seed)
    queue = BoundedQueue(1, wake_all=wake_all)
    stream = io.StringIO()
    got: List[str] = []
    handler = EventHandler(stream)
    bounded_queue.log.addHandler(handler)
    counts = {"p1": 1 + chance.randrange(rounds), "p2": 1 + chance.randrange(rounds)}
    counts["c1"] = chance.randrange(counts["p1"] + counts["p2"])
    counts["c2"] = counts["p1"] + counts["p2"] - counts["c1"]

    def produce() -> None:
        me = threading.current_thread().name
        for _ in range(counts[me]):
            queue.put(me)

    def consume() -> None:
        for _ in range(counts[threading.current_thread().name]):
            got.append(queue.get())

    work = {"p1": produce, "p2": produce, "c1": consume, "c2": consume}
    threads = [threading.Thread(target=target, name=name, daemon=True) for name, target in work.items()]
    chance.shuffle(threads)
    deadline = time.monotonic() + (SECONDS_MAX if wake_all else HANGS_AFTER_SECONDS)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
    finally:
        bounded_queue.log.removeHandler(handler)
    return not any(thread.is_alive() for thread in threads), stream.getvalue(), got


class Replays(unittest.TestCase):
    def test_it_follows_the_spec(self) -> None:
        for file in trace_files(HERE / "traces"):
            with self.subTest(file.name):
                follow(Trace.read(file))

    def test_it_refuses_the_mistake(self) -> None:
        for file in trace_files(HERE / "counterexamples"):
            with self.subTest(file.name):
                refuse(Trace.read(file))

    def test_the_traces_take_every_action(self) -> None:
        coverage = Coverage()
        for file in trace_files(HERE / "traces"):
            coverage.add(follow(Trace.read(file), wake_all=True))
        self.assertEqual(coverage.missing(), [])

    def test_the_broken_variant_is_caught(self) -> None:
        with self.assertRaisesRegex(Failure, "follows a counterexample to the end"):
            refuse(Trace.read(HERE / "counterexamples" / "notify_one.itf.json"), wake_all=False)
        caught = 0
        for file in trace_files(HERE / "traces"):
            try:
                follow(Trace.read(file), wake_all=False)
            except Failure as failure:
                self.assertIn("waiting", str(failure))
                caught += 1
        self.assertGreater(caught, 0, "no behaviour of the design needs more than one to be woken up")


class Runs(unittest.TestCase):
    def setUp(self) -> None:
        bounded_queue.log.setLevel(logging.INFO)
        bounded_queue.log.propagate = False

    def test_items_come_out_and_everybody_ends(self) -> None:
        for seed in range(10):
            ended, log, got = run_threads(seed, bounded_queue.WAKE_ALL)
            self.assertTrue(ended, f"seed {seed}: everybody sleeps after\n{log[-1000:]}")
            self.assertEqual(len(got), items_put(log), f"seed {seed}")

    def test_the_broken_variant_falls_asleep(self) -> None:
        fell = any(not run_threads(seed, wake_all=False, rounds=400)[0] for seed in range(8))
        self.assertTrue(fell, "eight runs are too few to show the mistake")

    def test_logs_are_behaviours_of_the_spec(self) -> None:
        tlaloc()
        for seed in range(3):
            with self.subTest(seed=seed):
                code, said = validate(run_threads(seed, bounded_queue.WAKE_ALL)[1])
                self.assertEqual(code, 0, said)

    def test_logs_of_the_broken_variant_are_not(self) -> None:
        tlaloc()
        code, said = validate(run_threads(0, wake_all=False, rounds=400)[1])
        self.assertNotEqual(code, 0, said)
        self.assertIn("waiting", said)


def items_put(log: str) -> int:
    """How many items were put: `Put` events after which the thread does not sleep."""
    events = [json.loads(line) for line in log.splitlines()]
    return sum(event["action"] == "Put" and event["params"]["p"] not in event["state"]["waiting"] for event in events)


def tlaloc() -> str:
    """The program, on the path or where `$TLALOC` says; skips without."""
    program = os.environ.get("TLALOC") or shutil.which("tlaloc")
    if program is None:
        raise unittest.SkipTest("there is no tlaloc: set TLALOC to the program")
    return program


def validate(log: str) -> Tuple[int, str]:
    """What `tlaloc validate` says of a log."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.ndjson"
        file.write_text(log, encoding="utf-8")
        command = [tlaloc(), "validate", str(SPEC), "--config", str(HERE / "spec" / "Threads.cfg"), "--log", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    unittest.main()
