"""What is watched: one list of panels, each filled by the ``status`` of its app."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backups import status as backups
from banksync import status as banksync
from billing import status as billing
from bills import status as bills
from billtracker.accounts import status as accounts
from billtracker.core.process.health import Facts, Item
from notifications import status as notifications
from opsstatus import status
from opsstatus.monitoring import server

Source = Callable[[Facts], Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A group of signals under one heading; each source gets the facts that the worker measured."""

    title: str | Promise
    sources: tuple[Source, ...]


PANELS = (
    Panel(_("Application"), (server.application,)),
    Panel(_("Runtime"), (server.runtime,)),
    Panel(_("Database"), (server.database,)),
    Panel(_("Daily worker"), (status.worker,)),
    Panel(_("Statistics"), (accounts.status_items, bills.statistics)),
    Panel(_("Tracker"), (bills.status_items,)),
    Panel(_("Billing"), (billing.status_items,)),
    Panel(_("Notifications"), (notifications.status_items,)),
    Panel(_("Backups"), (backups.status_items,)),
    Panel(_("SimpleFIN"), (banksync.status_items,)),
    Panel(_("Cleanup"), (status.cleanup,)),
    Panel(_("Settings and secrets"), (status.secrets,)),
    Panel(_("Updates"), (status.update,)),
    Panel(_("Recent errors"), (status.recent_errors,)),
)

# What the worker counts every hour, because a page must not: the name of the fact, and who counts.
MEASURES: dict[str, Callable[[], dict]] = {
    "people": accounts.measure,
    "bills": bills.measure,
    "billing": billing.measure,
    "bank": banksync.measure,
}
