"""The office's audit log as people read it: what the filter shows, each change in words, where it leads."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from billing.documents.kinds import KINDS
from billing.models import BooksCheck, Client, CycleRun, Engagement, Payment
from billtracker.core.audit import OFFICE
from billtracker.core.models import AuditChain, AuditEntry
from billtracker.core.web.exports import Row

CHUNK = 2_000  # entries read in one go for a file
AROUND = 3  # entries shown before and after the one that was asked for
RECENT = 1_000  # entries that the filter's proposals are taken from
NOTHING = "\u2013"
ARROW = "\u2192"
COLUMNS = (
    "entry", "at", "person", "action", "target type", "target id", "target", "changes", "reason", "source",
    "request id", "hash",
)  # fmt: skip
KEY = re.compile(r"[0-9]{1,18}")
# Targets that have a page of their own, and its name.
PAGES = {
    "billing.client": (Client, "billing:client_detail"),
    "billing.cyclerun": (CycleRun, "billing:cycle_run"),
    "billing.engagement": (Engagement, "billing:engagement_detail"),
    "billing.payment": (Payment, "billing:payment_detail"),
    **{kind.model._meta.label_lower: (kind.model, kind.page) for kind in KINDS},
}


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What the address of the page asks to see; ``first_day`` and ``last_day`` are days of the office."""

    action: str = ""
    person: str = ""
    kind: str = ""
    target_id: str = ""
    query: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of an entry, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry with its changes in words; ``page`` names the page of its target while that is there."""

    entry: AuditEntry
    changes: tuple[Change, ...]
    kind: str
    page: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the latest entries hold, to choose from; the filter takes other words too."""

    actions: list[str]
    people: list[str]
    kinds: list[tuple[str, str]]


# --- which entries -----------------------------------------------------------------------------
def entries_shown(filters: AuditFilters, time_zone: str) -> QuerySet[AuditEntry]:
    """Return the office's entries that fit, the newest first."""
    found = AuditEntry.objects.filter(scope=OFFICE).order_by("-position")
    if filters.position is not None:
        found = found.filter(position__range=(filters.position - AROUND, filters.position + AROUND))
    if filters.action:
        found = found.filter(action__startswith=filters.action)
    if filters.person:
        found = found.filter(actor_name__iexact=filters.person)
    if filters.kind:
        found = found.filter(target_type=filters.kind)
    if filters.target_id:
        found = found.filter(target_id=filters.target_id)
    if filters.query:
        found = found.filter(Q(target_name__icontains=filters.query) | Q(target_id=filters.query))
    return _within(found, filters, zoneinfo.ZoneInfo(time_zone))


def _within(found: QuerySet[AuditEntry], filters: AuditFilters, zone: dt.tzinfo) -> QuerySet[AuditEntry]:
    """Narrow to the days that are asked for, which begin and end at the office's midnight."""
    if filters.first_day:
        found = found.filter(at__gte=dt.datetime.combine(filters.first_day, dt.time(), zone))
    if filters.last_day:
        after = filters.last_day + dt.timedelta(days=1)
        found = found.filter(at__lt=dt.datetime.combine(after, dt.time(), zone))
    return found


def read_in_chunks(entries: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    """Yield the entries, the newest first, without holding a cursor while a slow reader takes them."""
    rest = entries
    while chunk := list(rest[:CHUNK]):
        yield from chunk
        rest = entries.filter(position__lt=chunk[-1].position)


def proposals(filters: AuditFilters) -> Proposals:
    """Return the actions, people and kinds of the latest entries; one query."""
    latest = AuditEntry.objects.filter(scope=OFFICE).order_by("-position")
    rows = list(latest.values_list("action", "actor_name", "target_type")[:RECENT])
    billed = {
        model._meta.label_lower
        for model in apps.get_app_config("billing").get_models()
        if getattr(model, "audit_scope", "") == OFFICE
    }
    kinds = {*billed, *(row[2] for row in rows)} | ({filters.kind} if filters.kind else set())
    return Proposals(
        sorted({row[0] for row in rows}),
        sorted({row[1] for row in rows}),
        sorted(((kind, _kind_words(kind)) for kind in kinds), key=lambda pair: pair[1].casefold()),
    )


# --- one entry in words ------------------------------------------------------------------------
def rows_of(entries: Iterable[AuditEntry]) -> list[AuditRow]:
    """Return the entries in words; one query for each kind of target that has a page."""
    shown = list(entries)
    there = {kind: _existing(kind, shown) for kind in PAGES.keys() & {one.target_type for one in shown}}
    return [
        AuditRow(
            entry,
            tuple(changes_of(entry)),
            _kind_words(entry.target_type),
            PAGES[entry.target_type][1] if entry.target_id in there.get(entry.target_type, ()) else "",
        )
        for entry in shown
    ]


def _existing(kind: str, entries: Iterable[AuditEntry]) -> set[str]:
    """Return which targets of that kind are still there, as the log writes their keys."""
    keys = {one.target_id for one in entries if one.target_type == kind}
    rows = PAGES[kind][0]._default_manager.filter(pk__in=[key for key in keys if KEY.fullmatch(key)])
    return {str(key) for key in rows.values_list("pk", flat=True)}


def _kind_words(label: str) -> str:
    """Return what people call a kind of target: ``billing.cyclerun`` is a cycle run."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def changes_of(entry: AuditEntry) -> Iterator[Change]:
    """Yield what the entry says about each field that has or had a value; a bare one is what it became."""
    changes = entry.changes if isinstance(entry.changes, dict) else {}
    for field, value in changes.items():
        is_pair = isinstance(value, list) and len(value) == 2
        before, after = value if is_pair else (None, value)
        change = Change(str(field).replace("_", " "), words(before), words(after))
        if (change.before, change.after) != (NOTHING, NOTHING):
            yield change


def words(value) -> str:
    """Write one value of a change; a dash for nothing."""
    if value in (None, "", [], {}):
        return NOTHING
    match value:
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(words(part) for part in value)
        case dict():
            return ", ".join(f"{key}: {words(part)}" for key, part in value.items())
    return str(value)


# --- files -------------------------------------------------------------------------------------
def csv_row(entry: AuditEntry) -> Row:
    """Return the entry's cells by the names of ``COLUMNS``."""
    changes = "; ".join(f"{one.field}: {one.before} {ARROW} {one.after}" for one in changes_of(entry))
    return {
        "entry": entry.position, "at": entry.at.isoformat(), "person": entry.actor_name,
        "action": entry.action, "target type": entry.target_type, "target id": entry.target_id,
        "target": entry.target_name, "changes": changes, "reason": entry.reason, "source": entry.source,
        "request id": entry.request_id, "hash": entry.hash,
    }  # fmt: skip


def as_object(entry: AuditEntry) -> dict:
    """Return the entry for machines: every field that its hash covers, and the hash."""
    names = (
        "scope", "position", "actor_id", "actor_name", "action", "target_type", "target_id", "target_name",
        "changes", "reason", "source", "request_id", "hash",
    )  # fmt: skip
    return {"at": entry.at.astimezone(dt.UTC).isoformat(), **{name: getattr(entry, name) for name in names}}


# --- does it hold ------------------------------------------------------------------------------
def last_check() -> BooksCheck | None:
    """Return what the daily check found last; None before its first run."""
    return BooksCheck.objects.first()


def chain_length() -> int:
    """Return how many entries the office's chain has now."""
    return AuditChain.objects.filter(scope=OFFICE).values_list("length", flat=True).first() or 0
