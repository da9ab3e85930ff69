"""Signals about bank sync: on or off, how much there is, how fresh it is, and what waits for a person."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banksync.models import BankAccount, BankTransaction, Connection, SyncRun
from banksync.rules.timing import BUDGET, DAY, next_sync_at
from banksync.services.schedule import interval_of
from billtracker.core.process.health import Facts, Item, Level, ago, signal_of_fact, span_words
from billtracker.core.settings import runtime_settings

LATE, TOO_LATE = 3 * DAY, 7 * DAY
State = Connection.State
CONNECTED = [State.ACTIVE, State.NEEDS_RECONNECT, State.PAYMENT_REQUIRED]


def measure() -> dict:
    """Count what is stored; the worker does it every hour."""
    return {"accounts": BankAccount.objects.count(), "transactions": BankTransaction.objects.live().count()}


def status_items(facts: Facts) -> list[Item]:
    """Return whether banks are asked, whether they answer, and how old their data are; three queries."""
    now, rows = timezone.now(), _list_connections(timezone.now())
    known = {name: found.value for name, found in runtime_settings.found_all().items()}
    return [
        Item(
            gettext_lazy("Bank sync"), _("On") if known["bank_sync_enabled"] else _("Off: no bank is asked")
        ),
        _connections_signal(rows),
        signal_of_fact(gettext_lazy("Bank accounts"), facts.get("bank"), _stored_words),
        _freshness_signal(now),
        _next_run_signal(rows, known, now),
        _quota_signal(rows, now),
        _last_error_signal(rows, now),
    ]


def _list_connections(now: dt.datetime) -> list[dict[str, Any]]:
    """Return what the signals need of each connection, its requests of a day and its last sync among it."""
    last = SyncRun.objects.filter(connection=OuterRef("pk"), ended_at__isnull=False).order_by("-ended_at")
    rows = Connection.objects.exclude(state=State.DISCONNECTED).annotate(
        last_state=Subquery(last.values("state")[:1]),
        last_end=Subquery(last.values("ended_at")[:1]),
        used=Count("requests", filter=Q(requests__at__gt=now - DAY)),
    )
    names = ("state", "minute", "tried_at", "paused_until", "last_state", "last_end", "used")
    return list(rows.order_by("pk").values(*names))


def _connections_signal(rows: Sequence[Mapping]) -> Item:
    """Count connections; one that a person has to renew is a warning."""
    name = gettext_lazy("Connections")
    waiting = sum(row["state"] != State.ACTIVE for row in rows)
    if waiting:
        words = _("%(waiting)s of %(all)s wait for their owners: reconnect, renew or confirm them.")
        return Item(name, words % {"waiting": waiting, "all": len(rows)}, Level.WARNING)
    return Item(name, f"{len(rows):,}")


def _stored_words(values: dict) -> str:
    return _("Accounts: %(accounts)s, transactions: %(transactions)s") % {
        key: f"{count:,}" for key, count in values.items()
    }


def _freshness_signal(now: dt.datetime) -> Item:
    """Tell of the account that has had no good data for longest, new ones counted from their beginning."""
    name = gettext_lazy("Oldest data")
    accounts = BankAccount.objects.filter(is_monitored=True, connection__state__in=CONNECTED)
    ages = accounts.aggregate(good=Min("good_at"), never=Min("created_at", filter=Q(good_at=None)))
    moments = [moment for moment in ages.values() if moment]
    if not moments:
        return Item(name, _("No account is monitored."))
    age = now - min(moments)
    level = Level.ERROR if age >= TOO_LATE else Level.WARNING if age >= LATE else Level.OK
    if level is Level.OK:
        return Item(name, ago(min(moments), now))
    return Item(name, _("An account has had no good data for %(span)s.") % {"span": span_words(age)}, level)


def _is_paused(row: Mapping, now: dt.datetime) -> bool:
    return row["paused_until"] is not None and row["paused_until"] > now


def _next_run_signal(rows: Sequence[Mapping], known: Mapping[str, Any], now: dt.datetime) -> Item:
    name = gettext_lazy("Next sync")
    asked = [row for row in rows if row["state"] == State.ACTIVE and not _is_paused(row, now)]
    if not asked or not known["bank_sync_enabled"]:
        return Item(name, _("None is scheduled."))
    interval = interval_of(known["simplefin_sync_hours"])
    moments = [next_sync_at(row["tried_at"], row["minute"], interval) or now for row in asked]
    wait = min(moments) - now
    return Item(name, _("Now") if wait <= dt.timedelta() else _("In %(span)s") % {"span": span_words(wait)})


def _quota_signal(rows: Sequence[Mapping], now: dt.datetime) -> Item:
    """Tell of the connection that used most of its requests, and warn while one is paused for it."""
    name = gettext_lazy("Quota")
    if paused := sum(_is_paused(row, now) for row in rows):
        words = _("Paused after a warning of the provider: %(n)d of %(all)d connections.")
        return Item(name, words % {"n": paused, "all": len(rows)}, Level.WARNING)
    most = max((row["used"] for row in rows), default=0)
    return Item(name, _("At most %(used)d of %(all)d requests in 24 hours") % {"used": most, "all": BUDGET})


def _last_error_signal(rows: Sequence[Mapping], now: dt.datetime) -> Item:
    """Warn while the newest sync of some connection was not whole."""
    name = gettext_lazy("Last sync error")
    bad = [row["last_end"] for row in rows if row["last_state"] in ("partial", "failed")]
    if not bad:
        return Item(name, _("None"))
    words = _("Last sync not complete: %(n)d of %(all)d connections, the newest %(ago)s.")
    return Item(name, words % {"n": len(bad), "all": len(rows), "ago": ago(max(bad), now)}, Level.WARNING)
