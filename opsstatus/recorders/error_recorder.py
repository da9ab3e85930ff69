"""The log handler that remembers errors for the Status page; whatever happens, it stays quiet."""

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection

if TYPE_CHECKING:
    from opsstatus.monitoring.redaction import RedactedError


COME_BACK = 503


class Memory(threading.local):
    """Faults of this thread that are not in the database yet, and whether it is writing some."""

    def __init__(self):
        self.waiting: deque[RedactedError] = deque(maxlen=50)
        self.is_writing = False


memory = Memory()


class ErrorRecorder(logging.Handler):
    """Keep each distinct error once, with a count. Never raises and never records its own errors."""

    def __init__(self, level=logging.ERROR):
        super().__init__(level)

    def emit(self, record: logging.LogRecord) -> None:
        if memory.is_writing or not apps.ready or _is_others_business(record):
            return
        try:
            from opsstatus.monitoring.redaction import fault_of_record

            memory.waiting.append(fault_of_record(record))
            write_waiting()
        except Exception:  # noqa: S110 - the log line itself has been written by the other handlers
            pass


def _is_others_business(record: logging.LogRecord) -> bool:
    """Say whether it is a stranger's bad request, a failed job, which the job history records, or a 503.

    A 503 during a restore is not logged: nothing may be written then, and nothing went wrong.
    """
    is_failed_job = record.name == "django-q" and not record.exc_info
    is_told_to_come_back = getattr(record, "status_code", None) == COME_BACK
    return record.name.startswith("django.security") or is_failed_job or is_told_to_come_back


def write_waiting(**kwargs) -> None:
    """Write what waits, unless a transaction is open: it may be rolled back, or broken already.

    A receiver of Django's ``request_finished`` and django-q2's ``post_execute_in_worker``; never raises.
    """
    if memory.is_writing or not memory.waiting or connection.in_atomic_block:
        return
    memory.is_writing = True
    was_open = connection.connection is not None
    try:
        from opsstatus.services import note_error

        while memory.waiting:
            note_error(memory.waiting.popleft())
    except Exception:
        memory.waiting.clear()
    finally:
        memory.is_writing = False
        if not was_open:
            # A process that forks, such as gunicorn's own, must not hand an open connection down.
            connection.close()
