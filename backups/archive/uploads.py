"""Files on their way in: written piece by piece beside the backups, and refused before they are too long."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from backups.archive.folders import UPLOAD
from backups.private_files import backups_folder, open_private
from billtracker.core.settings import runtime_settings

FORM = 64 * 1024  # bytes that the other fields and the borders may take


class UploadedBackup(UploadedFile):
    """An upload that lies whole in the folder of backups; whoever takes it removes it."""

    def __init__(self, path: Path, name: str, size: int):
        super().__init__(None, name, "application/octet-stream", size, None)
        self.path = path

    def close(self) -> None:
        """Nothing is open: the file was written and closed."""


class BackupUploadHandler(FileUploadHandler):
    """Streams one file to ``<random>.upload``, for its owner alone; stops at the limit and leaves nothing."""

    def __init__(self, request: HttpRequest, limit: int):
        super().__init__(request)
        self.limit = limit
        self.size = 0
        self.path: Path | None = None
        self.writing: BinaryIO | None = None
        self.is_too_large = False

    def new_file(self, *args, **kwargs) -> None:
        super().new_file(*args, **kwargs)
        self.discard()  # a second file in the form takes the place of the first
        self.path, self.size = backups_folder() / f"{secrets.token_hex(16)}{UPLOAD}", 0
        self.writing = open_private(self.path)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.size += len(raw_data)
        if self.size > self.limit:
            self.is_too_large = True
            self.discard()
            raise StopUpload(connection_reset=True)
        assert self.writing is not None  # noqa: S101 new_file opened it
        self.writing.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedBackup | None:
        if self.writing is None or self.path is None:
            return None
        self.writing.flush()
        os.fsync(self.writing.fileno())
        self.writing.close()
        return UploadedBackup(self.path, self.file_name or "", file_size)

    def upload_interrupted(self) -> None:
        self.discard()

    def hand_over(self) -> None:
        """Leave the file to whoever removes it from now on."""
        self.writing = self.path = None

    def discard(self) -> None:
        """Remove what was written of the file, unless somebody else has it now."""
        if self.writing is not None:
            self.writing.close()
        if self.path is not None:
            with suppress(FileNotFoundError):
                self.path.unlink()
        self.writing = self.path = None


def limit_of_today() -> int:
    """Return how many bytes a file that is brought in may have."""
    return runtime_settings.get("backup_import_limit_mb") * 1_000_000


def is_longer_than(request: HttpRequest, limit: int) -> bool:
    """Say whether the request says of itself that it carries more than a form with such a file."""
    try:
        return int(request.headers.get("content-length") or 0) > limit + FORM
    except ValueError:
        return True
