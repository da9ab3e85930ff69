"""What pages exist."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from billtracker import views
from billtracker.api import api

handler403 = "billtracker.errors.forbidden"
handler404 = "billtracker.errors.not_found"
handler429 = "billtracker.errors.too_many_requests"
handler500 = "billtracker.errors.server_error"

# The admin's own sign-in would count no attempts: it goes through ours.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("api/about", views.api_about, name="api_about"),
    path("api/auth/mode", views.api_auth_mode, name="api_auth_mode"),
    path("api/auth/csrf-token", views.api_csrf_token, name="api_csrf_token"),
    path("api/", api.urls),
    path("", include("billtracker.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("bills.urls")),
    path("", include("notifications.urls")),
    path("data/demo/load/", views.demo_load, name="demo_load"),
    path("data/demo/clear/", views.demo_clear, name="demo_clear"),
    path("billing/", include("billing.urls")),
    path("admin/", include("opsstatus.urls")),
    path("admin/backups/", include("backups.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns += [path("design/", views.design, name="design")]
