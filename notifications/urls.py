"""Addresses of notifications."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("accounts/notifications/", views.notification_preferences, name="notification_preferences"),
    path("accounts/notifications/channels/", views.channel_add, name="channel_add"),
    path("accounts/notifications/channels/<int:pk>/test/", views.channel_test, name="channel_test"),
    path("accounts/notifications/channels/<int:pk>/remove/", views.channel_remove, name="channel_remove"),
    path("notifications/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("admin/mail/", views.mail_list, name="mail_list"),
    path("admin/mail/test/", views.mail_test, name="mail_test"),
    path("admin/mail/<int:pk>/retry/", views.mail_retry, name="mail_retry"),
    path("admin/mail/<int:pk>/give-up/", views.mail_give_up, name="mail_give_up"),
]
