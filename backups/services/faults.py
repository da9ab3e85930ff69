"""Taking note of what failed: an administrator puts out the light of a fault that nothing else puts out."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

from django.db import transaction

from backups import operation_states
from backups.operation_states import OperationState
from billtracker.core import audit
from billtracker.core.exceptions import DomainError


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as the audit log names it."""

    _meta: ClassVar = SimpleNamespace(label_lower="backups.fault")
    state: OperationState

    @property
    def pk(self) -> str:
        return self.state.key

    def __str__(self) -> str:
        return f"{self.state.kind} of {self.state.started_at:%Y-%m-%d %H:%M}"


def mark_fault_seen(*, actor, key: str) -> OperationState:
    """Take note of an open fault, which is then no error on Status any more; audited.

    Raises DomainError when there is no such fault, or somebody took note of it before.
    """
    state = next((one for one in operation_states.open_faults() if one.key == key), None)
    if state is None:
        raise DomainError(
            "There is no such open error: it came through since, or was seen. Nothing was changed."
        )
    with transaction.atomic():
        changes = {"sentence": [state.sentence, None]}
        audit.record(actor, "backup.fault_seen", Fault(state), changes, scope=audit.OFFICE)
        operation_states.mark_seen(state, actor.get_username() if actor else "server")
    return state
