"""Addresses of payments, their proofs, refunds and allocations, of settlements and credit notes."""

from django.urls import path

from billing.views import credit_notes, payment_actions, payments, receipts, settlements

urlpatterns = [
    path("payments/", payments.payment_list, name="payment_list"),
    path("payments/csv/", payments.payment_csv, name="payment_csv"),
    path("payments/new/", payments.payment_create, name="payment_create"),
    path("payments/<int:pk>/", payments.payment_detail, name="payment_detail"),
    path("payments/<int:pk>/edit/", payments.payment_edit, name="payment_edit"),
    path("payments/<int:pk>/post/", payment_actions.payment_post, name="payment_post"),
    path("payments/<int:pk>/delete/", payment_actions.payment_delete, name="payment_delete"),
    path("payments/<int:pk>/verify/", payment_actions.payment_verify, name="payment_verify"),
    path("payments/<int:pk>/void/", payment_actions.payment_void, name="payment_void"),
    path("payments/<int:pk>/allocate/", payment_actions.payment_allocate, name="payment_allocate"),
    path("payments/<int:pk>/refund/", payment_actions.payment_refund, name="payment_refund"),
    path("payments/<int:pk>/proofs/", receipts.proof_add, name="proof_add"),
    path("payments/allocations/<int:pk>/unapply/", payment_actions.payment_unapply, name="payment_unapply"),
    path("payments/refunds/<int:pk>/void/", payment_actions.refund_void, name="refund_void"),
    path("payments/proofs/<int:pk>/", receipts.proof_file, name="proof_file"),
    path("payments/proofs/<int:pk>/remove/", receipts.proof_remove, name="proof_remove"),
    path("statements/<int:pk>/settle/", settlements.statement_settle, name="statement_settle"),
    path("statements/<int:pk>/credit/", credit_notes.statement_credit, name="statement_credit"),
    path("settlements/<int:pk>/certificate/", settlements.certificate_receive, name="certificate_receive"),
    path("settlements/<int:pk>/void/", settlements.settlement_void, name="settlement_void"),
    path("credit-notes/<int:pk>/", credit_notes.credit_note_detail, name="credit_note_detail"),
    path("credit-notes/<int:pk>/pdf/", credit_notes.credit_note_pdf, name="credit_note_pdf"),
]
