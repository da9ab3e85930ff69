"""Sessions are rows of the database; when nothing can be written, a signed cookie holds one for an hour.

Whoever has to make room on a full disk has to get in first.
"""

import logging
from collections.abc import Callable

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.db import DatabaseError

from billtracker.core.data.database_errors import fault_of

logger = logging.getLogger(__name__)
MARK = "signed."  # begins a key that holds the session itself
SALT = "accounts.session-without-a-row"
LIFETIME = 3600  # seconds; no sign-out elsewhere ends such a session, a changed password does


class SessionStore(db.SessionStore):
    """Django's sessions in the database, and the way around a database that takes no changes."""

    @classmethod
    def get_model_class(cls):
        return db.SessionStore.get_model_class()

    def load(self) -> dict:
        key = self.session_key or ""
        if not _is_signed(key):
            return super().load()
        try:
            return signing.loads(key.removeprefix(MARK), salt=SALT, max_age=LIFETIME)
        except signing.BadSignature:
            self._session_key = None
            return {}

    def save(self, must_create: bool = False) -> None:
        """Write the row; one that was signed becomes a row again as soon as that can be done."""
        was_signed = _is_signed(self.session_key)
        if was_signed:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
        try:
            super().save(must_create=must_create or was_signed)
        except UpdateError:
            raise
        except DatabaseError as error:
            if fault_of(error) is None:
                raise
            logger.warning("A session is kept in a signed cookie: %s", error)
            data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
            self._session_key = MARK + signing.dumps(data, salt=SALT, compress=True)

    def exists(self, session_key: str) -> bool:
        return not _is_signed(session_key) and super().exists(session_key)

    def delete(self, session_key: str | None = None) -> None:
        if not _is_signed(session_key or self.session_key):
            _unless_full(lambda: super(SessionStore, self).delete(session_key))


def _is_signed(key: str | None) -> bool:
    return bool(key) and key.startswith(MARK)  # type: ignore[union-attr]


def _unless_full(work: Callable[[], object]) -> None:
    """Do it, or leave a row behind that its own time ends: the browser forgets its key all the same."""
    try:
        work()
    except DatabaseError as error:
        if fault_of(error) is None:
            raise
        logger.warning("A session could not be removed: %s", error)
