"""Addresses under /data/: what comes in from files."""

from bills.views.files import HouseholdFiles

urlpatterns = HouseholdFiles().urls()
