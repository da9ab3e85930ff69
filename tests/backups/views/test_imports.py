"""Files that are brought in: streamed to the disk for their owner alone, refused early, never left behind."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backups.archive import uploads
from billtracker.core.exceptions import DomainError
from billtracker.core.settings import runtime_settings

pytestmark = pytest.mark.django_db
PATH = "/admin/backups/import/"
MEGABYTE = 1_000_000
TOO_LARGE = "The file is larger than 1.0 MB"


def file_of(size: int, name: str = "copy.zip") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"x" * size)


@pytest.fixture
def limit_of_one_megabyte(db):
    runtime_settings.save(None, "backup_import_limit_mb", 1)


def left_in(home) -> list:
    return sorted((home / "backups").glob("*.upload"))


def test_a_file_is_handed_over_whole_with_checksum_and_passphrase(signed_in, home, begun):
    sent = {"file": file_of(200_000), "sha256": f" {'AB' * 32} ", "passphrase": " four words"}
    answer = signed_in.post(PATH, sent)
    assert answer.url == "/admin/backups/operations/1a2b3c4d5e6f/"
    ((kind, name, arguments),) = begun
    (path,) = left_in(home)
    assert (kind, name) == ("import", "root-of-all")
    assert arguments == {
        "path": str(path), "name": "copy.zip", "sha256": "ab" * 32, "passphrase": " four words"
    }  # fmt: skip
    assert path.read_bytes() == b"x" * 200_000
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(
    signed_in, home, begun, limit_of_one_megabyte
):
    assert signed_in.post(PATH, {"file": file_of(MEGABYTE + 1)}).status_code == 413
    assert left_in(home) == []
    assert signed_in.post(PATH, {"file": file_of(MEGABYTE)}).status_code == 302
    assert len(begun) == 1


def test_a_request_that_says_it_is_too_long_is_refused_before_anything_is_read(
    signed_in, home, begun, limit_of_one_megabyte, monkeypatch
):
    def read(*args, **kwargs):
        raise AssertionError("It was read.")

    monkeypatch.setattr("django.core.handlers.wsgi.WSGIRequest._load_post_and_files", read)
    answer = signed_in.post(PATH, {"file": file_of(2 * MEGABYTE)})
    assert answer.status_code == 413
    assert TOO_LARGE in answer.content.decode()
    assert (left_in(home), begun) == ([], [])


@pytest.mark.parametrize("length", ["", "x", "-"])
def test_a_length_that_is_none_leaves_it_to_the_count(length, rf):
    request = rf.post(PATH, headers={"content-length": length})
    assert uploads.is_longer_than(request, MEGABYTE) is (length != "")


@pytest.mark.parametrize(("sent", "said"), [
    ({}, "This field is required."),
    ({"file": "text"}, "This field is required."),
    ({"file": 10, "sha256": "123"}, "A SHA-256 is 64 characters"),
    ({"file": 10, "sha256": "g" * 64}, "A SHA-256 is 64 characters"),
    ({"file": 10, "passphrase": "x" * 4001}, "at most 4000 characters"),
])  # fmt: skip
def test_a_form_that_is_not_filled_in_well_comes_back_and_keeps_no_file(signed_in, home, begun, sent, said):
    sent = {name: file_of(value) if isinstance(value, int) else value for name, value in sent.items()}
    answer = signed_in.post(PATH, sent or {"sent": 1})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (left_in(home), begun) == ([], [])


def test_of_two_files_in_one_form_the_last_is_taken(signed_in, home, begun):
    signed_in.post(PATH, {"file": [file_of(10, "one.zip"), file_of(20, "two.zip")]})
    assert begun[0][2]["name"] == "two.zip"
    assert [path.stat().st_size for path in left_in(home)] == [20]


def test_a_file_is_not_kept_when_another_operation_runs(signed_in, home, busy):
    answer = signed_in.post(PATH, {"file": file_of(10)})
    assert answer.status_code == 422
    assert "Another operation on backups is running." in answer.content.decode()
    assert left_in(home) == []


def test_a_full_disk_is_said_before_the_file_is_read(signed_in, home, begun, monkeypatch):
    def full(needed, purpose=""):
        raise DomainError(f"{purpose} needs {needed} B and 1 B are free on the disk.")

    monkeypatch.setattr("backups.views.imports.require_space", full)
    answer = signed_in.post(PATH, {"file": file_of(10)})
    assert answer.status_code == 422
    assert "1 B are free on the disk." in answer.content.decode()
    assert (left_in(home), begun) == ([], [])


def test_without_the_forms_token_nothing_is_kept(home, administrator, begun):
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    assert client.post(PATH, {"file": file_of(10)}).status_code == 403
    assert (left_in(home), begun) == ([], [])


def test_a_stranger_sends_nothing(client, home, begun):
    assert client.post(PATH, {"file": file_of(10)}).url.startswith("/accounts/login/")
    assert (left_in(home), begun) == ([], [])


def test_the_page_says_how_large_a_file_may_be(signed_in, limit_of_one_megabyte):
    shown = signed_in.get(PATH).content.decode()
    assert "At most 1.0 MB." in shown
    assert 'data-limit="1000000"' in shown
