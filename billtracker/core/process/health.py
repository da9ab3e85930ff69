"""What Status is made of: signals with a level, facts the worker measured, and how long things may take."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

# The worker's pulse. The scheduler passes every 30 s and a beat is due every minute, so a healthy worker
# is never silent for 95 s; with every process busy, jobs that start and end are signs of life too, and
# none of them runs longer than the cluster's time-out of 120 s.
STOPPED_AFTER = dt.timedelta(seconds=150)  # Status turns red; the promise to people is three minutes
HUNG_AFTER = dt.timedelta(minutes=5)  # the launcher replaces a worker that lives but is silent
STALE_AFTER = dt.timedelta(hours=3)  # what is measured every hour
KILL_MARGIN = dt.timedelta(seconds=30)  # past its time-out by this much, a job is taken to be killed


class Level(StrEnum):
    """How a signal stands; the worst one of a page is the page's."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    ERROR = "error"

    @property
    def weight(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Item:
    """One signal: its name, one sentence, its level, and the address of the page that mends it.

    The sentence names no path, secret, person or amount: it stands on Status, in JSON and in reports.
    """

    name: str | Promise
    value: str
    level: Level = Level.OK
    url: str = ""
    # What a person may do about it at once: the button's word, and the address that takes its POST.
    act: str = ""
    act_url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What the worker measured, and when."""

    at: dt.datetime
    values: dict = field(default_factory=dict)
    error: str = ""  # why the last measurement failed; the values are older, or missing


Facts = Mapping[str, Fact]


def ago(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """Say how long ago that was, in the largest unit that fits: ``just now``, ``4 minutes ago``."""
    span = (now or timezone.now()) - at
    return (
        _("%(span)s ago") % {"span": span_words(span)} if span >= dt.timedelta(minutes=1) else _("just now")
    )


def span_words(span: dt.timedelta) -> str:
    """Say a span in words: ``less than a minute``, ``4 minutes``, ``3 hours``, ``2 days``."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)d hours") % {"n": minutes // 60}
    return _("%(n)d days") % {"n": minutes // (24 * 60)}


def signal_of_fact(
    name: str | Promise,
    fact: Fact | None,
    say: Callable[[dict], str],
    *,
    stale_after: dt.timedelta = STALE_AFTER,
    url: str = "",
) -> Item:
    """Return a signal about a measured fact, its age in the sentence.

    Unknown before the first measurement, an error when the last one failed, a warning once it is older than
    ``stale_after``.
    """
    if fact is None:
        return Item(name, _("Not measured yet; the worker does it within minutes."), Level.UNKNOWN, url)
    if fact.error:
        return Item(name, f"{fact.error} ({ago(fact.at)})", Level.ERROR, url)
    is_stale = timezone.now() - fact.at > stale_after
    sentence = f"{say(fact.values)} ({ago(fact.at)})"
    return Item(name, sentence, Level.WARNING if is_stale else Level.OK, url)
