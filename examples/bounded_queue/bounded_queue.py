"""A blocking queue of bounded size for threads: `specs/bounded_queue/BoundedQueue.tla` in Python.

Whoever cannot go on waits on one condition variable, whoever succeeds wakes the others up. With ``wake_all=False`` only
one is woken, and that may be the wrong one: the classic mistake, after which everybody sleeps.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any, List, Optional, Protocol, Tuple

from tlaloc_link import Event, emit

WAKE_ALL = os.environ.get("BOUNDED_QUEUE") != "broken"
"""False in the broken variant: `BOUNDED_QUEUE=broken pytest`."""

log = logging.getLogger(__name__)


class Condition(Protocol):
    """What the queue needs of ``threading.Condition``."""

    def __enter__(self) -> object: ...

    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> Optional[bool]: ...

    def wait(self) -> object: ...

    def notify(self) -> None: ...

    def notify_all(self) -> None: ...


class BoundedQueue:
    """Items are the names of the threads that put them: what is in a queue does not matter to it."""

    def __init__(self, capacity: int, wake_all: bool = WAKE_ALL, changed: Optional[Condition] = None) -> None:
        self._capacity = capacity
        self._wake_all = wake_all
        self._changed: Condition = threading.Condition() if changed is None else changed
        self._items: List[str] = []
        self._asleep: List[str] = []

    def put(self, item: str) -> None:
        """Adds an item; waits while the queue is full."""
        with self._changed:
            while len(self._items) >= self._capacity:
                self._wait("Put", "p")
            self._items.append(item)
            self._wake()
            self._tell("Put", "p")

    def get(self) -> str:
        """Takes the oldest item; waits while the queue is empty."""
        with self._changed:
            while not self._items:
                self._wait("Get", "c")
            item = self._items.pop(0)
            self._wake()
            self._tell("Get", "c")
            return item

    def items(self) -> Tuple[str, ...]:
        """What is in the queue, the oldest first."""
        return tuple(self._items)

    def asleep(self) -> Tuple[str, ...]:
        """Threads that wait and have not been woken up, the longest first."""
        return tuple(self._asleep)

    def _wait(self, action: str, parameter: str) -> None:
        self._asleep.append(threading.current_thread().name)
        self._tell(action, parameter)
        self._changed.wait()

    def _wake(self) -> None:
        if self._wake_all:
            self._changed.notify_all()
            self._asleep.clear()
        else:
            self._changed.notify()
            del self._asleep[:1]

    def _tell(self, action: str, parameter: str) -> None:
        """Logs an action of the spec, while the lock is held: the order of lines is the order of steps."""
        me = threading.current_thread().name
        emit(log, Event(action, {parameter: me}, {"queue": list(self._items), "waiting": set(self._asleep)}))
