"""A trace, step by step, on an implementation.

``Adapter.start`` brings the implementation into the trace's initial state, and that is compared. Every further step is
applied and what is observed compared with the state it leads to. A trace to be followed fails at the first difference
or refusal. A counterexample fails when it could be followed to the end, or when the implementation leaves it before
the step that is the mistake.
"""

from __future__ import annotations

import inspect
import os
import re
import typing
from typing import Any, Callable, Dict, List, Mapping, Optional, Protocol, TypeVar, Union

from .decode import DecodeError, decode
from .difference import Difference, differences, observed_fields
from .trace import Conforms, Expect, Refuses, State, Step, Trace, trace_files
from .value import Value

F = TypeVar("F", bound=Callable[..., Any])

STEPS_SHOWN_MAX = 12
"""Most steps before a failure that are shown."""


class AdapterError(Exception):
    """The adapter cannot do as asked: a fault of the test, not a refusal of the implementation."""


class Refused(Exception):
    """Raised by ``apply``: the implementation does not do that here, for this reason."""


class _Unobserved:
    def __repr__(self) -> str:
        return "UNOBSERVED"


UNOBSERVED = _Unobserved()
"""Returned by ``apply``: the step was taken, but the code is in the middle of something; nothing is compared until a
later step is done."""

Applied = Optional[_Unobserved]


class Start:
    """The initial state of a trace, and the seed for whatever the implementation leaves to chance."""

    def __init__(self, state: State, seed: int) -> None:
        self.state = state
        self.seed = seed

    def variable(self, name: str, wanted: Any = Any) -> Any:
        """A variable, as the wanted type."""
        if name not in self.state:
            raise AdapterError(f"the spec has no variable `{name}`")
        return _decoded(f"the variable {name}", self.state[name], wanted)


class Action:
    """The step to take."""

    def __init__(self, step: Step, index: int) -> None:
        self.name = step.action or ""
        self.parameters: Mapping[str, Value] = step.parameters
        self.next: State = step.state
        self.index = index
        self._step = step

    def parameter(self, name: str, wanted: Any = Any) -> Any:
        """A parameter, as the wanted type."""
        if name not in self.parameters:
            known = ", ".join(self.parameters) or "none"
            raise AdapterError(f"{self.name} has no parameter `{name}` ({known}): has the spec changed?")
        return _decoded(f"the parameter {name}", self.parameters[name], wanted)

    def unknown(self) -> AdapterError:
        """What to raise for an action that the adapter has no method for."""
        message = f"the adapter does not know the action `{self.name}`: has the spec changed? (`tlaloc gen adapter`)"
        return AdapterError(message)

    def __str__(self) -> str:
        return str(self._step)


def _decoded(what: str, value: Value, wanted: Any) -> Any:
    try:
        return decode(value, wanted)
    except DecodeError as error:
        raise AdapterError(f"{what}: {error}") from error


class Adapter(Protocol):
    """The implementation under test, in the words of the spec. One adapter lives for one trace."""

    def start(self, start: Start) -> None:
        """Brings the implementation into the initial state."""

    def apply(self, action: Action) -> Applied:
        """Takes the step. Raises ``Refused`` if the implementation will not."""

    def observe(self) -> object:
        """Any part of the spec's state: a dataclass or mapping of variables. What is ``None`` is not compared."""


class AsyncAdapter(Protocol):
    """An ``Adapter`` whose calls wait."""

    async def start(self, start: Start) -> None:
        """As ``Adapter.start``."""

    async def apply(self, action: Action) -> Applied:
        """As ``Adapter.apply``."""

    async def observe(self) -> object:
        """As ``Adapter.observe``."""


class Methods:
    """An adapter with one method an action, of the same name in snake case, and parameters of the same names::

        class Coordinator(Methods):
            def receive_vote(self, p: Participant) -> Applied: ...
            def observe(self) -> object: ...
    """

    def start(self, start: Start) -> None:
        """Nothing to prepare."""

    def apply(self, action: Action) -> Applied:
        """Calls the method of the action."""
        method = getattr(self, snake_case(action.name), None)
        if not callable(method) or hasattr(Methods, snake_case(action.name)):
            raise action.unknown()
        hints = typing.get_type_hints(method)
        names = [name for name in inspect.signature(method).parameters]
        surplus = [name for name in action.parameters if name not in names]
        if surplus:
            raise AdapterError(f"the adapter's {action.name} takes no `{surplus[0]}`: has the spec changed?")
        return typing.cast(Applied, method(**{name: action.parameter(name, hints.get(name, Any)) for name in names}))


def snake_case(name: str) -> str:
    """``ReceiveVote`` → ``receive_vote``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


class Failure(AssertionError):
    """An implementation that did not do as a trace expects."""

    def __init__(self, trace: Trace, seed: int, step: int, kind: str, details: List[str]) -> None:
        self.trace = trace.name
        self.seed = seed
        self.step = step
        self.kind = kind
        self.details = details
        super().__init__(_message(trace, seed, step, kind, details))


_HEADS = {
    "differs": "the implementation differs from the spec in the trace {}",
    "refused": "the implementation refuses a step of the trace {}",
    "not refused": "the implementation follows a counterexample to the end: {}",
    "adapter": "the adapter failed in the trace {}",
    "nothing observed": "nothing was observed in the trace {}: such a test cannot fail",
}


def _message(trace: Trace, seed: int, step: int, kind: str, details: List[str]) -> str:
    lines = [_HEADS[kind].format(trace.name or "(unnamed)")]
    if step == 0:
        lines.append("  in the initial state")
    elif step < len(trace.steps):
        at = trace.steps[step]
        span = f"    {at.span}" if at.span else ""
        lines.append(f"  at step {step} of {len(trace.steps) - 1}: {at}{span}")
    lines += [f"  {detail}" for detail in details]
    before = [str(taken) for taken in trace.steps[1:step]]
    if before:
        ellipsis = "…, " if len(before) > STEPS_SHOWN_MAX else ""
        lines.append(f"  after {ellipsis}{', '.join(before[-STEPS_SHOWN_MAX:])}")
    lines.append(f"  seed {seed}")
    return "\n".join(lines)


class Coverage:
    """How often each action was taken."""

    def __init__(self, actions: typing.Iterable[str] = ()) -> None:
        self.actions: Dict[str, int] = {name: 0 for name in actions}

    def add(self, other: "Coverage") -> None:
        """Adds what another replay has taken."""
        for name, count in other.actions.items():
            self.actions[name] = self.actions.get(name, 0) + count

    def missing(self) -> List[str]:
        """Actions of the spec that were never taken, as far as the traces name them."""
        return sorted(name for name, count in self.actions.items() if count == 0)

    def __str__(self) -> str:
        return ", ".join(f"{name} {self.actions[name]}" for name in sorted(self.actions))


class _Run:
    """A replay on its way."""

    def __init__(self, trace: Trace, seed: Optional[int], expect: Optional[Expect]) -> None:
        self.trace = trace
        self.seed = (trace.meta.seed or 0) if seed is None else seed
        self.expect = expect or trace.expect()
        self.index = 0
        self.compared = 0
        self.left = False
        self.coverage = Coverage(trace.meta.actions)
        if not trace.steps:
            raise self.fail("adapter", "the trace has no states")

    def fail(self, kind: str, *details: str) -> Failure:
        return Failure(self.trace, self.seed, self.index, kind, list(details))

    def start(self) -> Start:
        return Start(self.trace.steps[0].state, self.seed)

    def next(self) -> Optional[Action]:
        if self.left or self.index + 1 >= len(self.trace.steps):
            return None
        self.index += 1
        step = self.trace.steps[self.index]
        if step.action is None:
            raise self.fail("adapter", "the trace does not say which action this step is")
        return Action(step, self.index)

    def failed(self, error: Exception) -> None:
        """What an adapter's call raised; returns if the implementation may refuse."""
        if isinstance(error, Refused):
            if not self._may_leave():
                raise self.fail("refused", f"reason: {error}", *self._hint()) from error
            self.left = True
            return
        message = str(error) if isinstance(error, AdapterError) else f"{type(error).__name__}: {error}"
        raise self.fail("adapter", message) from error

    def taken(self, applied: Applied) -> bool:
        """True if something is to be observed now."""
        name = self.trace.steps[self.index].action or ""
        self.coverage.actions[name] = self.coverage.actions.get(name, 0) + 1
        return not isinstance(applied, _Unobserved)

    def observed(self, observed: object) -> None:
        fields = observed_fields(observed) or {}
        self.compared += sum(value is not None for value in fields.values())
        found: List[Difference] = differences(self.trace.steps[self.index].state, observed)
        if not found:
            return
        if not self._may_leave() or not all(difference.is_value for difference in found):
            raise self.fail("differs", *map(str, found), *self._hint())
        self.left = True

    def _mistake(self) -> str:
        if self.trace.meta.property:
            return f"it has the mistake that violates {self.trace.meta.property}"
        if self.trace.meta.kind:
            return f"it has the mistake that shows as: {self.trace.meta.kind}"
        return "it has the mistake that the trace shows"

    def _hint(self) -> List[str]:
        """A counterexample may be left before its end, if that is said."""
        if isinstance(self.expect, Conforms) or self.index == 0:
            return []
        return [f'is this where the mistake is avoided? Then say so in the trace: "expect": {{"refused": {self.index}}}']

    def _may_leave(self) -> bool:
        """True if the implementation may refuse this step, or be elsewhere than the trace after it."""
        if not isinstance(self.expect, Refuses):
            return False
        last = len(self.trace.steps) - 1
        return self.index >= (last if self.expect.step is None else self.expect.step)

    def finish(self) -> Coverage:
        if self.compared == 0:
            raise self.fail("nothing observed")
        if not self.left and not isinstance(self.expect, Conforms):
            raise self.fail("not refused", self._mistake())
        return self.coverage


def replay(trace: Trace, adapter: Adapter, seed: Optional[int] = None, expect: Optional[Expect] = None) -> Coverage:
    """Replays a trace. Raises ``Failure`` if the implementation does not do as the trace expects (``Trace.expect``)."""
    run = _Run(trace, seed, expect)
    try:
        adapter.start(run.start())
        observed = adapter.observe()
    except Exception as error:
        run.failed(error)
        return run.finish()
    run.observed(observed)
    while True:
        action = run.next()
        if action is None:
            return run.finish()
        try:
            applied = adapter.apply(action)
            observed = adapter.observe() if run.taken(applied) else None
        except Exception as error:
            run.failed(error)
            continue
        if not isinstance(applied, _Unobserved):
            run.observed(observed)


async def replay_async(
    trace: Trace, adapter: AsyncAdapter, seed: Optional[int] = None, expect: Optional[Expect] = None
) -> Coverage:
    """As ``replay``."""
    run = _Run(trace, seed, expect)
    try:
        await adapter.start(run.start())
        observed = await adapter.observe()
    except Exception as error:
        run.failed(error)
        return run.finish()
    run.observed(observed)
    while True:
        action = run.next()
        if action is None:
            return run.finish()
        try:
            applied = await adapter.apply(action)
            observed = await adapter.observe() if run.taken(applied) else None
        except Exception as error:
            run.failed(error)
            continue
        if not isinstance(applied, _Unobserved):
            run.observed(observed)


def replay_folder(folder: Union[str, "os.PathLike[str]"], adapter: Callable[[Trace], Adapter]) -> Coverage:
    """Replays every trace of a folder, each on an adapter of its own, and gives what all of them cover."""
    coverage = Coverage()
    failures: List[Failure] = []
    for file in trace_files(folder):
        trace = Trace.read(file)
        try:
            coverage.add(replay(trace, adapter(trace)))
        except Failure as failure:
            failures.append(failure)
    if failures:
        raise AssertionError("\n\n".join(str(failure) for failure in failures))
    return coverage


def traces(folder: Union[str, "os.PathLike[str]"], argument: str = "trace") -> Callable[[F], F]:
    """Makes a pytest test of every trace in a folder::

        @traces(Path(__file__).parent / "traces")
        def test_follows(trace: Trace) -> None:
            replay(trace, Queue())
    """
    import pytest

    files = trace_files(folder)
    ids = [file.name[: -len(".itf.json")] for file in files]
    mark: Callable[[F], F] = pytest.mark.parametrize(argument, [Trace.read(file) for file in files], ids=ids)
    return mark


