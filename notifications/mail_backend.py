"""Django's own mail, such as links for a new password, on its way through our outbox."""

import datetime as dt
from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from billtracker.core.exceptions import DomainError
from notifications import services
from notifications.models import Message

LIFETIME = dt.timedelta(hours=1)  # a link to a new password that comes later only alarms


class OutboxBackend(BaseEmailBackend):
    """Writes mail into the outbox, one message for each recipient; the worker sends it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many mails were posted; an unusable address raises unless ``fail_silently``."""
        return sum(self.post(mail, address) for mail in email_messages for address in mail.recipients())

    def post(self, mail: EmailMessage, address: str) -> int:
        try:
            services.post(
                kind=Message.ACCOUNT,
                subject=str(mail.subject),
                text=str(mail.body),
                html=_html_of(mail),
                address=address,
                expires_at=timezone.now() + LIFETIME,
            )
        except DomainError:
            if not self.fail_silently:
                raise
            return 0
        return 1


def _html_of(mail: EmailMessage) -> str:
    """Return the mail's HTML part, if it has one."""
    parts = mail.alternatives if isinstance(mail, EmailMultiAlternatives) else []
    return next((str(content) for content, kind in parts if kind == "text/html"), "")
