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
    middle: int
    label: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from left to right, ``height`` tall at most, each with a label below."""

    width: int
    height: int
    bar_width: int
    bars: list[Bar]

    @property
    def canvas_height(self) -> int:
        """The height with the line of labels below the bars."""
        return self.height + 18

    @property
    def label_y(self) -> int:
        return self.height + 14


def bar_chart(points: Sequence[tuple[str, Decimal]], *, height: int = 96, step: int = 72) -> BarChart:
    """Place one bar per (label, value), the largest as tall as the canvas; none is below zero."""
    largest = max((value for _, value in points), default=ZERO) or Decimal(1)
    bars = []
    for index, (label, value) in enumerate(points):
        # Something small is still something: one unit tall at least.
        tall = max(int(value * height / largest), 1) if value > ZERO else 0
        bars.append(Bar(index * step + 6, height - tall, tall, index * step + step // 2, label, value))
    return BarChart(step * len(points), height, step - 12, bars)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar, in hundredths of its width."""

    place: int
    label: str
    value: Decimal
    x: Decimal
    width: Decimal


def stacked_bar(parts: Sequence[tuple[str, Decimal]]) -> list[Part]:
    """Place the (label, value) parts side by side, a hundred wide together; parts of nothing are left out."""
    total, at, placed = sum((value for _, value in parts), ZERO), ZERO, []
    for place, (label, value) in enumerate(parts):
        if value > ZERO:
            width = (value * 100 / total).quantize(Decimal("0.01"))
            placed.append(Part(place, label, value, at, width))
            at += width
    return placed
