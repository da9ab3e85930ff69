"""Proofs of payments: known by their content, stored under their digest, locked with the payment."""

import datetime as dt
import hashlib
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from billing import services
from billing.models import Proof
from billing.services import receipts
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.factories import make_office, make_office_user, make_payment

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))]
PDF = b"%PDF-1.7\nA slip\n%%EOF\n"


def picture(form: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), "white").save(file, form)
    return file.getvalue()


@pytest.fixture(autouse=True)
def empty_storage(settings):
    settings.STORAGES = {**settings.STORAGES}  # a new one in memory
    make_office()


@pytest.fixture
def biller():
    return make_office_user("Biller")


@pytest.fixture
def paid():
    return make_payment()


def files() -> list[str]:
    """Every stored proof by its path."""
    if not default_storage.exists("proofs"):
        return []
    folders, _ = default_storage.listdir("proofs")
    return [
        f"proofs/{folder}/{name}"
        for folder in folders
        for name in default_storage.listdir(f"proofs/{folder}")[1]
    ]


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (PDF, "application/pdf", "pdf"),
        (picture("PNG"), "image/png", "png"),
        (picture("JPEG"), "image/jpeg", "jpg"),
    ],
)
def test_a_file_is_what_its_content_says_and_not_what_its_name_says(biller, paid, content, kind, suffix):
    """O10: the name's ending is the one of the content too."""
    proof = services.add_proof(actor=biller, payment=paid, name="run.exe", content=content)
    digest = hashlib.sha256(content).hexdigest()
    assert (proof.content_type, proof.name, proof.sha256, proof.size) == (
        kind,
        f"run.exe.{suffix}",
        digest,
        len(content),
    )
    assert proof.path.startswith(f"proofs/{digest[:2]}/{digest}-")
    assert proof.path.endswith(f".{suffix}")
    assert services.read_proof(proof) == content
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.changes["sha256"]) == ("payment.proof_added", [None, digest])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<html><script>",
        b"%PDF-1.7 cut off",
        picture("GIF"),
        picture("PNG")[:40],
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_anything_else_is_refused_and_nothing_is_left(biller, paid, content):
    with pytest.raises(DomainError, match="A proof is a PDF, or a PNG or JPEG picture") as error:
        services.add_proof(actor=biller, payment=paid, name="slip.pdf", content=content)
    assert error.value.field == "file"
    assert not Proof.objects.exists()
    assert files() == []


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("r.hta", "r.hta.pdf"),
        ("slip.PDF", "slip.PDF"),
        ("C:\\fake\\slip", "slip.pdf"),
        ("\u202eslip.hta", "slip.hta.pdf"),
        (".pdf", ".pdf.pdf"),
        ("..", "proof.pdf"),
        ("a" * 200 + ".html", "a" * 110 + ".html.pdf"),
    ],
)
def test_a_file_is_handed_out_under_the_ending_of_what_it_holds(biller, paid, name, stored):
    """O10: a browser would run ``r.hta``, whatever it begins with; rows from before are no exception."""
    proof = services.add_proof(actor=biller, payment=paid, name=name, content=PDF)
    assert proof.name == stored
    Proof.objects.filter(pk=proof.pk).update(name="old.hta")
    proof.refresh_from_db()
    assert services.download_name(proof) == "old.hta.pdf"


def test_too_large_and_too_many_are_refused(biller, paid, monkeypatch):
    monkeypatch.setattr(receipts, "MOST_PROOFS", 2)
    for number in range(2):
        services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF + b"%d" % number)
    with pytest.raises(DomainError, match="at most 2 proofs"):
        services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    monkeypatch.setattr(receipts, "LARGEST_PROOF", 5)
    with pytest.raises(DomainError, match="A proof has at most"):
        services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    assert (Proof.objects.count(), len(files())) == (2, 2)


def test_the_limits_are_ten_megabytes_and_twenty_files():
    assert (receipts.LARGEST_PROOF, receipts.MOST_PROOFS) == (10 * 1024 * 1024, 20)


def test_the_same_file_twice_is_refused_on_one_payment_and_kept_apart_on_two(biller, paid):
    first = services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    with pytest.raises(DomainError, match="attached already"):
        services.add_proof(actor=biller, payment=paid, name="t.pdf", content=PDF)
    other = services.add_proof(actor=biller, payment=make_payment(), name="s.pdf", content=PDF)
    assert first.path != other.path
    assert len(files()) == 2


@pytest.mark.parametrize("state", ["verified", "void"])
def test_a_verified_or_void_payment_keeps_its_proofs_as_they_are(biller, paid, state):
    proof = services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    reviewer = make_office_user("Reviewer")
    if state == "verified":
        services.verify_payment(actor=reviewer, payment=paid)
    else:
        services.void_payment(actor=reviewer, payment=paid, cause="error", reason="Typed twice")
    with pytest.raises(DomainError, match=f"is {state}; its proofs stay as they are"):
        services.add_proof(actor=biller, payment=paid, name="t.pdf", content=picture("PNG"))
    with pytest.raises(DomainError, match=f"is {state}; its proofs stay as they are"):
        services.remove_proof(actor=biller, proof=proof)
    assert [proof.path] == files()


def test_a_viewer_neither_adds_nor_removes(biller, paid):
    viewer = make_office_user("Viewer")
    with pytest.raises(DomainError, match="you may not record"):
        services.add_proof(actor=viewer, payment=paid, name="s.pdf", content=PDF)
    proof = services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    with pytest.raises(DomainError, match="you may not record"):
        services.remove_proof(actor=viewer, proof=proof)


def test_a_removed_proof_leaves_its_digest_in_the_log_alone(biller, paid, django_capture_on_commit_callbacks):
    proof = services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_proof(actor=biller, proof=proof)
    assert files() == []
    entry = AuditEntry.objects.order_by("position").last()
    assert (entry.action, entry.changes["sha256"]) == ("payment.proof_removed", [proof.sha256, None])
    with pytest.raises(DomainError, match="removed meanwhile"):
        services.remove_proof(actor=biller, proof=proof)


def test_a_deleted_draft_takes_its_files_along(biller, django_capture_on_commit_callbacks):
    draft = make_payment(state="draft")
    services.add_proof(actor=biller, payment=draft, name="s.pdf", content=PDF)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_payment(actor=biller, payment=draft)
    assert files() == []


def test_a_file_that_is_gone_or_was_changed_is_not_given_out(biller, paid):
    proof = services.add_proof(actor=biller, payment=paid, name="s.pdf", content=PDF)
    default_storage.delete(proof.path)
    with pytest.raises(DomainError, match="The stored file is missing"):
        services.read_proof(proof)
    default_storage.save(proof.path, ContentFile(b"something else"))
    with pytest.raises(DomainError, match="its checksum differs"):
        services.read_proof(proof)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\slips\\one.pdf", "one.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("", "proof.pdf"),
        ("x" * 300 + ".pdf", "x" * 115 + ".pdf"),
    ],
)
def test_a_name_loses_its_folders_and_hidden_signs(biller, paid, given, kept):
    assert services.add_proof(actor=biller, payment=paid, name=given, content=PDF).name == kept
