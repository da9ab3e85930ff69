"""The month-close archive as a file: the same tables always give the same bytes."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO

from billtracker.core.web.exports import Row, csv_lines

SUMS = "SHA256SUMS"
# What a zip file says of each of its files; the real hour of the making would change the bytes.
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
UNIX = 3

# A file of the archive: its name and its text in pieces.
Part = tuple[str, Iterable[str]]


def as_csv(name: str, header: Sequence[str], rows: Iterable[Row]) -> Part:
    """Return a table as a file of the archive."""
    return f"{name}.csv", csv_lines(header, rows)


def as_json(name: str, content: Mapping) -> Part:
    """Return facts as a file of the archive."""
    return f"{name}.json", [json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True), "\n"]


def write_pack(file: IO[bytes], parts: Iterable[Part]) -> None:
    """Write the parts and, last, the SHA-256 of each as ``sha256sum --check`` reads it."""
    sums = []
    with zipfile.ZipFile(file, "w") as archive:
        for name, pieces in parts:
            sums.append(f"{_write_part(archive, name, pieces)}  {name}\n")
        _write_part(archive, SUMS, sums)


def _write_part(archive: zipfile.ZipFile, name: str, pieces: Iterable[str]) -> str:
    """Write one file piece by piece; returns its SHA-256."""
    facts, digest = zipfile.ZipInfo(name, FIRST_DAY), hashlib.sha256()
    facts.compress_type, facts.external_attr, facts.create_system = zipfile.ZIP_DEFLATED, READABLE, UNIX
    with archive.open(facts, "w", force_zip64=True) as part:
        for piece in pieces:
            content = piece.encode()
            digest.update(content)
            part.write(content)
    return digest.hexdigest()


def digest_of(file: IO[bytes]) -> str:
    """Return the SHA-256 of a file from its beginning, and leave it at the beginning."""
    file.seek(0)
    digest = hashlib.sha256()
    for piece in _blocks(file):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(1 << 20):
        yield piece
