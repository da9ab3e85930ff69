"""A logo is packed once, and documents look as if the library had packed it for each of them."""

import io

import pytest
from PIL import Image

from billing.documents import pdf
from tests.billing.samples import PIXEL, make_snapshot


def picture(mode: str = "RGBA", size: tuple[int, int] = (60, 24), form: str = "PNG") -> bytes:
    """Return a picture of this kind, shaded so that a mixed-up channel or size shows."""
    shades = Image.linear_gradient("L").resize(size)
    image = Image.merge(mode, [shades, shades.rotate(180), shades, shades][: len(mode)])
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def as_the_library_packs_it(snapshot, logos) -> bytes:
    from weasyprint import HTML

    style, fonts, fetcher = pdf.press()
    html = HTML(string=pdf.html_of(snapshot, logos=logos), url_fetcher=fetcher)
    return html.write_pdf(stylesheets=[style], font_config=fonts)


LOGOS = {
    "transparent": picture(),
    "opaque": picture("RGB"),
    "gray": picture("L"),
    "photograph": picture("RGB", form="JPEG"),
    "smallest": PIXEL,
}


@pytest.mark.parametrize("kind", LOGOS)
def test_a_kept_logo_gives_the_bytes_that_the_library_gives(kind):
    snapshot, logos = make_snapshot(), {"office": LOGOS[kind], "client": LOGOS["transparent"]}
    wanted = as_the_library_packs_it(snapshot, logos)
    assert [pdf.pdf_of(snapshot, logos=logos) for _ in range(3)] == [wanted] * 3


def test_a_logo_is_packed_at_its_first_document_alone(monkeypatch):
    logos, packed = {"office": picture(size=(61, 25))}, []
    save = Image.Image.save
    monkeypatch.setattr(Image.Image, "save", lambda *args, **kw: packed.append(1) or save(*args, **kw))
    for number, wanted in (("SOA-1", 2), ("SOA-2", 2)):  # the colours and their mask
        snapshot = make_snapshot()
        snapshot["statement"]["number"] = number
        pdf.pdf_of(snapshot, logos=logos)
        assert len(packed) == wanted


def test_a_broken_logo_is_left_out_and_told(caplog):
    broken = picture()[:40]
    content = pdf.pdf_of(make_snapshot(), logos={"office": broken})
    assert content == as_the_library_packs_it(make_snapshot(), {"office": broken})
    assert "Failed to load image" in caplog.text


def test_a_logo_that_changed_is_another_one():
    before = pdf.pdf_of(make_snapshot(), logos={"office": LOGOS["opaque"]})
    after = pdf.pdf_of(make_snapshot(), logos={"office": LOGOS["transparent"]})
    assert before != after
    assert pdf.pdf_of(make_snapshot(), logos={"office": LOGOS["opaque"]}) == before
