"""Addresses of documents on their way to clients."""

from django.urls import path

from billing.views import sending

urlpatterns = [
    path("statements/<int:pk>/send/", sending.statement_send, name="statement_send"),
    path("credit-notes/<int:pk>/send/", sending.credit_note_send, name="credit_note_send"),
]
