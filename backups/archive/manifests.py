"""The manifest of a backup: what it holds, from when, and the checksums by which it is known again."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from backups.engines.figures import Figures
from billtracker.core.exceptions import DomainError

FORMAT = 1
MANIFEST, CHECKSUMS, PROOF, FIGURES, KEY = (
    "manifest.json", "SHA256SUMS", "proof.json", "figures.json", "key.age",
)  # fmt: skip
MEDIA = "media.tar"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
SEALED = ".age"
KINDS = ("manual", "scheduled", "pre-restore", "imported")
LARGEST = 4 * 1024 * 1024  # bytes of a manifest; thousands of tables fit
SHA256 = re.compile(r"[0-9a-f]{64}")
NEWER_FORMAT = "newer"
DAMAGED = "The manifest of this backup is damaged. Other backups are unharmed."


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a backup: its name, size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself; the figures of an encrypted one are sealed away."""

    id: str
    kind: str
    created_at: dt.datetime
    engine: str
    engine_version: str
    client_version: str
    app_version: str
    migrations: dict[str, list[str]]  # all that were applied, by app, in order
    files: tuple[StoredFile, ...]
    figures: Figures | None
    is_encrypted: bool = False

    @property
    def size(self) -> int:
        """Return how many bytes its files take."""
        return sum(file.size for file in self.files)

    @property
    def database(self) -> str:
        """Return the name of the database file once it is open."""
        return DATABASES[self.engine]

    def stored_name(self, name: str) -> str:
        """Return the name under which a file of the backup is kept: sealed or open."""
        return f"{name}{SEALED}" if self.is_encrypted else name

    def has(self, name: str) -> bool:
        return self.stored_name(name) in {file.name for file in self.files}

    def with_figures(self, figures: Figures) -> "Manifest":
        return replace(self, figures=figures)

    def as_json(self) -> dict:
        return {
            "format": FORMAT,
            "id": self.id,
            "kind": self.kind,
            "created_at": self.created_at.isoformat(),
            "engine": self.engine,
            "engine_version": self.engine_version,
            "client_version": self.client_version,
            "app_version": self.app_version,
            "migrations": self.migrations,
            "files": [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in self.files],
            "figures": self.figures.as_json() if self.figures else None,
            "encrypted": self.is_encrypted,
        }

    def text(self) -> str:
        return json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n"


def read_manifest(text: str | bytes) -> Manifest:
    """Read a manifest of anybody's. Raises DomainError for anything that ours would not hold."""
    if len(text) > LARGEST:
        raise DomainError(DAMAGED)
    try:
        return _check_manifest(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DomainError(DAMAGED) from None


def _check_manifest(data: Mapping) -> Manifest:
    """Return the manifest; ValueError, KeyError or TypeError for what does not fit."""
    if int(data["format"]) > FORMAT:
        raise DomainError(
            "This backup was made by a newer version of BillTracker. Update the application first; "
            "nothing was changed.",
            code=NEWER_FORMAT,
        )
    if data["format"] != FORMAT:
        raise ValueError
    files = tuple(StoredFile(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in data["files"])
    manifest = Manifest(
        id=str(data["id"]),
        kind=str(data["kind"]),
        created_at=dt.datetime.fromisoformat(data["created_at"]),
        engine=str(data["engine"]),
        engine_version=str(data["engine_version"]),
        client_version=str(data["client_version"]),
        app_version=str(data["app_version"]),
        migrations={str(app): [str(name) for name in names] for app, names in data["migrations"].items()},
        files=files,
        figures=Figures.from_json(data["figures"]) if data["figures"] else None,
        is_encrypted=bool(data["encrypted"]),
    )
    _require_fitting(manifest)
    return manifest


def _require_fitting(manifest: Manifest) -> None:
    """Raise ValueError unless kind, engine, instant and files are such as we write."""
    names = [file.name for file in manifest.files]
    wanted = [manifest.database, MEDIA, *([FIGURES] if manifest.is_encrypted else [])]
    allowed = {manifest.stored_name(name) for name in wanted} | ({KEY} if manifest.is_encrypted else set())
    fits = (
        manifest.kind in KINDS
        and manifest.created_at.tzinfo is not None
        and set(names) == allowed
        and len(names) == len(allowed)
        and all(file.size >= 0 and SHA256.fullmatch(file.sha256) for file in manifest.files)
        and (manifest.figures is None) == manifest.is_encrypted
    )
    if not fits:
        raise ValueError


def checksum_lines(files: Mapping[str, str]) -> str:
    """Return what ``sha256sum -c SHA256SUMS`` checks."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))


def read_checksums(text: str) -> dict[str, str]:
    """Read ``checksum_lines``; DomainError for anything else."""
    pairs = [line.split("  ", 1) for line in text.splitlines()]
    digests = {pair[-1]: pair[0] for pair in pairs}
    if text != checksum_lines(digests) or not all(map(SHA256.fullmatch, digests.values())):
        raise DomainError("The list of checksums of this backup is damaged. Other backups are unharmed.")
    return digests


def require_listed(content: bytes, listed: Mapping[str, str]) -> None:
    """Raise DomainError unless this is the manifest that the checksums were taken of."""
    if hashlib.sha256(content).hexdigest() != listed.get(MANIFEST):
        raise DomainError(
            f"{MANIFEST} of this backup was changed or cut since it was made. Do not restore it."
        )
