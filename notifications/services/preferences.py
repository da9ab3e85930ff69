"""What a person decides about reminders: by mail or not, at which hour, by which further channels."""

from django.db import transaction

from billtracker.accounts.models import User
from billtracker.core import audit
from notifications.models import Preferences

CHOICES = ("is_reminded_by_mail", "hour", "time_zone")


@transaction.atomic
def save_preferences(
    *, actor: User, is_reminded_by_mail: bool, hour: int | None, time_zone: str
) -> Preferences:
    """Keep how the actor wants to be reminded; audited when it differs from before."""
    return _keep(actor, {"is_reminded_by_mail": is_reminded_by_mail, "hour": hour, "time_zone": time_zone})


@transaction.atomic
def stop_mail_reminders(*, user: User) -> bool:
    """Switch reminders by mail off for whoever followed the link; False when they were off already."""
    before = Preferences.objects.filter(user=user).first()
    if before and not before.is_reminded_by_mail:
        return False
    _keep(user, {"is_reminded_by_mail": False})
    return True


def _keep(user: User, choices: dict) -> Preferences:
    row, _ = Preferences.objects.select_for_update().get_or_create(user=user)
    before = {name: getattr(row, name) for name in choices}
    for name, value in choices.items():
        setattr(row, name, value)
    row.save(update_fields=list(choices))
    if changes := audit.changed_fields(before, choices):
        audit.record(user, "notifications.changed", user, changes, scope=audit.OFFICE)
    return row
