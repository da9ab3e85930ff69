"""Signals about mail and channels: set up or not, what went out, what failed, what waits."""

import datetime as dt

from django.db.models import Count, Min, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billtracker.core.process.health import Facts, Item, Level, ago, span_words
from billtracker.core.settings import runtime_settings
from notifications.models import Message
from notifications.reports import is_mail_held

RECENT = dt.timedelta(days=7)
WAITING_LONG = dt.timedelta(minutes=15)
State = Message.State


def status_items(facts: Facts) -> list[Item]:
    """Return whether messages may go, can go, and do go; a constant number of queries on indexes."""
    now = timezone.now()
    known = {name: found.value for name, found in runtime_settings.found_all().items()}
    return [
        enabled_signal(known),
        _mail_server_signal(known, now),
        _last_test(),
        _last_send(),
        _failures_signal(now),
        _waiting(now),
        _last_error(now),
    ]


def _settings_url() -> str:
    """Return the page where mail is set up, or the outbox on a server without it."""
    try:
        return reverse("opsstatus:settings")
    except NoReverseMatch:
        return reverse("notifications:mail_list")


def _backups_url() -> str:
    """Return the page where held mail is let go."""
    try:
        return reverse("backups:backups")
    except NoReverseMatch:
        return reverse("notifications:mail_list")


def _failed_url() -> str:
    return f"{reverse('notifications:mail_list')}?state=failed"


def enabled_signal(known: dict) -> Item:
    name = gettext_lazy("Enabled")
    if known["notifications_enabled"] and is_mail_held():
        words = _("Held since a restore: nothing leaves until an administrator has decided about it.")
        return Item(name, words, Level.WARNING, _backups_url())
    if known["notifications_enabled"]:
        return Item(name, _("Yes"), url=_settings_url())
    return Item(name, _("No: nothing is sent at all"), url=_settings_url())


def _mail_server_signal(known: dict, now: dt.datetime) -> Item:
    name = gettext_lazy("Mail server")
    if known["smtp_host"] and known["mail_from_address"]:
        return Item(name, _("Set up"), url=_settings_url())
    if Message.objects.due(now).filter(via=Message.Via.MAIL).exists():
        words = _("Not set up, and mail waits for it. Enter a server and a sender's address.")
        return Item(name, words, Level.WARNING, _settings_url())
    if known["notifications_enabled"]:
        words = _("Not set up, so no mail can be sent. Enter a server, or switch notifications off.")
        return Item(name, words, Level.WARNING, _settings_url())
    return Item(name, _("Not set up: no mail is sent"), url=_settings_url())


def _last_test() -> Item:
    name = gettext_lazy("Last test")
    found = Message.objects.filter(kind="test", via=Message.Via.MAIL).exclude(tried_at=None)
    last = found.order_by("-tried_at").values_list("state", "tried_at").first()
    if last is None or last[1] is None:
        return Item(name, _("None yet"), url=_settings_url())
    if last[0] == State.SENT:
        return Item(name, _("Accepted %(ago)s") % {"ago": ago(last[1])}, url=_settings_url())
    return Item(name, _("Failed %(ago)s") % {"ago": ago(last[1])}, Level.WARNING, _settings_url())


def _last_send() -> Item:
    name = gettext_lazy("Last send")
    last = Message.objects.real().filter(state=State.SENT).order_by("-tried_at").only("sent_at").first()
    if last is None or last.sent_at is None:
        return Item(name, _("None yet"))
    return Item(name, _("Accepted %(ago)s") % {"ago": ago(last.sent_at)})


def _failures_signal(now: dt.datetime) -> Item:
    """Count what failed: what is tried again, and what was given up in the last seven days."""
    name = gettext_lazy("Failed")
    rows = Message.objects.real().filter(state=State.FAILED)
    counts = rows.aggregate(
        again=Count("pk", filter=Q(next_try_at__isnull=False)),
        gone=Count("pk", filter=Q(next_try_at=None, tried_at__gte=now - RECENT)),
    )
    if not any(counts.values()):
        return Item(name, _("None"))
    words = _("%(again)s to be tried again, %(gone)s given up in the last 7 days")
    return Item(name, words % {key: f"{n:,}" for key, n in counts.items()}, Level.WARNING, _failed_url())


def _waiting(now: dt.datetime) -> Item:
    name = gettext_lazy("Waiting")
    due = Message.objects.due(now).aggregate(oldest=Min("next_try_at"), count=Count("pk"))
    oldest, count = due["oldest"], due["count"]
    words = ngettext("%(n)s message is due", "%(n)s messages are due", count) % {"n": f"{count:,}"}
    if oldest and now - oldest > WAITING_LONG:
        words = _("%(messages)s, the oldest for %(span)s") % {
            "messages": words,
            "span": span_words(now - oldest),
        }
        return Item(name, words, Level.WARNING, reverse("notifications:mail_list"))
    return Item(name, words)


def _last_error(now: dt.datetime) -> Item:
    """Say when a message failed last; an error while the server itself fails, as of the newest try."""
    name = gettext_lazy("Last error")
    tried = Message.objects.real().filter(state__in=[State.SENT, State.FAILED]).order_by("-tried_at")
    mail = tried.filter(via=Message.Via.MAIL).only("is_server_failure", "tried_at").first()
    if mail and mail.is_server_failure and mail.tried_at:
        words = _("The mail server does not take mail; last tried %(ago)s. Look at its settings.")
        return Item(name, words % {"ago": ago(mail.tried_at, now)}, Level.ERROR, _failed_url())
    last = tried.filter(state=State.FAILED).only("tried_at").first()
    if last is None or last.tried_at is None:
        return Item(name, _("None"))
    return Item(name, _("A message failed %(ago)s") % {"ago": ago(last.tried_at, now)}, url=_failed_url())
