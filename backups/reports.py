"""Questions of the pages: what a backup holds, what a restore would undo, whether mail is held."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from backups.archive import compatibility
from backups.archive.folders import Backup
from backups.engines.figures import Figures
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry, Restoration


@dataclass(frozen=True, slots=True)
class TableFigures:
    """A table of a backup: its rows, and the exact sum of each of its columns of money."""

    name: str
    rows: int
    sums: tuple[tuple[str, str, Decimal], ...]  # column, currency, amount


def figures_by_table(figures: Figures) -> Iterator[TableFigures]:
    """Yield every table in the order of its name."""
    for name, rows in sorted(figures.rows.items()):
        sums = [
            (one.column, currency, Decimal(amount).scaleb(-4))
            for one, by_currency in sorted(figures.money.items())
            if one.table == name
            for currency, amount in sorted(by_currency.items())
        ]
        yield TableFigures(name, rows, tuple(sums))


@dataclass(frozen=True, slots=True)
class RestoreOutlook:
    """What restoring a backup would mean; ``refusal`` says why it cannot be done at all."""

    made_at: dt.datetime
    refusal: str = ""
    lost_count: int = 0  # entries of the audit log since then


def restore_outlook(backup: Backup) -> RestoreOutlook:
    """Return what is known beforehand, without opening the backup's files."""
    try:
        manifest = backup.require_manifest()
        compatibility.require_fitting(manifest, connection.vendor)
    except DomainError as refusal:
        return RestoreOutlook(backup.created_at, refusal.sentence)
    lost = AuditEntry.objects.filter(at__gt=manifest.created_at).count()
    return RestoreOutlook(manifest.created_at, lost_count=lost)


def last_restoration() -> Restoration | None:
    """Return the restore that the live data came from last; None when they never did."""
    return Restoration.objects.order_by("-pk").first()


def mail_holder() -> Restoration | None:
    """Return the restore since which no mail goes out; None when mail is not held."""
    return Restoration.objects.filter(mail_released_at=None).order_by("-pk").first()
