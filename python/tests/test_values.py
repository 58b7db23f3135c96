"""Values and traces survive being written and read, the same way as in Rust."""

import json
import unittest
from pathlib import Path
from typing import Tuple

from tlaloc_link import (
    Conforms,
    Function,
    Model,
    NotAValue,
    Opaque,
    ReadError,
    Record,
    Refuses,
    Trace,
    Value,
    function,
    show,
)
from tlaloc_link.value import from_json, to_json

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"


class Values(unittest.TestCase):
    def test_equal_functions_have_equal_shapes(self) -> None:
        self.assertEqual(function([(2, 5), (1, 4)]), (4, 5))
        self.assertEqual(function([("a", 1)]), Record({"a": 1}))
        self.assertEqual(function([]), ())
        self.assertIsInstance(function([(0, 5), (1, 4)]), Function)

    def test_integers_of_any_size_keep_every_digit(self) -> None:
        for number in (0, -1, 2**53 - 1, 2**53, -(2**53), 10**60, -(10**60) - 7):
            self.assertEqual(from_json(json.loads(json.dumps(to_json(number)))), number)
        self.assertEqual(to_json(2**53), {"#bigint": str(2**53)})
        digits = {"#bigint": "-" + "7" * 10_000}
        self.assertEqual(to_json(from_json(digits)), digits)

    def test_field_names_cannot_be_taken_for_tags(self) -> None:
        value = Record({"#tup": (), "plain": 1})
        self.assertEqual(to_json(value), {"#map": [["#tup", {"#tup": []}], ["plain", 1]]})
        self.assertEqual(from_json(to_json(value)), value)

    def test_what_is_no_value_is_refused(self) -> None:
        refused: Tuple[object, ...] = (
            None,
            1.5,
            {"#bigint": 5},
            {"#bigint": "five"},
            {"#bigint": "--5"},
            {"#bigint": "-"},
            {"#map": [[1]]},
            {"#set": 1},
            {"#new": []},
            {"#tup": [], "beside": 1},
        )
        for wrong in refused:
            with self.assertRaises(NotAValue, msg=str(wrong)):
                from_json(wrong)

    def test_values_are_shown_as_tla(self) -> None:
        value = from_json({"#set": [{"a": {"#tup": [1, True]}}, {"#map": [[{"#model": "p1"}, 'say "x"']]}]})
        self.assertEqual(show(value), '{[a |-> <<1, TRUE>>], (p1 :> "say \\"x\\"")}')
        self.assertEqual(show(Opaque("Nat")), "Nat")


class Traces(unittest.TestCase):
    def test_fixtures_are_written_as_rust_writes_them(self) -> None:
        text = (FIXTURES / "every_value.itf.json").read_text(encoding="utf-8")
        self.assertEqual(str(Trace.parse(text)), text)
        foreign = Trace.read(FIXTURES / "foreign.itf.json")
        written = (FIXTURES / "foreign.written.json").read_text(encoding="utf-8")
        self.assertEqual(str(foreign), written)
        self.assertEqual(str(Trace.parse(written)), written)

    def test_fixtures_have_the_values_of_the_spec(self) -> None:
        state = Trace.read(FIXTURES / "every_value.itf.json").steps[1].state
        first = Trace.read(FIXTURES / "every_value.itf.json").steps[0].state
        n1, n2 = Model("n1"), Model("n2")
        self.assertEqual((first["text"], first["node"]), ("clash", Model("clash")))
        self.assertNotEqual(first["text"], first["node"])
        self.assertEqual(state["number"], 9007199254740993)
        self.assertEqual(state["text"], 'quoted " and \\ and\ttab')
        self.assertEqual(state["set"], frozenset({1, 2, 10, -1}))
        self.assertEqual(
            state["nested"], frozenset({Record({"kind": "b"}), Record({"kind": "a", "to": frozenset({n1, n2})})})
        )
        inner = state["function"]
        assert isinstance(inner, Function)
        nobody: Value = frozenset()
        everybody: Value = frozenset({n1, n2})
        self.assertEqual(inner[2], Function([(nobody, (2, nobody)), (everybody, (2, everybody))]))

    def test_what_is_written_is_read_again(self) -> None:
        for name in ("every_value", "foreign"):
            trace = Trace.read(FIXTURES / f"{name}.itf.json")
            again = Trace.parse(str(trace), name=trace.name)
            self.assertEqual(again, trace)

    def test_a_model_value_is_a_plain_string_unless_a_string_bears_its_name(self) -> None:
        for text, written in (("other", "p1"), ("p1", {"#model": "p1"})):
            trace = Trace.from_json({"vars": ["x", "y"], "states": [{"x": {"#model": "p1"}, "y": text}]})
            self.assertEqual(trace.to_json()["states"][0]["x"], written)
            self.assertEqual(Trace.from_json(trace.to_json()).steps[0].state, {"x": Model("p1"), "y": text})

    def test_broken_traces_say_what_is_wrong(self) -> None:
        for data, message in (
            ([], "it is no JSON object"),
            ({"states": []}, "`vars` is missing"),
            ({"vars": []}, "`states`, a list, is missing"),
            ({"vars": ["x"], "states": [{"y": 1}]}, "state 0: `y` is not one of the variables"),
            ({"vars": ["x"], "states": [{"x": 1.5}]}, "state 0: x: `1.5` is not a whole number"),
            ({"vars": ["x"], "states": [{"x": 1}], "loop": 1}, "it loops to state 1, but has 1 states"),
            (
                {"#meta": {"tool": "tlaloc", "version": 99}, "vars": [], "states": []},
                "#meta: version 99 is newer than 1, the newest known",
            ),
            (
                {"#meta": {"expect": {"refused": 7}}, "vars": [], "states": []},
                "state 7 is to be refused, but there are 0 states",
            ),
        ):
            with self.assertRaises(ReadError) as raised:
                Trace.from_json(data)
            self.assertEqual(raised.exception.message, message)
        for text in ("{", "[" * 100_000):
            with self.assertRaises(ReadError):
                Trace.parse(text)

    def test_a_counterexample_is_not_to_be_followed(self) -> None:
        def expect(meta: object, **more: object) -> object:
            return Trace.from_json({"#meta": meta, "vars": [], "states": [{}, {}], **more}).expect()

        self.assertEqual(expect({"verdict": "ok"}), Conforms())
        self.assertEqual(expect({"verdict": "violation"}), Refuses())
        self.assertEqual(expect({"verdict": "violation"}, loop=0), Conforms())
        self.assertEqual(expect({"verdict": "violation", "expect": "conforms"}), Conforms())
        self.assertEqual(expect({"expect": {"refused": 1}}), Refuses(1))


if __name__ == "__main__":
    unittest.main()
