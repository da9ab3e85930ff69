"""Wiring of core: the lock on the data comes before every other receiver."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "billtracker.core"
    label = "core"

    def ready(self):
        # Not before every app is loaded: these lead to models.
        from django_q.signals import pre_execute

        from billtracker.core.process import queue

        # Connected first: no other receiver touches the data before this one has locked them.
        pre_execute.connect(queue.lock_for_job, dispatch_uid="core.hold_for_job")
