"""Values → the user's own types, by their annotations."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import typing
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Sequence, Set, Tuple, Union

from .value import Function, Model, Record, Value, show


class DecodeError(ValueError):
    """A value is not what a type wants."""


_ANYTHING = (Any, object, typing.Hashable, collections.abc.Hashable)


def decode(value: Value, wanted: Any) -> Any:
    """The value as a ``wanted``: ``bool``, ``int``, ``str`` (also of model values), ``Model``, enums (by value, or by
    name), dataclasses (of records), ``list``, ``tuple``, ``set``, ``frozenset``, ``dict`` and their abstract kin,
    ``Union`` (the first that fits), ``Literal``; ``Any`` and ``Value`` as it is. Raises ``DecodeError``."""
    if wanted in _ANYTHING or wanted is Value or wanted == Value:
        return value
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if isinstance(wanted, typing.NewType) if isinstance(typing.NewType, type) else hasattr(wanted, "__supertype__"):
        return decode(value, wanted.__supertype__)
    if origin is Union or type(wanted).__name__ == "UnionType":
        return _first_that_fits(value, arguments, wanted)
    if origin is typing.Literal:
        text = value.name if isinstance(value, Model) else value
        if any(type(text) is type(option) and text == option for option in arguments):
            return text
        raise _unfit(value, wanted)
    if origin is typing.Annotated if hasattr(typing, "Annotated") else False:
        return decode(value, arguments[0])
    kind = origin or wanted
    if not isinstance(kind, type):
        raise DecodeError(f"{show(value)}: there is no way to make a {wanted}")
    if issubclass(kind, enum.Enum):
        return _member(value, kind)
    if kind in (bool, int, str, Model):
        return _scalar(value, kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass(value, kind)
    return _composite(value, kind, arguments, wanted)


def _unfit(value: Value, wanted: Any) -> DecodeError:
    return DecodeError(f"{show(value)} is no {getattr(wanted, '__name__', wanted)}")


def _first_that_fits(value: Value, options: Iterable[Any], wanted: Any) -> Any:
    for option in options:
        if option is type(None):
            continue
        try:
            return decode(value, option)
        except DecodeError:
            continue
    raise _unfit(value, wanted)


def _member(value: Value, kind: Any) -> Any:
    text = value.name if isinstance(value, Model) else value
    for member in kind:
        if (type(member.value) is type(text) and member.value == text) or member.value == value:
            return member
    if isinstance(text, str) and text in kind.__members__:
        return kind[text]
    raise _unfit(value, kind)


def _scalar(value: Value, kind: type) -> Any:
    if kind is str and isinstance(value, Model):
        return value.name
    if type(value) is not kind:
        raise _unfit(value, kind)
    return value


def _dataclass(value: Value, kind: Any) -> Any:
    if not isinstance(value, Record):
        raise _unfit(value, kind)
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = [name for name in value if name not in fields]
    if unknown:
        raise DecodeError(f"{show(value)}: {kind.__name__} has no field {unknown[0]}")
    try:
        return kind(**{name: decode(item, hints[name]) for name, item in value.items()})
    except TypeError as error:
        raise DecodeError(f"{show(value)}: {error}") from error


_SEQUENCES = (list, List, Sequence, collections.abc.Sequence, Iterable, collections.abc.Iterable)
_SETS = (set, frozenset, Set, FrozenSet, collections.abc.Set)
_MAPPINGS = (dict, Dict, Mapping, collections.abc.Mapping, Record, Function)


def _composite(value: Value, kind: type, arguments: Tuple[Any, ...], wanted: Any) -> Any:
    if kind is tuple and isinstance(value, tuple):
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(decode(item, arguments[0]) for item in value)
        if arguments and len(arguments) != len(value):
            raise _unfit(value, wanted)
        return tuple(decode(item, wanted) for item, wanted in zip(value, arguments or [Any] * len(value)))
    item = arguments[0] if arguments else Any
    if kind in _SEQUENCES and isinstance(value, (tuple, frozenset)):
        return [decode(element, item) for element in value]
    if kind in _SETS and isinstance(value, frozenset):
        elements = [decode(element, item) for element in value]
        return set(elements) if kind is set else frozenset(elements)
    if kind in _MAPPINGS and isinstance(value, (Record, Function, tuple)):
        key, result = arguments if len(arguments) == 2 else (Any, Any)
        pairs = enumerate(value, start=1) if isinstance(value, tuple) else value.items()
        return {decode(argument, key): decode(element, result) for argument, element in pairs}
    raise _unfit(value, wanted)
