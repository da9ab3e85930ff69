"""Addresses of the office."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("billing.urls_clients")),
    path("audit/", include("billing.urls_audit")),
    path("cycle/", include("billing.urls_cycle")),
    path("", include("billing.urls_documents")),
    path("", include("billing.urls_payments")),
    # After the cycle's, which teach addresses what a month is.
    path("periods/", include("billing.urls_periods")),
    path("reports/", include("billing.urls_reports")),
    path("", include("billing.urls_statements")),
]
