"""The worker and the data lock: jobs take it like requests, and none outlives a restore.

A worker that was started before the data were replaced may have fetched jobs of the data as they
were, and reports them done by numbers that mean others now. It neither fetches, runs nor reports
anything from then on; the launcher replaces it within seconds.
"""

import logging
import signal
import time

from django.db import DatabaseError, close_old_connections, connection
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from billtracker.core.data import data_lock

logger = logging.getLogger(__name__)
AGAIN = 1.0  # seconds until the next try
TIMEOUT_ERROR = f"{TimeoutException.__module__}.{TimeoutException.__qualname__}:"
_locks: list[data_lock.DataLock] = []
# The restoration that the data came from when this worker started; its children inherit it.
_past: str | None = None


def start() -> data_lock.DataLock:
    """Remember which past the data have; returns the lock under which the worker gets ready."""
    global _past
    lock = _acquire_patiently()
    _past = lock.token
    return lock


def _acquire_patiently() -> data_lock.DataLock:
    """Take the lock, however long that takes."""
    while True:
        try:
            return data_lock.acquire_shared(data_lock.PATIENCE)
        except (data_lock.DataLocked, DatabaseError):
            time.sleep(AGAIN)


def _is_outdated(lock: data_lock.DataLock) -> bool:
    """Say whether the data were replaced since this worker started."""
    return _past is not None and lock.token != _past


# --- jobs --------------------------------------------------------------------------------------
def lock_for_job(**kwargs) -> None:
    """Take the data lock for a job; the first receiver of django-q2's ``pre_execute``.

    A job from before a restore never starts: this process waits until the launcher ends it.
    """
    release_after_job()
    lock = _acquire_patiently()
    while _is_outdated(lock):
        lock.release()
        logger.info("The data were replaced; this worker waits to be replaced too.")
        time.sleep(data_lock.PATIENCE)
    _locks.append(lock)


def release_after_job(**kwargs) -> None:
    """Release the data lock; the last receiver of ``post_execute_in_worker``."""
    while _locks:
        _locks.pop().release()


def finish_after_timeout(task: dict, **kwargs) -> None:
    """Let a process whose job took too long report that before it ends; for ``post_execute_in_worker``.

    django-q2's guard ends such a process as soon as it says so, while a thread of it is still writing
    the result. The result would be lost, or the lock on the results be left held for ever.
    """
    error = str(task.get("result", "")).rstrip().rpartition("\n")[2]
    if not task["success"] and error.startswith(TIMEOUT_ERROR):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _drop_broken_connection() -> None:
    """Do between two looks into the queue what Django does between two requests; never in a transaction."""
    if connection.get_autocommit():
        close_old_connections()


# --- the broker --------------------------------------------------------------------------------
class LockedBroker(ORM):
    """The queue in the database, untouched by workers that were started before a restore."""

    @staticmethod
    def get_connection(list_key: str | None = None):
        """Return the queue's rows. Connections are closed at the end of a request, not amid it."""
        return OrmQ.objects.using(Conf.ORM)

    def dequeue(self):
        _drop_broken_connection()
        try:
            lock = data_lock.acquire_shared(0)
        except data_lock.DataLocked:
            time.sleep(AGAIN)
            return None
        try:
            # An empty queue would be slept over inside.
            if not _is_outdated(lock) and self.queue_size():
                return super().dequeue()
        finally:
            lock.release()
        time.sleep(Conf.POLL)
        return None

    def delete(self, task_id) -> None:
        """Take a job off the queue once it is done; ``fail`` and ``acknowledge`` come here too."""
        _drop_broken_connection()
        lock = _acquire_patiently()
        try:
            if not _is_outdated(lock):
                super().delete(task_id)
        finally:
            lock.release()
