"""Preview a file of bills, payments or clients on the command line, and bring it in."""

import json
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import CommandError

from billing.rules import policy
from billtracker.accounts.models import Household, User
from billtracker.core.audit import OFFICE, Scope
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import batches, columns, previews
from billtracker.core.imports.dates import ORDERS
from billtracker.core.imports.encodings import ENCODINGS
from billtracker.core.imports.handlers import Status, handler_for, kinds
from billtracker.core.imports.reading import check_size
from billtracker.core.models import ImportBatch, ImportPreview
from billtracker.core.process.commands import DataCommand

KINDS = ("bills", "payments", "clients", "transactions")
OF_THE_OFFICE = {"clients": policy.Permission.EDIT_CLIENTS}


def _refusal(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=2)


class Command(DataCommand):
    help = "Show what a file would bring in; with --apply bring in the rows that are fine."

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=KINDS)
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--household", metavar="ID", type=int, help="needed when the user has several")
        parser.add_argument("--apply", action="store_true", help="bring the rows in")
        parser.add_argument("--start-month", default="", metavar="2026-01")
        parser.add_argument("--currency", default="", metavar="PHP", help="of new clients")
        parser.add_argument("--decimal-mark", default="", choices=list(columns.MARKS))
        parser.add_argument("--date-order", default="", choices=list(ORDERS))
        parser.add_argument(
            "--encoding", default="", choices=list(ENCODINGS), help="of a file not in Unicode"
        )
        parser.add_argument("--sheet", default="", metavar="NAME", help="of a workbook with several")
        parser.add_argument("--json", action="store_true", help="write one JSON object")

    def handle(self, *, kind, file, user, household, apply, **options):
        if kind not in kinds():
            raise _refusal(f"Files of {kind} cannot be brought in yet; nothing was changed.")
        actor = User.objects.filter(username=user, is_active=True).first()
        if actor is None:
            raise _refusal(f"There is no active user {user!r}; nothing was changed.")
        try:
            scope = _scope_of(kind, actor, household)
            preview = _preview_file(actor, scope, kind, file, options)
            batch = _apply_preview(actor, preview) if apply else None
        except DomainError as error:
            raise _refusal(error.sentence) from None
        report = _describe_preview(preview, batch)
        self.stdout.write(json.dumps(report, ensure_ascii=False) if options["json"] else _in_lines(report))
        if batch is None:
            previews.discard_preview(preview=preview)
        if report["counts"]["problem"]:
            raise SystemExit(1)


def _scope_of(kind: str, actor: User, household: int | None) -> Scope:
    """Return whose books the file goes to: the office's, for those whose role allows it, or a household's."""
    if act := OF_THE_OFFICE.get(kind):
        policy.require(actor, act)
        return OFFICE
    return _household_of(actor, household).audit_scope


def _household_of(actor: User, pk: int | None) -> Household:
    """Return the household to work in: the named one, or the only one the user may change."""
    memberships = [m for m in actor.memberships.select_related("household") if m.may_edit]
    if pk is not None:
        memberships = [m for m in memberships if m.household_id == pk]
    if not memberships:
        raise _refusal(f"{actor} may not change such a household; nothing was changed.")
    if len(memberships) > 1:
        named = ", ".join(f"{m.household_id} ({m.household})" for m in memberships)
        raise _refusal(f"{actor} has several households; name one with --household: {named}.")
    return memberships[0].household


def _preview_file(actor: User, scope: str, kind: str, file: Path, options: dict) -> ImportPreview:
    """Read and check the file here, however long it is; no worker is needed."""
    try:
        check_size(file.stat().st_size)
        content = file.read_bytes()
    except OSError as error:
        raise _refusal(f"{file} cannot be read: {error.strerror}.") from None
    reading = {"encoding": options["encoding"], "sheet": options["sheet"]}
    preview = previews.take_file(
        actor=actor, scope=scope, kind=kind, name=file.name, content=content, **reading
    )
    _require_choice(preview, **reading)
    stored = columns.as_stored(
        handler_for(kind),
        scope,
        previews.sheet_of(preview),
        **preview.answers,
        decimal_mark=options["decimal_mark"],
        date_order=options["date_order"],
        options={"start_month": options["start_month"], "currency": options["currency"]},
    )
    previews.check_with(preview=preview, answers=stored)
    return preview


def _require_choice(preview: ImportPreview, encoding: str, sheet: str) -> None:
    """Refuse a file that can be read in several ways until somebody has said in which."""
    read = previews.sheet_of(preview)
    if read.encoding and not encoding:
        previews.discard_preview(preview=preview)
        raise _refusal(
            f"The file is not in Unicode. Its encoding seems to be {read.encoding}; say so with --encoding, "
            "or name another one. Nothing was changed."
        )
    if len(read.sheets) > 1 and not sheet:
        previews.discard_preview(preview=preview)
        raise _refusal(
            f"The workbook has several sheets: {', '.join(read.sheets)}. Choose one with --sheet. "
            "Nothing was changed."
        )


def _apply_preview(actor: User, preview: ImportPreview) -> ImportBatch | None:
    """Bring in the rows that are fine; None when there is none."""
    if not preview.rows.filter(is_chosen=True).exists():
        return None
    return batches.apply_now(actor=actor, preview=preview)


def _describe_preview(preview: ImportPreview, batch: ImportBatch | None) -> dict:
    """Return what machines read: counts, the batch, and every row."""
    rows = list(preview.rows.values("number", "status", "column", "sentence", "original", "understood"))
    return {
        "kind": preview.kind,
        "file": preview.file_name,
        "form": preview.form,
        "unused_columns": preview.answers["unused"],
        "effect": preview.effect,
        "counts": {status: sum(row["status"] == status for row in rows) for status in Status.values},
        "applied": batch.row_count if batch else 0,
        "batch": batch.pk if batch else None,
        "rows": rows,
    }


def _in_lines(report: dict) -> str:
    """Return the report for people: one line a row, then the sum."""
    shown = handler_for(report["kind"]).shown
    lines = [_in_line(row, shown) for row in report["rows"]]
    counts = ", ".join(f"{count} {status}" for status, count in report["counts"].items())
    done = f"Brought in {report['applied']}." if report["batch"] else "Nothing was written."
    if report["unused_columns"]:
        lines.append(f"Columns not imported: {', '.join(report['unused_columns'])}.")
    if report["effect"]:
        lines.append(report["effect"])
    return "\n".join([*lines, f"{report['file']} ({report['form']}): {counts}. {done}"])


def _in_line(row: dict, shown: Sequence[str]) -> str:
    """Return ``12  problem  Gym | 12.34.56  '12.34.56' is not an amount.``"""
    understood = row["understood"]
    texts = [understood.get(label, "") for label in shown] if understood else row["original"].values()
    cells = " | ".join(" ".join(text.split()) for text in texts if text)
    return f"{row['number']:>6}  {row['status']:<9}  {cells}  {row['sentence']}".rstrip()
