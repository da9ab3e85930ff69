"""Addresses of people and households."""

from django.urls import path

from billtracker.accounts import views

app_name = "accounts"
urlpatterns = [
    path("accounts/profile/", views.profile, name="profile"),
    path("accounts/tokens/", views.token_create, name="token_create"),
    path("accounts/tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
    path("accounts/setup/<str:token>/", views.setup, name="account_setup"),
    path("household/", views.household, name="household"),
    path("household/new/", views.household_create, name="household_create"),
    path("household/switch/", views.household_switch, name="household_switch"),
]
