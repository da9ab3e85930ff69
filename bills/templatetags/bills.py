"""How the standing of a due date is said: sign, word and colour, the same on every page."""

import datetime as dt
from functools import lru_cache

from babel.dates import format_date
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bills.reports.rows import DueRow
from bills.rules.states import OccurrenceState
from billtracker.core.templatetags.billtracker import current_locale, money, state_badge

register = template.Library()


@register.simple_tag
def standing_badges(row: DueRow, paid_on: dt.date | None = None) -> SafeString:
    """Show a row's state, what is left of a part paid one, and how urgent that rest is."""
    state, urgency = row.standing.state, row.standing.urgency
    badges = [(state.value, _words_of(row, paid_on))]
    if (
        state in (OccurrenceState.PARTIAL, OccurrenceState.AMOUNT_UNKNOWN)
        and urgency != OccurrenceState.UPCOMING
    ):
        badges.append((urgency.value, ""))
    return render_badges(tuple(badges), current_locale())


def _words_of(row: DueRow, paid_on: dt.date | None) -> str:
    """Return what the badge says instead of the state's plain word, or nothing."""
    match row.standing.state:
        case OccurrenceState.PARTIAL:
            return _("%(amount)s left") % {"amount": money(row.left, row.currency)}
        case OccurrenceState.OVERPAID:
            return _("Overpaid by %(amount)s") % {"amount": money(row.paid - row.owed, row.currency)}
        case OccurrenceState.SNOOZED if row.occurrence.snoozed_until:
            return _("Snoozed to %(day)s") % {"day": _short_day(row.occurrence.snoozed_until)}
        case OccurrenceState.PAID if paid_on:
            return _("Paid %(day)s") % {"day": _short_day(paid_on)}
    return ""


def _short_day(value: dt.date) -> str:
    return format_date(value, "d MMM", locale=current_locale())


# The locale stands for the language of the words that the table of states brings along.
@lru_cache(maxsize=1024)
def render_badges(badges: tuple[tuple[str, str], ...], locale: str) -> SafeString:
    each = format_html_join("", "{}", ((state_badge(state, text),) for state, text in badges))
    return format_html('<span class="badges">{}</span>', each)
