"""Counts of the cache go when their time is over, and for nothing else."""

import pytest
import time_machine
from django.core.cache import cache
from django.db import OperationalError, connection

from billtracker.core.models import CacheEntry

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture(autouse=True)
def product_cache(settings):
    settings.CACHES = {"default": {"BACKEND": "billtracker.core.data.shared_cache.SharedCache"}}


def test_entries_are_kept_replaced_and_removed():
    cache.set("a", [1.5, 2.5], 60)
    cache.set("a", [3.5], 60)
    assert cache.get("a") == [3.5]
    assert not cache.add("a", True, 60)
    assert cache.delete("a")
    assert not cache.delete("a")
    assert cache.add("a", True, 60)
    assert cache.get("b", "nothing") == "nothing"


def test_an_entry_goes_when_its_time_is_over():
    with time_machine.travel("2026-11-28T12:00Z", tick=False) as clock:
        cache.set("a", 1, 60)
        clock.shift(59)
        assert cache.get("a") == 1
        clock.shift(2)
        assert cache.get("a") is None
        assert cache.add("a", 2, 60)
        clock.shift(61)
        cache.set("b", 1, 60)
        assert CacheEntry.objects.count() == 1


def test_a_count_outlives_any_number_of_other_entries():
    """S3"""
    cache.set("limit", [1.0] * 10, 900)
    for number in range(1_000):
        cache.set(f"other-{number}", 1, 900)
    assert cache.get("limit") == [1.0] * 10
    assert CacheEntry.objects.count() == 1_001


def full(execute, sql, params, many, context):
    """Let the disk be full: nothing can be written."""
    if sql.split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE"):
        raise OperationalError("database or disk is full")
    return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
def test_on_a_full_disk_a_process_counts_in_its_memory():
    """S5"""
    cache.set("before", 1, 60)
    with connection.execute_wrapper(full):
        assert cache.add("a", True, 60)
        assert not cache.add("a", True, 60)
        cache.set("b", [1.0], 60)
        assert cache.get("b") == [1.0]
        assert cache.get("before") == 1
        assert cache.delete("a")
        assert cache.add("a", True, 60)
