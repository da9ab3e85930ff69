"""Files on their way in: uploaded, read, columns answered, rows checked; nothing is written elsewhere."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from billtracker.core.data.bulk_writes import insert_all
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import columns, reading
from billtracker.core.imports.handlers import Status, Verdict, handler_for
from billtracker.core.imports.reading import Sheet
from billtracker.core.imports.rows import Answers, RowCells, RowProblem
from billtracker.core.models import ImportPreview, ImportRow
from billtracker.core.process import jobs
from billtracker.core.settings import runtime_settings
from billtracker.core.text import clean, one_line

State = ImportPreview.State
LIFETIME = dt.timedelta(hours=24)
SMALL_ROWS = 1_000
CHUNK = 2_000
EXPIRED = "This preview is older than 24 hours and was cleared; upload the file again. Nothing was changed."


# --- the file ----------------------------------------------------------------------------------
def upload_file(*, actor, scope: str, kind: str, name: str, content: bytes) -> ImportPreview:
    """Keep a file for 24 hours and read it, at once when it is small, else in the worker.

    Raises DomainError for a file that is no table, too large, or one too many in a quarter of an hour.
    """
    reading.check_size(len(content))
    _check_rate(scope)
    if reading.is_small(content):
        return take_file(actor=actor, scope=scope, kind=kind, name=name, content=content)
    with transaction.atomic():
        preview = _new_preview(actor, scope, kind, name, content)
        preview.save(force_insert=True)
        jobs.enqueue("billtracker.core.imports.tasks.read_file", preview.pk)
    return preview


def take_file(
    *, actor, scope: str, kind: str, name: str, content: bytes, encoding: str = "", sheet: str = ""
) -> ImportPreview:
    """Keep a file and read it at once, however long it is; nothing is kept of one that is no table."""
    preview = _new_preview(actor, scope, kind, name, content)
    _keep_sheet(preview, reading.read(content, encoding=encoding, sheet=sheet))
    preview.save(force_insert=True)
    return preview


def _new_preview(actor, scope: str, kind: str, name: str, content: bytes) -> ImportPreview:
    """Return an unsaved preview; DomainError for a kind of file that no app has."""
    return ImportPreview(
        scope=scope,
        kind=handler_for(kind).kind,
        file_name=one_line(clean(name))[-200:] or "file",
        file_digest=hashlib.sha256(content).hexdigest(),
        actor_id=getattr(actor, "pk", None),
        actor_name=actor.get_username() if actor else "server",
        expires_at=timezone.now() + LIFETIME,
        content=content,
    )


def _check_rate(scope: str) -> None:
    """Refuse a household that uploads more files than the setting allows."""
    allowed = runtime_settings.get("imports_per_15_minutes")
    since = timezone.now() - dt.timedelta(minutes=15)
    if ImportPreview.objects.in_scope(scope).filter(created_at__gt=since).count() >= allowed:
        raise DomainError(f"{allowed} files in 15 minutes is the limit; try again a little later.")


def read_file(preview: ImportPreview) -> None:
    """Read an uploaded file in the worker; what is wrong with it is kept as the preview's error."""
    waiting = ImportPreview.objects.filter(pk=preview.pk, state__in=[State.UPLOADED, State.READING])
    if not waiting.update(state=State.READING):
        return
    try:
        _keep_sheet(preview, reading.read(bytes(preview.content), **preview.answers))
    except DomainError as error:
        preview.state, preview.error = State.FAILED, error.sentence
        preview.content = preview.original = b""
    preview.save()


def read_again(*, preview: ImportPreview, encoding: str, sheet: str) -> None:
    """Read the file in another encoding or from another sheet, in the worker when it is long.

    What was answered about its columns is forgotten. DomainError, and nothing changed, when it cannot be
    read in that way or not any more.
    """
    refuse_expired(preview)
    content, choice = bytes(preview.original), {"encoding": encoding, "sheet": sheet}
    if preview.state not in (State.MAPPING, State.READY) or not content:
        raise DomainError("This file can't be read in another way any more. Upload it again.")
    if not reading.is_small(content):
        with transaction.atomic():
            preview.state, preview.content, preview.answers = State.UPLOADED, content, choice
            preview.save()
            jobs.enqueue("billtracker.core.imports.tasks.read_file", preview.pk)
        return
    preview.content = content
    _keep_sheet(preview, reading.read(content, **choice))
    preview.save()


def _keep_sheet(preview: ImportPreview, sheet: Sheet) -> None:
    """Put a sheet and the first guess of its columns into the preview, unsaved."""
    handler = handler_for(preview.kind)
    headings = columns.find_headings(sheet, handler.fields)
    named = sheet.lines[headings].cells if headings >= 0 else ()
    if headings + 1 >= len(sheet.lines):
        raise DomainError("The file has headings but no rows below them.")
    preview.original = preview.content if sheet.has_choice else b""
    preview.content = reading.pack(sheet)
    preview.form = sheet.form[:200]
    preview.total_count = len(sheet.lines) - headings - 1
    preview.answers = {"headings": headings, "columns": columns.guess_columns(named, handler.fields)}
    preview.state = State.MAPPING


def sheet_of(preview: ImportPreview) -> Sheet:
    """Return the rows of a file that was read and not yet applied or forgotten."""
    if preview.state not in (State.MAPPING, State.CHECKING, State.READY, State.APPLYING):
        raise DomainError(EXPIRED if preview.state == State.EXPIRED else "The rows of this file are gone.")
    return reading.unpack(bytes(preview.content))


# --- the rows ----------------------------------------------------------------------------------
def answer_columns(*, preview: ImportPreview, answers: Mapping) -> None:
    """Keep the answers about columns (``columns.as_stored`` makes them) and check every row with them.

    Long files are checked in the worker. Raises DomainError when the preview is past that point.
    """
    if preview.total_count <= SMALL_ROWS:
        return check_with(preview=preview, answers=answers)
    with transaction.atomic():
        _start_check(preview, answers)
        jobs.enqueue("billtracker.core.imports.tasks.check_file", preview.pk)


@transaction.atomic
def check_with(*, preview: ImportPreview, answers: Mapping) -> None:
    """Keep the answers and check every row now, however many there are."""
    _start_check(preview, answers)
    check_file(preview)


def _start_check(preview: ImportPreview, answers: Mapping) -> None:
    """Take the preview for a check; the database decides which of two requests does it."""
    refuse_expired(preview)
    open_for_answers = ImportPreview.objects.filter(pk=preview.pk, state__in=[State.MAPPING, State.READY])
    if not open_for_answers.update(state=State.CHECKING, answers=answers, error="", done_count=0):
        raise DomainError("This file is being worked on or was applied already. Nothing was changed.")
    preview.refresh_from_db()


def check_file(preview: ImportPreview) -> None:
    """Check every row and keep what it would become; fine rows are ticked, others are not."""
    if preview.state != State.CHECKING:
        return
    sheet = sheet_of(preview)
    rows = _rows_of(preview, sheet)
    cells = {row.number: dict(row.cells) for row in rows}
    preview.rows.all().delete()
    verdicts = list(verdicts_of(preview, sheet))
    preview.effect = _effect_of(preview, verdicts)
    for chunk in chunks(verdicts):
        insert_all(ImportRow, (_as_row(preview, verdict, cells[verdict.number]) for verdict in chunk))
        preview.done_count += len(chunk)
        preview.save(update_fields=["done_count"])
    preview.state, preview.total_count = State.READY, len(rows)
    preview.save(update_fields=["state", "total_count", "effect"])


def _effect_of(preview: ImportPreview, verdicts: Sequence[Verdict]) -> str:
    """Return what applying the fine rows makes, in one sentence."""
    fine = [verdict for verdict in verdicts if verdict.may_apply and verdict.status == Status.OK]
    return handler_for(preview.kind).describe_effect(preview.scope, fine, _answers_of(preview))[:500]


def verdicts_of(preview: ImportPreview, sheet: Sheet) -> Iterator[Verdict]:
    """Ask the handler about every row that can be read, with what the database holds now."""
    handler, rows = handler_for(preview.kind), _rows_of(preview, sheet)
    unreadable: dict[int, Verdict] = {}
    for row in rows:
        try:
            row.refuse_unreadable()
        except RowProblem as fault:
            unreadable[row.number] = Verdict.problem(row.number, fault)
    readable = [row for row in rows if row.number not in unreadable]
    verdicts = iter(handler.check_rows(preview.scope, readable, _answers_of(preview)))
    yield from (unreadable.get(row.number) or next(verdicts) for row in rows)


def _rows_of(preview: ImportPreview, sheet: Sheet) -> list[RowCells]:
    return columns.mapped_rows(sheet, preview.answers, _answers_of(preview))


def _answers_of(preview: ImportPreview) -> Answers:
    return columns.answers_of(preview.answers, handler_for(preview.kind).currency(preview.scope))


def _as_row(preview: ImportPreview, verdict: Verdict, cells: dict[str, str]) -> ImportRow:
    return ImportRow(
        preview=preview,
        number=verdict.number,
        status=verdict.status,
        sentence=verdict.sentence[:500],
        column=verdict.column,
        original=cells,
        understood=verdict.understood,
        may_apply=verdict.may_apply,
        is_chosen=verdict.may_apply and verdict.status == Status.OK,
    )


def chunks(things: Sequence, size: int = CHUNK) -> Iterator[Sequence]:
    """Yield the things in slices of ``size``."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def choose_rows(*, preview: ImportPreview, shown: Iterable[int], chosen: Iterable[int]) -> None:
    """Tick, of the rows a page showed, those in ``chosen``, and untick the others."""
    refuse_expired(preview)
    rows = preview.rows.filter(number__in=list(shown), preview__state=State.READY)
    with transaction.atomic():
        rows.update(is_chosen=False)
        rows.filter(number__in=list(chosen), may_apply=True).update(is_chosen=True)


def choose_all(*, preview: ImportPreview, status: str, is_chosen: bool) -> None:
    """Tick or untick every row of a status (every row for an empty one) that can be applied."""
    refuse_expired(preview)
    rows = preview.rows.filter(may_apply=True, preview__state=State.READY)
    (rows.filter(status=status) if status else rows).update(is_chosen=is_chosen)


# --- the end of it -----------------------------------------------------------------------------
def is_expired(preview: ImportPreview) -> bool:
    """Say whether the preview's time ran out, whether or not cleanup has been there."""
    is_open = preview.state in ImportPreview.OPEN
    return preview.state == State.EXPIRED or (is_open and preview.expires_at <= timezone.now())


def refuse_expired(preview: ImportPreview) -> None:
    if is_expired(preview):
        raise DomainError(EXPIRED, code="expired")


def discard_preview(*, preview: ImportPreview) -> None:
    """Forget a file that nobody wants to apply, now instead of in 24 hours."""
    ImportPreview.objects.filter(pk=preview.pk, state__in=ImportPreview.OPEN).delete()


@transaction.atomic
def forget_old_files(*, older_than: dt.timedelta = LIFETIME) -> dict[str, int]:
    """Clear files and rows that were brought that long ago; returns how many rows went and how many
    previews expired unapplied.
    """
    limit = timezone.now() - older_than + LIFETIME  # each knows the end of its 24 hours
    rows = ImportRow.objects.filter(preview__expires_at__lte=limit).exclude(preview__state=State.APPLYING)
    removed = {"rows": rows.delete()[0]}
    ImportPreview.objects.filter(expires_at__lte=limit).exclude(state=State.APPLYING).update(
        content=b"", original=b""
    )
    return {"previews": ImportPreview.objects.overdue(limit).update(state=State.EXPIRED), **removed}
