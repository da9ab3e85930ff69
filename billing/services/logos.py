"""Logos: checked by their content and stored under its digest, so that a changed one is another file."""

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from billtracker.core.exceptions import DomainError

LARGEST = 200 * 1024  # bytes
LONGEST_SIDE = 3_000  # pixels
SUFFIXES = {"PNG": "png", "JPEG": "jpg"}


def picture_format(content: bytes) -> str:
    """Return PNG or JPEG; DomainError for anything else, whatever its name says."""
    if len(content) > LARGEST:
        raise DomainError(f"A logo has at most {LARGEST // 1024} kB.", field="logo")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(SUFFIXES)) as picture:
            if max(picture.size) > LONGEST_SIDE:
                raise DomainError(f"A logo has at most {LONGEST_SIDE} pixels a side.", field="logo")
            picture.load()
            return picture.format or ""
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise DomainError("A logo is a PNG or JPEG picture; this file is neither.", field="logo") from None


def store_logo(content: bytes) -> str:
    """Store the picture and return its path; the same picture is stored once."""
    suffix, digest = SUFFIXES[picture_format(content)], hashlib.sha256(content).hexdigest()
    path = f"logos/{digest[:2]}/{digest}.{suffix}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    return path
