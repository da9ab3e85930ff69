"""What can be done about messages and reminders."""

from notifications.services.messages import post, post_reminders, user_of_token
from notifications.services.preferences import save_preferences, stop_mail_reminders
from notifications.services.reminders import (
    PlanResult,
    Wanted,
    due_reminders,
    lock_due,
    plan_reminders,
    withdraw_reminders,
)

__all__ = [
    "PlanResult",
    "Wanted",
    "due_reminders",
    "lock_due",
    "plan_reminders",
    "post",
    "post_reminders",
    "save_preferences",
    "stop_mail_reminders",
    "user_of_token",
    "withdraw_reminders",
]
