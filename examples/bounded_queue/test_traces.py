"""With pytest, every trace file is a test of its own: `pytest -k notify_one`."""

from pathlib import Path

try:
    import pytest  # noqa: F401
except ImportError:  # test_bounded_queue.py replays the same files with the standard library only
    pass
else:
    from tlaloc_link import Trace, traces

    from test_bounded_queue import follow, refuse

    HERE = Path(__file__).parent

    @traces(HERE / "traces")
    def test_it_follows(trace: Trace) -> None:
        follow(trace)

    @traces(HERE / "counterexamples")
    def test_it_refuses(trace: Trace) -> None:
        refuse(trace)
