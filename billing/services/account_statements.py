"""Account statements: asked for by a person, made by the worker, stored under their digest."""

import datetime as dt
import hashlib
import io
import logging
import zipfile

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from billing.documents import pdf
from billing.models import AccountStatement, Client
from billing.reports.account_statements import account_of, snapshot_of
from billing.reports.aging import aging
from billing.reports.office import office_profile
from billing.rules import policy
from billing.services.documents import logos_of
from billing.services.statements import require_office
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.process import jobs

logger = logging.getLogger(__name__)
State = AccountStatement.State
LONGEST = dt.timedelta(days=3660)


@transaction.atomic
def request_account(
    *, actor, client: Client, currency: str, first_day: dt.date, last_day: dt.date
) -> AccountStatement:
    """Ask for a client's account as PDF; the worker makes it and stores it with its SHA-256."""
    policy.require(actor, policy.Permission.DRAFT)
    _check_span(first_day, last_day)
    row = AccountStatement.objects.create(
        client=client,
        currency=currency,
        first_day=first_day,
        last_day=last_day,
        requested_by=actor,
        requested_at=timezone.now(),
    )
    audit.record(actor, "account.requested", row)
    jobs.enqueue("billing.tasks.make_account", row.pk)
    return row


@transaction.atomic
def request_accounts(*, actor, first_day: dt.date, last_day: dt.date) -> AccountStatement:
    """Ask for the accounts of all clients that owe or have credit on the last day, in one zip."""
    policy.require(actor, policy.Permission.DRAFT)
    _check_span(first_day, last_day)
    rows = aging(last_day)
    if not rows:
        raise DomainError(f"Nobody owes anything or has credit on {last_day}. Nothing was made.")
    shared = {
        "first_day": first_day, "last_day": last_day, "requested_by": actor, "requested_at": timezone.now()
    }  # fmt: skip
    batch = AccountStatement.objects.create(**shared)
    parts = [
        AccountStatement(client_id=row.client_id, currency=row.currency, batch=batch, **shared)
        for row in rows
    ]
    for part in AccountStatement.objects.bulk_create(parts):
        jobs.enqueue("billing.tasks.make_account", part.pk)
    audit.record(actor, "account.requested", batch, {"clients": [None, len(parts)]})
    return batch


def _check_span(first_day: dt.date, last_day: dt.date) -> None:
    require_office()
    if last_day < first_day:
        raise DomainError("The last day is not before the first.", field="last_day")
    if last_day - first_day > LONGEST:
        raise DomainError("A span is at most ten years.", field="first_day")


# --- the worker --------------------------------------------------------------------------------
def make_account(*, row: AccountStatement) -> AccountStatement:
    """Render and store one; safe to run twice. A failure is kept on the row, and the log has the rest."""
    if row.state != State.WAITING or row.client is None:
        return row
    try:
        _store(row, _render_part(row, row.client), "pdf")
    except Exception as error:
        logger.exception("Account statement %s could not be made", row.pk)
        _give_up(row, type(error).__name__)
    if row.batch and not row.batch.parts.filter(state=State.WAITING).exists():
        jobs.enqueue("billing.tasks.pack_accounts", row.batch.pk)
    return row


def _render_part(row: AccountStatement, client: Client) -> bytes:
    account = account_of(client, row.currency, row.first_day, row.last_day)
    snapshot = snapshot_of(account, office_profile())
    return pdf.account_pdf(snapshot, logos=logos_of(snapshot))


def pack_accounts(*, batch: AccountStatement) -> AccountStatement:
    """Pack the parts into one zip with their checksums; the same parts give the same bytes."""
    parts = list(batch.parts.select_related("client").order_by("client__name_key", "client", "currency"))
    if batch.state != State.WAITING or any(part.state == State.WAITING for part in parts):
        return batch
    failed = sum(part.state == State.FAILED for part in parts)
    batch.reason = f"{failed} of {len(parts)} could not be made." if failed else ""
    try:
        _store(batch, pack_parts([part for part in parts if part.state == State.DONE]), "zip")
    except Exception as error:
        logger.exception("Account statements %s could not be packed", batch.pk)
        _give_up(batch, type(error).__name__)
    return batch


def pack_parts(parts: list[AccountStatement]) -> bytes:
    """Return the zip: a PDF for each part, and SHA256SUMS."""
    buffer, sums = io.BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for part in parts:
            name = f"{slugify(str(part.client)) or 'client'}-{part.client_id}-{part.currency}.pdf"
            archive.writestr(zipfile.ZipInfo(name), read_account(part))
            sums.append(f"{part.sha256}  {name}\n")
        archive.writestr(zipfile.ZipInfo("SHA256SUMS"), "".join(sums))
    return buffer.getvalue()


def _store(row: AccountStatement, content: bytes, kind: str) -> None:
    """Keep the bytes under their digest and note it; only the first of two workers does."""
    digest = hashlib.sha256(content).hexdigest()
    path = f"accounts/{digest[:2]}/{digest}.{kind}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    fields = {"path": path, "sha256": digest, "size": len(content), "reason": row.reason}
    finish(row, State.DONE, **fields)


def _give_up(row: AccountStatement, reason: str) -> None:
    finish(row, State.FAILED, reason=reason[:200])


@transaction.atomic
def finish(row: AccountStatement, state: str, **fields) -> None:
    """Close a row that still waits; audited, the parts of a zip as one."""
    waiting = AccountStatement.objects.filter(pk=row.pk, state=State.WAITING)
    is_mine = waiting.update(state=state, made_at=timezone.now(), **fields)
    row.refresh_from_db()
    if is_mine and row.batch_id is None:
        audit.record(None, "account.made", row, {"state": [None, state], "sha256": [None, row.sha256]})


def read_account(row: AccountStatement) -> bytes:
    """Return the stored bytes; DomainError when the file is gone or is not what was stored."""
    try:
        with default_storage.open(row.path) as file:
            content = file.read()
    except OSError:
        raise DomainError("The stored file is missing. Restore it from a backup, or make it again.") from None
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise DomainError(
            "The stored file is not the one that was made: its checksum differs.", code="changed"
        )
    return content
