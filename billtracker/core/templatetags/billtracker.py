"""What templates format with: money, dates, states, icons, meters and undo."""

import datetime as dt
import zoneinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _
from heroicons.templatetags.heroicons import heroicon_mini

from billtracker.core import money as core_money
from billtracker.core.periods import Month
from billtracker.core.web.states import state_named

register = template.Library()
NOTHING = "\u2013"  # an en dash where there is no amount or date
UNDO = "undo:"


@lru_cache(maxsize=64)
def locale_for(language: str) -> str:
    """Return the Babel locale of a language code, English where Babel knows none."""
    try:
        return str(Locale.parse(to_locale(language)))
    except (UnknownLocaleError, ValueError):
        return "en_US"


def current_locale() -> str:
    return locale_for(get_language() or "en")


# --- money -------------------------------------------------------------------------------------
@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """Write an amount with its currency's symbol: ``$1,850.00``; an en dash for None."""
    if amount is None or amount == "":
        return NOTHING
    return core_money.to_display(amount, currency, current_locale())


@register.filter
def digits(amount: Decimal | None, currency: str) -> str:
    """Write an amount without the symbol, for columns whose head names the currency."""
    if amount is None or amount == "":
        return NOTHING
    return core_money.to_display(amount, currency, current_locale(), symbol=False)


# --- dates -------------------------------------------------------------------------------------
def _time_element(value: dt.date, text: str) -> SafeString:
    """Wrap the text in <time>, with the machine's date and the full date for people."""
    full = format_date(value, "EEEE d MMMM y", locale=current_locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), full, text)


@register.filter
def day(value: dt.date | None) -> str:
    """Write a date as ``Thu 12 Nov``, the full date in its title."""
    if not value:
        return NOTHING
    return _time_element(value, format_date(value, "EEE d MMM", locale=current_locale()))


@register.filter
def full_day(value: dt.date | None) -> str:
    """Write a date as ``Thu 12 Nov 2026``."""
    if not value:
        return NOTHING
    return _time_element(value, format_date(value, "EEE d MMM y", locale=current_locale()))


@register.filter
def relative_day(value: dt.date | None, today: dt.date) -> str:
    """Write a date by its distance from ``today``: today, tomorrow, in 5 days, 8 days ago."""
    if not value:
        return NOTHING
    return _time_element(value, relative_words((value - today).days))


def relative_words(days: int) -> str:
    """Say a distance in days in words; negative is in the past."""
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}


@register.filter
def month_name(value: Month | dt.date) -> str:
    """Write a month as ``November 2026``."""
    first = dt.date(value.year, value.month, 1)
    return format_date(first, "LLLL y", locale=current_locale())


@register.filter
def short_month(value: Month | dt.date) -> str:
    """Write a month as ``Nov``."""
    return format_date(dt.date(value.year, value.month, 1), "LLL", locale=current_locale())


@register.filter
def moment(value: dt.datetime | None, time_zone: str = "UTC") -> str:
    """Write an instant on the wall clock of ``time_zone``: ``12 Nov 2026, 14:05``."""
    if not value:
        return NOTHING
    local = value.astimezone(zoneinfo.ZoneInfo(time_zone))
    text = format_datetime(local, "d MMM y, HH:mm", locale=current_locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), time_zone, text)


# --- icons, states, meters ---------------------------------------------------------------------
@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, css: str = "") -> SafeString:
    """Draw a heroicon that says nothing by itself; a word must stand beside it or in a label."""
    attributes: dict[str, Any] = {"class": f"icon {css}".strip(), "aria-hidden": "true"}
    # The package's drawings are fixed, and it escapes the attributes.
    return mark_safe(heroicon_mini(str(name), **attributes))  # noqa: S308


@register.simple_tag
def state_badge(state: str, text: str = "") -> SafeString:
    """Show a state as word, sign and colour; ``text`` replaces the word (``$40.00 left``)."""
    look = state_named(state)
    return format_html(
        '<span class="badge {}">{}{}</span>', look.tone, icon(look.icon, "small"), text or look.word
    )


@register.simple_tag
def meter(label: str, **parts) -> SafeString:
    """Draw shares of a whole as one bar: ``{% meter "71 % paid" ok=71 bad=6 %}``, in percent."""
    bars, at = [], Decimal(0)
    for tone, percent in parts.items():
        width = min(max(Decimal(str(percent or 0)), Decimal(0)), 100 - at)
        bars.append((tone, at, width))
        at += width
    drawn = format_html_join("", '<rect class="{}" x="{}%" width="{}%" height="100%"/>', bars)
    return format_html('<svg class="meter" role="img" aria-label="{}">{}</svg>', label, drawn)


# --- links and buttons -------------------------------------------------------------------------
@register.inclusion_tag("core/_back.html")
def back_link(label: object, url_name: str, *args: object) -> dict[str, object]:
    """Link to the page above this one: ``{% back_link _("Clients") "client_list" %}``."""
    return {"label": label, "url": reverse(url_name, args=args)}


@register.inclusion_tag("core/_post_button.html")
def post_button(text: str, url_name: str, *args: object, **looks: object) -> dict[str, object]:
    """Give a button that posts to an address: ``{% post_button _("Delete") "bill_delete" bill.pk %}``.

    Looks are ``css`` and ``icon``. A page with several such buttons tells them apart for screen readers by
    ``about``, read after the text, or by ``label``, read in its place.
    """
    return {"text": text, "url": reverse(url_name, args=args), **looks}


# --- filter bars -------------------------------------------------------------------------------
@register.inclusion_tag("core/_filter_select.html")
def filter_select(name: str, label: str, options: object, chosen: object, css: str = "") -> dict[str, object]:
    """Ask for one of ``options``, pairs of a value and a word, or for all of them."""
    return {"name": name, "label": label, "options": options, "chosen": chosen, "css": css}


@register.inclusion_tag("core/_filter_date.html")
def filter_date(name: str, label: str, value: dt.date | None) -> dict[str, object]:
    """Ask for a date."""
    return {"name": name, "label": label, "value": value}


# --- messages ----------------------------------------------------------------------------------
@register.filter
def undo_url(message) -> str:
    """Return the address that undoes what a message tells of, from its extra tag ``undo:/…``.

    Only paths of this site count: messages travel in a cookie.
    """
    for tag in (message.extra_tags or "").split():
        url = tag.removeprefix(UNDO)
        if tag.startswith(UNDO) and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
            return url
    return ""


@register.filter
def message_icon(message) -> str:
    """Name the sign of a message's level."""
    signs = {"success": "check-circle", "warning": "exclamation-triangle", "error": "exclamation-circle"}
    return signs.get(message.level_tag, "information-circle")


@register.filter
def initial(name: str) -> str:
    """Return the first letter of a name, for the round sign beside it."""
    return str(name).strip()[:1] or "?"
