"""Wiring of users, households and sign-in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "billtracker.accounts"
    label = "accounts"

    def ready(self):
        # Not before every app is loaded: these lead to models.
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.connect(_prepare_account, dispatch_uid="accounts.prepare_account")


def _prepare_account(sender, user, **kwargs):
    """On sign-in, which is a POST: make what later pages only read."""
    # Not before every app is loaded: it leads to models.
    from billtracker.accounts import services

    services.ensure_personal_household(user=user)
    services.sync_email_address(user=user)
