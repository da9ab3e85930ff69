"""Rows of a file held against the office's books and against each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from billing.imports.client_rows import Particulars, PlannedRow, describe_row, plan_row
from billing.models import Client, Engagement
from billtracker.core.imports.handlers import Status, Verdict
from billtracker.core.imports.previews import chunks
from billtracker.core.imports.rows import RowCells, RowProblem
from billtracker.core.text import comparison_key


def clients_by_key(keys: Iterable[str]) -> dict[str, Client]:
    """Return the clients of those normalised names."""
    return {
        c.name_key: c for some in chunks(sorted(set(keys))) for c in Client.objects.filter(name_key__in=some)
    }


def plan_or_problem(row: RowCells, clients: Mapping[str, Client]) -> PlannedRow | RowProblem:
    client = clients.get(comparison_key(row["client"]))
    try:
        return plan_row(row, client.currency if client else row.answers.options["currency"])
    except RowProblem as fault:
        return fault


def whole_particulars(plans: Iterable[PlannedRow]) -> dict[str, Particulars]:
    """Return what all rows together say about each client; the first row that says it counts."""
    whole: dict[str, Particulars] = {}
    for plan in plans:
        known = whole.get(plan.client_key, Particulars())
        whole[plan.client_key] = known.filled_from(plan.particulars)
    return whole


def identities_of(clients: Iterable[Client]) -> set[tuple]:
    """Return the identity of every engagement of those clients."""
    keys = {client.pk: client.name_key for client in clients}
    return {
        (keys[client], comparison_key(title), start)
        for ids in chunks(sorted(keys))
        for client, title, start in Engagement.objects.filter(client__in=ids).values_list(
            "client", "title", "starts_on"
        )
    }


@dataclass(slots=True)
class ExistingClients:
    """What a row is compared with: the books, and the other rows of its file."""

    clients: Mapping[str, Client]
    particulars: Mapping[str, Particulars]
    # Clients with a row that has a problem.
    broken: set[str]
    # Engagements that are there already.
    there: set[tuple]
    seen: dict[tuple, int] = field(default_factory=dict)

    def verdict(self, number: int, plan: PlannedRow | RowProblem) -> Verdict:
        if isinstance(plan, RowProblem):
            return Verdict.problem(number, plan)
        whole = self.particulars[plan.client_key]
        understood = describe_row(plan, whole, plan.client_key not in self.clients)
        sentence = self.duplicate(plan)
        status = Status.DUPLICATE if sentence else Status.OK
        self.seen.setdefault(plan.identity, number)
        return Verdict(number, status, sentence or self.note(plan), "", understood, (plan, whole))

    def duplicate(self, plan: PlannedRow) -> str:
        """Say where the same engagement stands already; empty when nowhere."""
        if plan.identity in self.seen:
            return f"The same as row {self.seen[plan.identity]}."
        if plan.identity in self.there:
            title, start = plan.engagement["title"], plan.engagement["starts_on"]
            return f"“{title}” of this client from {start} is there already."
        return ""

    def note(self, plan: PlannedRow) -> str:
        """Say what of a fine row is passed over."""
        if plan.client_key in self.clients:
            return "The client is there already and stays as it is."
        whole = self.particulars[plan.client_key]
        if plan.particulars.filled_from(whole) != whole:
            return "An earlier row says something else about this client; that one counts."
        if plan.client_key in self.broken:
            return "Another row of this client has a problem; what it says about the client is left out."
        return ""
