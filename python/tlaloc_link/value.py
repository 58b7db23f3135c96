"""TLA+ values as Python values, and as ITF JSON (Apalache's ADR 015).

========================  ==========================================
TLA+                      Python
========================  ==========================================
boolean, integer, string  ``bool``, ``int``, ``str``
model value               ``Model``
tuple, sequence           ``tuple``
set                       ``frozenset``
record                    ``Record``, an immutable mapping from names
function                  ``Function``, an immutable mapping
not written out           ``Opaque``
========================  ==========================================

Equal values have equal shapes: a function with domain ``1..n`` is a tuple (the empty function is ``()``), one whose
domain is strings a ``Record``. ``function`` sees to both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import AbstractSet, Any, Dict, FrozenSet, Iterable, Iterator, Mapping, Tuple, TypeVar, Union

K = TypeVar("K")
V = TypeVar("V")

SAFE_INTEGER_MAX = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""


class NotAValue(ValueError):
    """JSON that is no ITF value."""


@dataclass(frozen=True)
class Model:
    """A model value: equal to itself only, never to the string of the same name."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Opaque:
    """Something the writer could not write out, as text."""

    text: str

    def __repr__(self) -> str:
        return self.text


class _Frozen(Mapping[K, V]):
    """A mapping that does not change and can be an element of a set."""

    __slots__ = ("_entries", "_hash")

    def __init__(self, entries: Union[Mapping[K, V], Iterable[Tuple[K, V]]] = ()) -> None:
        self._entries: Dict[K, V] = dict(entries)
        self._hash = hash(frozenset(self._entries.items()))

    def __getitem__(self, key: K) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Frozen):
            return type(self) is type(other) and self._entries == other._entries
        return NotImplemented


class Record(_Frozen[str, "Value"]):
    """A function whose domain is strings."""

    def __repr__(self) -> str:
        return show(self)


class Function(_Frozen["Value", "Value"]):
    """Any other function, but those with domain ``1..n``."""

    def __repr__(self) -> str:
        return show(self)


Value = Union[bool, int, str, Model, Tuple["Value", ...], FrozenSet["Value"], Record, Function, Opaque]


def record(fields: Mapping[str, Value]) -> Value:
    """The record with these fields; without any it is the empty function."""
    return Record(fields) if fields else ()


def function(pairs: Iterable[Tuple[Value, Value]]) -> Value:
    """The function with these arguments and results, in the shape that equal functions share."""
    entries = dict(pairs)
    is_sequence = all(type(key) is int and 1 <= key <= len(entries) for key in entries)
    if is_sequence:
        return tuple(entries[n] for n in range(1, len(entries) + 1))
    if all(isinstance(key, str) for key in entries):
        return Record({str(key): value for key, value in entries.items()})
    return Function(entries)


def sort_key(value: Value) -> Tuple[Any, ...]:
    """Orders all values: by kind, then size, code points, or element by element. The same in every language."""
    if isinstance(value, bool):
        return (0, value)
    if isinstance(value, int):
        return (1, value)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, Model):
        return (3, value.name)
    if isinstance(value, tuple):
        return (4, [sort_key(item) for item in value])
    if isinstance(value, frozenset):
        return (5, sorted(sort_key(item) for item in value))
    if isinstance(value, Record):
        return (6, sorted((name, sort_key(item)) for name, item in value.items()))
    if isinstance(value, Function):
        return (7, sorted((sort_key(key), sort_key(item)) for key, item in value.items()))
    return (8, value.text)


def show(value: Value) -> str:
    """The value as TLA+ writes it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return _digits(value)
    if isinstance(value, str):
        escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
        return '"' + "".join(escapes.get(c, c) for c in value) + '"'
    if isinstance(value, Model):
        return value.name
    if isinstance(value, tuple):
        return "<<" + ", ".join(show(item) for item in value) + ">>"
    if isinstance(value, frozenset):
        return "{" + ", ".join(show(item) for item in sorted(value, key=sort_key)) + "}"
    if isinstance(value, Record):
        return "[" + ", ".join(f"{name} |-> {show(value[name])}" for name in sorted(value)) + "]"
    if isinstance(value, Function):
        pairs = sorted(value.items(), key=lambda pair: sort_key(pair[0]))
        return "(" + " @@ ".join(f"{show(key)} :> {show(item)}" for key, item in pairs) + ")"
    return value.text


def from_json(data: object, models: AbstractSet[str] = frozenset()) -> Value:
    """Reads one value; strings among ``models`` are model values. Raises ``NotAValue``."""
    if isinstance(data, (bool, int)):
        return data
    if isinstance(data, str):
        return Model(data) if data in models else data
    if isinstance(data, list):
        return tuple(from_json(item, models) for item in data)
    if isinstance(data, dict):
        tags = [name for name in data if name.startswith("#")]
        if not tags:
            return record({name: from_json(item, models) for name, item in data.items()})
        if len(data) > 1:
            raise NotAValue(f"`{tags[0]}` stands beside other fields")
        return _tagged(tags[0], data[tags[0]], models)
    if data is None:
        raise NotAValue("null is no value")
    raise NotAValue(f"`{data}` is not a whole number")


def _tagged(tag: str, inside: object, models: AbstractSet[str]) -> Value:
    if tag == "#bigint" and isinstance(inside, str) and inside.lstrip("-").isdecimal() and inside.isascii():
        if inside.count("-") <= 1:
            return _integer(inside)
    if tag == "#model" and isinstance(inside, str):
        return Model(inside)
    if tag == "#unserializable" and isinstance(inside, str):
        return Opaque(inside)
    if tag == "#tup" and isinstance(inside, list):
        return tuple(from_json(item, models) for item in inside)
    if tag == "#set" and isinstance(inside, list):
        return frozenset(from_json(item, models) for item in inside)
    if tag == "#map" and isinstance(inside, list):
        for pair in inside:
            if not isinstance(pair, list) or len(pair) != 2:
                raise NotAValue(f"{pair} in a #map is no pair of argument and result")
        return function((from_json(key, models), from_json(item, models)) for key, item in inside)
    raise NotAValue(f"`{tag}` of {json.dumps(inside)}")


_DIGITS_AT_ONCE = 4000


def _integer(text: str) -> int:
    """``int(text)`` without Python's limit on the number of digits."""
    digits = text.lstrip("-")
    number = 0
    for start in range(0, len(digits), _DIGITS_AT_ONCE):
        piece = digits[start : start + _DIGITS_AT_ONCE]
        number = number * 10 ** len(piece) + int(piece)
    return -number if text.startswith("-") else number


def _digits(number: int) -> str:
    """``str(number)`` without Python's limit on the number of digits."""
    pieces = []
    rest, base = abs(number), 10**_DIGITS_AT_ONCE
    while rest >= base:
        rest, piece = divmod(rest, base)
        pieces.append(str(piece).zfill(_DIGITS_AT_ONCE))
    return ("-" if number < 0 else "") + str(rest) + "".join(reversed(pieces))


def to_json(value: Value, models: AbstractSet[str] = frozenset()) -> Any:
    """Writes one value; model values are plain strings if among ``models``, else ``{"#model": …}``."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER_MAX else {"#bigint": _digits(value)}
    if isinstance(value, Model):
        return value.name if value.name in models else {"#model": value.name}
    if isinstance(value, tuple):
        return {"#tup": [to_json(item, models) for item in value]}
    if isinstance(value, frozenset):
        return {"#set": [to_json(item, models) for item in sorted(value, key=sort_key)]}
    if isinstance(value, Record):
        names = sorted(value)
        if any(name.startswith("#") for name in names):
            return {"#map": [[name, to_json(value[name], models)] for name in names]}
        return {name: to_json(value[name], models) for name in names}
    if isinstance(value, Function):
        pairs = sorted(value.items(), key=lambda pair: sort_key(pair[0]))
        return {"#map": [[to_json(key, models), to_json(item, models)] for key, item in pairs]}
    return {"#unserializable": value.text}


def unmistakable(values: Iterable[Value]) -> FrozenSet[str]:
    """Names of model values that no string of these values bears: they can be written as plain strings."""
    names: set[str] = set()
    strings: set[str] = set()
    for value in values:
        _gather(value, names, strings)
    return frozenset(names - strings)


def _gather(value: Value, names: set[str], strings: set[str]) -> None:
    if isinstance(value, Model):
        names.add(value.name)
    elif isinstance(value, str):
        strings.add(value)
    elif isinstance(value, (tuple, frozenset)):
        for item in value:
            _gather(item, names, strings)
    elif isinstance(value, Record):
        # A record with such a field is written as a `#map`, its names as values.
        if any(name.startswith("#") for name in value):
            strings.update(value)
        for item in value.values():
            _gather(item, names, strings)
    elif isinstance(value, Function):
        for key, item in value.items():
            _gather(key, names, strings)
            _gather(item, names, strings)
