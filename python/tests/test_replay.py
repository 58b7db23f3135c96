"""Replays fail where they should, and say so in words that help."""

import asyncio
import io
import json
import logging
import tempfile
import threading
import unittest
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Set

from tlaloc_link import (
    UNOBSERVED,
    Action,
    AdapterError,
    Applied,
    Event,
    EventHandler,
    Failure,
    Methods,
    Model,
    Record,
    Refused,
    Refuses,
    Start,
    Trace,
    VectorClock,
    emit,
    replay,
    replay_async,
    replay_folder,
)

RUST_TRACES = Path(__file__).resolve().parents[2] / "crates" / "link" / "tests" / "traces"


@dataclass
class Seen:
    items: Optional[FrozenSet[int]] = None
    size: Optional[int] = None


class Bag(Methods):
    """A set that items are added to and removed from; a mistake may be built in."""

    def __init__(self, mistake: str = "") -> None:
        self.items: Set[int] = set()
        self.mistake = mistake

    def start(self, start: Start) -> None:
        self.items = set(start.variable("items", Set[int]))

    def add(self, item: int) -> Applied:
        if self.mistake == "refuses":
            raise Refused("it is full")
        if self.mistake == "forgets":
            self.items.clear()
        if self.mistake == "adds twice":
            self.items.add(item + 100)
        if self.mistake == "crashes":
            raise ZeroDivisionError("out of paper")
        self.items.add(item)
        return None

    def remove(self, item: int) -> None:
        if item not in self.items:
            raise Refused(f"{item} is not in it")
        self.items.remove(item)

    def think(self, item: int) -> Applied:
        return UNOBSERVED

    def observe(self) -> object:
        if self.mistake == "blind":
            return Seen()
        return Seen(frozenset(self.items), len(self.items))


def trace(meta: Dict[str, Any], *steps: str) -> Trace:
    """A trace of the bag: `+1`, `-1`, `?` (thinking)."""
    items: Set[int] = set()
    states: List[Any] = [{"items": {"#set": []}, "size": 0}]
    for step in steps:
        item = int(step[1:] or 0)
        if step[0] == "+":
            items.add(item)
        elif step[0] == "-":
            items.discard(item)
        name = {"+": "Add", "-": "Remove", "?": "Think"}[step[0]]
        state = {"items": {"#set": sorted(items)}, "size": len(items)}
        states.append({"#meta": {"action": name, "parameters": {"item": item}}, **state})
    return Trace.from_json({"#meta": meta, "vars": ["items", "size"], "states": states}, "bag.itf.json")


class Replays(unittest.TestCase):
    def failure(self, trace: Trace, bag: Any, **options: Any) -> Failure:
        with self.assertRaises(Failure) as raised:
            replay(trace, bag, **options)
        return raised.exception

    def test_a_conforming_implementation_follows(self) -> None:
        coverage = replay(trace({"actions": ["Add", "Clear", "Remove"]}, "+1", "+2", "-1", "?"), Bag())
        self.assertEqual(str(coverage), "Add 2, Clear 0, Remove 1, Think 1")
        self.assertEqual(coverage.missing(), ["Clear"])

    def test_a_difference_names_step_action_place_and_values(self) -> None:
        failure = self.failure(trace({}, "+1", "+2", "+3"), Bag("forgets"), seed=7)
        self.assertEqual(
            str(failure),
            "the implementation differs from the spec in the trace bag.itf.json\n"
            "  at step 2 of 3: Add(item = 2)\n"
            "  items: 1 is expected, but missing\n"
            "  size: expected 2, observed 1\n"
            "  after Add(item = 1)\n"
            "  seed 7",
        )

    def test_refusals_crashes_and_blindness_fail(self) -> None:
        self.assertIn("reason: it is full", str(self.failure(trace({}, "+1"), Bag("refuses"))))
        crash = self.failure(trace({}, "+1"), Bag("crashes"))
        self.assertIn("ZeroDivisionError: out of paper", str(crash))
        self.assertIsInstance(crash.__cause__, ZeroDivisionError)
        self.assertEqual(self.failure(trace({}, "+1"), Bag("blind")).kind, "nothing observed")
        self.assertEqual(self.failure(Trace([], []), Bag()).kind, "adapter")

    def test_what_changed_in_the_spec_is_told(self) -> None:
        renamed = trace({}, "+1")
        renamed.steps[1].action = "Insert"
        self.assertIn("the adapter does not know the action `Insert`", str(self.failure(renamed, Bag())))
        renamed.steps[1].action = "Observe"
        self.assertIn("takes no `item`", str(self.failure(renamed, Bag())))
        renamed.steps[1].action = "Start"
        self.assertIn("does not know the action `Start`", str(self.failure(renamed, Bag())))
        parameter = trace({}, "+1")
        parameter.steps[1].parameters = {"element": 1}
        self.assertIn("has the spec changed?", str(self.failure(parameter, Bag())))
        parameter.steps[1].parameters = {"item": "one"}
        self.assertIn('the parameter item: "one" is no int', str(self.failure(parameter, Bag())))
        variable = trace({}, "+1")
        for step in variable.steps:
            step.state["count"] = step.state.pop("size")
        self.assertIn("the spec has no variable `size`", str(self.failure(variable, Bag())))
        self.assertIn("no variable `size`", str(self.failure(variable, Bag(), expect=Refuses(0))))

    def test_a_counterexample_must_not_be_followed(self) -> None:
        bad = trace({"verdict": "violation", "property": "AtMostOne"}, "+1", "+2")
        self.assertIn("it has the mistake that violates AtMostOne", str(self.failure(bad, Bag())))

        class Careful(Bag):
            def add(self, item: int) -> Applied:
                if self.items and self.mistake == "refuses":
                    raise Refused("one is enough")
                if not self.items:
                    self.items.add(item)
                return None

        for way in ("refuses", "handles"):
            for expect in (Refuses(), Refuses(2)):
                replay(bad, Careful(way), expect=expect)

    def test_a_counterexample_is_no_excuse_for_other_differences(self) -> None:
        bad = trace({"verdict": "violation"}, "+1", "+2", "+3")
        early = self.failure(bad, Bag("adds twice"))
        self.assertEqual((early.kind, early.step), ("differs", 1))
        self.assertIn('"expect": {"refused": 1}', str(early))
        for expect in (Refuses(), Refuses(3)):
            refused = self.failure(bad, Bag("refuses"), expect=expect)
            self.assertEqual(refused.kind, "refused")
            self.assertIn('"expect": {"refused": 1}', str(refused))

    def test_async_adapters_are_replayed_the_same_way(self) -> None:
        class Remote:
            def __init__(self) -> None:
                self.bag = Bag()

            async def start(self, start: Start) -> None:
                self.bag.start(start)

            async def apply(self, action: Action) -> Applied:
                await asyncio.sleep(0)
                return self.bag.apply(action)

            async def observe(self) -> object:
                return self.bag.observe()

        asyncio.run(replay_async(trace({}, "+1", "-1"), Remote()))
        with self.assertRaises(Failure):
            asyncio.run(replay_async(trace({}, "-1"), Remote()))

    def test_a_folder_gives_the_coverage_of_all(self) -> None:
        coverage = replay_folder(RUST_TRACES, lambda _: Bag())
        self.assertEqual(coverage.missing(), [])
        with self.assertRaisesRegex(AssertionError, "add.itf.json"):
            replay_folder(RUST_TRACES, lambda _: Bag("forgets"))
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(ValueError):
            replay_folder(folder, lambda _: Bag())

    def test_unknown_initial_variables_are_the_adapters_fault(self) -> None:
        class Wrong(Bag):
            def start(self, start: Start) -> None:
                start.variable("things")

        self.assertIn("no variable `things`", str(self.failure(trace({}, "+1"), Wrong())))
        self.assertTrue(issubclass(AdapterError, Exception))


class Events(unittest.TestCase):
    def test_an_event_is_one_line_of_json(self) -> None:
        clock = VectorClock()
        clock.tick("p1")
        event = Event(
            "Prepare",
            params={"p": "p1"},
            state={"state[p1]": "prepared", "votes": {"p2", "p1"}, "round": {(1, 2): 3}, "r": Record({"a": Model("m")})},
            node="p1",
            clock=clock,
        )
        self.assertEqual(
            str(event),
            '{"action":"Prepare","params":{"p":"p1"},"state":{"state[p1]":"prepared","votes":["p1","p2"],'
            '"round":{"#map":[[[1,2],3]]},"r":{"a":{"#model":"m"}}},"node":"p1","clock":{"p1":1}}',
        )

    def test_clocks_order_what_messages_connect(self) -> None:
        sender, receiver, other = VectorClock({"a": 1}), VectorClock({"b": 1}), VectorClock({"c": 1})
        before = receiver.copy()
        receiver.merge(sender)
        receiver.tick("b")
        self.assertTrue(sender.happened_before(receiver) and before.happened_before(receiver))
        self.assertFalse(receiver.happened_before(sender) or sender.happened_before(sender.copy()))
        self.assertFalse(sender.happened_before(other) or other.happened_before(sender))

    def test_the_handler_writes_events_and_nothing_else(self) -> None:
        stream = io.StringIO()
        logger = logging.getLogger("tlaloc_link.test")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        handler = EventHandler(stream, node="main")
        logger.addHandler(handler)
        try:
            logger.info("not an event")

            def log_many(n: int) -> None:
                for _ in range(50):
                    emit(logger, Event("A", {"n": n}))

            threads = [threading.Thread(target=log_many, args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            logger.removeHandler(handler)
        lines = [json.loads(line) for line in stream.getvalue().splitlines()]
        self.assertEqual(len(lines), 200)
        self.assertEqual({line["node"] for line in lines}, {"main"})

    def test_the_handler_writes_files(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.ndjson"
            handler = EventHandler(path)
            record = logging.makeLogRecord({"tlaloc_event": Event("A", state={"x": 2**60})})
            handler.emit(record)
            handler.close()
            self.assertEqual(path.read_text(), '{"action":"A","state":{"x":{"#bigint":"1152921504606846976"}}}\n')


if __name__ == "__main__":
    unittest.main()
