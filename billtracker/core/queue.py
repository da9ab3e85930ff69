"""The worker behind the gate: jobs hold the data like requests, and none outlives a restore.

A worker that was started before the data were replaced may have fetched jobs of the data as they
were, and reports them done by numbers that mean others now. It neither fetches, runs nor reports
anything from then on; the launcher replaces it within seconds.
"""

import logging
import time

from django.db import DatabaseError, close_old_connections, connection
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

from billtracker.core import maintenance

logger = logging.getLogger(__name__)
AGAIN = 1.0  # seconds until the next try
_holds: list[maintenance.Hold] = []
# The restoration that the data came from when this worker started; its children inherit it.
_past: str | None = None


def start() -> maintenance.Hold:
    """Remember which past the data have; returns the hold under which the worker gets ready."""
    global _past
    hold = enter_in_the_end()
    _past = hold.token
    return hold


def enter_in_the_end() -> maintenance.Hold:
    """Hold the data, however long that takes."""
    while True:
        try:
            return maintenance.enter(maintenance.PATIENCE)
        except (maintenance.Closed, DatabaseError):
            time.sleep(AGAIN)


def is_outdated(hold: maintenance.Hold) -> bool:
    """Say whether the data were replaced since this worker started."""
    return _past is not None and hold.token != _past


# --- jobs --------------------------------------------------------------------------------------
def hold_for_job(**kwargs) -> None:
    """Hold the data while a job runs; the first receiver of django-q2's ``pre_execute``.

    A job from before a restore never starts: this process waits until the launcher ends it.
    """
    let_go_after_job()
    hold = enter_in_the_end()
    while is_outdated(hold):
        hold.release()
        logger.info("The data were replaced; this worker waits to be replaced too.")
        time.sleep(maintenance.PATIENCE)
    _holds.append(hold)


def let_go_after_job(**kwargs) -> None:
    """Let go of the data; the last receiver of ``post_execute_in_worker``."""
    while _holds:
        _holds.pop().release()


def drop_broken_connection() -> None:
    """Do between two looks into the queue what Django does between two requests; never in a transaction."""
    if connection.get_autocommit():
        close_old_connections()


# --- the broker --------------------------------------------------------------------------------
class GatedBroker(ORM):
    """The queue in the database, untouched by workers that were started before a restore."""

    @staticmethod
    def get_connection(list_key: str | None = None):
        """Return the queue's rows. Connections are closed at the end of a request, not amid it."""
        return OrmQ.objects.using(Conf.ORM)

    def dequeue(self):
        drop_broken_connection()
        try:
            hold = maintenance.enter(0)
        except maintenance.Closed:
            time.sleep(AGAIN)
            return None
        try:
            # An empty queue would be slept over inside.
            if not is_outdated(hold) and self.queue_size():
                return super().dequeue()
        finally:
            hold.release()
        time.sleep(Conf.POLL)
        return None

    def delete(self, task_id) -> None:
        """Take a job off the queue once it is done; ``fail`` and ``acknowledge`` come here too."""
        drop_broken_connection()
        hold = enter_in_the_end()
        try:
            if not is_outdated(hold):
                super().delete(task_id)
        finally:
            hold.release()
