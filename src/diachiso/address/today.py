"""The day that it is where the registry is kept."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def today() -> date:
    """The day in Vietnam."""
    return datetime.now(VIETNAM).date()
