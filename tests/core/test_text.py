"""Text of people and files: cleaned in one way, compared in one way."""

import pytest

from billtracker.core.text import clean, comparison_key


@pytest.mark.parametrize(
    "number",
    [
        "OR\u201100123",
        "OR–00123",
        "ＯR-00123",
        "OR\u200b-00123",
        "or\u2212001\u00ad23",
        "O\u034fR-00123\ufe0f",
    ],
)
def test_look_alikes_of_a_number_are_compared_as_one(number):
    """O7: width, kinds of dashes and what cannot be seen make no other number."""
    assert comparison_key(number) == comparison_key("OR-00123") == "or-00123"


@pytest.mark.parametrize("text", ["\u200b", " \u2060\ufeff", "\u200c\u200d", "\u3164", "\x00\x1f", "\ufe0f"])
def test_text_of_nothing_that_can_be_seen_is_empty(text):
    """O7: such a text is no name."""
    assert clean(text) == ""
    assert comparison_key(text) == ""


@pytest.mark.parametrize("text", ["می\u200cخواهم", "❤\ufe0f", "👩\u200d💻 at work", "a\nb", "Ł\u00f3d\u017a"])
def test_what_joins_letters_and_pictures_stays(text):
    assert clean(text) == text


def test_line_ends_and_composed_letters_have_one_form():
    assert clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert clean("o\u0301") == "\u00f3"
