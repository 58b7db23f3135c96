"""The queue's threads, one step at a time, as a trace of the spec says."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Set, Tuple

from tlaloc_link import Action, AdapterError, Applied, Methods, Refused, Start

from bounded_queue import BoundedQueue

SECONDS_MAX = 10.0
"""Longer than any step takes: a thread that is not done by then hangs."""


class _Ended(BaseException):
    """Ends a thread that sleeps when the test is over."""


class Schedule:
    """Lets one thread run at a time."""

    def __init__(self) -> None:
        self._go: Dict[str, threading.Semaphore] = {}
        self._settled = threading.Semaphore(0)
        self._ended = False

    def pause(self) -> None:
        """Called by a thread that is done, or sleeps: on with it when its next turn comes."""
        self._settled.release()
        self._go[threading.current_thread().name].acquire()
        if self._ended:
            raise _Ended

    def start(self, name: str, work: Callable[[], object]) -> None:
        """Starts a thread that works over and over, each time it is its turn."""

        def forever() -> None:
            try:
                while True:
                    self.pause()
                    work()
            except _Ended:
                pass

        self._go[name] = threading.Semaphore(0)
        threading.Thread(target=forever, name=name, daemon=True).start()
        self._wait_until_settled(name)

    def turn(self, name: str) -> None:
        """Lets a thread run until it is done or sleeps."""
        self._go[name].release()
        self._wait_until_settled(name)

    def _wait_until_settled(self, name: str) -> None:
        if not self._settled.acquire(timeout=SECONDS_MAX):
            raise AdapterError(f"{name} hangs")

    def end(self) -> None:
        """Ends all threads."""
        self._ended = True
        for go in self._go.values():
            go.release()


class ScriptedCondition:
    """A condition variable that wakes whom the trace says: ``notify`` may wake any one of the waiting threads."""

    def __init__(self, schedule: Schedule) -> None:
        self._lock = threading.Lock()
        self._schedule = schedule
        self.asleep: Set[str] = set()
        self.wake_next: Optional[str] = None

    def __enter__(self) -> object:
        return self._lock.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> Optional[bool]:
        self._lock.release()
        return None

    def wait(self) -> object:
        self.asleep.add(threading.current_thread().name)
        self._lock.release()
        try:
            self._schedule.pause()
        finally:
            self._lock.acquire()
        return True

    def notify(self) -> None:
        if self.asleep:
            self.asleep.discard(self.wake_next if self.wake_next in self.asleep else min(self.asleep))

    def notify_all(self) -> None:
        self.asleep.clear()


@dataclass
class Observed:
    """What of the spec's state the queue shows: all of it."""

    queue: Tuple[str, ...]
    waiting: FrozenSet[str]


class DrivenQueue(Methods):
    """The adapter: the spec's ``Put(p)`` and ``Get(c)`` are turns of the threads ``p`` and ``c``."""

    def __init__(self, capacity: int, **options: Any) -> None:
        self._schedule = Schedule()
        self._condition = ScriptedCondition(self._schedule)
        self._queue = BoundedQueue(capacity, changed=self._condition, **options)
        self._threads: List[str] = []

    def __enter__(self) -> "DrivenQueue":
        return self

    def __exit__(self, *exception: object) -> None:
        self._schedule.end()

    def start(self, start: Start) -> None:
        """Nobody has started yet: threads are, when their first turn comes."""

    def apply(self, action: Action) -> Applied:
        """Before the step: whom would the trace wake up?"""
        waiting = action.next["waiting"]
        assert isinstance(waiting, frozenset)
        still = {str(name) for name in waiting}
        self._condition.wake_next = next((name for name in sorted(self._condition.asleep) if name not in still), None)
        return super().apply(action)

    def put(self, p: str) -> None:
        self._turn(p, lambda: self._queue.put(p))

    def get(self, c: str) -> None:
        self._turn(c, self._queue.get)

    def _turn(self, name: str, work: Callable[[], object]) -> None:
        if name in self._condition.asleep:
            raise Refused(f"{name} is asleep")
        if name not in self._threads:
            self._threads.append(name)
            self._schedule.start(name, work)
        self._schedule.turn(name)

    def observe(self) -> Observed:
        return Observed(self._queue.items(), frozenset(self._condition.asleep))
