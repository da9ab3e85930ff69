"""The office of the small world that tests walk over: a client, retainers, and a run of the cycle."""

import datetime as dt
from dataclasses import dataclass

from billing import services
from billing.models import Client, CycleRun, Engagement
from billtracker.core.periods import Month
from tests.factories import make_client, make_engagement, make_office


@dataclass
class Office:
    """What stands in the office's books."""

    client: Client
    engagement: Engagement
    run: CycleRun


def furnished_office(users: dict) -> Office:
    """Fill the books; ``users`` has somebody for each office role."""
    make_office()
    client = make_client(name="Casa Niña Bakery", terms_days=15)
    engagement = make_engagement(client, fee="12000.00", starts_on=dt.date(2026, 1, 1))
    make_engagement(client, title="Payroll", status="suspended", starts_on=dt.date(2026, 1, 1))
    make_engagement(
        make_client(currency="USD"), fee="350.50", starts_on=dt.date(2026, 10, 12), billing_day=31
    )
    run = services.run_cycle(actor=users["office biller"], month=Month(2026, 9))
    return Office(client, engagement, run)
