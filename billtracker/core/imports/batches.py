"""Applying a preview in one transaction, and taking the whole batch back."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from django.apps import apps
from django.db import transaction
from django.db.models import Count, ProtectedError, RestrictedError
from django.utils import timezone

from billtracker.core import audit
from billtracker.core.data.bulk_writes import insert_all
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import columns, previews, reading
from billtracker.core.imports.handlers import Made, Verdict, handler_for
from billtracker.core.models import ImportBatch, ImportedThing, ImportPreview, ImportRow
from billtracker.core.process import jobs

State = ImportPreview.State
CHANGED = "Something changed since this preview was made; look at the rows again. Nothing was brought in."


def apply_preview(*, actor, preview: ImportPreview) -> ImportBatch | None:
    """Bring the ticked rows in: all of them or none. Sent twice, it makes one batch and returns that.

    Long files are applied in the worker; the answer is then None. Raises DomainError when no row is
    ticked, the preview expired, or a ticked row is not what the preview says any more.
    """
    if preview.state == State.APPLYING:
        return None
    if preview.state != State.READY or preview.total_count <= previews.SMALL_ROWS:
        return _apply_or_check_again(actor, preview)
    previews.refuse_expired(preview)
    with transaction.atomic():
        if ImportPreview.objects.filter(pk=preview.pk, state=State.READY).update(state=State.APPLYING):
            jobs.enqueue("billtracker.core.imports.tasks.apply_file", preview.pk, actor.pk)
    return None


def apply_in_worker(*, actor, preview: ImportPreview) -> ImportBatch | None:
    """Apply in the worker; a refusal is kept on the preview, which is then ready again."""
    try:
        return _apply_or_check_again(actor, preview)
    except DomainError as error:
        ImportPreview.objects.filter(pk=preview.pk, state=State.APPLYING).update(
            state=State.READY, error=error.sentence
        )
        return None


def _apply_or_check_again(actor, preview: ImportPreview) -> ImportBatch:
    """Apply, or, when rows are not what was shown, check all of them anew and say so."""
    try:
        return apply_now(actor=actor, preview=preview)
    except DomainError as error:
        if error.code == "changed":
            check_again(preview)
        raise


@transaction.atomic
def check_again(preview: ImportPreview) -> None:
    rows = ImportPreview.objects.filter(pk=preview.pk, state__in=[State.READY, State.APPLYING])
    if rows.update(state=State.CHECKING, done_count=0):
        preview.refresh_from_db()
        previews.check_file(preview)


@transaction.atomic
def apply_now(*, actor, preview: ImportPreview) -> ImportBatch:
    """Make one batch of the preview's ticked rows; the database decides which of two applies made it."""
    previews.refuse_expired(preview)
    # Two files of one household wait for each other: each sees the other's rows as duplicates.
    audit.lock_chain(preview.scope)
    ready = ImportPreview.objects.filter(pk=preview.pk, state__in=[State.READY, State.APPLYING])
    if not ready.update(state=State.APPLIED):
        return _batch_of(preview)
    preview.refresh_from_db()
    handler = handler_for(preview.kind)
    verdicts = _confirm_rows(preview, reading.unpack(bytes(preview.content)))
    answers = columns.answers_of(preview.answers, handler.currency(preview.scope))
    batch = ImportBatch.objects.create(
        scope=preview.scope,
        kind=preview.kind,
        preview=preview,
        file_name=preview.file_name,
        file_digest=preview.file_digest,
        actor_id=getattr(actor, "pk", None),
        actor_name=actor.get_username() if actor else "server",
        row_count=len(verdicts),
        left_out_count=preview.total_count - len(verdicts),
    )
    with audit.coming_from("import"):
        made = handler.apply_rows(preview.scope, actor, verdicts, answers, key=f"import:{preview.pk}")
        _keep_made(batch, made)
        audit.record(actor, "import.applied", batch, _to_audit_dict(batch, made, handler.summary(verdicts)))
    ImportPreview.objects.filter(pk=preview.pk).update(content=b"", original=b"", error="")
    return batch


def _batch_of(preview: ImportPreview) -> ImportBatch:
    """Return the batch another request has made of this preview."""
    batch = ImportBatch.objects.filter(preview=preview).first()
    if batch is None:
        raise DomainError("This file is not ready to be applied. Nothing was changed.")
    return batch


def _confirm_rows(preview: ImportPreview, sheet) -> list[Verdict]:
    """Check all rows anew and return those ticked; DomainError when one is not what was shown."""
    shown = {row.number: row for row in preview.rows.filter(is_chosen=True)}
    if not shown:
        raise DomainError("No row is ticked, so there is nothing to bring in.")
    fresh = [verdict for verdict in previews.verdicts_of(preview, sheet) if verdict.number in shown]
    if len(fresh) < len(shown) or not all(_is_as_shown(verdict, shown[verdict.number]) for verdict in fresh):
        raise DomainError(CHANGED, code="changed")
    return fresh


def _is_as_shown(verdict: Verdict, row: ImportRow) -> bool:
    return (
        verdict.may_apply
        and (verdict.status, verdict.sentence[:500]) == (row.status, row.sentence)
        and verdict.understood == row.understood
    )


def _keep_made(batch: ImportBatch, made: Sequence[Made]) -> None:
    """Write down which rows of the database came from which row of the file."""
    things = (
        ImportedThing(batch=batch, row_number=one.row_number, model=one.model, object_id=one.pk)
        for one in made
    )
    insert_all(ImportedThing, things)


def _to_audit_dict(batch: ImportBatch, made: Sequence[Made], summary: dict[str, str]) -> dict:
    """Return what the audit log keeps of an import: the file, its digest, how many rows of what."""
    return {
        "kind": [None, batch.kind],
        "file": [None, batch.file_name],
        "sha256": [None, batch.file_digest],
        "rows": [None, batch.row_count],
        "made": [None, dict(Counter(one.model for one in made))],
        **{name: [None, value] for name, value in summary.items()},
    }


def made_by(batch: ImportBatch) -> dict[str, int]:
    """Return how many rows of what a batch made: ``{"bills": 29, "categories": 9}``."""
    counts = batch.things.order_by().values_list("model").annotate(Count("pk"))
    return {str(apps.get_model(model)._meta.verbose_name_plural): count for model, count in sorted(counts)}


@transaction.atomic
def undo_batch(*, actor, batch: ImportBatch) -> bool:
    """Really delete everything the batch made; only the audit log and the batch's mark remain.

    False when it was undone already. DomainError when something else depends on what it made.
    """
    audit.lock_chain(batch.scope)
    standing = ImportBatch.objects.filter(pk=batch.pk, undone_at=None)
    if not standing.update(undone_at=timezone.now(), undone_by=actor.get_username() if actor else "server"):
        return False
    made = defaultdict(list)
    for model, pk in batch.things.values_list("model", "object_id"):
        made[model].append(pk)
    try:
        with transaction.atomic():
            handler_for(batch.kind).undo_batch(batch.scope, made)
    except (ProtectedError, RestrictedError):
        raise DomainError(
            "Something else depends on what this file brought in; take that back first. Nothing was changed."
        ) from None
    batch.things.all().delete()
    ImportRow.objects.filter(preview__batch=batch).delete()
    ImportPreview.objects.filter(batch=batch).update(state=State.UNDONE)
    batch.refresh_from_db()
    audit.record(actor, "import.undone", batch, {"removed": [{m: len(pks) for m, pks in made.items()}, None]})
    return True
