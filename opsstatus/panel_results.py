"""The whole picture: every panel asked, whatever one of them does, and the answer in words."""

import datetime as dt
import logging
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billtracker.core.data.database_errors import fault_of
from billtracker.core.process.health import Facts, Item, Level
from opsstatus.monitoring.redaction import redact
from opsstatus.monitoring.troubleshooting import advice_url
from opsstatus.panels import PANELS, Panel
from opsstatus.reports import known_facts

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PanelResult:
    """A panel with its signals as they are now, problems first."""

    title: str
    items: tuple[Item, ...]

    @property
    def level(self) -> Level:
        return _worst(item.level for item in self.items)


@dataclass(frozen=True, slots=True)
class StatusResult:
    """The state of the server at one moment."""

    at: dt.datetime
    panels: tuple[PanelResult, ...]

    @property
    def items(self) -> list[Item]:
        return [item for panel in self.panels for item in panel.items]

    @property
    def level(self) -> Level:
        return _worst(panel.level for panel in self.panels)

    @property
    def is_healthy(self) -> bool:
        """No signal is red; a warning wants a look and breaks nothing."""
        return self.level is not Level.ERROR

    @property
    def problems(self) -> list[tuple[PanelResult, Item]]:
        """Errors, then warnings, each with its panel."""
        found = [(panel, item) for panel in self.panels for item in panel.items]
        wrong = [pair for pair in found if pair[1].level in (Level.ERROR, Level.WARNING)]
        return sorted(wrong, key=lambda pair: -pair[1].level.weight)

    @property
    def headline(self) -> str:
        """One sentence for the person: all is well, or how many things need them."""
        if count := len(self.problems):
            return ngettext("%(n)d thing needs you", "%(n)d things need you", count) % {"n": count}
        unknown = sum(item.level is Level.UNKNOWN for item in self.items)
        if unknown:
            words = ngettext(
                "All is well so far; %(n)d signal is not known yet",
                "All is well so far; %(n)d signals are not known yet",
                unknown,
            )
            return words % {"n": unknown}
        return _("All is well")


def _worst(levels) -> Level:
    return max(levels, key=lambda level: level.weight, default=Level.OK)


def gather(panels: tuple[Panel, ...] = PANELS) -> StatusResult:
    """Ask every panel; one that raises becomes one red row. Writes nothing."""
    try:
        facts: Facts = known_facts()
        unread: tuple[PanelResult, ...] = ()
    except Exception as error:
        _log_failure("The measured facts could not be read", error)
        facts, item = {}, _failure_item(_("The measurements cannot be read"), error)
        unread = (PanelResult(_("Measurements"), (item,)),)
    return StatusResult(timezone.now(), unread + tuple(_build_panel_result(panel, facts) for panel in panels))


def _log_failure(what: str, error: Exception) -> None:
    """Log a damaged database as one line, and a fault of the program with its traceback."""
    if fault := fault_of(error):
        logger.error("%s: %s", what, fault.sentence)
    else:
        logger.exception(what)


def _failure_item(words: str, error: Exception) -> Item:
    """Return the red row of what failed; a damaged database names itself and what to do."""
    if fault := fault_of(error):
        return Item(gettext_lazy("Panel"), f"{words}: {fault.sentence}", Level.ERROR, advice_url("integrity"))
    known = {"what": words, "kind": type(error).__name__}
    sentence = _("%(what)s (%(kind)s). The rest of the page is not affected.") % known
    return Item(gettext_lazy("Panel"), sentence, Level.ERROR, reverse("opsstatus:error_list"))


def _build_panel_result(panel: Panel, facts: Facts) -> PanelResult:
    try:
        items = [_safe(item) for source in panel.sources for item in source(facts)]
    except Exception as error:
        _log_failure("A panel of Status failed", error)
        items = [_failure_item(_("This panel failed"), error)]
    return PanelResult(str(panel.title), tuple(items))


def _safe(item: Item) -> Item:
    """Take paths, addresses and keys out, should one have slipped into a sentence.

    What is not well and names no page of its own leads to the advice about counts: those are the signals
    that several apps share.
    """
    url = item.url or ("" if item.level is Level.OK else advice_url("counts"))
    return replace(item, name=redact(str(item.name)), value=redact(item.value), url=url)


def as_json(picture: StatusResult) -> dict:
    """Return the picture for machines."""
    return {
        "version": settings.VERSION,
        "at": picture.at.isoformat(timespec="seconds"),
        "level": str(picture.level),
        "is_healthy": picture.is_healthy,
        "headline": picture.headline,
        "panels": [
            {
                "title": panel.title,
                "level": str(panel.level),
                "items": [
                    {"name": item.name, "value": item.value, "level": str(item.level), "url": item.url}
                    for item in panel.items
                ],
            }
            for panel in picture.panels
        ],
    }


def as_text(picture: StatusResult) -> str:
    """Return the picture as a report that may be given to anybody."""
    lines = [f"BillTracker {settings.VERSION}, {picture.at:%Y-%m-%d %H:%M} UTC", picture.headline]
    for panel in picture.panels:
        lines += ["", panel.title]
        lines += [f"  {item.level.upper():8}{item.name}: {item.value}" for item in panel.items]
    return "\n".join(lines)
