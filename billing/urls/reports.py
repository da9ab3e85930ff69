"""Addresses of the reports."""

from django.urls import path

from billing.views import reports

urlpatterns = [
    path("", reports.report_list, name="report_list"),
    path("<slug:name>/", reports.report, name="report"),
    path("<slug:name>/csv/", reports.report_csv, name="report_csv"),
    path("<slug:name>/xlsx/", reports.report_xlsx, name="report_xlsx"),
]
