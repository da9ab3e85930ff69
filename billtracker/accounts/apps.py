"""Wiring of users, households and sign-in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "billtracker.accounts"
    label = "accounts"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.connect(prepare_account, dispatch_uid="accounts.prepare_account")


def prepare_account(sender, user, **kwargs):
    """On sign-in, which is a POST: make what later pages only read."""
    from billtracker.accounts import services

    services.ensure_personal_household(user=user)
    services.sync_email_address(user=user)
