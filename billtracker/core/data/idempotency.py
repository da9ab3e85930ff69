"""Writes that are sent twice: the same key of the same person makes a thing once."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from billtracker.core.exceptions import DomainError
from billtracker.core.models import IdempotencyRecord

KEPT_FOR = dt.timedelta(days=90)


@transaction.atomic
def once(actor, key: str, asked: bytes, make: Callable[[], Any]) -> int | None:
    """Run ``make`` unless this key of this person did already; return the id of what it made.

    ``asked`` is all of the request; another one with the same key raises DomainError. Of two at once the
    second waits for the first.
    """
    fingerprint = hashlib.sha256(asked).hexdigest()
    record, is_new = IdempotencyRecord.objects.get_or_create(
        actor_id=actor.pk, key=key, defaults={"fingerprint": fingerprint}
    )
    if not is_new and record.fingerprint != fingerprint:
        raise DomainError("This Idempotency-Key was used for another request.", code="key_reused")
    if is_new:
        record.target_id = make().pk
        record.save(update_fields=["target_id"])
    return record.target_id


def forget_old_keys(*, older_than: dt.timedelta = KEPT_FOR) -> dict[str, int]:
    """Forget keys sent that long ago; returns how many. What they made stays, but would be made again."""
    old = IdempotencyRecord.objects.filter(created_at__lte=timezone.now() - older_than)
    return {"keys": old.delete()[0]}
