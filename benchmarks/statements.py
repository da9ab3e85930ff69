"""Statements as PDF beside the rendering library used plainly, and a batch of them on two workers."""

import io
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context

import django
from PIL import Image, ImageDraw

from benchmarks.runner import Pair
from billing.documents import pdf
from tests.billing.samples import make_snapshot

BATCH, WORKERS = 24, 2
SCRIPTS = (
    "Αθήνα οφειλές", "Счёт за услуги", "黃貿易有限公司", "請求書とカタカナ", "청구서 합계", "فاتورة الشهر",
    "חשבון חודשי", "₱ ₹ €",
)  # fmt: skip


@cache
def logo() -> bytes:
    """Return a logo as offices have them: a transparent PNG for print."""
    image = Image.new("RGBA", (600, 180), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    for left in range(0, 600, 3):
        ring, colour = (left - 60, 20 + left % 70, left + 60, 140), (20, 60, left * 7 % 255, 255)
        draw.ellipse(ring, outline=colour, width=3)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def retainer(number: int = 1) -> dict:
    """Return the ordinary case: one page, one line, Latin letters."""
    snapshot = make_snapshot()
    snapshot["client"]["name"] = f"Wong Trading {number}"
    snapshot["statement"]["number"] = f"SOA-2026-{number:04}"
    return snapshot


def ten_lines() -> dict:
    """Return a statement of ten lines."""
    snapshot = retainer()
    snapshot["lines"] *= 10
    return snapshot


def mixed() -> dict:
    """Return a statement in many scripts."""
    snapshot = make_snapshot()
    snapshot["statement"]["notes"] = list(SCRIPTS)
    return snapshot


def own_pdf(snapshot: dict) -> bytes:
    return pdf.pdf_of(snapshot, logos={"office": logo()})


def plain_pdf(snapshot: dict) -> bytes:
    """Render the same document as the library's manual says, its style inside it."""
    from weasyprint import HTML

    style = f"<style>{pdf.STYLE.read_text(encoding='utf-8')}</style></head>"
    text = pdf.html_of(snapshot, logos={"office": logo()}).replace("</head>", style)
    return HTML(string=text).write_pdf()


def soa_pdf() -> list[Pair]:
    """A document on a warm worker against plain use of the library; the first one is the ordinary case."""
    cases = {"soa-pdf": retainer(), "soa-pdf-ten-lines": ten_lines(), "soa-pdf-mixed": mixed()}
    return [document(*case) for case in cases.items()]


def document(name: str, snapshot: dict) -> Pair:
    if own_pdf(snapshot) != plain_pdf(snapshot):
        raise RuntimeError("Both ways must give the same bytes.")
    return Pair(name, partial(plain_pdf, snapshot), partial(own_pdf, snapshot))


def soa_batch() -> Pair:
    """A batch of 24 documents on two worker processes against plain use of the library in one."""
    snapshots = [retainer(number) for number in range(1, BATCH + 1)]
    # Processes of their own, as the worker's are, and like these warm from the second batch on.
    workers = ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=django.setup)

    def floor():
        for snapshot in snapshots:
            plain_pdf(snapshot)

    def own():
        if not all(workers.map(own_pdf, snapshots)):
            raise RuntimeError("The batch is not whole.")

    return Pair("soa-batch", floor, own, rounds=7)
