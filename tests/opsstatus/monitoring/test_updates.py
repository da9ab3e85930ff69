"""The question for the latest version, put to a real server on loopback that answers as it likes."""

import gzip
import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from billtracker.core.settings import runtime_settings
from opsstatus import panel_results, services, tasks
from opsstatus.models import StoredFact
from opsstatus.monitoring import updates
from opsstatus.monitoring.updates import UpdateUnknown, is_newer, latest_version, version_in


class Stranger(ThreadingHTTPServer):
    """A web server whose answer is ``answer(handler)``."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.asked = None, []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/releases/latest?key=hush"

    def says(self, body: bytes | str, status: int = 200, **headers) -> None:
        """Answer each question with this body."""
        content = body.encode() if isinstance(body, str) else body

        def answer(handler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(content)

        self.answer = answer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        with suppress(OSError):  # the asker may have gone away
            self.server.answer(self)

    def log_message(self, *args):
        pass


@pytest.fixture
def stranger():
    server = Stranger()
    yield server
    server.shutdown()
    server.server_close()


def reason(server: Stranger, patience: float = 5) -> str:
    """Return why the version is not known; never with the address in it."""
    with pytest.raises(UpdateUnknown) as unknown:
        latest_version(server.url, patience)
    assert "127.0.0.1" not in str(unknown.value)
    assert "hush" not in str(unknown.value)
    return str(unknown.value)


# --- answers -----------------------------------------------------------------------------------
@pytest.mark.parametrize("answer", [{"version": "1.2.3"}, {"tag_name": "v1.2.3", "name": "Spring"}])
def test_both_shapes_of_an_answer_are_understood(stranger, answer):
    stranger.says(json.dumps(answer))
    assert latest_version(stranger.url) == "1.2.3"
    assert stranger.asked[0][0] == "/releases/latest?key=hush"


@pytest.mark.parametrize(
    "body",
    [
        '{"version": 5}',
        '{"version": null}',
        '{"version": ["1.2.3"]}',
        '{"version": "99999999999"}',
        "[]",
        "5",
        "null",
        '{"version": "1.2.3\\n<script>"}',
        '{"version": ""}',
        "{}",
        '{"version": "1.999999999"}',
        '{"tag_name": "latest"}',
        '{"version": "' + "1." * 200 + '1"}',
    ],
)
def test_an_answer_without_a_version_is_told(stranger, body):
    stranger.says(body)
    assert reason(stranger) == "The answer names no version."


@pytest.mark.parametrize("body", ["", "<html>Sign in</html>", b"\xff\xfe\x00", "{", "[" * 60_000])
def test_an_answer_that_is_not_json_is_told(stranger, body):
    stranger.says(body)
    assert reason(stranger) == "The answer is not JSON."


def test_a_huge_answer_is_not_read_to_its_end(stranger):
    stranger.says(b" " * 30_000_000)
    assert reason(stranger) == "The answer is longer than 64 kB."


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_unpacked(stranger):
    stranger.says(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")
    assert reason(stranger) == "The answer is longer than 64 kB."


def test_a_broken_encoding_is_told(stranger):
    stranger.says(b"not gzip", Content_Encoding="gzip")
    assert reason(stranger) == "The answer cannot be read."


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_refusal_is_told_with_its_status(stranger, status):
    stranger.says("{}", status)
    assert reason(stranger) == f"The server answered with status {status}."


# --- ways --------------------------------------------------------------------------------------
def test_a_redirect_is_followed(stranger):
    def answer(handler):
        is_second = handler.path == "/second"
        handler.send_response(200 if is_second else 302)
        handler.send_header("Location", "/second")
        handler.end_headers()
        handler.wfile.write(b'{"version": "2.0"}' if is_second else b"")

    stranger.answer = answer
    assert latest_version(stranger.url) == "2.0"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
def test_a_redirect_out_of_the_web_is_refused(stranger, target):
    stranger.says("", 302, Location=target)
    assert reason(stranger) == "The server redirects to something that is not the web."


def test_a_redirect_in_circles_ends(stranger):
    stranger.says("", 302, Location="/again")
    assert reason(stranger) == "The server redirects in circles."
    assert len(stranger.asked) == updates.REDIRECTS + 1


def test_a_server_that_is_not_there_is_told():
    server = Stranger()
    server.shutdown()
    server.server_close()
    assert reason(server) == "The server cannot be reached."


def test_a_server_that_never_answers_is_given_up(stranger):
    # It would stay silent until we have given up; who waits for it waits for itself.
    given_up = threading.Event()
    stranger.answer = lambda handler: given_up.wait(30)
    said = reason(stranger, 0.5)
    # Whichever limit is reached first: that of the socket, or that of the whole answer.
    assert said in ("The server did not answer in time.", "No whole answer came within 0 s.")
    given_up.set()


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_server_that_drips_is_given_up(stranger, part):
    """A byte now and then keeps every socket's time-out from running out."""

    def drip(handler):
        if part == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
        while not given_up.wait(0.05):
            handler.wfile.write(b" " if part == "body" else b"H")
            handler.wfile.flush()
        after.append(part)

    given_up, after = threading.Event(), []
    stranger.answer = drip
    assert reason(stranger, 0.6)
    assert after == []
    given_up.set()


# --- versions ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("latest", "current", "newer"), [
    ("1.10.0", "1.9.9", True), ("1.9.9", "1.10.0", False), ("1.2", "1.2.0", False), ("2.0", "2.0rc1", True),
    ("2.0rc1", "2.0", False), ("1.2.0", "1.2.0", False), ("nonsense", "1.0", False),
    ("1.0", "nonsense", False),
])  # fmt: skip
def test_versions_are_compared_as_versions(latest, current, newer):
    assert is_newer(latest, current) is newer


def test_a_leading_v_is_left_out():
    assert [version_in(text) for text in ("v1.2.3", " V1.2 ", "1.2.3-rc.1")] == ["1.2.3", "1.2", "1.2.3rc1"]


# --- the job and the panel ---------------------------------------------------------------------
@pytest.fixture
def on(db, stranger, healthy):
    runtime_settings.save(None, "update_check_url", stranger.url)
    return healthy


def panel() -> list[tuple[str, str]]:
    shown = next(panel for panel in panel_results.gather().panels if panel.title == "Updates")
    return [(item.value, str(item.level)) for item in shown.items]


@pytest.mark.django_db
def test_without_an_address_nobody_is_asked_and_nothing_is_remembered(stranger, healthy):
    assert tasks.check_for_update() == "Not asked: no address is set."
    assert not StoredFact.objects.filter(name="update").exists()
    assert panel() == [("Not asked; switch it on in the settings", "ok")]
    assert stranger.asked == []


def test_the_panel_goes_from_unknown_to_latest_to_newer_to_old(on, stranger, settings):
    assert panel()[1] == ("Not asked yet; the worker does it within minutes.", "unknown")
    stranger.says(json.dumps({"version": settings.VERSION}))
    assert tasks.check_for_update() == f"The latest version is {settings.VERSION}."
    assert panel() == [(settings.VERSION, "ok"), ("This is the latest (asked just now)", "ok")]
    on.shift(49 * 3600)
    assert panel()[1] == ("Last asked 2 days ago", "warning")
    stranger.says('{"tag_name": "v99.0.1"}')
    tasks.check_for_update()
    assert panel()[1] == ("99.0.1 is out (asked just now).", "warning")


def test_a_failure_is_a_warning_without_the_address_and_keeps_what_was_known(on, stranger):
    stranger.says('{"version": "0.0.1"}')
    tasks.check_for_update()
    stranger.says("", 500)
    said = tasks.check_for_update()
    assert said == "The latest version is not known: The server answered with status 500."
    assert panel()[1] == ("Could not be learnt just now: The server answered with status 500.", "warning")
    assert StoredFact.objects.get(name="update").values["latest"] == "0.0.1"
    assert "127.0.0.1" not in str(panel_results.as_json(panel_results.gather()))


def test_the_page_asks_nobody(on, stranger, client, administrator):
    client.force_login(administrator)
    client.get("/admin/status/")
    assert stranger.asked == []


@pytest.mark.django_db
def test_hostile_facts_break_no_panel(healthy):
    runtime_settings.save(None, "update_check_url", "https://example.org/")
    services.store_fact("update", {"latest": "not a version", "error": ""})
    assert panel()[1][1] == "ok"
