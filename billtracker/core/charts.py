"""Charts drawn on the server: numbers in, places on a canvas out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billtracker.core.money import ZERO


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands on the canvas, and what it says."""

    x: int
    y: int
    height: int
    label: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from left to right on a canvas of ``width`` by ``height``."""

    width: int
    height: int
    bar_width: int
    bars: list[Bar]


def bar_chart(points: Sequence[tuple[str, Decimal]], *, height: int = 120, step: int = 44) -> BarChart:
    """Place one bar per (label, value), the largest as tall as the canvas; none is below zero."""
    largest = max((value for _, value in points), default=ZERO) or Decimal(1)
    bars = []
    for index, (label, value) in enumerate(points):
        # Something small is still something: one unit tall at least.
        tall = max(int(value * height / largest), 1) if value > ZERO else 0
        bars.append(Bar(index * step + 6, height - tall, tall, label, value))
    return BarChart(step * len(points), height, step - 12, bars)
