"""What people write for "remind me days before", and what is kept of it."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from billtracker.core.settings.lead_days import format_lead_days, parse_lead_days


@pytest.mark.parametrize(("text", "days", "kept"), [
    ("3, 1", (3, 1), "3, 1"), ("1,7", (7, 1), "7, 1"), ("1, 1,1", (1,), "1"), (" 60 ", (60,), "60"),
    ("5,4,3,2,1", (5, 4, 3, 2, 1), "5, 4, 3, 2, 1"), ("2,", (2,), "2"),
    ("", (), ""), ("none", (), "none"), ("None", (), "none"), ("off", None, "off"), (" OFF ", None, "off"),
])  # fmt: skip
def test_days_are_kept_in_one_writing(text, days, kept):
    assert parse_lead_days(text) == days
    assert format_lead_days(text) == kept


@pytest.mark.parametrize(
    "text",
    ["0", "61", "-1", "1.5", "a", "1;2", "1 2", "6,5,4,3,2,1", ",", "٣", "²", "9" * 30, "off, 1", "none, 3"],
)
def test_what_names_no_days_is_refused_with_what_to_write(text):
    with pytest.raises(ValidationError, match="Write up to 5 numbers from 1 to 60"):
        parse_lead_days(text)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_what_is_kept_means_what_was_written(days):
    text = ",".join(map(str, days))
    assert (
        parse_lead_days(format_lead_days(text))
        == parse_lead_days(text)
        == tuple(sorted(set(days), reverse=True))
    )


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        days = parse_lead_days(text)
    except ValidationError:
        return
    assert parse_lead_days(format_lead_days(text)) == days
