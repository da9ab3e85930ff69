"""Addresses of the operator's window."""

from django.urls import path

from opsstatus import views

urlpatterns = [
    path("status/", views.status, name="status"),
    path("jobs/", views.job_list, name="job_list"),
    path("errors/", views.error_list, name="error_list"),
    path("errors/<int:pk>/resolve/", views.error_resolve, name="error_resolve"),
]
