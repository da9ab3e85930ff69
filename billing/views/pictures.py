"""Stored pictures as answers."""

import mimetypes

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404


def picture(path: str | None) -> FileResponse:
    """Answer with a stored picture, 404 without one."""
    if not path or not default_storage.exists(path):
        raise Http404
    response = FileResponse(default_storage.open(path), content_type=mimetypes.guess_type(path)[0])
    response.headers["Cache-Control"] = "private, no-store"
    return response
