"""The month-close archive: asked for at the close, made by the worker, stored by its digest."""

import tempfile
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from billing.documents.close_pack import digest_of, write_pack
from billing.models import ClosePack, Period
from billing.reports.close_pack import parts_of
from billing.rules import policy
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.process import jobs

State = ClosePack.State


@transaction.atomic
def request_pack(*, actor, period: Period) -> ClosePack:
    """Ask the worker for the archive of a closed month; one that waits already is returned."""
    policy.require(actor, policy.Permission.ADMINISTER)
    audit.lock_chain(audit.OFFICE)
    period.refresh_from_db()
    if period.state != Period.State.CLOSED or not period.closing:
        raise DomainError("Only a closed month has a pack. Nothing was made.", code="wrong_state")
    position = period.closing["audit"]["position"]
    if waiting := period.packs.filter(position=position, state=State.WAITING).first():
        return waiting
    pack = ClosePack.objects.create(
        period=period, position=position, requested_by=actor, requested_at=timezone.now()
    )
    audit.record(actor, "period.pack_requested", pack)
    jobs.enqueue("billing.tasks.make_close_pack", pack.pk)
    return pack


def make_pack(*, pack: ClosePack) -> ClosePack:
    """Make and store the archive; one that is made stays as it is. Safe to run twice.

    The same books give the same bytes. A month that was opened again meanwhile gives none.
    """
    if pack.state == State.DONE:
        return pack
    try:
        with tempfile.TemporaryFile() as file:
            write_pack(file, parts_of(_closed_as_asked(pack)))
            return _store(pack, file)
    except Exception:
        ClosePack.objects.filter(pk=pack.pk).exclude(state=State.DONE).update(state=State.FAILED)
        raise


def _closed_as_asked(pack: ClosePack) -> Period:
    period = Period.objects.get(pk=pack.period_id)
    if not period.closing or period.closing["audit"]["position"] != pack.position:
        raise DomainError("The month was opened again meanwhile; its pack is not made.", code="wrong_state")
    return period


def _store(pack: ClosePack, file: IO[bytes]) -> ClosePack:
    """Keep the file under its digest and let the row name it."""
    digest = digest_of(file)
    path = f"exports/close-packs/{digest}.zip"
    if not default_storage.exists(path):
        default_storage.save(path, File(file))
    size = default_storage.size(path)
    with transaction.atomic():
        audit.lock_chain(audit.OFFICE)
        facts = {"path": path, "sha256": digest, "size": size, "made_at": timezone.now()}
        waiting = ClosePack.objects.filter(pk=pack.pk).exclude(state=State.DONE)
        if waiting.update(state=State.DONE, **facts):
            audit.record(None, "period.pack_made", pack, {"sha256": [None, digest], "size": [None, size]})
    pack.refresh_from_db()
    return pack


def open_pack(pack: ClosePack) -> File:
    """Return the stored file at its beginning; DomainError when it is gone or is not what was stored."""
    try:
        file = default_storage.open(pack.path)
    except OSError:
        raise DomainError("The stored pack is missing. Make it again: the books give the same.") from None
    if digest_of(file) != pack.sha256:
        file.close()
        raise DomainError(
            "The stored pack is not the one that was made: its checksum differs.", code="changed"
        )
    return file
