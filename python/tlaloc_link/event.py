"""Events of a log, as ``docs/log-format.md`` has them: written by programs, read by ``tlaloc validate``."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import threading
from collections.abc import Mapping as AnyMapping
from collections.abc import Set as AnySet
from dataclasses import dataclass, field
from typing import IO, Any, Dict, Mapping, Optional, Union

from .difference import observed_fields, plain
from .value import Function, Model, Opaque, Record, to_json


class VectorClock:
    """How many events of each node are known of. Nodes without an entry have 0."""

    def __init__(self, entries: Optional[Mapping[str, int]] = None) -> None:
        self._entries = {node: count for node, count in (entries or {}).items() if count > 0}

    def tick(self, node: str) -> None:
        """Something happens at a node: one more event is known of it."""
        self._entries[node] = self._entries.get(node, 0) + 1

    def merge(self, sender: "VectorClock") -> None:
        """A message arrives that carries the sender's clock. The receipt is an event of its own: ``tick`` follows."""
        for node, count in sender._entries.items():
            self._entries[node] = max(count, self._entries.get(node, 0))

    def get(self, node: str) -> int:
        """The entry of a node."""
        return self._entries.get(node, 0)

    def copy(self) -> "VectorClock":
        """The clock as it is now."""
        return VectorClock(self._entries)

    def happened_before(self, other: "VectorClock") -> bool:
        """Neither before the other: concurrent."""
        return self != other and all(count <= other.get(node) for node, count in self._entries.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VectorClock) and self._entries == other._entries

    __hash__ = None  # type: ignore[assignment]

    def to_json(self) -> Dict[str, int]:
        """The entries that are not 0."""
        return dict(sorted(self._entries.items()))


@dataclass
class Event:
    """One line of a log. Without an action: any step, or none. ``state`` has variables or paths: ``state[p1]``."""

    action: Optional[str] = None
    params: Mapping[str, object] = field(default_factory=dict)
    state: Mapping[str, object] = field(default_factory=dict)
    node: Optional[str] = None
    clock: Union[VectorClock, int, None] = None
    rest: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> Dict[str, Any]:
        """The event as a JSON object."""
        clock = self.clock.to_json() if isinstance(self.clock, VectorClock) else self.clock
        fields: Dict[str, Any] = {
            "action": self.action,
            "params": {name: plain_json(value) for name, value in self.params.items()} or None,
            "state": {path: plain_json(value) for path, value in self.state.items()} or None,
            "node": self.node,
            "clock": clock,
        }
        return {**{name: value for name, value in fields.items() if value is not None}, **self.rest}

    def __str__(self) -> str:
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))


def plain_json(observed: object) -> Any:
    """An observed value as a log has it: plain JSON where that says the same."""
    observed = plain(observed)
    if observed is None:
        return None
    if isinstance(observed, (bool, int, str, Record, Function, Opaque, Model)):
        return to_json(observed)
    if isinstance(observed, AnySet):
        # A list, as the spec has the set: texts in a `#set` would be strings, never model values.
        items = [plain_json(item) for item in observed]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(observed, (list, tuple)):
        return [plain_json(item) for item in observed]
    if dataclasses.is_dataclass(observed) and not isinstance(observed, type):
        fields = observed_fields(observed) or {}
        return {name: plain_json(value) for name, value in fields.items() if value is not None}
    if isinstance(observed, AnyMapping):
        keys = [plain(key) for key in observed]
        if all(isinstance(key, str) and not key.startswith("#") for key in keys):
            return {str(key): plain_json(value) for key, value in zip(keys, observed.values())}
        return {"#map": [[plain_json(key), plain_json(value)] for key, value in observed.items()]}
    # A log is no reason to stop a program.
    return repr(observed)


_ATTRIBUTE = "tlaloc_event"


def emit(logger: logging.Logger, event: Event) -> None:
    """Sends an event through a logger; handlers other than ``EventHandler`` see its text."""
    logger.info("%s", event, extra={_ATTRIBUTE: event})


class EventHandler(logging.Handler):
    """Writes the events among the records, a line each, and nothing else."""

    def __init__(self, target: Union[str, "os.PathLike[str]", IO[str]], node: Optional[str] = None) -> None:
        """``node`` is who wrote events that do not say."""
        super().__init__()
        self._node = node
        self._own: Optional[IO[str]] = None
        if isinstance(target, (str, os.PathLike)):
            self._own = open(target, "w", encoding="utf-8")
        self._stream: IO[str] = target if self._own is None else self._own  # type: ignore[assignment]
        self._lines = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the record's event, if it has one."""
        event = getattr(record, _ATTRIBUTE, None)
        if not isinstance(event, Event):
            return
        if event.node is None and self._node is not None:
            event = dataclasses.replace(event, node=self._node)
        try:
            with self._lines:
                self._stream.write(f"{event}\n")
                self._stream.flush()
        except (OSError, ValueError):
            self.handleError(record)

    def close(self) -> None:
        """Closes the file, if the handler opened it."""
        if self._own is not None:
            self._own.close()
        super().close()
