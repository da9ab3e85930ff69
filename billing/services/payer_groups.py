"""Payer groups: which clients may pay for each other, made and changed by a person."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from billing.models import Client, PayerGroup
from billing.rules import policy
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, InvalidInput
from billtracker.core.text import comparison_key, one_line

LONGEST_NAME = PayerGroup._meta.get_field("name").max_length or 0
LONGEST_KEY = PayerGroup._meta.get_field("name_key").max_length or 0


def save_payer_group(
    *,
    actor,
    name: str | None = None,
    members: Iterable[Client] | None = None,
    group: PayerGroup | None = None,
) -> PayerGroup:
    """Make a payer group, or change its name and members; None leaves a thing as it is.

    What is applied already stays applied when a client leaves. Raises DomainError for a name that another
    group has and for a client of another group, who would take both groups' money.
    """
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    try:
        with transaction.atomic():
            # First the chain, then the rows: the same order as when a client is saved.
            audit.lock_chain(audit.OFFICE)
            return _save_locked(actor, group and _lock_group(group), name, members)
    except IntegrityError:
        raise DomainError("This payer group does not fit with what is there. Nothing was changed.") from None


def _save_locked(
    actor, group: PayerGroup | None, name: str | None, members: Iterable[Client] | None
) -> PayerGroup:
    """Save the group whose row is locked, with one audit entry when something is different."""
    before, had = _to_audit_dict(group), _members_of(group)
    action = "payer_group.changed" if group else "payer_group.created"
    group = group or PayerGroup(name="")
    if name is not None or not group.name:
        group.name = _checked_name(name or "", group)
    group.save()
    if members is not None:
        _replace_members(group, had, {client.pk for client in members})
    if changes := audit.changed_fields(before, _to_audit_dict(group)):
        audit.record(actor, action, group, changes)
    return group


@transaction.atomic
def delete_payer_group(*, actor, group: PayerGroup) -> None:
    """Delete a payer group; its clients stay, and so does what they paid for each other."""
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    audit.lock_chain(audit.OFFICE)
    group = _lock_group(group)
    gone = {name: [value, None] for name, value in _to_audit_dict(group).items()}
    audit.record(actor, "payer_group.deleted", group, gone)
    group.members.update(payer_group=None)
    group.delete()


def _lock_group(group: PayerGroup) -> PayerGroup:
    """Return the row as it is now, held for the transaction; DomainError when it is gone."""
    stored = PayerGroup.objects.select_for_update().filter(pk=group.pk).first()
    if stored is None:
        raise DomainError(f"The payer group {group} was deleted meanwhile. Nothing was changed.")
    return stored


def _checked_name(name: str, group: PayerGroup) -> str:
    """Return the name on one line; refuse one that cannot be compared, or that another group has."""
    name = one_line(name)
    key = comparison_key(name)
    if not key or len(name) > LONGEST_NAME or len(key) > LONGEST_KEY:
        raise InvalidInput(f"Enter a name of at most {LONGEST_NAME} characters.", field="name")
    if other := PayerGroup.objects.named(name).exclude(pk=group.pk).first():
        raise DomainError(
            f"There is a payer group of this name: {other}. Nothing was changed.",
            code="name_taken",
            field="name",
        )
    return name


def _replace_members(group: PayerGroup, had: set[int], gets: set[int]) -> None:
    """Let exactly these clients be in the group; refuse one of another group. At most three queries."""
    joining = gets - had
    rows = Client.objects.select_for_update(of=("self",)).select_related("payer_group").order_by("pk")
    for client in rows.filter(pk__in=joining):
        if client.payer_group_id not in (None, group.pk):
            raise DomainError(
                f"{client} is in the payer group {client.payer_group}. Remove it there first; "
                "nothing was changed.",
                code="other_group",
                field="members",
            )
    Client.objects.filter(pk__in=joining).update(payer_group=group)
    Client.objects.filter(pk__in=had - gets).update(payer_group=None)


def _members_of(group: PayerGroup | None) -> set[int]:
    return set(group.members.values_list("pk", flat=True)) if group else set()


def _to_audit_dict(group: PayerGroup | None) -> dict:
    """Return what the audit log keeps of a group: its name and its members by name. One query."""
    if group is None:
        return {}
    return {"name": group.name, "members": [client.name for client in group.members.all()]}
