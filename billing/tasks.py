"""What the worker does for billing."""

from billing import services
from billing.models import Statement
from billtracker.core.jobs import JobFailed


def make_document(statement_id: int) -> str:
    """Make the PDF of one statement; safe to run twice."""
    statement = Statement.objects.filter(pk=statement_id).first()
    made = services.make_documents(statement=statement) if statement else []
    return f"Made {len(made)} documents."


def make_missing_documents() -> str:
    """Make the PDFs that could not be made before."""
    made, failed = services.make_missing_documents()
    if failed:
        raise JobFailed(f"Made {made} documents; {failed} could not be made, see the log.")
    return f"Made {made} documents."
