"""The whole way by page on a real server: made, proven, taken out, brought in, restored, mail decided."""

import http.client
import re

import pytest
from playwright.sync_api import expect

from tests.factories import PASSWORD

pytestmark = pytest.mark.engines("sqlite", "postgresql")

LONG = 60_000  # ms; a process of its own comes up for each piece of work
MAKE = (
    "from tests.factories import make_household, make_user;"
    "user = make_user(username='ana', is_superuser=True, is_staff=True); make_household(user, name='{name}')"
)
RENAME = "from billtracker.accounts.models import Household; Household.objects.update(name='{name}')"
NAMES = (
    "from billtracker.accounts.models import Household;"
    "print(*Household.objects.values_list('name', flat=True), sep=';')"
)
BACKUP = re.compile(r"\d{8}-\d{6}-[a-z-]+")


@pytest.fixture
def window(new_page, server):
    """An administrator's window on a server that runs."""
    server.ask(MAKE.format(name="Before"))
    server.start()
    server.wait_for_answer()
    window = new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    window.goto(f"{server.url}/accounts/login/")
    window.fill("[name=login]", "ana")
    window.fill("[name=password]", PASSWORD)
    window.press("[name=password]", "Enter")
    window.wait_for_url(f"{server.url}/")
    return window


def ended(window, words: str) -> str:
    """Wait for the end of the work in hand, and return the name of the backup it is about."""
    expect(window.locator("#work")).to_contain_text(words, timeout=LONG)
    window.click("text=Open the backup")
    return BACKUP.search(window.url)[0]


def test_a_backup_goes_all_its_ways_by_page(server, window, tmp_path):
    window.goto(f"{server.url}/admin/backups/")
    window.click("text=Create now")
    made = ended(window, "is complete")

    window.click("text=Verify now")
    assert ended(window, "is proven") == made

    with window.expect_download() as download:
        window.click("button:has-text('Download')")
    assert download.value.suggested_filename == f"billtracker-{made}.zip"
    download.value.save_as(tmp_path / "copy.zip")

    window.goto(f"{server.url}/admin/backups/import/")
    window.set_input_files("[name=file]", tmp_path / "copy.zip")
    window.click("main button:has-text('Import')")
    brought = ended(window, "is complete")
    assert brought.endswith("-imported")
    assert list((server.data / "backups").glob("*.upload")) == []

    server.ask(RENAME.format(name="After"))
    window.click("text=Restore")
    window.fill("[name=reason]", "The wrong name")
    window.fill("[name=typed]", brought)
    window.click("text=Restore these data")
    expect(window.locator("#work")).to_contain_text("is restored", timeout=LONG)
    assert "Before" in server.ask(NAMES)
    # Whoever asked for it is still signed in, and both backups are named.
    expect(window.locator("#work a[href$='-pre-restore/']")).to_be_visible()
    expect(window.locator(f"#work dd a[href$='{brought}/']")).to_be_visible()

    window.click("text=All backups")
    expect(window.locator("main")).to_contain_text(f"Outgoing mail is held since the restore of {brought}")
    window.click("text=Take back what waits")
    expect(window.locator("#messages")).to_contain_text("new mail goes out again")
    reason = (
        "from billtracker.core.models import AuditEntry;"
        "print(AuditEntry.objects.get(action='backup.restored').reason)"
    )
    assert server.ask(reason) == "The wrong name"


def test_an_upload_that_is_too_long_is_answered_before_it_is_sent(server, window):
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in window.context.cookies())
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("POST", "/admin/backups/import/")
    for name, value in (
        ("Cookie", cookies), ("Content-Type", "multipart/form-data; boundary=x"),
        ("Content-Length", "5000000000"),
    ):  # fmt: skip
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"--x\r\n")
    answer = connection.getresponse()
    assert answer.status == 413
    assert "larger than 100.0 MB" in answer.read().decode()
    connection.close()
