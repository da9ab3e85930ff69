"""The shape of an audit entry in the API."""

import datetime as dt

from ninja import Field, Schema


class EntryOut(Schema):
    """Every field that the entry's hash covers, and the hash."""

    scope: str
    position: int
    at: dt.datetime
    actor_id: int | None
    actor_name: str
    action: str
    target_type: str
    target_id: str
    target_name: str
    changes: dict = Field(description="Field: before and after.")
    reason: str
    source: str
    request_id: str
    hash: str
