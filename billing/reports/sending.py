"""What became of documents that were sent by mail."""

from django.db.models import QuerySet

from billing.documents.kinds import Source
from notifications.models import Message


def deliveries_of(source: Source) -> QuerySet[Message]:
    """Return every sending of the source's PDFs, the latest first: state, server's words, next try."""
    subjects = [f"billing.document:{pk}" for pk in source.documents.values_list("pk", flat=True)]
    return Message.objects.about(*subjects).order_by("-created_at", "-pk")
