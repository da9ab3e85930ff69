"""Signals about the machine and the programs on it: application, runtime, database."""

import datetime as dt
import os
import platform
import shutil
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billtracker.core.data.readiness import is_ready
from billtracker.core.models import AuditEntry
from billtracker.core.process.health import Facts, Item, Level, ago, signal_of_fact, span_words
from opsstatus.monitoring.troubleshooting import advice_url

MEGABYTE = 1024**2
# Free space as (bytes, share of the whole): below either the level is reached.
DISK_WARNING, DISK_ERROR = (2048 * MEGABYTE, 0.10), (512 * MEGABYTE, 0.02)
MEMORY_WARNING, MEMORY_ERROR = (128 * MEGABYTE, 0.10), (32 * MEGABYTE, 0.03)
DAILY_STALE = dt.timedelta(days=2)


# --- application -------------------------------------------------------------------------------
def application(facts: Facts) -> list[Item]:
    """Return version, environment, uptime and whether the database has this version's shape."""
    environment = _("development: error pages show source code") if settings.DEBUG else _("production")
    level = Level.WARNING if settings.DEBUG else Level.OK
    return [
        Item(gettext_lazy("Version"), settings.VERSION),
        Item(
            gettext_lazy("Environment"),
            environment,
            level,
            advice_url("development") if settings.DEBUG else "",
        ),
        _uptime(facts),
        _migrations(),
    ]


def _uptime(facts: Facts) -> Item:
    name, start = gettext_lazy("Uptime"), facts.get("start")
    if start is None:
        return Item(
            name, _("Not known yet; the worker notes its start."), Level.UNKNOWN, advice_url("worker")
        )
    return Item(name, _("Running for %(span)s") % {"span": span_words(timezone.now() - start.at)})


def _migrations() -> Item:
    name = gettext_lazy("Migrations")
    if is_ready():
        return Item(name, _("All applied"))
    return Item(
        name,
        _("Some are not applied. Restart with “serve”, or run “migrate”."),
        Level.ERROR,
        advice_url("migrations"),
    )


# --- runtime -----------------------------------------------------------------------------------
def runtime(facts: Facts) -> list[Item]:
    """Return the versions under the application, and what is left of memory and disk."""
    return [
        Item(gettext_lazy("Python"), platform.python_version()),
        Item(gettext_lazy("Django"), django.get_version()),
        Item(gettext_lazy("Platform"), f"{platform.system()} {platform.release()}"),
        Item(gettext_lazy("Architecture"), platform.machine() or sys.platform),
        memory(),
        disk(),
    ]


def _scarce(free: int, whole: int, warning: tuple[int, float], error: tuple[int, float]) -> Level:
    """Return the level of free space: below the bytes, and below the share, of a limit.

    Both must hold: 10 % of a large disk is plenty, and a small one may be meant to be small.
    """
    for (size, share), level in ((error, Level.ERROR), (warning, Level.WARNING)):
        if free < size and free < whole * share:
            return level
    return Level.OK


def memory() -> Item:
    name = gettext_lazy("Memory")
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        known = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines if line.endswith("kB")}
        free, whole = known["MemAvailable"], known["MemTotal"]
    except (OSError, KeyError, ValueError):
        return Item(name, _("Not known on this system"), Level.UNKNOWN, advice_url("memory"))
    level = _scarce(free, whole, MEMORY_WARNING, MEMORY_ERROR)
    return Item(name, _free_words(free, whole), level, "" if level is Level.OK else advice_url("memory"))


def disk() -> Item:
    name = gettext_lazy("Free disk")
    try:
        usage = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return Item(name, _("The data directory cannot be read."), Level.ERROR, advice_url("disk"))
    level = _scarce(usage.free, usage.total, DISK_WARNING, DISK_ERROR)
    words = _free_words(usage.free, usage.total)
    if level is Level.OK:
        return Item(name, words)
    return Item(name, words + _(" Make room before backups fail."), level, advice_url("disk"))


def _free_words(free: int, whole: int) -> str:
    sizes = {"free": filesizeformat(free), "whole": filesizeformat(whole)}
    return (_("%(free)s free of %(whole)s") % sizes).replace("\xa0", " ")


# --- database ----------------------------------------------------------------------------------
def database(facts: Facts) -> list[Item]:
    """Return engine, whether it takes changes, size, last change and the last integrity check.

    Nothing of it grows with the data.
    """
    with connection.cursor() as cursor:
        engine, size = (sqlite if connection.vendor == "sqlite" else postgres)(cursor)
    changed_at = AuditEntry.objects.order_by("-at").values_list("at", flat=True).first()
    return [
        Item(gettext_lazy("Engine"), engine),
        Item(gettext_lazy("Connection"), _("Answers")),
        changes(),
        Item(gettext_lazy("Size"), filesizeformat(size).replace("\xa0", " ")),
        Item(gettext_lazy("Last change"), ago(changed_at) if changed_at else _("None yet")),
        _integrity(facts),
    ]


def sqlite(cursor) -> tuple[str, int]:
    cursor.execute("SELECT sqlite_version(), page_count * page_size FROM pragma_page_count, pragma_page_size")
    version, size = cursor.fetchone()
    return f"SQLite {version}", size


def postgres(cursor) -> tuple[str, int]:
    cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
    version, size = cursor.fetchone()
    return f"PostgreSQL {version.split()[0]}", size


def changes() -> Item:
    """Say whether the database takes changes, without making one."""
    name = gettext_lazy("Changes")
    if (_is_read_only_sqlite if connection.vendor == "sqlite" else _is_read_only_postgres)():
        words = _("The database refuses changes: it is read-only.")
        return Item(name, words, Level.ERROR, advice_url("read-only"))
    return Item(name, _("Taken"))


def _is_read_only_sqlite() -> bool:
    """Ask the connection, and the file system about the file and the folder of its write-ahead log."""
    path = Path(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT query_only FROM pragma_query_only")
        refused = bool(cursor.fetchone()[0])
    return refused or not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))


def _is_read_only_postgres() -> bool:
    """Ask whether transactions are read-only, or the server a standby."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only')::bool OR pg_is_in_recovery()")
        return cursor.fetchone()[0]


def _integrity(facts: Facts) -> Item:
    name, fact = gettext_lazy("Integrity"), facts.get("integrity")
    url = f"{reverse('opsstatus:job_list')}?name=opsstatus.tasks.check_database"
    if fact and fact.error:
        return Item(name, f"{fact.error} ({ago(fact.at)})", Level.ERROR, advice_url("integrity"))
    if fact and fact.values["faults"]:
        words = _("%(n)d faults found %(ago)s. Restore the last verified backup.")
        return Item(
            name,
            words % {"n": fact.values["faults"], "ago": ago(fact.at)},
            Level.ERROR,
            advice_url("integrity"),
        )
    return signal_of_fact(
        name, fact, lambda values: _("Whole at the last check"), stale_after=DAILY_STALE, url=url
    )
