"""Addresses under /data/: what comes in from files."""

from django.urls import path

from bills.views import files

urlpatterns = [
    path("", files.data, name="data"),
    path("import/<slug:kind>/", files.upload, name="upload"),
    path("previews/<int:pk>/", files.preview, name="preview"),
    path("previews/<int:pk>/columns/", files.preview_columns, name="preview_columns"),
    path("previews/<int:pk>/rows/", files.preview_rows, name="preview_rows"),
    path("previews/<int:pk>/apply/", files.preview_apply, name="preview_apply"),
    path("previews/<int:pk>/discard/", files.preview_discard, name="preview_discard"),
    path("batches/<int:pk>/", files.batch, name="batch"),
    path("batches/<int:pk>/undo/", files.batch_undo, name="batch_undo"),
]
