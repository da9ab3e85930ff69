"""Addresses of the months of the books."""

from django.urls import path

from billing.views import periods

urlpatterns = [
    path("", periods.period_list, name="period_list"),
    path("<month:month>/", periods.period_detail, name="period_detail"),
    path("<month:month>/lock/", periods.period_lock, name="period_lock"),
    path("<month:month>/unlock/", periods.period_unlock, name="period_unlock"),
    path("<month:month>/close/", periods.period_close, name="period_close"),
    path("<month:month>/reopen/", periods.period_reopen, name="period_reopen"),
    path("<month:month>/exceptions/", periods.exception_grant, name="exception_grant"),
    path("<month:month>/pack/", periods.pack_request, name="pack_request"),
    path("packs/<int:pk>/", periods.pack_download, name="pack_download"),
    path("exceptions/<int:pk>/end/", periods.exception_end, name="exception_end"),
]
