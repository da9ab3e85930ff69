"""What templates format with."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from billtracker.core.periods import Month
from billtracker.core.templatetags import billtracker as tags
from billtracker.core.web.states import STATES

TODAY = dt.date(2026, 11, 20)


def render(source: str, **context) -> str:
    return Template("{% load billtracker %}" + source).render(Context(context))


def test_money_carries_its_symbol_and_groups_thousands():
    assert tags.money(Decimal("1850"), "USD") == "$1,850.00"


def test_negative_money_has_a_real_minus_sign():
    assert tags.money(Decimal("-3.50"), "USD") == "\u2212$3.50"


def test_money_has_the_places_of_its_currency():
    assert (tags.digits(Decimal("1200"), "JPY"), tags.digits(Decimal("1.2"), "KWD")) == ("1,200", "1.200")


def test_no_amount_is_an_en_dash():
    assert (tags.money(None, "USD"), tags.digits(None, "USD"), tags.day(None)) == ("\u2013",) * 3


def test_zero_is_an_amount():
    assert tags.money(Decimal(0), "USD") == "$0.00"


def test_a_day_is_short_and_carries_its_full_date():
    assert tags.day(dt.date(2026, 11, 12)) == (
        '<time datetime="2026-11-12" title="Thursday 12 November 2026">Thu 12 Nov</time>'
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (5, "in 5 days"),
        (-8, "8 days ago"),
        (2, "in 2 days"),
    ],
)
def test_a_relative_day_is_said_in_words(days, words):
    html = tags.relative_day(TODAY + dt.timedelta(days), TODAY)
    assert f">{words}</time>" in html
    assert "November 2026" in html


def test_a_month_has_its_name():
    assert (tags.month_name(Month(2026, 11)), tags.short_month(Month(2026, 3))) == ("November 2026", "Mar")


def test_a_moment_is_told_in_the_time_zone_asked_for():
    at = dt.datetime(2026, 11, 12, 13, 5, tzinfo=dt.UTC)
    assert ">13 Nov 2026, 02:05</time>" in tags.moment(at, "Pacific/Auckland")


@pytest.mark.parametrize("state", STATES)
def test_every_state_shows_word_sign_and_tone(state):
    html = render("{% state_badge state %}", state=state)
    assert f'class="badge {STATES[state].tone}"' in html
    assert "<svg" in html
    assert str(STATES[state].word) in html


def test_no_two_states_of_one_tone_share_word():
    words = [str(state.word) for state in STATES.values()]
    assert len(words) == len(set(words))


def test_an_unknown_state_is_refused():
    with pytest.raises(KeyError):
        tags.state_badge("lat")


def test_a_badges_words_are_escaped():
    assert "&lt;b&gt;" in tags.state_badge("paid", "<b>")


@given(st.lists(st.decimals(-50, 250, places=2), max_size=4))
def test_a_meter_never_grows_beyond_the_whole(percents):
    parts = dict(zip(["ok", "warn", "bad", "info"], percents, strict=False))
    widths = [
        Decimal(piece.split('"')[0].rstrip("%"))
        for piece in tags.meter("shares", **parts).split(' width="')[1:]
    ]
    assert sum(widths) <= 100
    assert all(width >= 0 for width in widths)


@pytest.mark.parametrize(
    ("extra", "url"),
    [
        ("undo:/bills/payments/undo/?ids=3", "/bills/payments/undo/?ids=3"),
        ("", ""),
        (None, ""),
        ("undo:https://evil.example/", ""),
        ("undo://evil.example/", ""),
        ("undo:javascript:alert(1)", ""),
        ("quiet undo:/x/", "/x/"),
    ],
)
def test_undo_leads_to_this_site_only(extra, url):
    assert tags.undo_url(SimpleNamespace(extra_tags=extra)) == url


def test_icons_are_silent_for_screen_readers():
    assert 'aria-hidden="true"' in tags.icon("check")
