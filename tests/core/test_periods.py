"""Dates, spans, months, and what "today" is in a time zone."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.forms import BaseForm, DateField
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st

from billing.models import OfficeProfile
from billtracker.core.periods import (
    DayField,
    DayFormField,
    Month,
    Span,
    TimeZoneFormField,
    clamped_date,
    day_in,
    is_time_zone,
    month_after,
    time_zone_names,
    today,
)
from tests.factories import make_household, make_office_user

months = st.builds(Month, st.integers(2, 9997), st.integers(1, 12))
days = st.dates(dt.date(1, 2, 1), dt.date(9998, 11, 30))


@pytest.mark.parametrize(
    ("utc", "zone", "day"),
    [
        ("2026-11-20T10:59:59", "Pacific/Auckland", "2026-11-20"),
        ("2026-11-20T11:00:00", "Pacific/Auckland", "2026-11-21"),
        ("2026-11-20T18:29:59", "Asia/Kolkata", "2026-11-20"),
        ("2026-11-20T18:30:00", "Asia/Kolkata", "2026-11-21"),
        ("2026-11-21T07:59:59", "America/Los_Angeles", "2026-11-20"),
        ("2026-11-21T08:00:00", "America/Los_Angeles", "2026-11-21"),
        ("2026-11-20T23:59:59", "UTC", "2026-11-20"),
        ("2026-11-21T00:00:00", "UTC", "2026-11-21"),
    ],
)
def test_today_changes_at_the_time_zones_own_midnight(time_machine, utc, zone, day):
    time_machine.move_to(dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC), tick=False)
    assert today(zone).isoformat() == day


def test_time_zones_are_those_of_the_world():
    assert {"UTC", "Europe/Berlin", "Pacific/Auckland"} <= set(time_zone_names())
    assert "localtime" not in time_zone_names()
    for wrong in ("", "Mars/Phobos", "../../etc/passwd", "/etc/localtime", "Europe", "\x00"):
        assert not is_time_zone(wrong)


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2026, 2, 31, "2026-02-28"),
        (2024, 2, 30, "2024-02-29"),
        (2026, 4, 31, "2026-04-30"),
        (2026, 1, 31, "2026-01-31"),
    ],
)
def test_a_day_beyond_the_month_is_its_last(year, month, day, expected):
    assert clamped_date(year, month, day).isoformat() == expected


@given(months, st.integers(-1200, 1200))
def test_months_are_counted_forwards_and_back(month, count):
    there = month_after(month.year, month.month, count)
    assert month_after(*there, -count) == (month.year, month.month)


@given(months)
def test_a_months_span_holds_its_days_and_no_other(month):
    listed = list(month.span)
    assert 28 <= len(listed) <= 31
    assert {Month.of(day) for day in listed} == {month}
    assert month.span.last_day == listed[-1]
    assert month.span.end == month.next.first_day
    assert month.next.previous == month
    assert month.previous.span.end == month.first_day


@given(days, st.integers(0, 400), st.integers(-400, 400))
def test_spans_overlap_when_they_share_a_day(start, length, shift):
    start = dt.date(2026, 1, 1) + (start - start)
    first = Span(start, start + dt.timedelta(days=length))
    begin = start + dt.timedelta(days=shift)
    second = Span(begin, begin + dt.timedelta(days=7))
    shares = bool(set(first) & set(second))
    if length:
        assert first.overlaps(second) == second.overlaps(first) == shares


def test_an_empty_span_holds_nothing_and_a_backward_one_is_refused():
    day = dt.date(2026, 1, 1)
    assert list(Span(day, day)) == []
    assert day not in Span(day, day)
    with pytest.raises(ValueError, match="cannot end"):
        Span(day, day - dt.timedelta(days=1))


@pytest.mark.parametrize(("year", "month"), [(0, 1), (9999, 1), (2026, 0), (2026, 13)])
def test_what_is_no_month_is_refused(year, month):
    with pytest.raises(ValueError, match="is not a month"):
        Month(year, month)


def test_months_are_written_and_ordered_as_iso():
    assert str(Month(2026, 3)) == "2026-03"
    assert Month(2025, 12) < Month(2026, 1)


# --- the years of anybody's books --------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-01-01", dt.date(1970, 1, 1)),
        ("2199-12-31", dt.date(2199, 12, 31)),
        ("1969-12-31", None),
        ("2200-01-01", None),
        ("soon", None),
        ("", None),
    ],
)
def test_an_address_names_a_day_within_reach_or_none(text, day):
    assert day_in(text) == day


def test_forms_and_models_refuse_a_day_out_of_reach():
    for field in (DayFormField(), DayField()):
        field.run_validators(dt.date(2199, 12, 31))
        with pytest.raises(ValidationError, match="out of reach"):
            field.run_validators(dt.date(2200, 1, 1))


def test_migrations_know_a_day_as_a_plain_date():
    assert DayField(null=True).deconstruct()[1:] == ("django.db.models.DateField", [], {"null": True})


def test_every_date_of_every_form_has_the_same_years():
    get_resolver().url_patterns  # noqa: B018 (loads every page, and with it every form)

    def subclasses(form):
        for one in form.__subclasses__():
            yield one
            yield from subclasses(one)

    ours = {
        form
        for form in subclasses(BaseForm)
        if form.__module__.split(".")[0] not in ("django", "allauth", "tests")
    }
    dates = [
        (form.__name__, name, field)
        for form in ours
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, DateField)
    ]
    assert len(dates) > 20
    assert [(form, name) for form, name, field in dates if not isinstance(field, DayFormField)] == []


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Manila", "Asia/Manila"),
        ("asia/manila", "Asia/Manila"),
        (" new  york ", "America/New_York"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("Indianapolis", "America/Indianapolis"),
        ("UTC", "UTC"),
    ],
)
def test_a_city_names_its_time_zone(text, zone):
    """P2: the help says "Type a city, such as Manila"."""
    assert TimeZoneFormField().clean(text) == zone


@pytest.mark.parametrize("text", ["Manilla", "Narnia", "../etc/passwd", "Europe"])
def test_what_is_no_city_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match="such as Manila"):
        TimeZoneFormField().clean(text)


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
def test_household_and_office_take_a_city(client):
    """P2: both forms keep the zone's full name."""
    home = make_household(user := make_office_user("Admin"))
    client.force_login(user)
    page = client.get("/household/")
    form = page.context["form"]
    client.post("/household/", {**form.initial, "time_zone": "Manila"})
    home.refresh_from_db()
    assert home.time_zone == "Asia/Manila"
    form = client.get("/billing/office/").context["form"]
    data = {name: value for name, value in form.initial.items() if isinstance(value, str | int)}
    client.post("/billing/office/", {**data, "name": "Office", "time_zone": "manila"})
    assert OfficeProfile.objects.get().time_zone == "Asia/Manila"
