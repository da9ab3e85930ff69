"""A real Chromium at two widths.

``page_wide`` is 1280 px, ``page_phone`` 360 px with touch, ``any_page`` the one in light and the other in
dark: no style is about a width and a scheme together, which `tests/test_architecture.py` holds.
``@pytest.mark.parametrize("color_scheme", ["light", "dark"])`` gives the first two both schemes.
Each page fails its test if a script error or a breach of the content security policy was seen.
Steps shared by the tests (``sign_in``, ``assert_accessible``) are in ``tests/browser/steps.py``.
"""

import shutil

import pytest
from django.db import connections
from playwright.sync_api import sync_playwright

from tests.browser.steps import assert_accessible, assert_no_sideways_scrolling, sign_in
from tests.conftest import cannot_run

__all__ = ["assert_accessible", "assert_no_sideways_scrolling", "sign_in"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture(scope="session")
def chromium():
    """One browser for the session."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        cannot_run("Browser tests need Chromium: apt-get install chromium.")
    # While Playwright's loop runs Django uses connections of its own; nothing may be held by those before.
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def color_scheme() -> str:
    return "light"


@pytest.fixture
def new_page(chromium):
    """Open pages of any shape; each has cookies of its own, and all are closed after the test."""
    contexts, faults = [], []

    def watch(message) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def make(**options):
        context = chromium.new_context(locale="en-US", **options)
        context.set_default_timeout(30_000)  # a busy machine is slower, not wrong
        context.on("console", watch)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def page_wide(new_page, color_scheme):
    """A window of a desk's width, 1280 px."""
    return new_page(**WIDE, color_scheme=color_scheme)


@pytest.fixture
def page_phone(new_page, color_scheme):
    """A phone's window, 360 px, with touch."""
    return new_page(**PHONE, color_scheme=color_scheme)


@pytest.fixture(params=["wide light", "phone dark"])
def any_page(request, new_page):
    """Both widths and both schemes: a test that takes it runs twice."""
    width, scheme = request.param.split()
    return new_page(**(WIDE if width == "wide" else PHONE), color_scheme=scheme)
