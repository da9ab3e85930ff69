"""A download is the backup as one zip, written piece by piece, and read back with nothing taken on trust."""

import io
import stat
import zipfile

import pytest

from backups.archive import folders
from backups.archive.manifests import CHECKSUMS, MANIFEST, MEDIA
from backups.archive.packing import file_name, stream_zip, unpack
from billtracker.core.exceptions import DomainError

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def parts(backup) -> dict[str, bytes]:
    return {
        name: (backup.path / name).read_bytes()
        for name in (MANIFEST, CHECKSUMS, MEDIA, backup.manifest.database)
    }


def zipped(path, entries, **options):
    """Write a zip of (name or ZipInfo, content) pairs."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def test_a_download_holds_the_files_as_they_are(sample, tmp_path, target):
    path = tmp_path / file_name(sample)
    path.write_bytes(b"".join(stream_zip(sample)))
    assert path.name == f"billtracker-{sample.id}.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == parts(sample)
    assert unpack(path, target) == sample.manifest
    assert {file.name: file.read_bytes() for file in target.iterdir()} == parts(sample)
    assert {file.stat().st_mode & 0o777 for file in target.iterdir()} == {0o600}


def test_a_download_comes_in_pieces(sample):
    (sample.path / MEDIA).write_bytes(bytes(5 * 1024 * 1024))
    sizes = [len(piece) for piece in stream_zip(sample)]
    assert max(sizes) < 1.1 * 1024 * 1024
    assert len(sizes) > 6


def test_a_damaged_backup_cannot_be_downloaded(sample):
    (sample.path / MANIFEST).unlink()
    with pytest.raises(DomainError, match="no manifest"):
        stream_zip(folders.find_backup(sample.id))


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize("extra", [
    ("../evil", b"x"), ("/etc/evil", b"x"), ("a\\..\\evil", b"x"), ("folder/", b""), ("folder/file", b"x"),
    (link(), b"/etc/passwd"), ("extra.txt", b"x"), (MEDIA, b"twice"), ("evil\0.tar", b"x"),
    ("C:evil", b"x"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_other_names_than_ours_are_refused_and_nothing_is_written_elsewhere(sample, tmp_path, target, extra):
    path = zipped(tmp_path / "hostile.zip", [*parts(sample).items(), extra])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DomainError, match="no download of a backup"):
        unpack(path, target)
    outside = [one for one in tmp_path.rglob("*") if target not in one.parents]
    assert sorted(outside) == [one for one in before if target not in one.parents]


def test_more_bytes_than_the_manifest_says_are_refused_before_they_are_unpacked(sample, tmp_path, target):
    content = parts(sample) | {MEDIA: bytes(50_000_000)}
    path = zipped(tmp_path / "bomb.zip", content.items(), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DomainError, match="other sizes"):
        unpack(path, target)
    assert not (target / MEDIA).exists()


def test_a_size_that_lies_is_found(sample, tmp_path, target):
    """The directory says what the manifest says, and the data go on."""
    content = parts(sample)
    long = content | {MEDIA: content[MEDIA] + bytes(1_000_000)}
    path = zipped(tmp_path / "liar.zip", long.items(), compression=zipfile.ZIP_DEFLATED)
    wrong, right = (len(one[MEDIA]).to_bytes(4, "little") for one in (long, content))
    path.write_bytes(path.read_bytes().replace(wrong, right))
    with pytest.raises(DomainError):
        unpack(path, target)
    assert not (target / MEDIA).exists() or (target / MEDIA).stat().st_size <= len(content[MEDIA])


def test_a_manifest_that_is_a_bomb_is_refused(sample, tmp_path, target):
    content = parts(sample) | {MANIFEST: b" " * 50_000_000}
    path = zipped(tmp_path / "bomb.zip", content.items(), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DomainError, match="too long"):
        unpack(path, target)


@pytest.mark.parametrize("left", [10, 1000, 0.5, 0.99])
def test_a_cut_zip_is_refused(sample, tmp_path, target, left):
    whole = b"".join(stream_zip(sample))
    path = tmp_path / "cut.zip"
    path.write_bytes(whole[: left if isinstance(left, int) else int(len(whole) * left)])
    with pytest.raises(DomainError, match="damaged or cut"):
        unpack(path, target)


def test_a_zip_of_something_else_is_refused(tmp_path, target):
    with pytest.raises(DomainError, match=r"it has no manifest\.json"):
        unpack(zipped(tmp_path / "other.zip", [("readme.txt", b"hello")]), target)


def test_a_zip_with_a_password_is_refused(sample, tmp_path, target):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(MANIFEST, parts(sample)[MANIFEST])
        archive.writestr(CHECKSUMS, b"")
    content = bytearray(buffer.getvalue())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    path = tmp_path / "locked.zip"
    path.write_bytes(content)
    with pytest.raises(DomainError, match="damaged or cut"):
        unpack(path, target)
