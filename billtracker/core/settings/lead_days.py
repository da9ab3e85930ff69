"""How many days ahead people want to be reminded: ``7, 1``, ``none`` or ``off``."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# "none": on the day itself and after it, not ahead. "off": not at all.
NONE, OFF = "none", "off"
MOST, LONGEST = 5, 60

LeadDays = tuple[int, ...]


def parse_lead_days(text: str) -> LeadDays | None:
    """Return the days of a text, the longest first; none for ``none`` or nothing, None for ``off``.

    Raises ValidationError with a sentence for anything else.
    """
    word = text.strip().lower()
    if word == OFF:
        return None
    if word in ("", NONE):
        return ()
    parts = [part.strip() for part in word.split(",") if part.strip()]
    if not parts or not all(_is_lead_day(part) for part in parts) or len(set(map(int, parts))) > MOST:
        raise ValidationError(
            _(
                "Write up to %(most)d numbers from 1 to %(longest)d with commas, such as 7, 1; "
                "or the word none, or off."
            )
            % {"most": MOST, "longest": LONGEST}
        )
    return tuple(sorted(set(map(int, parts)), reverse=True))


def _is_lead_day(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LONGEST


def format_lead_days(text: str) -> str:
    """Return the text as it is kept: ``1,7`` as ``7, 1``; nothing stays nothing."""
    days = parse_lead_days(text)
    if days is None:
        return OFF
    if not days:
        return NONE if text.strip() else ""
    return ", ".join(map(str, days))


def validate_lead_days(text: str) -> None:
    """Refuse a text that names no days."""
    parse_lead_days(text)
