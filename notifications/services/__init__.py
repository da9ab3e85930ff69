"""What can be done about messages and reminders."""

from notifications.services.channels import add_channel, remove_channel, try_channel
from notifications.services.delivery import DeliveryResult, deliver_waiting
from notifications.services.holding import release_held_mail
from notifications.services.messages import StoredAttachment, post, post_reminders, user_of_token
from notifications.services.outbox import give_up_message, retry_message, trim_messages
from notifications.services.preferences import save_preferences, stop_mail_reminders
from notifications.services.reminders import (
    PlanResult,
    Wanted,
    due_reminders,
    forget_reminders,
    lock_due,
    plan_reminders,
    withdraw_reminders,
)
from notifications.services.trials import alert_administrators, send_test

__all__ = [
    "DeliveryResult",
    "PlanResult",
    "StoredAttachment",
    "Wanted",
    "add_channel",
    "alert_administrators",
    "deliver_waiting",
    "due_reminders",
    "forget_reminders",
    "give_up_message",
    "lock_due",
    "plan_reminders",
    "post",
    "post_reminders",
    "release_held_mail",
    "remove_channel",
    "retry_message",
    "save_preferences",
    "send_test",
    "stop_mail_reminders",
    "trim_messages",
    "try_channel",
    "user_of_token",
    "withdraw_reminders",
]
