"""Addresses of the operator's window."""

from django.urls import path

from opsstatus.views import cleanup, errors, jobs, settings, status

app_name = "opsstatus"
urlpatterns = [
    path("status/", status.status, name="status"),
    path("status/help/", status.status_help, name="status_help"),
    path("settings/", settings.settings, name="settings"),
    path("settings/<slug:name>/clear/", settings.setting_clear, name="setting_clear"),
    path("jobs/", jobs.job_list, name="job_list"),
    path("errors/", errors.error_list, name="error_list"),
    path("errors/<int:pk>/resolve/", errors.error_resolve, name="error_resolve"),
    path("cleanup/", cleanup.cleanup, name="cleanup"),
    path("cleanup/run/", cleanup.cleanup_run, name="cleanup_run"),
    path("cleanup/<slug:name>/run/", cleanup.cleanup_run, name="cleanup_run_one"),
]
