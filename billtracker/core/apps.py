"""Wiring of the ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "billtracker.core"
    label = "core"

    def ready(self):
        from django_q.signals import pre_execute

        from billtracker.core import queue

        # The ground floor is wired first: no other receiver touches the data before this one holds them.
        pre_execute.connect(queue.hold_for_job, dispatch_uid="core.hold_for_job")
