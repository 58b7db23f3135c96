"""A behaviour of a specification, as data: what ``docs/trace-format.md`` describes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import AbstractSet, Any, Dict, List, Mapping, Optional, Union

from .value import NotAValue, Value, from_json, show, to_json, unmistakable

FORMAT_VERSION = 1
"""The version of what tlaloc writes under ``#meta``."""

EXTENSION = ".itf.json"
"""How the names of trace files end."""

State = Mapping[str, Value]


class ReadError(ValueError):
    """A trace could not be read."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"the trace {name} cannot be read: {message}" if name else message)
        self.name = name
        self.message = message


@dataclass(frozen=True)
class Conforms:
    """An implementation should follow the trace to the end."""


@dataclass(frozen=True)
class Refuses:
    """An implementation should not follow the trace: it shows a mistake in the design. The action that leads to state
    ``step`` (without one: to the last) is refused, or leads somewhere else."""

    step: Optional[int] = None


Expect = Union[Conforms, Refuses]


@dataclass(frozen=True)
class Span:
    """A place in a specification. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass
class Meta:
    """What ``#meta`` says of the whole trace. Every field may be missing."""

    version: Optional[int] = None
    tool: Optional[str] = None
    tool_version: Optional[str] = None
    spec: Optional[str] = None
    spec_sha256: Optional[str] = None
    config: Optional[str] = None
    config_sha256: Optional[str] = None
    modules_sha256: Dict[str, str] = field(default_factory=dict)
    property: Optional[str] = None
    verdict: Optional[str] = None
    kind: Optional[str] = None
    actions: List[str] = field(default_factory=list)
    expect: Optional[Expect] = None
    seed: Optional[int] = None
    extra: Dict[str, Any] = field(default_factory=dict)


@dataclass
class Step:
    """A state and how it was reached."""

    state: Dict[str, Value]
    action: Optional[str] = None
    parameters: Dict[str, Value] = field(default_factory=dict)
    span: Optional[Span] = None
    changed: Optional[List[str]] = None
    alias: Optional[Dict[str, Value]] = None
    extra: Dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.action is None:
            return "the initial state"
        shown = ", ".join(f"{name} = {show(value)}" for name, value in self.parameters.items())
        return f"{self.action}({shown})" if shown else self.action


@dataclass
class Trace:
    """A behaviour: a finite prefix, or a lasso that goes back to state ``loop_to``."""

    variables: List[str]
    steps: List[Step]
    meta: Meta = field(default_factory=Meta)
    loop_to: Optional[int] = None
    extra: Dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @staticmethod
    def read(path: Union[str, "os.PathLike[str]"]) -> "Trace":
        """The trace in this file, named after it. Raises ``ReadError``."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ReadError(str(path), str(error)) from error
        return Trace.parse(text, name=str(path))

    @staticmethod
    def parse(text: str, name: str = "") -> "Trace":
        """The trace in this text. Raises ``ReadError``."""
        try:
            return Trace.from_json(json.loads(text), name)
        except (ValueError, RecursionError) as error:
            if isinstance(error, ReadError):
                raise
            raise ReadError(name, str(error)) from error

    @staticmethod
    def from_json(data: object, name: str = "") -> "Trace":
        """The trace in this JSON. Raises ``ReadError``."""
        try:
            trace = _read(data)
        except _Wrong as error:
            raise ReadError(name, str(error)) from error
        trace.name = name
        return trace

    def to_json(self) -> Dict[str, Any]:
        """The trace as JSON."""
        return _write(self)

    def __str__(self) -> str:
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n"

    def expect(self) -> Expect:
        """What an implementation should do with it: what ``#meta`` expects, else the verdict: a counterexample is not
        to be followed, anything else is. The finite part of a lasso shows no mistake and is to be followed, too."""
        if self.meta.expect is not None:
            return self.meta.expect
        if self.meta.verdict == "violation" and self.loop_to is None:
            return Refuses()
        return Conforms()


def trace_files(folder: Union[str, "os.PathLike[str]"]) -> List[Path]:
    """The trace files in a folder, by name. Raises ``ReadError`` if there are none: tests over nothing show nothing."""
    path = Path(folder)
    if not path.is_dir():
        raise ReadError(str(folder), "there is no such folder")
    files = sorted(file for file in path.iterdir() if file.name.endswith(EXTENSION))
    if not files:
        raise ReadError(str(folder), f"there is no file *{EXTENSION} in it")
    return files


class _Wrong(ValueError):
    """What is wrong with a trace."""


class _Object:
    """The fields of a JSON object, taken out one by one; what is left belongs to others."""

    def __init__(self, data: object, what: str = "it") -> None:
        if not isinstance(data, dict):
            raise _Wrong(f"{what} is no JSON object")
        self.rest: Dict[str, Any] = dict(data)

    def take(self, name: str, kind: type, what: str) -> Any:
        found = self.rest.pop(name, None)
        if found is not None and (not isinstance(found, kind) or (kind is int and isinstance(found, bool))):
            raise _Wrong(f"`{name}` is {json.dumps(found)}, not {what}")
        return found

    def string(self, name: str) -> Optional[str]:
        found: Optional[str] = self.take(name, str, "a string")
        return found

    def strings(self, name: str) -> Optional[List[str]]:
        found: Optional[List[Any]] = self.take(name, list, "a list")
        for item in found or []:
            if not isinstance(item, str):
                raise _Wrong(f"`{name}` has {json.dumps(item)} in it, not a string")
        return found

    def index(self, name: str) -> Optional[int]:
        found: Optional[int] = self.take(name, int, "a number from 0")
        if found is not None and found < 0:
            raise _Wrong(f"`{name}` is {found}, not a number from 0")
        return found

    def inside(self, name: str) -> Optional["_Object"]:
        found = self.take(name, dict, "an object")
        return None if found is None else _Object(found)

    def values(self, name: str, models: AbstractSet[str]) -> Optional[Dict[str, Value]]:
        found = self.take(name, dict, "an object")
        if found is None:
            return None
        return {key: _value(item, models, f"`{name}`: {key}") for key, item in found.items()}


def _value(data: object, models: AbstractSet[str], where: str) -> Value:
    try:
        return from_json(data, models)
    except NotAValue as error:
        raise _Wrong(f"{where}: {error}") from error


def _read(data: object) -> Trace:
    whole = _Object(data)
    meta_object = whole.inside("#meta") or _Object({})
    models = frozenset(meta_object.strings("model_values") or [])
    meta_loop = meta_object.index("loop")
    try:
        meta = _read_meta(meta_object)
    except _Wrong as error:
        raise _Wrong(f"#meta: {error}") from error
    variables = whole.strings("vars")
    if variables is None:
        raise _Wrong("`vars` is missing")
    states = whole.rest.pop("states", None)
    if not isinstance(states, list):
        raise _Wrong("`states`, a list, is missing")
    steps = []
    for index, state in enumerate(states):
        try:
            steps.append(_read_step(state, index, variables, models))
        except _Wrong as error:
            raise _Wrong(f"state {index}: {error}") from error
    loop_to = whole.index("loop")
    loop_to = meta_loop if loop_to is None else loop_to
    if loop_to is not None and loop_to >= len(steps):
        raise _Wrong(f"it loops to state {loop_to}, but has {len(steps)} states")
    if isinstance(meta.expect, Refuses) and meta.expect.step is not None and meta.expect.step >= len(steps):
        raise _Wrong(f"state {meta.expect.step} is to be refused, but there are {len(steps)} states")
    return Trace(variables, steps, meta, loop_to, whole.rest)


def _read_meta(meta: _Object) -> Meta:
    tool = meta.string("tool")
    version = None
    if tool == "tlaloc":
        version = meta.index("version")
        if version is not None and version > FORMAT_VERSION:
            raise _Wrong(f"version {version} is newer than {FORMAT_VERSION}, the newest known")
        # The same in every trace of tlaloc's.
        meta.rest.pop("format", None)
        meta.rest.pop("format-description", None)
    modules = meta.inside("modules_sha256")
    for path, digest in (modules.rest if modules else {}).items():
        if not isinstance(digest, str):
            raise _Wrong(f"the digest of {path} is no string")
    return Meta(
        version=version,
        tool=tool,
        tool_version=meta.string("tool_version"),
        spec=meta.string("spec"),
        spec_sha256=meta.string("spec_sha256"),
        config=meta.string("config"),
        config_sha256=meta.string("config_sha256"),
        modules_sha256=modules.rest if modules else {},
        property=meta.string("property"),
        verdict=meta.string("verdict"),
        kind=meta.string("kind"),
        actions=meta.strings("actions") or [],
        expect=_read_expect(meta.rest.pop("expect", None)),
        seed=meta.index("seed"),
        extra=meta.rest,
    )


def _read_expect(expect: object) -> Optional[Expect]:
    if expect is None:
        return None
    if expect == "conforms":
        return Conforms()
    if isinstance(expect, dict) and list(expect) == ["refused"]:
        step = expect["refused"]
        if step is None or (isinstance(step, int) and not isinstance(step, bool) and step >= 0):
            return Refuses(step)
        raise _Wrong(f"`expect` refuses state {json.dumps(step)}")
    raise _Wrong(f'`expect` is {json.dumps(expect)}, neither "conforms" nor {{"refused": …}}')


def _read_step(data: object, index: int, variables: List[str], models: AbstractSet[str]) -> Step:
    whole = _Object(data)
    meta = whole.inside("#meta") or _Object({})
    said = meta.index("index")
    if said is not None and said != index:
        raise _Wrong(f"it says it is state {said}")
    state: Dict[str, Value] = {}
    for name, value in whole.rest.items():
        if name not in variables:
            raise _Wrong(f"`{name}` is not one of the variables")
        state[name] = _value(value, models, name)
    span = meta.inside("span")
    return Step(
        state=state,
        action=meta.string("action"),
        parameters=meta.values("parameters", models) or {},
        span=_read_span(span) if span else None,
        changed=meta.strings("changed"),
        alias=meta.values("alias", models),
        extra=meta.rest,
    )


def _read_span(span: _Object) -> Span:
    def number(name: str) -> int:
        found = span.index(name)
        if found is None:
            raise _Wrong(f"the span has no `{name}`")
        return found

    file = span.string("file")
    if file is None:
        raise _Wrong("the span has no `file`")
    return Span(file, number("line"), number("column"), number("end_line"), number("end_column"))


def _write(trace: Trace) -> Dict[str, Any]:
    values: List[Value] = []
    for step in trace.steps:
        values += [*step.parameters.values(), *(step.alias or {}).values(), *step.state.values()]
    models = unmistakable(values)
    whole: Dict[str, Any] = {
        "#meta": _write_meta(trace, sorted(models)),
        "vars": trace.variables,
        "states": [_write_step(index, step, trace.variables, models) for index, step in enumerate(trace.steps)],
    }
    if trace.loop_to is not None:
        whole["loop"] = trace.loop_to
    return {**whole, **trace.extra}


def _write_meta(trace: Trace, models: List[str]) -> Dict[str, Any]:
    meta = trace.meta
    expect: Any = None
    if isinstance(meta.expect, Conforms):
        expect = "conforms"
    elif isinstance(meta.expect, Refuses):
        expect = {"refused": meta.expect.step}
    is_own = meta.tool == "tlaloc"
    fields = {
        "format": "ITF" if is_own else None,
        "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html" if is_own else None,
        "version": meta.version,
        "tool": meta.tool,
        "tool_version": meta.tool_version,
        "spec": meta.spec,
        "spec_sha256": meta.spec_sha256,
        "config": meta.config,
        "config_sha256": meta.config_sha256,
        "modules_sha256": dict(sorted(meta.modules_sha256.items())) or None,
        "property": meta.property,
        "verdict": meta.verdict,
        "kind": meta.kind,
        "actions": meta.actions or None,
        "model_values": models or None,
        "loop": trace.loop_to,
        "expect": expect,
        "seed": meta.seed,
    }
    return {**{name: value for name, value in fields.items() if value is not None}, **meta.extra}


def _write_step(index: int, step: Step, variables: List[str], models: AbstractSet[str]) -> Dict[str, Any]:
    def values(pairs: Mapping[str, Value]) -> Dict[str, Any]:
        return {name: to_json(value, models) for name, value in pairs.items()}

    meta: Dict[str, Any] = {"index": index, "action": step.action}
    if step.action is not None or step.parameters:
        meta["parameters"] = values(step.parameters)
    if step.span is not None:
        meta["span"] = dict(vars(step.span))
    if step.changed is not None:
        meta["changed"] = step.changed
    if step.alias is not None:
        meta["alias"] = values(step.alias)
    state = {name: to_json(step.state[name], models) for name in variables if name in step.state}
    return {"#meta": {**meta, **step.extra}, **state}
