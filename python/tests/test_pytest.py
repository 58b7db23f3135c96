"""A folder of traces as pytest tests. Without pytest, nothing to see here."""

from pathlib import Path

try:
    import pytest
except ImportError:  # the rest of the tests needs the standard library only
    pass
else:
    from tests.test_replay import Bag
    from tlaloc_link import Failure, Trace, replay, traces

    RUST_TRACES = Path(__file__).resolve().parents[2] / "crates" / "link" / "tests" / "traces"

    @traces(RUST_TRACES)
    def test_every_trace(trace: Trace) -> None:
        replay(trace, Bag())

    @traces(RUST_TRACES)
    def test_no_trace_with_a_mistake(trace: Trace) -> None:
        with pytest.raises(Failure):
            replay(trace, Bag("adds twice"))
