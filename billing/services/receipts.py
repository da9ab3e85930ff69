"""Files that show a payment: checked by their content, stored under their digest, checked when read."""

import hashlib
import io
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from PIL import Image

from billing.models import Payment, Proof
from billing.rules import policy
from billing.services.payments import lock_payment, require_state
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.text import clean

LARGEST_PROOF = 10 * 1024 * 1024  # bytes
MOST_PROOFS = 20
SUFFIXES = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}
ENDINGS = {"pdf": {"pdf"}, "png": {"png"}, "jpg": {"jpg", "jpeg"}}
PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg"}
OPEN: set[str] = {Payment.State.DRAFT, Payment.State.POSTED}


def _proof_type(content: bytes) -> str:
    """Return the content type of a PDF, PNG or JPEG; DomainError for anything else, whatever its name."""
    if len(content) > LARGEST_PROOF:
        raise DomainError(f"A proof has at most {LARGEST_PROOF // 1024**2} MB.", field="file")
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "application/pdf"
    try:
        with Image.open(io.BytesIO(content), formats=tuple(PICTURES)) as picture:
            picture.verify()
            return PICTURES[picture.format or ""]
    except (OSError, ValueError, SyntaxError, KeyError, Image.DecompressionBombError):
        raise DomainError(
            "A proof is a PDF, or a PNG or JPEG picture; this file is none of them.", field="file"
        ) from None


def add_proof(*, actor, payment: Payment, name: str, content: bytes) -> Proof:
    """Attach a file to a payment that is not verified yet. The stored name cannot be guessed."""
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    content_type, digest = _proof_type(content), hashlib.sha256(content).hexdigest()
    # A file of its own for each row: taking one away never takes another one's.
    path = f"proofs/{digest[:2]}/{digest}-{secrets.token_hex(8)}.{SUFFIXES[content_type]}"
    proof = Proof(
        payment=payment,
        name=_plain_name(name, SUFFIXES[content_type]),
        path=path,
        content_type=content_type,
        sha256=digest,
        size=len(content),
        added_by=actor,
        added_at=timezone.now(),
    )
    # Storing may take its time, so it comes before the locks and is taken back when they say no.
    default_storage.save(path, ContentFile(content))
    try:
        return attach_file(proof)
    except BaseException:
        default_storage.delete(path)
        raise


@transaction.atomic
def attach_file(proof: Proof) -> Proof:
    """Save the row of a stored file with its audit entry, unless the payment takes no more."""
    row = lock_payment(proof.payment)
    require_state(row, OPEN, "its proofs stay as they are")
    if row.proofs.filter(sha256=proof.sha256).exists():
        raise DomainError("This file is attached already.", field="file")
    if row.proofs.count() >= MOST_PROOFS:
        raise DomainError(f"A payment has at most {MOST_PROOFS} proofs.", field="file")
    proof.save()
    changes = {"name": [None, proof.name], "sha256": [None, proof.sha256], "size": [None, proof.size]}
    audit.record(proof.added_by, "payment.proof_added", row, changes)
    return proof


def _plain_name(name: str, suffix: str) -> str:
    """Return the file's own name without folders, its ending the one of what the file holds.

    A browser that is handed ``receipt.hta`` would run it, whatever it begins with.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in clean(last)).split())
    stem, _, ending = plain.rpartition(".")
    if stem and ending.lower() in ENDINGS[suffix]:
        return f"{stem[-115:]}.{ending}"
    return f"{plain.rstrip('. ')[-115:] or 'proof'}.{suffix}"


def download_name(proof: Proof) -> str:
    """Return the name to hand the file out under; older rows keep whatever ending they came with."""
    return _plain_name(proof.name, SUFFIXES[proof.content_type])


@transaction.atomic
def remove_proof(*, actor, proof: Proof) -> None:
    """Take a file off a payment that is not verified yet; its name and digest stay in the audit log."""
    policy.require(actor, policy.Permission.RECORD_PAYMENTS)
    row = lock_payment(proof.payment)
    require_state(row, OPEN, "its proofs stay as they are")
    gone, _ = Proof.objects.filter(pk=proof.pk).delete()
    if not gone:
        raise DomainError("This proof was removed meanwhile.")
    changes = {"name": [proof.name, None], "sha256": [proof.sha256, None]}
    audit.record(actor, "payment.proof_removed", row, changes)
    transaction.on_commit(lambda: default_storage.delete(proof.path))


def read_proof(proof: Proof) -> bytes:
    """Return the stored bytes; DomainError when the file is gone or is not what was stored."""
    try:
        with default_storage.open(proof.path) as file:
            content = file.read()
    except OSError:
        raise DomainError(
            "The stored file is missing. Restore it from a backup; the record with its checksum is unharmed."
        ) from None
    if hashlib.sha256(content).hexdigest() != proof.sha256:
        raise DomainError(
            "The stored file is not the one that was attached: its checksum differs.", code="changed"
        )
    return content
