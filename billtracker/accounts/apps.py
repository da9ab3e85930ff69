"""Wiring of users, households and sign-in."""

import logging

from django.apps import AppConfig
from django.db import DatabaseError

from billtracker.core.data.database_errors import fault_of

logger = logging.getLogger(__name__)


class AccountsConfig(AppConfig):
    name = "billtracker.accounts"
    label = "accounts"

    def ready(self):
        # Not before every app is loaded: these lead to models.
        from django.contrib.auth.signals import user_logged_in

        # Done by ours, which lets people in when it cannot be written.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(_prepare_account, dispatch_uid="accounts.prepare_account")


def _prepare_account(sender, user, **kwargs):
    """On sign-in, which is a POST: note it, and make what later pages only read.

    A database that takes no changes keeps nobody out: somebody has to make room on a full disk.
    """
    # Not before every app is loaded: these lead to models.
    from django.contrib.auth.models import update_last_login

    from billtracker.accounts import services

    try:
        update_last_login(sender, user)
        services.ensure_personal_household(user=user)
        services.sync_email_address(user=user)
    except DatabaseError as error:
        if fault_of(error) is None:
            raise
        logger.warning("A sign-in could not be noted: %s", error)
