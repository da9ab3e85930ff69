"""The two-person rule: who had a hand in an item does not issue or verify it."""

from billing.models import Payment, Statement
from billing.reports.office import office_profile
from billing.reports.review import contributors_of
from billtracker.core.exceptions import NotAllowed


def require_second_person(*, actor, row: Payment | Statement, deed: str, who: str) -> dict:
    """Refuse whoever had a hand in the item; ``who`` says what they did and ``deed`` who does it instead.

    Returns what the audit entry keeps where an office of one person has switched the rule off and uses
    that, else nothing. Call it under the row's lock.
    """
    if actor.pk not in contributors_of([row])[row.pk]:
        return {}
    if office_profile().requires_second_person:
        raise NotAllowed(f"You {who} {row}; somebody else {deed}. Nothing was changed.")
    return {"second_person": ["on", "off"]}
