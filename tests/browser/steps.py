"""What browser tests do again and again: sign in, and ask axe for faults."""

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings
from django.test import Client

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every fault in full; what axe passed is neither described nor brought here, which takes longer than asking.
ASKED = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
ASK_AXE = "asked => axe.run(asked).then(({violations}) => ({violations}))"


def sign_in(page, live_server, user) -> None:
    """Give the page's browser a session of ``user`` without going through the form."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])


def let_settle(page) -> None:
    """Wait as a person does before the next thing: a click right after a change does nothing."""
    page.wait_for_timeout(650)


def assert_accessible(page) -> None:
    """Fail with axe's own words for every fault it finds on the page as it is now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(ASK_AXE, ASKED))
    assert found.violations_count == 0, f"{shape_of(page)}\n{found.generate_report()}"


def shape_of(page) -> str:
    """Say which page this is, how wide its window, and in which colours."""
    scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    return f"{page.url} ({page.viewport_size['width']} px, {scheme})"


def assert_no_sideways_scrolling(page) -> None:
    """Fail if the page is wider than its window."""
    width, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= window, f"{page.url} is {width} px wide in a window of {window} px."
