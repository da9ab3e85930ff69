"""What the worker does with long files; each job is safe to run twice and returns one sentence."""

from collections.abc import Callable

from django.contrib.auth import get_user_model

from billtracker.core.imports import batches, previews
from billtracker.core.models import ImportPreview

UNEXPECTED = "Something unexpected stopped this file. Nothing was brought in; upload it again."


def read_file(preview_id: int) -> str:
    """Read an uploaded file."""
    return run(preview_id, previews.read_file)


def check_file(preview_id: int) -> str:
    """Check every row of a file whose columns were answered."""
    return run(preview_id, previews.check_file)


def apply_file(preview_id: int, actor_id: int) -> str:
    """Apply a preview that somebody confirmed."""
    actor = get_user_model().objects.get(pk=actor_id)
    return run(preview_id, lambda preview: batches.apply_in_worker(actor=actor, preview=preview))


def run(preview_id: int, work: Callable[[ImportPreview], object]) -> str:
    """Do the work; what nobody expected becomes a sentence on the page and an error in the log."""
    preview = ImportPreview.objects.filter(pk=preview_id).first()
    if preview is None:
        return "The file was discarded."
    try:
        work(preview)
    except Exception:
        working = ImportPreview.objects.filter(pk=preview_id, state__in=ImportPreview.WORKING)
        working.update(state=ImportPreview.State.FAILED, error=UNEXPECTED)
        raise
    preview.refresh_from_db(fields=["state"])
    return f"File {preview.pk} ({preview.kind}): {preview.get_state_display().lower()}."
