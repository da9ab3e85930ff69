"""Wiring of the opsstatus app."""

from django.apps import AppConfig


class OpsstatusConfig(AppConfig):
    name = "opsstatus"

    def ready(self):
        # Not before every app is loaded: these lead to models.
        from django.core.signals import request_finished
        from django_q.signals import post_execute, post_execute_in_worker, pre_execute

        from opsstatus.recorders import error_recorder, job_history

        pre_execute.connect(job_history.note_start, dispatch_uid="opsstatus.note_start")
        post_execute.connect(job_history.note_end, dispatch_uid="opsstatus.note_end")
        for signal in (request_finished, post_execute_in_worker):
            signal.connect(error_recorder.write_waiting, dispatch_uid="opsstatus.write_waiting")
