"""Runs floor and own path in turn, so that a busy moment hits both, and compares their medians."""

import gc
import json
import platform
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from django.db import connection, transaction

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ways to the same end; each call does the whole work once."""

    name: str
    floor: Callable[[], object]
    own: Callable[[], object]
    rounds: int = 15
    # What is taken of each call: milliseconds, or with "kB" the peak of memory.
    unit: str = "ms"
    # Given when both are the same work over different data: floor, then this, then our own.
    between: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """Medians in milliseconds (of a memory benchmark in kilobytes), and how many times the floor ours is."""

    name: str
    floor_ms: float
    own_ms: float
    ratio: float
    rounds: int
    engine: str
    python: str


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a round wrote, so that every round finds the same database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def milliseconds(work: Callable[[], object]) -> float:
    with undone():
        begin = time.perf_counter()
        work()
        return (time.perf_counter() - begin) * 1000


def kilobytes(work: Callable[[], object]) -> float:
    """Return how much memory Python's objects took at most while the work ran."""
    with undone():
        gc.collect()
        tracemalloc.start()
        try:
            work()
            return tracemalloc.get_traced_memory()[1] / 1024
        finally:
            tracemalloc.stop()


def typical(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of the work in milliseconds, warmed up once."""
    milliseconds(work)
    return median(milliseconds(work) for _ in range(rounds))


def measure(pair: Pair) -> Result:
    """Warm both up once, then time them in turn; with something between them, one after the other."""
    if pair.unit == "kB" and pair.between:
        # Memory needs no warm-up and no median: it is the same each time.
        floor = kilobytes(pair.floor)
        pair.between()
        own = kilobytes(pair.own)
    elif pair.between:
        floor = typical(pair.floor, pair.rounds)
        pair.between()
        own = typical(pair.own, pair.rounds)
    else:
        milliseconds(pair.floor), milliseconds(pair.own)
        times = [(milliseconds(pair.floor), milliseconds(pair.own)) for _ in range(pair.rounds)]
        floor, own = (median(column) for column in zip(*times, strict=True))
    return Result(
        pair.name,
        round(floor, 3),
        round(own, 3),
        round(own / floor, 2),
        pair.rounds,
        connection.vendor,
        platform.python_version(),
    )


def keep(result: Result) -> Path:
    """Write the result as JSON beside the earlier ones."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result.name}-{result.engine}.json"
    path.write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")
    return path
