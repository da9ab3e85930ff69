"""Media files are packed from any storage, and come back only under harmless names."""

import io
import tarfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage

from backups.archive.media import Archive, bring_back, checked_members, remove_leftover, stored_names
from backups.engines import silent
from billtracker.core.exceptions import DomainError

PAPERS = {"papers/2026/a.pdf": b"first", "papers/b.pdf": b"", "logo.png": b"\x89PNG" * 1000}


@pytest.fixture(params=["disk", "memory"])
def storage(request, tmp_path):
    made = FileSystemStorage(tmp_path / "media") if request.param == "disk" else InMemoryStorage()
    for name, content in PAPERS.items():
        made.save(name, ContentFile(content))
    return made


def archived(storage, path):
    archive = Archive(path, storage)
    archive.take()
    archive.close()
    return path


def content_of(storage) -> dict[str, bytes]:
    found = {}
    for name in stored_names(storage):
        with storage.open(name) as file:
            found[name] = file.read()
    return found


def test_everything_is_packed_and_comes_back(storage, tmp_path):
    path = archived(storage, tmp_path / "media.tar")
    assert {member.name for member in checked_members(path)} == set(PAPERS)
    assert path.stat().st_mode & 0o777 == 0o600
    other = InMemoryStorage()
    assert bring_back(path, silent, other) == 3
    assert content_of(other) == PAPERS
    assert bring_back(path, silent, other) == 0


def test_changed_files_are_put_right_and_others_stay(storage, tmp_path):
    path = archived(storage, tmp_path / "media.tar")
    storage.delete("logo.png")
    storage.save("logo.png", ContentFile(b"\x89PNG" * 999 + b"FAKE"))
    storage.save("new.pdf", ContentFile(b"later"))
    assert bring_back(path, silent, storage) == 1
    assert content_of(storage) == {**PAPERS, "new.pdf": b"later"}


def test_a_file_is_old_or_new_at_every_moment_and_what_a_kill_left_is_in_no_backup(tmp_path, monkeypatch):
    storage = FileSystemStorage(tmp_path / "media")
    storage.save("a.pdf", ContentFile(b"right"))
    path = archived(storage, tmp_path / "media.tar")
    (tmp_path / "media" / "a.pdf").write_bytes(b"wrong")

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_back(path, silent, storage)
    assert (tmp_path / "media" / "a.pdf").read_bytes() == b"wrong"
    assert list(stored_names(storage)) == ["a.pdf"]
    remove_leftover(storage)
    assert [one.name for one in (tmp_path / "media").iterdir()] == ["a.pdf"]
    assert bring_back(path, silent, storage) == 1
    assert [one.name for one in (tmp_path / "media").iterdir()] == ["a.pdf"]
    assert (tmp_path / "media" / "a.pdf").read_bytes() == b"right"


def test_a_second_pass_takes_what_is_new_only(storage, tmp_path):
    archive = Archive(tmp_path / "media.tar", storage)
    assert archive.take() == 3
    storage.save("late.pdf", ContentFile(b"late"))
    assert archive.take() == 1
    archive.close()
    assert len(checked_members(tmp_path / "media.tar")) == 4


def test_links_are_not_followed(tmp_path):
    storage = FileSystemStorage(tmp_path / "media")
    storage.save("a.pdf", ContentFile(b"a"))
    (tmp_path / "media" / "secret").symlink_to("/etc/passwd")
    (tmp_path / "media" / "loop").symlink_to(tmp_path / "media")
    assert list(stored_names(storage)) == ["a.pdf"]


def test_a_server_without_media_gives_an_empty_archive(tmp_path):
    path = archived(FileSystemStorage(tmp_path / "nowhere"), tmp_path / "media.tar")
    assert checked_members(path) == []


def member(name: str, kind: bytes = tarfile.REGTYPE, linkname: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, linkname
    return made


@pytest.mark.parametrize("hostile", [
    [member("/etc/evil")], [member("../evil")], [member("a/../../evil")], [member("a/./b")], [member("")],
    [member("a\\..\\evil")], [member("a\nb")], [member("x" * 401)], [member("a//b")],
    [member("link", tarfile.SYMTYPE, "/etc/passwd")], [member("hard", tarfile.LNKTYPE, "a")],
    [member("device", tarfile.CHRTYPE)], [member("pipe", tarfile.FIFOTYPE)],
    [member("folder", tarfile.DIRTYPE)],
    [member("a"), member("a")],
])  # fmt: skip
def test_hostile_archives_are_refused_before_anything_is_written(tmp_path, hostile):
    path = tmp_path / "media.tar"
    with tarfile.open(path, "w") as tar:
        tar.addfile(member("fine"))
        for one in hostile:
            tar.addfile(one)
    storage = FileSystemStorage(tmp_path / "media")
    with pytest.raises(DomainError):
        bring_back(path, silent, storage)
    assert not (tmp_path / "media").exists()


def test_a_cut_archive_is_noticed_wherever_it_was_cut(storage, tmp_path):
    whole = archived(storage, tmp_path / "media.tar").read_bytes()
    end = len(whole.rstrip(b"\0"))
    for length in (0, 100, 512, 700, 2_000, end - 1, end + 100):
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        with pytest.raises(DomainError, match="damaged or cut"):
            checked_members(tmp_path / "cut.tar")


def test_a_compressed_archive_is_none_of_ours(storage, tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(member("a"))
    (tmp_path / "media.tar").write_bytes(buffer.getvalue())
    with pytest.raises(DomainError):
        checked_members(tmp_path / "media.tar")
