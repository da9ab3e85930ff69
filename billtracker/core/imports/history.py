"""What is remembered of files that came in, and when it is forgotten."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billtracker.core.models import ImportBatch, ImportPreview

State = ImportPreview.State


@transaction.atomic
def forget_import_history(*, older_than: dt.timedelta) -> dict[str, int]:
    """Forget batches applied that long ago, and files never applied that were brought that long ago.

    What a batch brought in stays, and so does the audit log; the batch cannot be undone any more.
    Returns how many batches and how many files.
    """
    limit = timezone.now() - older_than
    batches = ImportBatch.objects.filter(applied_at__lte=limit)
    ended = Q(batch=None, created_at__lte=limit, state__in=[State.EXPIRED, State.APPLIED, State.UNDONE])
    files = list(ImportPreview.objects.filter(Q(batch__in=batches) | ended).values_list("pk", flat=True))
    by_model = batches.delete()[1]
    count = ImportPreview.objects.filter(pk__in=files).delete()[1].get(ImportPreview._meta.label, 0)
    return {"batches": by_model.get(ImportBatch._meta.label, 0), "previews": count}
