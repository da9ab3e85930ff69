"""Addresses of the office."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("billing.urls_clients")),
    path("audit/", include("billing.urls_audit")),
    path("cycle/", include("billing.urls_cycle")),
    path("", include("billing.urls_documents")),
    path("", include("billing.urls_statements")),
]
