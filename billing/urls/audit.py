"""Addresses of the office's audit log."""

from django.urls import path

from billing.views import audit

urlpatterns = [
    path("", audit.office_audit, name="office_audit"),
    path("csv/", audit.audit_csv, name="audit_csv"),
    path("json/", audit.audit_json, name="audit_json"),
]
