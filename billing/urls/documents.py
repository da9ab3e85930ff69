"""Addresses of documents on their way to clients, and of account statements."""

from django.urls import path

from billing.views import account_statements, sending

urlpatterns = [
    path("statements/<int:pk>/send/", sending.statement_send, name="statement_send"),
    path("credit-notes/<int:pk>/send/", sending.credit_note_send, name="credit_note_send"),
    path("clients/<int:pk>/account/", account_statements.client_account, name="client_account"),
    path("clients/<int:pk>/account/csv/", account_statements.client_account_csv, name="client_account_csv"),
    path(
        "clients/<int:pk>/account/make/", account_statements.client_account_make, name="client_account_make"
    ),
    path("accounts/", account_statements.account_list, name="account_list"),
    path("accounts/make/", account_statements.accounts_make, name="accounts_make"),
    path("accounts/<int:pk>/", account_statements.account_made, name="account_made"),
    path("accounts/<int:pk>/file/", account_statements.account_file, name="account_file"),
]
