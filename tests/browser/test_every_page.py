"""axe finds nothing on any page, and no page scrolls sideways: at 1280 px in light, at 360 px in dark.

The pages are the table of addresses' (`tests/test_access.py`), so that a new one is walked without
being listed here. Each address is walked for every role. A page is looked at unless both its content and what
is around that were seen before: five roles share most pages, and each role has one menu for all of them.
A page is loaded once; its window is made narrow and dark while it is open.
"""

import re

import pytest

from tests.browser.answers import ORIGIN, Answers
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_accessibility import add_a_bill_in_every_state, check
from tests.test_access import DONE, TABLE, filled_in, names_of

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite")]
NOT_OURS = ("/admin/", "/api/")  # drawn by Django and by Swagger
# Pages of the table as they come with something asked, and the roles that get one.
MORE = {
    "/not/there/": ("stranger", "owner"),
    "/tracker/2031/5/": ("owner",),
    "/tracker/2026/11/?show=skipped": ("owner",),
    "/tracker/2026/11/?q=nothing": ("owner",),
}
PIECES = 24  # so that no process is left with a long walk at the end
AT_LEAST = 10  # pages in a piece, or the walk was none
CONTENT = re.compile(r"<main.*?</main>", re.DOTALL)
# What is another one each time, proofs of forms and names of the roles; and what tells where one is.
PERSONAL = re.compile(r"\b[0-9A-Za-z]{64}\b|\boffice-(admin|biller|reviewer|viewer)\b")
PLACE = re.compile(r'<title>.*?</title>| aria-current="page"| (?:href|value)="[^"]*"', re.DOTALL)
WIDE_AND_LIGHT = (WIDE["viewport"], "light")
NARROW_AND_DARK = (PHONE["viewport"], "dark")
without_fault: set[str] = set()


@pytest.fixture(scope="module")
def full_world(world, django_db_blocker):
    """The world of the access table, with a bill in every state."""
    with django_db_blocker.unblock():
        add_a_bill_in_every_state(world)
        return world


def roles_of(row) -> list[str]:
    """Say who walks an address: the administrator and the office's others where they see something else."""
    roles = ["stranger", "owner", "office biller"]
    if row.expected("owner") != DONE:
        roles += ["administrator"]
    if row.path.startswith("/billing/"):
        roles += ["office admin", "office viewer"]
    return [role for role in roles if row.expected(role) in (DONE, 404)]


def walks(world) -> dict[str, list[str]]:
    """Return the roles for every address of the table that may show them a page."""
    names = names_of(world)
    rows = [row for rows in TABLE.values() for row in rows]
    rows = [row for row in rows if row.method == "get" and not row.path.startswith(NOT_OURS)]
    return {filled_in(row.path, names): roles_of(row) for row in rows} | MORE


def is_page(answer) -> bool:
    """Data and files are no pages, nor is what leads elsewhere."""
    is_html = answer.get("content-type", "").startswith("text/html")
    return is_html and answer.status_code in (200, 404)


def parts_of(answer) -> set[str]:
    """Return the page's content, and what is around it without the place it is at."""
    page = PERSONAL.sub("", answer.content.decode())
    content = CONTENT.search(page)
    return {content[0], PLACE.sub("", CONTENT.sub("", page))} if content else {page}


def take_shape(page, viewport: dict, scheme: str) -> None:
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)


@pytest.mark.parametrize("piece", range(PIECES))
def test_no_page_has_a_fault(new_page, full_world, piece):
    page = new_page()
    answers, seen, known = Answers(page), 0, set()
    walk = list(walks(full_world).items())[piece::PIECES]
    for path, role in [(path, role) for path, roles in walk for role in roles]:
        answers.belong_to(full_world.users[role])
        answer = answers.get(path)
        if not is_page(answer):
            continue
        seen += 1
        if not parts_of(answer) <= without_fault:
            # As another role has it an address differs by a few buttons: the narrow window is the harder one.
            shapes = [NARROW_AND_DARK] if path in known else [WIDE_AND_LIGHT, NARROW_AND_DARK]
            take_shape(page, *shapes[0])
            page.goto(ORIGIN + path)
            for shape in shapes:
                take_shape(page, *shape)
                check(page)
            without_fault.update(parts_of(answer))
            known.add(path)
    assert seen >= AT_LEAST
