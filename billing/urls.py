"""Addresses of the office."""

from django.urls import include, path

urlpatterns = [
    path("cycle/", include("billing.urls_cycle")),
]
