"""What an app answers for its kind of file; the engine knows files, the handler knows the trade."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from billtracker.core.exceptions import DomainError
from billtracker.core.imports.rows import Answers, RowCells, RowProblem
from billtracker.core.models import ImportRow

Status = ImportRow.Status


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a file of this kind may hold, and the headings it is known by."""

    name: str
    label: str
    headings: tuple[str, ...] = ()
    is_required: bool = False
    holds: str = "text"  # "amount" and "date" take part in finding decimal mark and date order
    instead: tuple[str, ...] = ()  # fields of which one will do where this one is required


@dataclass(frozen=True, slots=True)
class ImportQuestion:
    """Something the columns cannot say and the person is asked beside them."""

    name: str
    label: str
    help_text: str = ""
    holds: str = "text"  # "month" gives a month picker


@dataclass(slots=True)
class Verdict:
    """What a row would become. ``understood`` is for people, ``data`` is for ``apply_rows``."""

    number: int
    status: str = Status.OK
    sentence: str = ""
    column: str = ""
    understood: dict[str, str] = field(default_factory=dict)
    data: Any = None

    @property
    def may_apply(self) -> bool:
        return self.status != Status.PROBLEM and self.data is not None

    @classmethod
    def problem(cls, number: int, fault: RowProblem) -> "Verdict":
        return cls(number, Status.PROBLEM, fault.sentence, fault.column)


@dataclass(frozen=True, slots=True)
class Made:
    """A row of the database that a row of the file became: ``("bills.payment", 17)``."""

    row_number: int
    model: str
    pk: int


class RowHandler(Protocol):
    """One kind of file. ``scope`` is ``household:12`` or ``office``, as in the audit log."""

    kind: str
    title: str  # "bills", as in "3 bills"
    fields: Sequence[Field]
    shown: Sequence[str]  # the keys of ``understood`` in the order pages show them

    def questions(self, scope: str) -> list[tuple[ImportQuestion, str]]:
        """Return what to ask beside the columns, each with its default."""

    def clean_options(self, scope: str, given: Mapping[str, str]) -> dict[str, str]:
        """Return the answers to those questions, checked; DomainError names the question at fault."""

    def currency(self, scope: str) -> str:
        """Return the currency of an amount without one."""

    def check_rows(self, scope: str, rows: Sequence[RowCells], answers: Answers) -> Iterable[Verdict]:
        """Say what each row would become, duplicates within the file and the database marked.

        Writes nothing. Called again when the rows are applied.
        """

    def describe_effect(self, scope: str, verdicts: Sequence[Verdict], answers: Answers) -> str:
        """Return one sentence on what applying these rows makes beside them, "" for nothing else."""

    def apply_rows(
        self, scope: str, actor, verdicts: Sequence[Verdict], answers: Answers, *, key: str
    ) -> list[Made]:
        """Make the rows inside the caller's transaction; ``key`` is unique to this preview."""

    def undo_batch(self, scope: str, made: Mapping[str, Sequence[int]]) -> None:
        """Really delete what a batch made; DomainError when something else depends on it."""

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, str]:
        """Return what the audit entry and the batch page say was brought in, such as totals."""


_HANDLERS: dict[str, RowHandler] = {}


def register(handler: RowHandler) -> None:
    """Make a kind of file known; apps call this when they are ready."""
    _HANDLERS[handler.kind] = handler


def handler_for(kind: str) -> RowHandler:
    """Return the handler of a kind; DomainError for a kind that no app has."""
    try:
        return _HANDLERS[kind]
    except KeyError:
        raise DomainError(
            f"Files of {kind[:20]} cannot be brought in; there are: {', '.join(sorted(_HANDLERS))}."
        ) from None


def kinds() -> list[str]:
    """Return the kinds of files that can be brought in."""
    return sorted(_HANDLERS)
