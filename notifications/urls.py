"""Addresses of the post office."""

from django.urls import path

from notifications import views

urlpatterns = [
    path("notifications/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("accounts/notifications/", views.unsubscribe, name="notification_preferences"),
]
