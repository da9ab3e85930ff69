"""The cache, where limits of sign-ins count: rows of the database that only their own time removes.

It holds what JSON can say.

A cache that drops entries to make room lets whoever fills it lift a limit.
"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from billtracker.core.data.database_errors import fault_of
from billtracker.core.models import CacheEntry


class SharedCache(BaseCache):
    """Every process on every machine of the database sees the same entries; reading writes nothing.

    When the disk is full, a process counts in its own memory: administrators have to get in to make room.
    """

    def __init__(self, location: str, params: dict):
        super().__init__(params)
        self.memory = LocMemCache("limits-on-a-full-disk", {"OPTIONS": {"MAX_ENTRIES": 20_000}})

    def get(self, key, default=None, version=None):
        name = self.make_and_validate_key(key, version=version)
        if (kept := self.memory.get(name)) is not None:
            return kept
        row = CacheEntry.objects.filter(key=name).values_list("value", "expires_at").first()
        if row is None or _is_over(row[1]):
            return default
        return json.loads(row[0])

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None) -> None:
        name = self.make_and_validate_key(key, version=version)
        self._write(lambda: self._store(name, value, timeout), lambda: self.memory.set(name, value, timeout))

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        return self._write(
            lambda: self._store_new(name, value, timeout), lambda: self.memory.add(name, value, timeout)
        )

    def delete(self, key, version=None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        was_in_memory = self.memory.delete(name)
        row = CacheEntry.objects.filter(key=name)
        return self._write(lambda: bool(row.delete()[0]), lambda: was_in_memory)

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        entries = CacheEntry.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), key=name)
        return self._write(lambda: bool(entries.update(expires_at=self._end(timeout))), lambda: False)

    def clear(self) -> None:
        self.memory.clear()
        CacheEntry.objects.all().delete()

    def _write(self, work: Callable[[], Any], instead: Callable[[], Any]) -> Any:
        try:
            return work()
        except DatabaseError as error:
            if fault_of(error) is None:
                raise
            return instead()

    def _store(self, name: str, value, timeout) -> None:
        CacheEntry.objects.filter(expires_at__lte=timezone.now()).delete()
        entry = CacheEntry(key=name, value=json.dumps(value), expires_at=self._end(timeout))
        CacheEntry.objects.bulk_create(
            [entry], update_conflicts=True, unique_fields=["key"], update_fields=["value", "expires_at"]
        )

    def _store_new(self, name: str, value, timeout) -> bool:
        CacheEntry.objects.filter(key=name, expires_at__lte=timezone.now()).delete()
        try:
            with transaction.atomic():
                CacheEntry(key=name, value=json.dumps(value), expires_at=self._end(timeout)).save(
                    force_insert=True
                )
        except IntegrityError:
            return False
        return True

    def _end(self, timeout) -> dt.datetime | None:
        end = self.get_backend_timeout(timeout)
        return dt.datetime.fromtimestamp(end, dt.UTC) if end is not None else None


def _is_over(end: dt.datetime | None) -> bool:
    return end is not None and end <= timezone.now()
