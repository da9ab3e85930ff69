"""Who can be reached, by which way, and when it is the hour of reminders there."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billtracker.accounts.models import User
from billtracker.core.models import Restoration
from billtracker.core.periods import is_time_zone
from billtracker.core.settings import runtime_settings
from notifications.models import Channel, Message, Preferences


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person by one way, or one address; ``key`` names it in the ledger."""

    key: str
    name: str
    user_id: int | None
    channel_id: int | None
    via: str
    address: str
    time_zone: str
    hour: int

    def moment(self, day: dt.date) -> dt.datetime:
        """Return the UTC instant of that local day at the recipient's hour.

        An hour that a clock change leaves out counts as the first moment after it; of one that
        comes twice, the first.
        """
        zone = zoneinfo.ZoneInfo(self.time_zone)
        wall = dt.datetime.combine(day, dt.time(self.hour), tzinfo=zone)
        late, early = wall.astimezone(dt.UTC), wall.replace(fold=1).astimezone(dt.UTC)
        # Only in a gap does the second reading come before the first: the change lies between.
        return late if early >= late else _clock_change(zone, early, late)

    def today(self, now: dt.datetime) -> dt.date:
        """Return the date on the recipient's calendar at that instant."""
        return now.astimezone(zoneinfo.ZoneInfo(self.time_zone)).date()


def _clock_change(zone: zoneinfo.ZoneInfo, early: dt.datetime, late: dt.datetime) -> dt.datetime:
    """Return the first second in ``early``..``late`` (UTC) at which the zone has its later offset."""
    offset = late.astimezone(zone).utcoffset()
    while late - early > dt.timedelta(seconds=1):
        middle = (early + (late - early) // 2).replace(microsecond=0)
        early, late = (early, middle) if middle.astimezone(zone).utcoffset() == offset else (middle, late)
    return late


def is_mail_configured() -> bool:
    """Say whether a mail server and a sender are known."""
    return bool(runtime_settings.get("smtp_host") and runtime_settings.get("mail_from_address"))


def is_mail_held() -> bool:
    """Say whether a backup was restored and no administrator has decided yet what becomes of the mail."""
    return Restoration.objects.filter(mail_released_at=None).exists()


def recipients_of(users: Iterable[User], *, time_zone: str) -> list[Recipient]:
    """Return every way to remind these people, each with the hour and time zone that count for it.

    Nobody while notifications are switched off. Mail goes to active people with an address who did
    not switch it off, or to the one address that the settings name instead. A constant number of queries.
    """
    people = [user for user in users if user.is_active]
    if not people or not runtime_settings.get("notifications_enabled"):
        return []
    chosen = {row.user_id: row for row in Preferences.objects.filter(user__in=people)}
    hour, common = runtime_settings.get("reminder_hour"), runtime_settings.get("reminder_recipient")
    habits = {person.pk: _habits_of(chosen.get(person.pk), hour, time_zone) for person in people}
    mail: list[Recipient] = []
    if is_mail_configured():
        mail = [_common_recipient(common, hour, time_zone)] if common else _by_mail(people, habits)
    return mail + _by_channel(people, habits)


@dataclass(frozen=True, slots=True)
class Habits:
    """When a person is reminded, and whether mail may be used."""

    hour: int
    time_zone: str
    is_reminded_by_mail: bool


def _habits_of(row: Preferences | None, hour: int, time_zone: str) -> Habits:
    """Return the person's own choices, the rest filled up with the common ones."""
    if row is None:
        return Habits(hour, time_zone, True)
    # A zone may go from the machine's list after it was chosen.
    own_zone = row.time_zone if row.time_zone and is_time_zone(row.time_zone) else time_zone
    return Habits(hour if row.hour is None else row.hour, own_zone, row.is_reminded_by_mail)


def _common_recipient(address: str, hour: int, time_zone: str) -> Recipient:
    return Recipient(f"address:{address}", address, None, None, Message.Via.MAIL, address, time_zone, hour)


def _by_mail(people: Sequence[User], habits: dict[int, Habits]) -> list[Recipient]:
    return [
        Recipient(
            f"user:{person.pk}:mail",
            _name_of(person),
            person.pk,
            None,
            Message.Via.MAIL,
            person.email,
            habits[person.pk].time_zone,
            habits[person.pk].hour,
        )
        for person in people
        if person.email and habits[person.pk].is_reminded_by_mail
    ]


def _by_channel(people: Sequence[User], habits: dict[int, Habits]) -> list[Recipient]:
    names = {person.pk: _name_of(person) for person in people}
    channels = Channel.objects.filter(user__in=people, is_active=True).values_list("pk", "user_id", "name")
    return [
        Recipient(
            f"user:{user_id}:channel:{pk}",
            f"{names[user_id]}, {name}",
            user_id,
            pk,
            Message.Via.CHANNEL,
            "",
            habits[user_id].time_zone,
            habits[user_id].hour,
        )
        for pk, user_id, name in channels
    ]


def _name_of(user: User) -> str:
    """Return what people call somebody: the full name, else the user name."""
    return user.get_full_name() or user.get_username()
