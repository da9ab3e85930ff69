"""Addresses of statements, the reviewer's desk and the number register."""

from django.urls import path

from billing.views import batches, review, sequences, statement_actions, statements

urlpatterns = [
    path("statements/", statements.statement_list, name="statement_list"),
    path("statements/csv/", statements.statement_csv, name="statement_csv"),
    path("statements/new/", statements.statement_create, name="statement_create"),
    path("statements/submit/", batches.statement_submit_marked, name="statement_submit_marked"),
    path("statements/issue/", batches.statement_batch, name="statement_batch"),
    path("statements/<int:pk>/", statements.statement_detail, name="statement_detail"),
    path("statements/<int:pk>/edit/", statements.statement_edit, name="statement_edit"),
    path("statements/<int:pk>/pdf/", statements.statement_pdf, name="statement_pdf"),
    path("statements/<int:pk>/submit/", statement_actions.statement_submit, name="statement_submit"),
    path("statements/<int:pk>/delete/", statement_actions.statement_delete, name="statement_delete"),
    path("statements/<int:pk>/return/", statement_actions.statement_return, name="statement_return"),
    path("statements/<int:pk>/issue/", statement_actions.statement_issue, name="statement_issue"),
    path("statements/<int:pk>/void/", statement_actions.statement_void, name="statement_void"),
    path("statements/<int:pk>/notes/", statement_actions.statement_note, name="statement_note"),
    path("statements/<int:pk>/reissue/", statement_actions.statement_reissue, name="statement_reissue"),
    path("review/", review.review_desk, name="review_desk"),
    path("review/<int:pk>/", review.review_draft, name="review_draft"),
    path("review/<int:pk>/issue/", review.review_issue, name="review_issue"),
    path("review/<int:pk>/return/", review.review_return, name="review_return"),
    path("sequences/", sequences.number_register, name="number_register"),
    path("sequences/<int:pk>/<int:year>/csv/", sequences.register_csv, name="register_csv"),
    path("sequences/<int:pk>/<int:year>/move/", sequences.counter_move, name="counter_move"),
]
