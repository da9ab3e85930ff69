"""How log lines look on a terminal."""

import copy
import logging

from billtracker.core.data.database_errors import fault_of


class TextFormatter(logging.Formatter):
    """Lines for people: a damaged database or a full disk is one sentence, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        if error and (fault := fault_of(error)):
            record = copy.copy(record)
            record.msg, record.args = f"{record.getMessage()}: {fault.sentence}", ()
            record.exc_info = record.exc_text = None
        return super().format(record)
