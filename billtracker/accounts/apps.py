"""Wiring of users, households and sign-in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "billtracker.accounts"
    label = "accounts"
