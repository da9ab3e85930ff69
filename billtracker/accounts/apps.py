"""Wiring of users, households and sign-in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "billtracker.accounts"
    label = "accounts"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.connect(give_household, dispatch_uid="accounts.give_household")


def give_household(sender, user, **kwargs):
    """On sign-in: whoever is in no household gets one of their own."""
    from billtracker.accounts import services

    services.ensure_personal_household(user=user)
