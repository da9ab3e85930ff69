"""The daily check of the books: chain, numbers and balances proven, remembered, and told when they fail."""

from django.db import DatabaseError, transaction
from django.utils import timezone

from billing.models import BooksCheck
from billing.reports.balance_proof import find_balance_faults
from billing.reports.register import check_numbers
from billtracker.core import audit
from billtracker.core.models import AuditChain
from notifications.services import alert_administrators

CHAIN_SUBJECT = "The office's audit log is broken"
BALANCES_SUBJECT = "The office's balances do not tie out"
NUMBERS_SUBJECT = "The office's number register is not whole"
UNREADABLE = "Could not be read ({})"
ADVICE = "Status says what to do: look under What mends it, The books do not hold."


def check_books() -> BooksCheck:
    """Walk the chain and every counter, prove the balances of every day, and remember what was found.

    Administrators get one mail for each fault, however often it is found again. Safe to run twice.
    """
    found = _walk_chain() | _walk_counters() | _walk_balances()
    with transaction.atomic():
        check = BooksCheck.objects.create(checked_at=timezone.now(), **found)
        _tell_of_chain(check)
        _tell_of_balances(check)
        _tell_of_numbers(check)
    return check


def _walk_chain() -> dict:
    """Return what a check says of the chain; one that cannot be read is a result, at position 0."""
    try:
        length = AuditChain.objects.filter(scope=audit.OFFICE).values_list("length", flat=True).first()
        broken = next(iter(audit.verify([audit.OFFICE])), None)
    except DatabaseError as error:
        return {"entry_count": 0, "broken_position": 0, "broken_reason": UNREADABLE.format(error)[:200]}
    return {
        "entry_count": length or 0,
        "broken_position": broken.position if broken else None,
        "broken_reason": broken.reason if broken else "",
    }


def _walk_counters() -> dict:
    """Return what a check says of the numbers; those that cannot be read are not whole."""
    try:
        counters = check_numbers()
    except DatabaseError as error:
        return {"counter_count": 0, "gaps": [UNREADABLE.format(error)[:200]]}
    gaps = [f"{one.name}: {', '.join(one.faults)}" for one in counters if not one.is_whole]
    return {"counter_count": len(counters), "gaps": gaps}


def _walk_balances() -> dict:
    """Return what a check says of the balances; those that cannot be read do not tie out."""
    try:
        faults = find_balance_faults()
    except DatabaseError as error:
        return {"balance_faults": [UNREADABLE.format(error)[:200]]}
    return {"balance_faults": [fault.sentence for fault in faults]}


def _tell_of_chain(check: BooksCheck) -> None:
    """Alert the administrators of a broken chain, once until it has held again."""
    if check.chain_holds:
        return
    since = _last_one(broken_position=None)
    sentence = f"The audit log is broken at entry {check.broken_position}: {check.broken_reason}. {ADVICE}"
    key = f"audit-chain:{since}:{check.broken_position}"
    alert_administrators(key=key, subject=CHAIN_SUBJECT, sentence=sentence)


def _tell_of_numbers(check: BooksCheck) -> None:
    """Alert the administrators of each counter that is not whole, once until all have been whole again."""
    since = _last_one(gaps=[]) if check.gaps else 0
    for gap in check.gaps:
        key = f"numbers:{since}:{gap.partition(':')[0]}"
        alert_administrators(key=key, subject=NUMBERS_SUBJECT, sentence=f"{gap}. {ADVICE}")


def _tell_of_balances(check: BooksCheck) -> None:
    """Alert the administrators of the oldest place that does not tie out, once until all have tied out."""
    if check.balances_tie_out:
        return
    since, fault = _last_one(balance_faults=[]), check.balance_faults[0]
    key = f"balances:{since}:{fault}"
    alert_administrators(key=key, subject=BALANCES_SUBJECT, sentence=f"{fault}. {ADVICE}")


def _last_one(**found) -> int:
    """Return the key of the newest check that found this, 0 for none: it tells one trouble from the next."""
    return BooksCheck.objects.filter(**found).values_list("pk", flat=True).first() or 0
