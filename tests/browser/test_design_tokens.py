"""Every text colour is readable on every ground it stands on, in light and in dark."""

import re
from itertools import product

import pytest
from django.conf import settings

CSS = (settings.BASE_DIR / "static/css/tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = CSS.split("@media screen and (prefers-color-scheme: dark)")
COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})")
light = dict(COLOUR.findall(LIGHT))
schemes = {"light": light, "dark": {**light, **dict(COLOUR.findall(DARK))}}

GROUNDS = ["ground", "paper", "raise", "hover"]
PAIRS = [
    *product(["ink", "ink-2", "ink-3", "accent", "bad", "accent-hover"], GROUNDS),
    *product(["ink", "ink-2", "ink-3"], ["mute-soft"]),
    *((tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "info", "mute", "accent")),
    *product(["ink"], ["ok-soft", "warn-soft", "bad-soft", "info-soft"]),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-bad", "bad"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", schemes)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_a_contrast_of_4_5_to_1(scheme, text, ground):
    colours = schemes[scheme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", schemes)
@pytest.mark.parametrize("ground", ["ground", "paper", "raise"])
def test_the_edge_of_a_control_has_a_contrast_of_3_to_1(scheme, ground):
    colours = schemes[scheme]
    assert contrast(colours["line-strong"], colours[ground]) >= 3


def test_both_schemes_know_the_same_names():
    assert set(dict(COLOUR.findall(DARK))) == set(light)
