"""Signals about backups: are there any, are they proven, does the schedule hold, and what failed last."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backups import operation_states
from backups.archive import folders
from backups.archive.folders import Backup
from backups.engines.figures import headline_words
from backups.models import Proof
from backups.operation_states import OperationState
from backups.private_files import size_words
from backups.schedule import due_times
from billtracker.core.crypto import is_lost
from billtracker.core.process.health import Facts, Item, Level, ago
from billtracker.core.settings import runtime_settings

LATE = dt.timedelta(hours=2)  # past the time of a scheduled backup
PROOF_IS_OLD = dt.timedelta(days=8)


def status_items(facts: Facts) -> list[Item]:
    """Return how the backups stand; reads the folder, and a constant number of rows."""
    backups, now = folders.all_backups(), timezone.now()
    known = {name: found.value for name, found in runtime_settings.found_all().items()}
    items = [
        count(backups), latest(backups, now), latest_proof(backups, now), schedule(backups, known, now),
        _retention(known), _encryption(known), *_last_errors(now),
    ]  # fmt: skip
    return items + ([client()] if connection.vendor == "postgresql" else [])


def _page_url() -> str:
    """Return the page of backups, or that of their settings on a server without it."""
    try:
        return reverse("backups:backups")
    except NoReverseMatch:
        return _settings_url()


def _settings_url() -> str:
    return f"{reverse('opsstatus:settings')}#backups"


def count(backups: list[Backup]) -> Item:
    name = gettext_lazy("Backups")
    if not backups:
        words = _("There is none. Make one, and choose a schedule.")
        return Item(name, words, Level.WARNING, _page_url())
    words = ngettext("%(n)s, %(size)s", "%(n)s, %(size)s in all", len(backups))
    sentence = words % {"n": f"{len(backups):,}", "size": size_words(sum(one.size for one in backups))}
    if damaged := sum(one.is_damaged for one in backups):
        more = ngettext("; %(n)s is damaged", "; %(n)s are damaged", damaged) % {"n": f"{damaged:,}"}
        return Item(name, sentence + more, Level.WARNING, _page_url())
    return Item(name, sentence, url=_page_url())


def latest(backups: list[Backup], now: dt.datetime) -> Item:
    name = gettext_lazy("Latest")
    if not backups:
        return Item(name, _("None yet"), url=_page_url())
    newest = backups[0]
    if newest.manifest is None:
        words = _("The one made %(ago)s cannot be used: %(fault)s Make another one.")
        known = {"ago": ago(newest.created_at, now), "fault": newest.fault}
        return Item(name, words % known, Level.ERROR, _page_url())
    words = _("%(kind)s, %(ago)s, %(size)s")
    known = {"kind": newest.kind, "ago": ago(newest.created_at, now), "size": size_words(newest.size)}
    return Item(name, words % known, url=_page_url())


def latest_proof(backups: list[Backup], now: dt.datetime) -> Item:
    """Say what the last verification found: an error while the last one was bad."""
    name = gettext_lazy("Latest proof")
    proven = [backup for backup in backups if backup.proof]
    last = max(proven, key=lambda backup: backup.proof.at, default=None)  # type: ignore[union-attr]
    if last is None or last.proof is None:
        words = _("None yet; the newest backup is proven each week.") if backups else _("None yet")
        return Item(name, words, Level.WARNING if backups else Level.OK, _page_url())
    if not last.is_proven:
        words = _("Backup %(id)s is not good: %(fault)s")
        known = {"id": last.id, "fault": last.fault or last.proof.fault}
        return Item(name, words % known, Level.ERROR, _page_url())
    level = Level.WARNING if now - last.proof.at > PROOF_IS_OLD else Level.OK
    return Item(name, _proof_words(last, now), level, _page_url())


def _proof_words(backup: Backup, now: dt.datetime) -> str:
    """Say ``proved Sunday, 41 s, 12,418 rows, total 1,204,311.50 USD, last number SOA-2026-0417``."""
    assert backup.proof is not None  # noqa: S101 the caller looked
    words = [
        _("proved %(day)s") % {"day": _day_words(backup.proof.at, now)}, f"{backup.proof.seconds:.0f} s",
    ]  # fmt: skip
    # A restored database may know of another past: then the folder alone speaks.
    proof = Proof.objects.filter(backup_id=backup.id, is_ok=True, at=backup.proof.at).first()
    if proof:
        rows = ngettext("%(n)s row", "%(n)s rows", proof.row_count) % {"n": f"{proof.row_count:,}"}
        words += [rows, *headline_words(proof.headline)]
    return ", ".join(words)


def _day_words(at: dt.datetime, now: dt.datetime) -> str:
    """Return the weekday within a week, else the date, in the server's time zone."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    return date_format(local, "l" if now - at < dt.timedelta(days=6) else "Y-m-d")


def schedule(backups: list[Backup], known: dict, now: dt.datetime) -> Item:
    """Say when the server makes backups, and whether the last one came in time."""
    name = gettext_lazy("Schedule")
    due = due_times.last_due(known["backup_schedule"], known["backup_time"], now)
    if due is None:
        return Item(name, _("Off: backups are made by hand only"), url=_settings_url())
    words = {"daily": _("Every day at %(time)s"), "weekly": _("On Sundays at %(time)s")}
    sentence = words[known["backup_schedule"]] % {"time": known["backup_time"]}
    scheduled = [backup.created_at for backup in backups if backup.kind == "scheduled"]
    if now - due > LATE and not any(at >= due for at in scheduled):
        late = _("%(schedule)s; the last one that was due, %(ago)s, was not made.")
        words_late = late % {"schedule": sentence, "ago": ago(due, now)}
        return Item(name, words_late, Level.ERROR, _page_url())
    return Item(name, sentence, url=_settings_url())


def _retention(known: dict) -> Item:
    words = ngettext(
        "The last scheduled one stays, and the last proven one",
        "The last %(n)d scheduled ones stay, and the last proven one",
        known["backup_keep"],
    )
    return Item(gettext_lazy("Retention"), words % {"n": known["backup_keep"]}, url=_settings_url())


def _encryption(known: dict) -> Item:
    name = gettext_lazy("Encryption")
    if is_lost(known["backup_passphrase"]):
        words = _("The passphrase can no longer be read, and no backup is made. Enter it again.")
        return Item(name, words, Level.ERROR, _settings_url())
    if known["backup_passphrase"]:
        return Item(name, _("New backups are encrypted with the passphrase"), url=_settings_url())
    return Item(name, _("Off: whoever has the disk can read the backups"), url=_settings_url())


def _last_errors(now: dt.datetime) -> list[Item]:
    """Say of each kind of work what failed, until it came through again or an administrator took note."""
    faults = operation_states.open_faults()
    return [_fault_item(state, now) for state in faults] or [
        Item(
            gettext_lazy("Last error"),
            _("None open"),
            url=_page_url(),
        )
    ]


def _fault_item(state: OperationState, now: dt.datetime) -> Item:
    words = f"{state.sentence} ({ago(state.started_at, now)})"
    act_url = reverse("backups:fault_seen", args=[state.key])
    return Item(FAULTS[state.work], words, Level.ERROR, _page_url(), act=_("Mark as seen"), act_url=act_url)


FAULTS = {
    "create": gettext_lazy("Failed backup"),
    "verify": gettext_lazy("Failed proof"),
    "restore": gettext_lazy("Failed restore"),
    "import": gettext_lazy("Failed import"),
    "move": gettext_lazy("Failed move"),
    "delete": gettext_lazy("Failed removal"),
}


def client() -> Item:
    """Say whether the programs that dump and restore are there and new enough for the server."""
    name = gettext_lazy("Programs")
    if fault := import_string("backups.engines.postgres.client_fault")():
        return Item(name, fault, Level.ERROR, _page_url())
    return Item(name, _("pg_dump and pg_restore fit the server"))
