"""Parts of addresses that are dates."""

import datetime as dt


class IsoDateConverter:
    """``2026-11-15`` in an address; anything that is no date is no page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()
