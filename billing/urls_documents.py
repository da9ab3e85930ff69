"""Addresses of documents on their way to clients, and of account statements."""

from django.urls import path

from billing.views import accounts, sending

urlpatterns = [
    path("statements/<int:pk>/send/", sending.statement_send, name="statement_send"),
    path("credit-notes/<int:pk>/send/", sending.credit_note_send, name="credit_note_send"),
    path("clients/<int:pk>/account/", accounts.client_account, name="client_account"),
    path("clients/<int:pk>/account/csv/", accounts.client_account_csv, name="client_account_csv"),
    path("clients/<int:pk>/account/make/", accounts.client_account_make, name="client_account_make"),
    path("accounts/", accounts.account_list, name="account_list"),
    path("accounts/make/", accounts.accounts_make, name="accounts_make"),
    path("accounts/<int:pk>/", accounts.account_made, name="account_made"),
    path("accounts/<int:pk>/file/", accounts.account_file, name="account_file"),
]
