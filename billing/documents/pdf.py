"""Statements as PDF: from the snapshot alone, with no network and no file of this machine.

The rendering library is slow to import and large, so only the worker pays for it: it is imported
at the first document. The same snapshot gives the same bytes.
"""

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from billing.documents import snapshots
from billing.documents.data_addresses import data_address
from billtracker.core.data.gc_pause import collector_paused

STYLE = settings.BASE_DIR / "templates" / "billing" / "pdf" / "statement.css"


def html_of(snapshot: Mapping, *, logos: Mapping[str, bytes], is_void: bool = False) -> str:
    """Return the document as HTML; every text of the snapshot is escaped. Writes nothing."""
    context = {
        "snapshot": snapshot,
        "office": snapshot["office"],
        "client": snapshot["client"],
        "statement": snapshot["statement"],
        "lines": snapshot["lines"],
        "is_credit_note": snapshot["statement"]["kind"] == snapshots.CREDIT_NOTE,
        "is_void": is_void,
        "office_logo": data_address(logos.get("office", b"")),
        "client_logo": data_address(logos.get("client", b"")),
    }
    # The language of its issue, whatever the one of the process that renders it.
    with translation.override(snapshot["language"]):
        return render_to_string("billing/pdf/statement.html", context)


@lru_cache(maxsize=1)
def press():
    """Return what every document shares: the parsed style, the fonts, and a fetcher of ``data:`` alone."""
    # Slow to load: see the head of this module.
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class OnlyData(URLFetcher):
        """Refuses every address but ``data:``, and with it the whole document."""

        def fetch(self, url, headers=None):
            if not url.lower().startswith("data:"):
                raise FatalURLFetchingError("A document asks for nothing outside itself.")
            return super().fetch(url, headers)

    fonts = FontConfiguration()
    style = CSS(string=STYLE.read_text(encoding="utf-8"), font_config=fonts)
    return style, fonts, OnlyData(allowed_protocols=("data",))


def pdf_of(snapshot: Mapping, *, logos: Mapping[str, bytes], is_void: bool = False) -> bytes:
    """Return the document as PDF. Raises what the rendering library raises; nothing is half-made."""
    return _render_document(html_of(snapshot, logos=logos, is_void=is_void), logos)


def account_pdf(snapshot: Mapping, *, logos: Mapping[str, bytes]) -> bytes:
    """Return an account (``reports.account_statements.snapshot_of``) as PDF, in the look of a statement."""
    context = {**snapshot, "office_logo": data_address(logos.get("office", b""))}
    with translation.override(snapshot["language"]):
        text = render_to_string("billing/pdf/account.html", context)
    return _render_document(text, logos)


def _render_document(text: str, logos: Mapping[str, bytes]) -> bytes:
    # Slow to load, and what follows loads it too.
    from weasyprint import HTML

    from billing.documents.logo_images import images_of

    style, fonts, fetcher = press()
    with collector_paused():
        html = HTML(string=text, url_fetcher=fetcher, base_url=None)
        return html.write_pdf(stylesheets=[style], font_config=fonts, cache=images_of(logos.values()))
