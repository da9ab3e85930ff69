"""Addresses of the office."""

from django.urls import include, path

from billing.views.files import OfficeFiles

urlpatterns = [
    path("files/", include(OfficeFiles().urls())),
]
