"""Where what was observed differs from the state of the spec.

Observations are ordinary Python values, compared by going along the spec's value: text is a string or a model value, a
list a sequence or a set, a mapping a whole record or function, a dataclass a record of which fields may be left out.
``None`` is unknown and not compared; as a field of a set's element it is a field that the element does not have.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Mapping as AnyMapping
from collections.abc import Set as AnySet
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from .trace import State
from .value import Function, Model, Opaque, Record, Value, function, record, show, sort_key


@dataclass(frozen=True)
class Difference:
    """One place where an observation differs from the spec, and how."""

    path: str
    message: str
    is_value: bool = True
    """False if the spec has no such place, which is the adapter's fault."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def differences(state: State, observed: object) -> List[Difference]:
    """Where an observation, a dataclass or mapping of variables or paths, differs from a state."""
    found: List[Difference] = []
    fields = observed_fields(observed)
    if fields is None:
        message = f"it is {type(observed).__name__}, not a dataclass or mapping of variables"
        return [Difference("the observation", message, is_value=False)]
    for path, value in fields.items():
        try:
            expected = find(state, path)
        except LookupError as error:
            # Nothing is observed there, and the variable exists.
            if value is None and re.split(r"[.\[]", path)[0] in state:
                continue
            found.append(Difference(path, str(error), is_value=False))
            continue
        _compare(path, expected, value, False, found)
    return found


def value_differences(path: str, expected: Value, observed: object) -> List[Difference]:
    """Where an observation of one value differs from it."""
    found: List[Difference] = []
    _compare(path, expected, observed, False, found)
    return found


def observed_fields(observed: object) -> Optional[Dict[str, object]]:
    """The variables of an observation; ``None`` if it is none."""
    if observed is None:
        return {}
    if dataclasses.is_dataclass(observed) and not isinstance(observed, type):
        return {item.name: getattr(observed, item.name) for item in dataclasses.fields(observed)}
    if isinstance(observed, AnyMapping):
        return {str(path): value for path, value in observed.items()}
    return None


_SEGMENT = re.compile(r"\.(?P<field>[^.\[]+)|\[(?P<keys>(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")+)\]")
_KEY = re.compile(r"\s*(?:\"(?P<string>(?:[^\"\\]|\\.)*)\"|(?P<word>[^,\"]+?))\s*(?:,|$)")


def find(state: State, path: str) -> Value:
    """The value at ``votes``, ``state[p1]``, ``leader.term``, ``log[n1][3]``, ``grid[1, 2]``. Raises ``LookupError``."""
    variable = re.split(r"[.\[]", path)[0].strip()
    if variable not in state:
        if not variable:
            raise LookupError(f"`{path}` is no path: it does not begin with a variable")
        raise LookupError(f"the spec has no variable `{variable}`, only {', '.join(sorted(state))}")
    value = state[variable]
    position = path.index(variable) + len(variable)
    while position < len(path):
        segment = _SEGMENT.match(path, position)
        if segment is None:
            raise LookupError(f"`{path}` is no path from column {position + 1}")
        position = segment.end()
        found = _argument(value, segment)
        if found is None:
            raise LookupError(f"`{segment.group()}` is outside of {show(value)}")
        value = found[0]
    return value


def _argument(value: Value, segment: "re.Match[str]") -> Optional[Tuple[Value]]:
    name = segment.group("field")
    if name is not None:
        return (value[name],) if isinstance(value, Record) and name in value else None
    keys = [_candidates(key) for key in _KEY.finditer(segment.group("keys"))]
    if len(keys) > 1:
        for argument, result in _entries(value):
            if isinstance(argument, tuple) and len(argument) == len(keys):
                if all(item in options for item, options in zip(argument, keys)):
                    return (result,)
        return None
    for argument, result in _entries(value):
        if keys and argument in keys[0]:
            return (result,)
    return None


def _candidates(key: "re.Match[str]") -> List[Value]:
    string, word = key.group("string"), key.group("word")
    if string is not None:
        return [re.sub(r"\\(.)", r"\1", string)]
    if word in ("TRUE", "FALSE"):
        return [word == "TRUE"]
    if re.fullmatch(r"-?[0-9]+", word):
        return [int(word)]
    return [Model(word), word]


def _entries(value: Value) -> List[Tuple[Value, Value]]:
    """The arguments and results of a function of any shape, sorted."""
    if isinstance(value, tuple):
        return [(index, item) for index, item in enumerate(value, start=1)]
    if isinstance(value, Record):
        return [(name, value[name]) for name in sorted(value)]
    if isinstance(value, Function):
        return sorted(value.items(), key=lambda pair: sort_key(pair[0]))
    return []


def _place(path: str, of: Value, argument: Value) -> str:
    if isinstance(of, Record) and isinstance(argument, str) and re.fullmatch(r"\w+", argument):
        return f"{path}.{argument}"
    if isinstance(argument, tuple) and len(argument) > 1:
        return f"{path}[{', '.join(show(item) for item in argument)}]"
    return f"{path}[{show(argument)}]"


def plain(observed: object) -> object:
    """Enums as their values, if these are texts, else as their names; dataclasses and all else as they are."""
    if isinstance(observed, enum.Enum):
        return observed.value if isinstance(observed.value, (str, Model)) else observed.name
    return observed


def _compare(path: str, expected: Value, observed: object, whole: bool, found: List[Difference]) -> None:
    observed = plain(observed)
    if observed is None and not whole:
        return
    if isinstance(expected, frozenset) and isinstance(observed, (list, tuple, AnySet)):
        return _compare_set(path, expected, list(observed), found)
    if isinstance(expected, tuple) and isinstance(observed, (list, tuple)):
        return _compare_map(path, expected, list(enumerate(observed, start=1)), whole, True, found)
    if isinstance(expected, (Record, Function, tuple)):
        if isinstance(observed, AnyMapping):
            known = [(key, value) for key, value in observed.items() if not whole or value is not None]
            return _compare_map(path, expected, known, whole, True, found)
        if isinstance(expected, Record) and dataclasses.is_dataclass(observed) and not isinstance(observed, (type, Model)):
            fields = [(name, value) for name, value in (observed_fields(observed) or {}).items() if value is not None]
            return _compare_map(path, expected, list(fields), whole, whole, found)
    if not _is_scalar(expected, observed):
        found.append(Difference(path, f"expected {show(expected)}, observed {show(_like(observed, expected))}"))


def _is_scalar(expected: Value, observed: object) -> bool:
    if isinstance(expected, bool) or isinstance(observed, bool):
        return expected is observed
    if isinstance(expected, Model):
        return observed == expected or observed == expected.name
    if isinstance(expected, (int, str, Opaque)):
        return type(expected) is type(observed) and expected == observed
    return False


def _compare_map(
    path: str,
    expected: Value,
    pairs: List[Tuple[Any, object]],
    whole: bool,
    all_of_it: bool,
    found: List[Difference],
) -> None:
    entries = _entries(expected)
    seen = set()
    for key, value in pairs:
        at = _index_of(entries, key)
        if at is not None:
            seen.add(at)
            _compare(_place(path, expected, entries[at][0]), entries[at][1], value, whole, found)
        elif value is not None or whole:
            place = _place(path, expected, _like(key, None))
            found.append(Difference(place, f"{show(_like(value, None))} is observed, but not expected"))
    for at, (argument, value) in enumerate(entries):
        if all_of_it and at not in seen:
            place = _place(path, expected, argument)
            found.append(Difference(place, f"{show(value)} is expected, but missing"))


def _index_of(entries: List[Tuple[Value, Value]], key: object) -> Optional[int]:
    """Of a string and a model value with the same text, the string is meant."""
    key = plain(key)
    if isinstance(key, str):
        for at, (argument, _) in enumerate(entries):
            if isinstance(argument, str) and argument == key:
                return at
    for at, (argument, _) in enumerate(entries):
        if _is(argument, key):
            return at
    return None


def _is(expected: Value, observed: object) -> bool:
    """True if nothing differs, and nothing is left out."""
    found: List[Difference] = []
    _compare("", expected, observed, True, found)
    return not found


def _compare_set(path: str, expected: AnySet[Value], items: List[object], found: List[Difference]) -> None:
    elements = sorted(expected, key=sort_key)
    taken = [False] * len(elements)
    for item in items:
        fits = [at for at, element in enumerate(elements) if _is(element, item)]
        free = [at for at in fits if not taken[at]]
        if free:
            taken[free[0]] = True
        elif not fits:
            like = _like(item, elements[0] if elements else None)
            found.append(Difference(path, f"{show(like)} is observed, but not expected"))
    for at, element in enumerate(elements):
        if not taken[at]:
            found.append(Difference(path, f"{show(element)} is expected, but missing"))


def _like(observed: object, wanted: Optional[Value]) -> Value:
    """The value that an observation would be in the place of another: for messages."""
    observed = plain(observed)
    if isinstance(observed, str):
        return Model(observed) if isinstance(wanted, Model) else observed
    if isinstance(observed, (bool, int, Model, Opaque, Record, Function)):
        return observed
    if isinstance(observed, (list, tuple)):
        if isinstance(wanted, frozenset):
            return frozenset(_like(item, next(iter(wanted), None)) for item in observed)
        items = wanted if isinstance(wanted, tuple) else ()
        return tuple(_like(item, items[i] if i < len(items) else None) for i, item in enumerate(observed))
    if isinstance(observed, AnySet):
        first = next(iter(wanted), None) if isinstance(wanted, frozenset) else None
        return frozenset(_like(item, first) for item in observed)
    if isinstance(observed, AnyMapping):
        entries = _entries(wanted) if wanted is not None else []
        pairs = []
        for key, value in observed.items():
            at = _index_of(entries, key)
            known = (None, None) if at is None else entries[at]
            pairs.append((_like(key, known[0]), _like(value, known[1])))
        return function(pairs)
    fields = observed_fields(observed)
    if observed is not None and fields is not None:
        return record({name: _like(value, None) for name, value in fields.items() if value is not None})
    return Opaque("?" if observed is None else repr(observed))
