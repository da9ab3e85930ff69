"""From a row of the outbox to a mail: headers, a text part, an HTML part, and the ways out below them."""

import hashlib
from email.utils import format_datetime, formataddr

from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from billtracker.core.web.addresses import absolute_url
from notifications.models import Attachment, Message
from notifications.transport.failures import FailureKind, NotSent
from notifications.transport.plain_text import one_line

NAME_LENGTH = 100


def letter(message: Message, *, from_address: str, from_name: str) -> EmailMultiAlternatives:
    """Return the mail; the same message gives the same one, try after try.

    Raises NotSent when a file that goes along is gone, or is not what was stored.
    """
    links = _links_of(message)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=_with_text_footer(message.text, links) or "\n",  # Django leaves an empty part out
        from_email=formataddr((one_line(from_name, NAME_LENGTH), from_address)),
        to=[message.address],
        headers=_headers_of(message, links),
    )
    if message.html:
        mail.attach_alternative(_with_html_footer(message.html, links), "text/html")
    # A message that is only tried out has no row, and nothing goes along.
    for attachment in message.attachments.all() if message.pk else ():
        mail.attach(attachment.name, _content_of(attachment), attachment.content_type)
    return mail


def _content_of(attachment: Attachment) -> bytes:
    """Return the stored bytes; NotSent when they are not what was stored."""
    try:
        with default_storage.open(attachment.path) as file:
            content = file.read()
    except OSError:
        raise NotSent("The attached file is missing in the storage.", FailureKind.MESSAGE) from None
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise NotSent("The attached file is not the stored one: its checksum differs.", FailureKind.REFUSED)
    return content


def _links_of(message: Message) -> dict[str, str]:
    """Return the addresses of the ways out of reminders; none for mail that is no reminder of a person."""
    if not message.unsubscribe_path:
        return {}
    return {
        "unsubscribe_url": absolute_url(message.unsubscribe_path),
        "preferences_url": absolute_url(reverse("notifications:notification_preferences")),
    }


def _headers_of(message: Message, links: dict[str, str]) -> dict[str, str]:
    headers = {
        "Message-ID": message.message_id,
        "Date": format_datetime(message.created_at),
        "Auto-Submitted": "auto-generated",
    }
    if links:
        # What a mail program's own button sends, without a page in between (RFC 8058).
        headers["List-Unsubscribe"] = f"<{links['unsubscribe_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _with_text_footer(text: str, links: dict[str, str]) -> str:
    return text + render_to_string("notifications/_mail_footer.txt", links) if links else text


def _with_html_footer(html: str, links: dict[str, str]) -> str:
    """Put the ways out before the end of the body, wherever that is."""
    if not links:
        return html
    head, end, rest = html.rpartition("</body>")
    footer = render_to_string("notifications/_mail_footer.html", links)
    return f"{head}{footer}{end}{rest}" if end else f"{html}{footer}"
