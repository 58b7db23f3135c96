"""Traces are as ``docs/trace.schema.json`` says: those of the checker, which its own tests compare with what it writes
today, and those written here. Needs the package jsonschema."""

import copy
import importlib
import json
import unittest
from pathlib import Path
from typing import Any, List

from tlaloc_link import Trace

jsonschema: Any
try:
    jsonschema = importlib.import_module("jsonschema")
except ImportError:
    jsonschema = None

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@unittest.skipIf(jsonschema is None, "there is no package jsonschema")
class Schema(unittest.TestCase):
    def complaints(self, trace: Any) -> List[str]:
        validator = jsonschema.Draft202012Validator(read(ROOT / "docs" / "trace.schema.json"))
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(trace)]

    def test_traces_of_the_checker_are_as_the_schema_says(self) -> None:
        files = [ROOT / "tests" / "fixtures" / "every_value.itf.json", *(ROOT / "examples").rglob("*.itf.json")]
        self.assertGreater(len(files), 4)
        for file in files:
            self.assertEqual(self.complaints(read(file)), [], file)

    def test_traces_of_others_are_written_as_the_schema_says(self) -> None:
        trace = Trace.read(ROOT / "tests" / "fixtures" / "foreign.itf.json")
        self.assertEqual(self.complaints(trace.to_json()), [])

    def test_the_schema_refuses_what_is_wrong(self) -> None:
        good = read(ROOT / "tests" / "fixtures" / "every_value.itf.json")
        for place, wrong in (
            (("vars",), "x"),
            (("loop",), -1),
            (("#meta", "version"), 2),
            (("#meta", "spec_sha256"), "abc"),
            (("#meta", "verdict"), "maybe"),
            (("#meta", "expect"), {"refused": "now"}),
            (("states", 0, "number"), 1.5),
            (("states", 0, "number"), 2**53),
            (("states", 0, "number"), None),
            (("states", 0, "set"), {"#set": [1, 1]}),
            (("states", 0, "set"), {"#new": [1]}),
            (("states", 0, "function"), {"#map": [[1]]}),
            (("states", 1, "#meta", "span", "line"), 0),
            (("states", 1, "#meta", "action"), ["Fill"]),
        ):
            bad: Any = copy.deepcopy(good)
            parent = bad
            for name in place[:-1]:
                parent = parent[name]
            parent[place[-1]] = wrong
            self.assertNotEqual(self.complaints(bad), [], place)


if __name__ == "__main__":
    unittest.main()
