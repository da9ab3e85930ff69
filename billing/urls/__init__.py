"""Addresses of the office."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "billing"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("billing.urls.clients")),
    path("audit/", include("billing.urls.audit")),
    path("cycle/", include("billing.urls.retainer_cycle")),
    path("", include("billing.urls.documents")),
    path("", include("billing.urls.payments")),
    # After the cycle's, which teach addresses what a month is.
    path("periods/", include("billing.urls.periods")),
    path("reports/", include("billing.urls.reports")),
    path("", include("billing.urls.statements")),
]
