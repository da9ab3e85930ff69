"""Signals about the worker, the settings and keys, updates, and the errors that nobody expected."""

import datetime as dt
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_q.brokers import get_broker
from django_q.models import OrmQ, Schedule

from billtracker.core.process.health import STOPPED_AFTER, Fact, Facts, Item, Level, ago, span_words
from billtracker.core.settings.runtime_settings import ResolvedSetting, found_all, get
from opsstatus.cleanup_tasks import CleanupRun, standings
from opsstatus.models import JobRun, RecentError
from opsstatus.monitoring import key_fingerprints, updates
from opsstatus.monitoring.troubleshooting import advice_url
from opsstatus.reports import sign_of_life

WAITING_LONG = dt.timedelta(minutes=10)
LATE = dt.timedelta(minutes=5)
FRESH = dt.timedelta(days=1)
ASKED_LONG_AGO = dt.timedelta(days=2)
DONE_LONG_AGO = dt.timedelta(days=2)
KEY_NEWS = dt.timedelta(days=7)
ERRORS_SHOWN = 10


# --- daily worker ------------------------------------------------------------------------------
def worker(facts: Facts) -> list[Item]:
    """Return whether the worker lives, what it did last and will do next, and what waits."""
    return [running(facts), _last_run(), _next_run(), _last_error(), queue()]


def running(facts: Facts) -> Item:
    name, seen, now = gettext_lazy("Running"), sign_of_life(facts), timezone.now()
    if seen is None:
        advice = _("No worker has been seen yet. “serve” starts one; a minute later this turns green.")
        return Item(name, advice, Level.ERROR, advice_url("worker"))
    if now - seen > STOPPED_AFTER:
        words = _("The worker has stopped: no sign of life for %(span)s. Restart the server.")
        return Item(name, words % {"span": span_words(now - seen)}, Level.ERROR, advice_url("worker"))
    if "heartbeat" not in facts:
        return Item(
            name,
            _("Starting; the first heartbeat comes within a minute."),
            Level.UNKNOWN,
            advice_url("worker"),
        )
    return Item(name, _("Yes; last sign of life %(ago)s") % {"ago": ago(seen)})


def _last_run() -> Item:
    name, run = gettext_lazy("Last run"), JobRun.objects.exclude(ended_at=None).order_by("-ended_at").first()
    if run is None:
        return Item(name, _("No job has run yet."), Level.UNKNOWN, reverse("opsstatus:job_list"))
    words = f"{run.name}: {run.get_state_display().lower()}, {ago(run.ended_at or run.started_at)}"
    return Item(name, words, url=reverse("opsstatus:job_list"))


def _next_run() -> Item:
    name, now = gettext_lazy("Next run"), timezone.now()
    due = Schedule.objects.exclude(name="opsstatus.tasks.beat").order_by("next_run").first()
    if due is None:
        return Item(
            name, _("Nothing is planned; the worker plans at its start."), Level.UNKNOWN, advice_url("worker")
        )
    if due.next_run < now - LATE:
        words = _("%(job)s has been due for %(span)s.")
        late = {"job": due.name, "span": span_words(now - due.next_run)}
        return Item(name, words % late, Level.WARNING, advice_url("worker"))
    if due.next_run <= now:
        return Item(name, _("%(job)s now") % {"job": due.name})
    return Item(name, _("%(job)s in %(span)s") % {"job": due.name, "span": span_words(due.next_run - now)})


def _last_error() -> Item:
    name = gettext_lazy("Last error")
    run = JobRun.objects.still_failing().order_by("-started_at").first()
    if run is None:
        return Item(name, _("None; every job came through at its last run"))
    level = Level.WARNING if timezone.now() - run.ended_at < FRESH else Level.OK
    words = f"{run.name}: {run.error or run.get_state_display()} ({ago(run.ended_at)})"
    return Item(name, words, level, f"{reverse('opsstatus:job_list')}?state={run.state}")


def queue() -> Item:
    name = gettext_lazy("Queue")
    if "orm" not in settings.Q_CLUSTER:
        return Item(name, _waiting_words(get_broker().queue_size()))
    now = timezone.now()
    # A job's lock is the time it was queued until a worker takes it, and lies ahead from then on.
    waiting = OrmQ.objects.filter(lock__lte=now).order_by("lock")
    oldest, count = waiting.values_list("lock", flat=True).first(), waiting.count()
    if oldest and now - oldest > WAITING_LONG:
        words = _("%(jobs)s, the oldest for %(span)s")
        long = {"jobs": _waiting_words(count), "span": span_words(now - oldest)}
        return Item(name, words % long, Level.WARNING, reverse("opsstatus:job_list"))
    return Item(name, _waiting_words(count))


def _waiting_words(count: int) -> str:
    return ngettext("%(n)d job waits", "%(n)d jobs wait", count) % {"n": count}


# --- settings and secrets -----------------------------------------------------------------------------------
def secrets(facts: Facts) -> list[Item]:
    """Return whether the keys are there and open what was stored, and whether each setting can be used."""
    found = found_all().values()
    return [_secret_key(facts), _encryption_keys(facts), _stored_secrets(found), _usable(found)]


def _news(moment: str | None) -> str:
    """Say how long ago that was, while it is news; nothing later, and for what never happened."""
    at = dt.datetime.fromisoformat(moment) if moment else None
    return ago(at) if at and timezone.now() - at < KEY_NEWS else ""


def _secret_key(facts: Facts) -> Item:
    name, known = gettext_lazy("SECRET_KEY"), facts.get("keys")
    if known is None:
        return Item(
            name, _("Present; compared at the worker's first start"), Level.UNKNOWN, advice_url("worker")
        )
    if known.values["secret_key"] != key_fingerprints.fingerprint(settings.SECRET_KEY):
        words = _(
            "Web and worker have different keys: queued jobs are lost. "
            "Give both the same SECRET_KEY and restart them."
        )
        return Item(name, words, Level.ERROR, advice_url("secret-key"))
    if changed := _news(known.values["secret_key_changed_at"]):
        words = _("Changed %(ago)s: everybody was signed out, and jobs queued before were dropped.")
        return Item(name, words % {"ago": changed}, Level.WARNING, advice_url("secret-key"))
    return Item(name, _("Present, the same as at the start before"))


def _encryption_keys(facts: Facts) -> Item:
    name, known = gettext_lazy("ENCRYPTION_KEYS"), facts.get("keys")
    if known is None:
        return Item(
            name, _("Present; compared at the worker's first start"), Level.UNKNOWN, advice_url("worker")
        )
    if lost := _news(known.values["encryption_key_lost_at"]):
        words = _("A key was taken away %(ago)s: what it encrypted has to be entered again.")
        return Item(name, words % {"ago": lost}, Level.WARNING, advice_url("encryption-keys"))
    return Item(name, _("Present, none was taken away"))


def _stored_secrets(found: Iterable[ResolvedSetting]) -> Item:
    name, lost = gettext_lazy("Stored secrets"), sum(one.is_lost for one in found)
    if lost:
        words = ngettext(
            "%(n)d cannot be opened with today's keys: enter it again.",
            "%(n)d cannot be opened with today's keys: enter them again.",
            lost,
        )
        return Item(name, words % {"n": lost}, Level.ERROR, reverse("opsstatus:settings"))
    return Item(name, _("Those of the settings can all be opened"), url=reverse("opsstatus:settings"))


def _usable(found: Iterable[ResolvedSetting]) -> Item:
    name, wrong = gettext_lazy("Settings"), [one for one in found if one.fault]
    if wrong:
        words = _("%(settings)s: the value that is set cannot be used, another one counts instead.")
        titles = ", ".join(one.spec.title for one in wrong)
        url = f"{reverse('opsstatus:settings')}#{wrong[0].spec.group}"
        return Item(name, words % {"settings": titles}, Level.ERROR, url)
    return Item(name, _("All can be used"), url=reverse("opsstatus:settings"))


# --- updates -----------------------------------------------------------------------------------
def update(facts: Facts) -> list[Item]:
    """Return this version and the latest known one; it asks nobody, the worker does once a day."""
    page = f"{reverse('opsstatus:settings')}#updates"
    if not get("update_check_url"):
        words = _("Not asked; switch it on in the settings")
        return [Item(gettext_lazy("Latest version"), words, url=page)]
    return [Item(gettext_lazy("Current version"), settings.VERSION), latest(facts.get("update"), page)]


def latest(fact: Fact | None, page: str) -> Item:
    name = gettext_lazy("Latest version")
    if fact is None:
        return Item(name, _("Not asked yet; the worker does it within minutes."), Level.UNKNOWN, page)
    known = {"version": fact.values["latest"], "ago": ago(fact.at), "reason": fact.values["error"]}
    if known["version"] and updates.is_newer(known["version"], settings.VERSION):
        words = _("%(version)s is out (asked %(ago)s).")
        return Item(name, words % known, Level.WARNING, advice_url("update"))
    if known["reason"]:
        return Item(name, _("Could not be learnt %(ago)s: %(reason)s") % known, Level.WARNING, page)
    if timezone.now() - fact.at > ASKED_LONG_AGO:
        return Item(name, _("Last asked %(ago)s") % known, Level.WARNING, advice_url("worker"))
    return Item(name, _("This is the latest (asked %(ago)s)") % known, url=page)


# --- cleanup -----------------------------------------------------------------------------------
def cleanup(facts: Facts) -> list[Item]:
    """Return when cleanup ran last, what it removed, and each task that failed."""
    tasks = [one for one in standings(facts) if one.is_on]
    failed = [
        Item(one.task.title, f"{one.outcome} ({ago(one.at)})", Level.ERROR, reverse("opsstatus:cleanup"))
        for one in tasks
        if one.is_failed and one.at
    ]
    came_through = CleanupRun([one.outcome for one in tasks if one.outcome and not one.is_failed])
    return [_last_cleanup(facts.get("cleanup")), Item(gettext_lazy("Removed"), str(came_through)), *failed]


def _last_cleanup(fact: Fact | None) -> Item:
    name = gettext_lazy("Last cleanup")
    if fact is None:
        return Item(
            name, _("Not yet; the worker does it within a day."), Level.UNKNOWN, reverse("opsstatus:cleanup")
        )
    level = Level.WARNING if timezone.now() - fact.at > DONE_LONG_AGO else Level.OK
    return Item(name, ago(fact.at), level, reverse("opsstatus:cleanup"))


# --- errors ------------------------------------------------------------------------------------
def recent_errors(facts: Facts) -> list[Item]:
    """Return the last distinct errors that nobody resolved."""
    found = RecentError.objects.unresolved()[:ERRORS_SHOWN]
    return [_error_item(error) for error in found] or [
        Item(gettext_lazy("Errors"), _("None unresolved"), url=reverse("opsstatus:error_list"))
    ]


def _error_item(error: RecentError) -> Item:
    is_fresh = timezone.now() - error.last_seen_at < FRESH
    times = ngettext("once", "%(n)s times", error.count) % {"n": f"{error.count:,}"}
    words = _("%(place)s: %(times)s, first %(first)s, last %(last)s") % {
        "place": error.place or error.message or _("outside our code"),
        "times": times,
        "first": ago(error.first_seen_at),
        "last": ago(error.last_seen_at),
    }
    return Item(
        error.kind,
        words,
        Level.WARNING if is_fresh else Level.OK,
        f"{reverse('opsstatus:error_list')}#error-{error.pk}",
        act=_("Resolve"),
        act_url=reverse("opsstatus:error_resolve", args=[error.pk]),
    )
