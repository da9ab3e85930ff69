"""What comes out of the printer: every column, no empty sheet, black on white."""

import datetime as dt
import io
from decimal import Decimal

import pypdf
import pypdfium2
import pytest
from PIL import ImageChops

from bills import services
from bills.models import Bill
from tests.browser.steps import sign_in
from tests.factories import make_client, make_household, make_issued, make_office, make_office_user, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite")]


def printed(page) -> bytes:
    """Return the page as Chromium prints it on A4."""
    return page.pdf(format="A4", prefer_css_page_size=True, print_background=True)


def sheets_of(content: bytes) -> list[str]:
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(content)).pages]


def coloured_share(content: bytes) -> float:
    """Return which share of the sheets' pixels is neither black nor white nor grey."""
    coloured = total = 0
    for sheet in pypdfium2.PdfDocument(content):
        red, green, blue = sheet.render(scale=1).to_pil().convert("RGB").split()
        lightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
        coloured += sum(ImageChops.difference(lightest, darkest).histogram()[32:])
        total += red.width * red.height
    return coloured / total


def test_aging_prints_every_column(live_server, page_wide, transactional_db, time_machine):
    """P4: Credit and Outstanding stand on the paper too."""
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    make_office()
    for number in range(12):
        make_issued(
            client=make_client(name=f"A client of a rather long name, number {number}"), amount="987654.32"
        )
    sign_in(page_wide, live_server, make_office_user("Viewer"))
    page_wide.goto(f"{live_server.url}/billing/reports/aging/")
    content = printed(page_wide)
    letters = pypdfium2.PdfDocument(content)[0].get_textpage()
    edges = [letters.get_charbox(index)[2] for index in range(letters.count_chars())]
    assert max(edges) <= pypdfium2.PdfDocument(content)[0].get_width() - 20
    first = sheets_of(content)[0]
    for heading in ("current", "90+", "credit", "outstanding"):
        assert heading in first.lower()
    assert coloured_share(content) == 0


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_the_tracker_fills_its_first_sheet_in_black(live_server, page_wide, transactional_db, time_machine):
    """P4: a long list goes on overleaf; nothing of it is red, whatever the screen looks like."""
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    home = make_household(owner := make_user())
    for number in range(40):
        start = dt.date(2026, 11, 1 + number % 28)
        bill = Bill(household=home, name=f"Bill {number}", expected_amount=Decimal(100), currency="USD")
        bill.start_date = bill.tracked_from = start
        services.save_bill(actor=owner, bill=bill)
    sign_in(page_wide, live_server, owner)
    page_wide.goto(f"{live_server.url}/tracker/2026/11/")
    content = printed(page_wide)
    sheets = sheets_of(content)
    assert sheets[0].count("Bill ") > 10
    assert sum(sheet.count("Bill ") for sheet in sheets) >= 40
    assert coloured_share(content) == 0
