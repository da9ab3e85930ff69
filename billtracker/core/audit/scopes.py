"""Whose chain of the audit log, and whose files and reminders: the office's or a household's."""

from typing import Self

from django.db.models import Q

_HOUSEHOLD = "household:"


class Scope(str):
    """``office``, or ``household:12``; a string, because that is how rows store it."""

    __slots__ = ()

    @classmethod
    def of_household(cls, pk: int) -> Self:
        return cls(f"{_HOUSEHOLD}{pk}")

    @property
    def household_id(self) -> int:
        """The household's primary key; ValueError for the office."""
        if not self.startswith(_HOUSEHOLD):
            raise ValueError(f"{self!s} is the scope of no household.")
        return int(self.removeprefix(_HOUSEHOLD))


OFFICE = Scope("office")  # the office and the server share one chain; each household has its own
HOUSEHOLDS = Q(scope__startswith=_HOUSEHOLD)
