"""Backups in a real browser: no fault for axe, whole at 360 px, and long work that is followed to its end."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from backups import operations
from billtracker.core.data import data_lock
from billtracker.core.settings import runtime_settings
from tests.backups.made_backups import NOON, make_backup, prove
from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.factories import make_restoration, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    """A data directory of this test's own."""
    settings.DATA_DIR = tmp_path / "home"
    for name in ("db", "backups", "media", "exports"):
        (settings.DATA_DIR / name).mkdir(parents=True, mode=0o700)
    return settings.DATA_DIR


@pytest.fixture
def administrator():
    return make_user(is_superuser=True, is_staff=True)


@pytest.fixture
def pages() -> list[str]:
    """Every page of backups, with one of each kind and state behind it."""
    backup = prove(make_backup())
    sealed = prove(
        make_backup("scheduled", NOON + dt.timedelta(days=1), is_encrypted=True),
        is_ok=False,
        fault="media.tar.age of this backup was changed or cut since it was made.",
    )
    damaged = make_backup("pre-restore", NOON + dt.timedelta(days=2))
    (damaged.path / "manifest.json").unlink()
    make_backup("imported", NOON + dt.timedelta(days=3))
    make_restoration(source=backup.id, pre_restore=damaged.id)
    with operations.begin("restore", "ana") as operation:
        operation.report("Copying the database", 0.5)
        operation.name_backup(backup.id)
        operation.say("It is restored.")
    start = "/admin/backups/"
    return [
        start, f"{start}import/", f"{start}operations/{operation.key}/", f"{start}{damaged.id}/",
        *(f"{start}{one.id}/{act}" for one in (backup, sealed) for act in ("", "restore/", "delete/")),
    ]  # fmt: skip


def test_the_pages_have_no_fault(live_server, any_page, administrator, pages):
    sign_in(any_page, live_server, administrator)
    for path in pages:
        any_page.goto(live_server.url + path)
        assert any_page.locator("h1").count() == 1
        for details in any_page.locator("main details").all():
            details.locator("summary").click()
        assert_accessible(any_page)
        assert_no_sideways_scrolling(any_page)


def test_the_empty_list_and_running_work_have_no_fault(live_server, any_page, administrator):
    sign_in(any_page, live_server, administrator)
    any_page.goto(f"{live_server.url}/admin/backups/")
    assert_accessible(any_page)
    with operations.begin("create", "ana") as operation:
        operation.report("Copying the database", 0.25)
        for path in ("", f"operations/{operation.key}/"):
            any_page.goto(f"{live_server.url}/admin/backups/{path}")
            assert_accessible(any_page)
            assert_no_sideways_scrolling(any_page)


def test_work_is_followed_while_the_server_is_closed_for_a_restore(live_server, page_wide, administrator):
    sign_in(page_wide, live_server, administrator)
    with operations.begin("restore", "ana") as operation:
        operation.report("Restoring aside", 0.25)
        page_wide.goto(f"{live_server.url}/admin/backups/operations/{operation.key}/")
        expect(page_wide.locator("#work")).to_contain_text("25 %")
        with data_lock.exclusive(10):
            operation.report("Replacing the data", None)
            expect(page_wide.get_by_text("The server is busy putting the data in place")).to_be_visible()
        expect(page_wide.locator("#work")).to_contain_text("Replacing the data")
        operation.say("It is restored.")
    expect(page_wide.locator("#work")).to_contain_text("It is restored.")
    # What an act of a person would be told about a failed request is not told about the asking.
    assert page_wide.locator("#messages").inner_text() == ""


def test_a_file_that_is_too_large_is_said_before_it_is_sent(live_server, page_phone, administrator, tmp_path):
    runtime_settings.save(None, "backup_import_limit_mb", 1)
    sign_in(page_phone, live_server, administrator)
    page_phone.goto(f"{live_server.url}/admin/backups/import/")
    large = tmp_path / "large.zip"
    large.write_bytes(b"x" * 1_000_001)
    page_phone.set_input_files("[name=file]", large)
    said = page_phone.locator("[name=file]").evaluate("field => field.validationMessage")
    assert said.startswith("The file is larger than 1.0 MB")
    small = tmp_path / "small.zip"
    small.write_bytes(b"x")
    page_phone.set_input_files("[name=file]", small)
    assert page_phone.locator("[name=file]").evaluate("field => field.validity.valid")


def test_a_backup_is_found_proven_and_deleted_by_keyboard(live_server, page_wide, administrator):
    backup = prove(make_backup())
    sign_in(page_wide, live_server, administrator)
    page_wide.goto(f"{live_server.url}/admin/backups/")
    page_wide.keyboard.press("j")
    page_wide.keyboard.press("Enter")
    page_wide.wait_for_url(f"**/{backup.id}/")
    page_wide.get_by_role("link", name="Delete").press("Enter")
    page_wide.get_by_label("Name of the backup").fill(backup.id)
    page_wide.keyboard.press("Enter")
    expect(page_wide.locator("#messages")).to_contain_text(f"Backup {backup.id} was removed.")
    expect(page_wide.locator("main")).to_contain_text("No backup yet")


def test_without_scripts_the_page_of_work_comes_again_by_itself(live_server, new_page, administrator):
    page = new_page(java_script_enabled=False)
    sign_in(page, live_server, administrator)
    with operations.begin("create", "ana") as operation:
        operation.report("Copying the database", 0.25)
        page.goto(f"{live_server.url}/admin/backups/operations/{operation.key}/")
        expect(page.locator("#work")).to_contain_text("Copying the database · 25 %")
        operation.report("Checking the copy", None)
        expect(page.locator("#work")).to_contain_text("Checking the copy")
        operation.say("It is complete.")
    expect(page.locator("#work")).to_contain_text("It is complete.")
