"""Addresses of the retainer cycle."""

from django.urls import path, register_converter

from billing.views import retainer_cycle
from billtracker.core.web.converters import MonthConverter

register_converter(MonthConverter, "month")

urlpatterns = [
    path("", retainer_cycle.cycle_list, name="cycle_list"),
    path("missed/", retainer_cycle.cycle_missed, name="cycle_missed"),
    path("catch-up/", retainer_cycle.cycle_catch_up, name="cycle_catch_up"),
    path("runs/<int:pk>/", retainer_cycle.cycle_run, name="cycle_run"),
    path("<month:month>/", retainer_cycle.cycle_preview, name="cycle_preview"),
    path("<month:month>/run/", retainer_cycle.cycle_start, name="cycle_start"),
    path("<month:month>/coverage/", retainer_cycle.cycle_coverage, name="cycle_coverage"),
    path("<month:month>/coverage/csv/", retainer_cycle.cycle_coverage_csv, name="cycle_coverage_csv"),
]
