"""Wiring of the banksync app."""

from django.apps import AppConfig


class BanksyncConfig(AppConfig):
    name = "banksync"
