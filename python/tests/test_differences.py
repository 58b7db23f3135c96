"""What differs is named; what is not known is not compared."""

import enum
import unittest
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Tuple, Union

from tlaloc_link import DecodeError, Model, Value, decode, differences, find, value_differences
from tlaloc_link.value import from_json


def model(name: str) -> Any:
    return {"#model": name}


STATE: Dict[str, Value] = {
    name: from_json(value)
    for name, value in {
        "state": {"#map": [[model("p1"), "prepared"], [model("p2"), "working"]]},
        "votes": {"#set": [model("p1"), model("p2")]},
        "leader": {"term": 3, "who": model("p1")},
        "log": {"#map": [[0, {"#tup": [1, 2]}]]},
        "grid": {"#map": [[{"#tup": [1, 2]}, True]]},
        "sent": {"#set": [{"type": "commit"}, {"type": "prepared", "from": model("p1")}]},
    }.items()
}


class Phase(enum.Enum):
    WORKING = "working"
    PREPARED = "prepared"


@dataclass
class Leader:
    term: Optional[int] = None
    who: Optional[str] = None


@dataclass
class Seen:
    state: Optional[Dict[str, Optional[Phase]]] = None
    votes: Optional[FrozenSet[str]] = None
    leader: Optional[Leader] = None
    log: Optional[Dict[int, List[int]]] = None
    sent: Optional[List[Dict[str, Optional[str]]]] = None


def shown(observed: object) -> List[str]:
    return [str(difference) for difference in differences(STATE, observed)]


class Differences(unittest.TestCase):
    def test_ordinary_values_are_compared_as_the_spec_means_them(self) -> None:
        seen = Seen(
            state={"p1": Phase.PREPARED, "p2": Phase.WORKING},
            votes=frozenset({"p1", "p2"}),
            leader=Leader(3, "p1"),
            log={0: [1, 2]},
            sent=[{"type": "prepared", "from": "p1"}, {"type": "commit", "from": None}],
        )
        self.assertEqual(shown(seen), [])
        self.assertEqual(shown(STATE), [])

    def test_what_is_none_is_not_compared(self) -> None:
        self.assertEqual(shown(Seen()), [])
        self.assertEqual(shown(None), [])
        self.assertEqual(shown(Seen(state={"p1": Phase.PREPARED, "p2": None}, leader=Leader(3))), [])

    def test_differences_name_the_place(self) -> None:
        seen = Seen(
            state={"p1": Phase.WORKING, "p2": Phase.WORKING},
            votes=frozenset({"p2", "p3"}),
            leader=Leader(4),
            log={0: [1, 7, 3]},
            sent=[{"type": "commit"}],
        )
        self.assertEqual(
            shown(seen),
            [
                'state[p1]: expected "prepared", observed "working"',
                "votes: p3 is observed, but not expected",
                "votes: p1 is expected, but missing",
                "leader.term: expected 3, observed 4",
                "log[0][2]: expected 2, observed 7",
                "log[0][3]: 3 is observed, but not expected",
                'sent: [from |-> p1, type |-> "prepared"] is expected, but missing',
            ],
        )

    def test_a_map_is_a_whole_function(self) -> None:
        self.assertEqual(shown({"state": {"p1": "prepared"}}), ['state[p2]: "working" is expected, but missing'])

    def test_booleans_are_no_numbers(self) -> None:
        self.assertEqual(len(value_differences("x", 1, True)), 1)
        self.assertEqual(len(value_differences("x", True, 1)), 1)
        self.assertEqual(len(value_differences("x", (1, True), [True, 1])), 2)

    def test_names_that_the_spec_does_not_have_are_told(self) -> None:
        wanted = "decided: the spec has no variable `decided`, only grid, leader, log, sent, state, votes"
        self.assertEqual(shown({"decided": True}), [wanted])
        self.assertEqual(shown({"decided": None}), [wanted])
        self.assertEqual(len(shown(5)), 1)

    def test_paths_lead_into_variables(self) -> None:
        for path, wanted in (
            ("state[p2]", "working"),
            ("leader.term", 3),
            ('leader["term"]', 3),
            ("log[0][2]", 2),
            ("grid[1, 2]", True),
        ):
            self.assertEqual(find(STATE, path), wanted, path)
        for broken in ("", "[1]", "log[", "log[1", "log[]", "log.", "log[0]y", "state[p9]", "nowhere"):
            with self.assertRaises(LookupError, msg=broken):
                find(STATE, broken)

    def test_elements_of_sets_are_compared_whole(self) -> None:
        sent = from_json({"#set": [{"a": 1, "b": 2}]})
        self.assertEqual(len(value_differences("sent", sent, [{"a": 1}])), 2)
        self.assertEqual(len(value_differences("sent", sent, [None])), 2)
        self.assertEqual(value_differences("sent", sent, [{"a": 1, "b": 2}, {"b": 2, "a": 1}]), [])
        both = from_json({"#set": ["p1", model("p1")]})
        self.assertEqual(len(value_differences("x", both, {"p1"})), 1)
        self.assertEqual(value_differences("x", both, {"p1", Model("p1")}), [])


class Decoding(unittest.TestCase):
    def test_values_are_decoded_into_types(self) -> None:
        for value, wanted, result in (
            (True, bool, True),
            (5, int, 5),
            (Model("p1"), str, "p1"),
            (Model("p1"), Model, Model("p1")),
            ("working", Phase, Phase.WORKING),
            (Model("PREPARED"), Phase, Phase.PREPARED),
            ((1, "a"), Tuple[int, str], (1, "a")),
            ((1, 2), Tuple[int, ...], (1, 2)),
            ((1, 2), List[int], [1, 2]),
            ((7, 8), Dict[int, int], {1: 7, 2: 8}),
            (frozenset({Model("a")}), FrozenSet[str], frozenset({"a"})),
            (from_json({"#map": [[model("p1"), 3]]}), Dict[str, int], {"p1": 3}),
            (from_json({"term": 3}), Leader, Leader(3)),
            (3, Optional[int], 3),
            ("x", Union[int, str], "x"),
            (frozenset({1}), Value, frozenset({1})),
            (Model("p1"), Any, Model("p1")),
        ):
            self.assertEqual(decode(value, wanted), result)

    def test_what_does_not_fit_is_refused(self) -> None:
        for value, wanted in (
            (1, bool),
            (True, int),
            (1, str),
            ("idle", Phase),
            ((1, 2), Tuple[int, int, int]),
            (("a",), List[int]),
            (from_json({"term": 3, "more": 1}), Leader),
            ("x", Optional[int]),
            (frozenset({1}), List[str]),
        ):
            with self.assertRaises(DecodeError, msg=f"{value} {wanted}"):
                decode(value, wanted)


if __name__ == "__main__":
    unittest.main()
