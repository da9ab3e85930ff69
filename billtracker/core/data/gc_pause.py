"""Python's search for circles of dead objects, put off while much is made at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Make many objects without a search among them every few hundred; it is caught up afterwards.

    For work that keeps nearly all it makes until its end, and is over soon: what dies in a circle
    meanwhile stays in memory. Inside another pause it changes nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
