"""Several statements in one go, each in a transaction of its own: one that is refused stops no other."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import OperationalError

from billing.models import Statement
from billing.services.statements import issue_statement, submit_statement
from billtracker.core.exceptions import DomainError

BUSY = "The database was busy. Nothing was changed; try this one again."


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one statement of a batch: its number once it is issued, or why it was left as it was."""

    statement: Statement
    number: str = ""
    refusal: str = ""


def submit_statements(*, actor, statements: Iterable[Statement]) -> list[BatchResult]:
    """Hand these drafts to the reviewers, each by itself: one that is refused stops no other."""
    results = []
    for statement in statements:
        try:
            results.append(BatchResult(submit_statement(actor=actor, statement=statement)))
        except DomainError as error:
            results.append(BatchResult(statement, refusal=error.sentence))
        except OperationalError:
            results.append(BatchResult(statement, refusal=BUSY))
    return results


def issue_statements(
    *,
    actor,
    statements: Iterable[Statement],
    issue_date: dt.date | None = None,
    seen: Mapping[int, str] | None = None,
) -> list[BatchResult]:
    """Issue them in the given order, each by itself: one that is refused stops no other.

    ``issue_date`` is for all of them, else each has its own. With ``seen``, the version of each that the
    person looked at, one that is missing there is refused as well.
    """
    results = []
    for statement in statements:
        version = None if seen is None else seen.get(statement.pk, "")
        try:
            issued = issue_statement(actor=actor, statement=statement, issue_date=issue_date, seen=version)
        except DomainError as error:
            results.append(BatchResult(statement, refusal=error.sentence))
        except OperationalError:
            # The others are issued for good already: their numbers have to be told.
            results.append(BatchResult(statement, refusal=BUSY))
        else:
            results.append(BatchResult(issued, number=str(issued)))
    return results
