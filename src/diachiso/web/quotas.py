"""How often: quotas of clients and attempts to sign in, counted in this process."""

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from diachiso.address.errors import TooMany

ATTEMPTS = {
    "door": parse("5/minute"),  # one login from one address
    "house": parse("30/minute"),  # one address
    "street": parse("100/hour"),  # one login from anywhere
}
"""How often a sign-in may fail; so low that guessing is hopeless, so high that nobody is locked
out for long by somebody else's attempts."""


class Quotas:
    """Counters in memory: a process that starts anew counts anew."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, quota: str, who: str) -> None:
        """Count a request.

        Raises:
            TooMany: the quota is spent; `retry_after` says for how many seconds.
        """
        item = parse(quota)
        if not self._limiter.hit(item, "quota", who):
            raise self._refused(item, "quota", who)

    def may_attempt(self, login: str, host: str) -> None:
        """Count an attempt to sign in.

        Raises:
            TooMany: too many of late, for this login or from this address.
        """
        whose = {"door": (login, host), "house": (host,), "street": (login,)}
        for name, item in ATTEMPTS.items():
            if not self._limiter.hit(item, name, *whose[name]):
                raise self._refused(item, name, *whose[name])

    def _refused(self, item: RateLimitItem, *key: str) -> TooMany:
        stats = self._limiter.get_window_stats(item, *key)
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        return TooMany(
            f"Quá nhiều lần ({item}); hãy đợi {wait} giây. / Too many ({item}); wait {wait} s.",
            retry_after=wait,
        )
