"""Addresses of the retainer cycle."""

from django.urls import path, register_converter

from billing.views import cycles
from billtracker.core.converters import MonthConverter

register_converter(MonthConverter, "month")

urlpatterns = [
    path("", cycles.cycle_list, name="cycle_list"),
    path("missed/", cycles.cycle_missed, name="cycle_missed"),
    path("catch-up/", cycles.cycle_catch_up, name="cycle_catch_up"),
    path("runs/<int:pk>/", cycles.cycle_run, name="cycle_run"),
    path("<month:month>/", cycles.cycle_preview, name="cycle_preview"),
    path("<month:month>/run/", cycles.cycle_start, name="cycle_start"),
    path("<month:month>/coverage/", cycles.cycle_coverage, name="cycle_coverage"),
    path("<month:month>/coverage/csv/", cycles.cycle_coverage_csv, name="cycle_coverage_csv"),
]
