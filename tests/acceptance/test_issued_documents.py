"""What is issued never changes: page, PDF and CSV name the same amounts, and keep naming them."""

import csv
import datetime as dt
import hashlib
import io
import random
import re
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.template import engines
from django.utils import translation
from django.utils.html import strip_tags
from hypothesis import given
from hypothesis import strategies as st

from billing import services
from billing.documents import pdf, snapshots
from billing.models import Client, Contact, FeeStep, OfficeProfile, Statement, StatementLine
from billing.services.drafts import checked_lines
from billtracker.core.money import ZERO, minor_unit, parse, to_display
from billtracker.core.periods import Month
from tests.billing.samples import PIXEL, make_snapshot
from tests.factories import make_client, make_draft, make_engagement, make_office, make_office_user

CURRENCIES = ("PHP", "USD", "JPY", "BHD")
WORDS = ("Audit", "Filing of the return", "Bücher & Belege", "審査", "Discount", "Travel to Cebu and back")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def half_up(amount: Fraction, currency: str) -> Fraction:
    """Round away from zero at the half, in whole numbers alone."""
    unit = Fraction(minor_unit(currency))
    count = abs(amount) / unit
    whole = (2 * count.numerator + count.denominator) // (2 * count.denominator)
    return (whole if amount >= 0 else -whole) * unit


# --- the rule of amounts -----------------------------------------------------------------------
@st.composite
def documents(draw):
    """A currency and lines with quantities of up to four places and prices of its own."""
    currency = draw(st.sampled_from(CURRENCIES))
    prices = st.integers(-(10**9), 10**9).map(lambda units: units * minor_unit(currency))
    quantities = st.integers(1, 990_000).map(lambda units: Decimal(units).scaleb(-4))
    row = st.builds(
        services.LineInput, st.sampled_from(WORDS), prices, quantities, st.sampled_from(("", "h"))
    )
    return currency, draw(st.lists(row, min_size=1, max_size=12))


@given(documents())
def test_every_line_is_rounded_once_and_the_total_is_their_sum_in_each_form(document):
    currency, inputs = document
    lines = checked_lines(SimpleNamespace(pk=1), currency, inputs)
    total = sum((line.amount for line in lines), ZERO)
    said = [snapshots.of_line(line, currency) for line in lines]
    for given_line, line, words in zip(inputs, lines, said, strict=True):
        exact = Fraction(given_line.quantity) * Fraction(given_line.unit_price)
        assert Fraction(line.amount) == half_up(exact, currency)
        # For machines and for people the same amount, to the minor unit.
        assert Decimal(words["amount"]) == line.amount == parse(words["amount_shown"], currency)
        assert Decimal(words["unit_price"]) == given_line.unit_price
        assert parse(words["unit_price_shown"], currency, decimal_mark=".") == given_line.unit_price
        assert Decimal(words["quantity"]) == given_line.quantity
    assert sum(Decimal(words["amount"]) for words in said) == total
    assert parse(to_display(total, currency, symbol=False), currency, decimal_mark=".") == total


# --- page = PDF = CSV --------------------------------------------------------------------------
def issued_at_random(seed: int) -> Statement:
    """A statement of random lines that went through every service."""
    chance = random.Random(seed)
    currency = CURRENCIES[seed % len(CURRENCIES)]
    lines = [
        services.LineInput(
            chance.choice(WORDS),
            chance.randint(1, 10 ** chance.randint(1, 8)) * minor_unit(currency),
            Decimal(chance.randint(1, 10 ** chance.randint(1, 6))).scaleb(-4),
            chance.choice(("", "hours")),
        )
        for _ in range(chance.randint(1, 40))
    ]
    lines.append(services.LineInput("Courtesy", -lines[0].unit_price, lines[0].quantity))
    return issued_of(make_client(currency=currency), lines)


def issued_of(client: Client, lines: list[services.LineInput]) -> Statement:
    biller, reviewer = make_office_user("Biller"), make_office_user("Reviewer")
    draft = services.save_draft(actor=biller, client=client, lines=lines)
    services.submit_statement(actor=biller, statement=draft)
    return services.issue_statement(actor=reviewer, statement=draft)


def amounts_of_page(html: str, currency: str) -> tuple[list[Decimal], Decimal]:
    """Return the amounts of the lines and the total that the page shows."""
    cells = re.findall(r'<td class="num amount-cell">([^<]*)</td>', html)
    [total] = re.findall(r"<dd data-total>([^<]*)</dd>", html)
    return [read(cell, currency) for cell in cells], read(total, currency)


def amounts_of_pdf(content: bytes, currency: str) -> tuple[list[Decimal], Decimal]:
    """Return the amounts of the lines and the total that the PDF's text names."""
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    rows = re.findall(r"[\d.,]+(?: hours)? \N{MINUS SIGN}?[\d.,]+ (\N{MINUS SIGN}?[\d.,]+)$", text, re.M)
    [total] = re.findall(r"Total due\s+(.*)$", text, re.M)
    return [read(row, currency) for row in rows], read(total, currency)


def read(text: str, currency: str) -> Decimal:
    """Read an amount as it is shown, with or without its symbol."""
    sign = to_display(ZERO, currency).rstrip("0.")
    return parse(text.replace(sign, "").replace(sign.strip(), ""), currency, decimal_mark=".")


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_page_pdf_and_csv_name_the_same_amounts_to_the_minor_unit(client, seed):
    make_office()
    issued = issued_at_random(seed)
    [document] = services.make_documents(source=issued)
    client.force_login(make_office_user("Viewer"))
    url = f"/billing/statements/{issued.pk}/"
    currency, rows = issued.currency, list(issued.lines.order_by("position"))
    stored = [line.amount for line in rows], issued.total
    assert sum(stored[0]) == stored[1]
    assert amounts_of_page(client.get(url).content.decode(), currency) == stored
    served = client.get(f"{url}pdf/").content
    assert hashlib.sha256(served).hexdigest() == document.sha256
    assert amounts_of_pdf(served, currency) == stored
    for table in ("/billing/statements/csv/", f"/billing/sequences/{issued.sequence_id}/2026/csv/"):
        [row] = csv.DictReader(io.StringIO(client.get(table).content.decode("utf-8-sig")))
        assert (row["number"], row["currency"], row["sha256"]) == (issued.number, currency, document.sha256)
        assert Decimal(row["total"]) == stored[1]
        assert -Decimal(row["total"]).as_tuple().exponent == -minor_unit(currency).as_tuple().exponent


# --- after the issue everything else changes ---------------------------------------------------
@pytest.fixture
def issued(transactional_free_day):
    """The statement of a retainer, with logos, issued and with its PDF made."""
    logo = default_storage.save("office/logo.png", ContentFile(PIXEL))
    make_office(
        logo=logo, bank_lines="BPI 1234", signatories="Ana Reyes, Partner", terms="Soon", footer="Thanks"
    )
    client = make_client(
        name="Casa Niña Bakery",
        address="109 Mabini St.\nMakati",
        tax_number="702-781",
        header_note="Ref 7",
        logo=default_storage.save("clients/logo.png", ContentFile(PIXEL)),
    )
    Contact.objects.create(client=client, name="J. Tan", email="ap@a.example", is_billing_recipient=True)
    engagement = make_engagement(client, fee="12000.50", starts_on=dt.date(2026, 1, 1))
    biller, reviewer = make_office_user("Biller"), make_office_user("Reviewer")
    services.run_cycle(actor=biller, month=Month(2026, 10))
    draft = services.submit_statement(actor=biller, statement=engagement.statements.get())
    statement = services.issue_statement(actor=reviewer, statement=draft)
    services.make_documents(source=statement)
    return statement


@pytest.fixture
def transactional_free_day(db, time_machine):
    """An evening whose day is another one in other time zones."""
    time_machine.move_to(dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC), tick=False)


def change_everything(statement: Statement) -> None:
    """Change all that the document was made of, files included."""
    other = PIXEL.replace(b"IDAT", b"iDAT")
    client = statement.client
    client.name, client.address, client.tax_number, client.header_note = "Another", "Elsewhere", "1", "New"
    client.currency, client.terms_days = "JPY", 90
    client.logo = default_storage.save("clients/other.png", ContentFile(other))
    client.save()
    Contact.objects.filter(client=client).update(name="Somebody else", email="else@a.example")
    statement.engagement.title, statement.engagement.description = "Payroll", "{period}, other words"
    statement.engagement.save()
    FeeStep.objects.update(amount=Decimal(99))
    OfficeProfile.objects.update(
        name="New Partners",
        address="2 Other St.",
        tax_number="9",
        bank_lines="BDO 99",
        signatories="B, C",
        terms="Later",
        footer="Bye",
        time_zone="America/Lima",
        currency="EUR",
        terms_days=99,
        logo=default_storage.save("office/other.png", ContentFile(other)),
    )


def main_of(html: str) -> str:
    """Return the text of the page's main part."""
    [main] = re.findall(r"<main.*?</main>", html, re.S)
    return " ".join(strip_tags(main).split())


def document_of(html: str) -> str:
    """Return the text of what the page shows of the document itself."""
    parts = re.findall(r"<section[^>]*data-document>.*?</section>", html, re.S)
    assert len(parts) == 2
    return " ".join(strip_tags(" ".join(parts)).split())


def test_neither_page_nor_pdf_nor_csv_changes_when_everything_behind_them_does(client, issued, time_machine):
    # Its day has come in the new time zone too; before that it would be dated ahead.
    time_machine.move_to(dt.datetime(2026, 11, 22, 17, tzinfo=dt.UTC), tick=False)
    client.force_login(make_office_user("Admin"))
    url = f"/billing/statements/{issued.pk}/"
    looks = (url, f"{url}pdf/", "/billing/statements/csv/")
    page, content, table = (client.get(look).content for look in looks)
    change_everything(issued)
    assert services.make_documents(source=issued) == []
    again = [client.get(look).content for look in looks]
    assert main_of(again[0].decode()) == main_of(page.decode())
    assert again[1:] == [content, table]
    assert hashlib.sha256(content).hexdigest() == issued.documents.get().sha256
    text = main_of(page.decode())
    for words in ("Casa Niña Bakery", "109 Mabini St.", "702-781", "October 2026", "₱12,000.50", "01:00"):
        assert words in text
    for words in ("Another", "Elsewhere", "New Partners", "¥"):
        assert words not in main_of(again[0].decode())


def test_the_document_could_be_made_again_from_its_snapshot_to_the_byte(issued):
    before = services.read_document(issued.documents.get())
    change_everything(issued)
    again = Statement.objects.get(pk=issued.pk)
    logos = services.documents.logos_of(again.snapshot)
    with translation.override("de"):
        assert pdf.pdf_of(again.snapshot, logos=logos) == before


def test_another_template_leaves_what_is_stored_as_it_is(client, issued, settings, monkeypatch, tmp_path):
    client.force_login(make_office_user("Viewer"))
    url = f"/billing/statements/{issued.pk}/pdf/"
    before = client.get(url).content
    folder = tmp_path / "templates" / "billing" / "pdf"
    folder.mkdir(parents=True)
    (folder / "statement.html").write_text("<p>Another look</p>")
    monkeypatch.setattr(engines["django"].engine, "dirs", [folder.parent.parent])
    for loader in engines["django"].engine.template_loaders:
        loader.reset()
    assert services.make_missing_documents() == (0, 0)
    assert client.get(url).content == before


def test_in_another_language_the_document_says_the_same(client, issued, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    client.force_login(make_office_user("Viewer"))
    url = f"/billing/statements/{issued.pk}/"
    english = client.get(url).content.decode()
    settings.LANGUAGE_CODE = "de"
    with translation.override("de"):
        german = client.get(url, headers={"accept-language": "de"}).content.decode()
        content = client.get(f"{url}pdf/").content
    assert document_of(german) == document_of(english)
    # The reader's own part did change.
    assert main_of(german) != main_of(english)
    assert hashlib.sha256(content).hexdigest() == issued.documents.get().sha256


def test_a_document_is_the_same_whatever_the_language_of_the_process():
    with translation.override("de"):
        german = pdf.html_of(make_snapshot(), logos={})
    assert german == pdf.html_of(make_snapshot(), logos={})


def test_the_largest_amounts_fit_on_one_line():
    snapshot = make_snapshot()
    largest = "99,999,999,999.999"
    snapshot["lines"][0] |= {"unit_price_shown": largest, "amount_shown": largest, "unit": "hours"}
    snapshot["statement"] |= {"currency": "BHD", "total_shown": f"BHD {largest}"}
    content = pdf.pdf_of(snapshot, logos={})
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert f"1 hours {largest} {largest}" in text
    assert re.search(rf"Total due\s+BHD {largest}", text)


@pytest.mark.django_db
def test_a_draft_does_change_with_its_client_until_it_is_issued(client):
    make_office()
    client.force_login(make_office_user("Viewer"))
    draft = make_draft(make_client(name="Before"))
    assert "Before" in main_of(client.get(f"/billing/statements/{draft.pk}/").content.decode())
    Client.objects.update(name="After")
    assert "After" in main_of(client.get(f"/billing/statements/{draft.pk}/").content.decode())
    assert StatementLine.objects.get().amount == Decimal("1000.00")
