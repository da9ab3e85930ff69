"""What pages exist."""

from django.contrib import admin
from django.urls import include, path

from billtracker import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("bills.urls")),
    path("admin/", admin.site.urls),
]
