"""Reference data of the office: a row saved or removed with its one audit entry."""

from django.db import IntegrityError, models, transaction

from billing.rules import policy
from billtracker.core import audit
from billtracker.core.exceptions import DomainError


def facts(row: models.Model) -> dict:
    """Return what the audit log keeps of a row: its editable fields."""
    fields = [field for field in row._meta.concrete_fields if field.editable and not field.primary_key]
    return {field.name: plain(field.value_from_object(row)) for field in fields}


def plain(value):
    """Return a file by its path, everything else as it is."""
    return value.name or "" if hasattr(value, "storage") else value


def save_row(
    *, actor, row: models.Model, act: policy.Permission = policy.Permission.EDIT_CLIENTS
) -> models.Model:
    """Save a new or changed row and record what is different; nothing is recorded when nothing is.

    Raises DomainError when somebody else made the same one, or removed this one, meanwhile.
    """
    policy.require(actor, act)
    noun = str(row._meta.verbose_name).replace(" ", "_")
    try:
        with transaction.atomic():
            # First the chain, then the row: the same order as when a file comes in.
            audit.lock_chain(audit.OFFICE)
            stored = type(row)._default_manager.filter(pk=row.pk).first() if row.pk else None
            if stored is None and not row._state.adding:
                raise DomainError(f"This {row._meta.verbose_name} was removed meanwhile.")
            before = facts(stored) if stored else {}
            row.save()
            if changes := audit.changed_fields(before, facts(row)):
                audit.record(actor, f"{noun}.{'edited' if before else 'created'}", row, changes)
    except IntegrityError:
        raise DomainError(
            f"This {row._meta.verbose_name} does not fit with what is there. Nothing was changed."
        ) from None
    return row


@transaction.atomic
def remove_row(*, actor, row: models.Model, act: policy.Permission = policy.Permission.EDIT_CLIENTS) -> None:
    """Delete a row that nothing stands on, and keep what it said in the audit log."""
    policy.require(actor, act)
    gone = {name: [value, None] for name, value in facts(row).items() if value not in ("", None)}
    audit.record(actor, f"{str(row._meta.verbose_name).replace(' ', '_')}.removed", row, gone)
    row.delete()
