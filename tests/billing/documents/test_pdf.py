"""The document says what was issued: every glyph leaves ink, nothing outside is asked for, bytes stay."""

import io
import socket
import subprocess
import sys

import pypdf
import pypdfium2
import pytest
from django.conf import settings

from billing.documents import pdf
from tests.billing.samples import PIXEL, make_snapshot

SCRIPTS = {
    "Latin": "Ybañez & Søn — Größe",
    "Greek": "Αθήνα οφειλές",
    "Cyrillic": "Счёт за услуги",
    "Chinese": "黃貿易有限公司",
    "Japanese": "請求書とカタカナ",
    "Korean": "청구서 합계",
    "Arabic": "فاتورة الشهر",
    "Hebrew": "חשבון חודשי",
    "Peso": "₱",
    "Rupee": "₹",
    "Euro": "€",
}


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "\n".join(page.extract_text() for page in pages)


SCALE = 4


def ink_of_each_letter(content: bytes) -> dict[str, int]:
    """For each letter of the first page the dark pixels within its own box, in a rendered image."""
    page = pypdfium2.PdfDocument(content)[0]
    image = page.render(scale=SCALE, grayscale=True).to_pil().point(lambda value: 255 * (value < 128))
    letters, found = page.get_textpage(), {}
    for index in range(letters.count_chars()):
        letter = letters.get_text_range(index, 1)
        left, bottom, right, top = (edge * SCALE for edge in letters.get_charbox(index))
        if letter.strip():
            box = (int(left), int(image.height - top), int(right) + 1, int(image.height - bottom) + 1)
            found[letter] = sum(image.crop(box).histogram()[255:])
    return found


def test_every_glyph_of_every_script_leaves_ink(caplog):
    snapshot = make_snapshot()
    letters = {letter for text in SCRIPTS.values() for letter in text if letter.strip()}
    # Apart from each other, so that each has a box of its own; and as words, as people write them.
    snapshot["statement"]["notes"] = [" ".join(sorted(letters)), *SCRIPTS.values()]
    content = pdf.pdf_of(snapshot, logos={})
    ink = ink_of_each_letter(content)
    assert letters - ink.keys() == set()
    assert [letter for letter in letters if ink[letter] < 10] == []
    assert "notdef" not in caplog.text


def test_a_letter_that_no_font_has_is_told(caplog):
    snapshot = make_snapshot()
    snapshot["statement"]["notes"] = ["\U0010fffd"]
    pdf.pdf_of(snapshot, logos={})
    assert "notdef" in caplog.text


def test_the_document_says_what_the_snapshot_says():
    text = text_of(pdf.pdf_of(make_snapshot(), logos={}))
    for word in ("Reyes & Co.", "SOA-2026-0001", "September 2025", "16 September 2025", "8,750.50",
                 "BPI 1234-5678", "Ana Reyes", "Partner", "1 / 1", "A. Cruz"):  # fmt: skip
        assert word in text
    assert "VOID" not in text
    stamped = text_of(pdf.pdf_of(make_snapshot(), logos={}, is_void=True))
    assert "VOID" in stamped.replace(" ", "").replace("\n", "")


def test_many_lines_go_over_pages_with_the_number_of_each():
    snapshot = make_snapshot()
    snapshot["lines"] *= 90
    pages = pypdf.PdfReader(io.BytesIO(pdf.pdf_of(snapshot, logos={}))).pages
    assert len(pages) > 2
    assert f"2 / {len(pages)}" in pages[1].extract_text()


def test_the_same_snapshot_gives_the_same_bytes_in_another_process_too():
    program = (
        "import django, hashlib; django.setup(); from billing.documents import pdf;"
        "from tests.billing.samples import PIXEL, make_snapshot;"
        "print(hashlib.sha256(pdf.pdf_of(make_snapshot(), logos={'office': PIXEL})).hexdigest())"
    )
    options = {"cwd": settings.BASE_DIR, "text": True, "capture_output": True, "check": True}
    digests = {subprocess.run([sys.executable, "-c", program], **options).stdout for _ in range(2)}
    assert len(digests) == 1


HOSTILE = [
    '<img src="{url}/a.png">', '<link rel="stylesheet" href="{url}/b.css">',
    "<style>@import '{url}/c.css';</style>", '<img src="file:///etc/passwd">',
    '<object data="file:///etc/hostname"></object>', "</title><base href='{url}/'>",
    '"><script src="{url}/d.js"></script>', "{{{{ settings.SECRET_KEY }}}}", "{url}/plain",
]  # fmt: skip


def test_no_text_makes_the_document_ask_for_anything():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        text = " ".join(HOSTILE).format(url=url)
        snapshot = make_snapshot()
        for part in (snapshot["office"], snapshot["client"], snapshot["statement"], snapshot["lines"][0]):
            for name, value in part.items():
                if name not in ("logo", "contacts", "signatories"):
                    part[name] = [text] if isinstance(value, list) else text
        snapshot["client"]["contacts"] = [{"name": text, "email": text}]
        snapshot["office"]["signatories"] = [[text, text]]
        content = pdf.pdf_of(snapshot, logos={})
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "<img src=" in text_of(content)
    assert b"/EmbeddedFile" not in content


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/", "https://example.org/", "FILE:/x"]
)
def test_any_address_but_data_stops_the_document(address):
    fetcher = pdf.press()[2]
    with pytest.raises(BaseException, match="nothing outside itself"):
        fetcher.fetch(address)


def test_a_logo_is_embedded_and_what_is_no_picture_is_left_out():
    assert len(pdf.pdf_of(make_snapshot(), logos={"office": PIXEL})) > 0
    assert "data:image/png" in pdf.html_of(make_snapshot(), logos={"office": PIXEL})
    assert "<img" not in pdf.html_of(make_snapshot(), logos={"client": b"<svg onload='x'>"})


def test_web_processes_do_not_load_the_renderer():
    program = (
        "import sys, billtracker.wsgi, billtracker.urls, billing.services;"
        "sys.exit(any(name.startswith('weasyprint') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR).returncode == 0


def test_a_name_without_a_blank_stays_on_the_sheet():
    """O11: 160 letters run over as many lines as they need."""
    snapshot = make_snapshot()
    for part, name in (("client", "name"), ("office", "name"), ("client", "header_note")):
        snapshot[part][name] = "W" * 160
    page = pypdfium2.PdfDocument(pdf.pdf_of(snapshot, logos={}))[0]
    letters = page.get_textpage()
    edges = [letters.get_charbox(index) for index in range(letters.count_chars())]
    margin = 16 / 25.4 * 72 - 1  # of the sheet, in points
    assert min(left for left, *_ in edges) >= margin
    assert max(right for _, _, right, _ in edges) <= page.get_width() - margin
    assert text_of(pdf.pdf_of(snapshot, logos={})).count("W") >= 480
