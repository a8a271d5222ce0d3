"""The counts of a ward, kept for a moment: whoever walks through its lists has them counted once.

One pass over 50,000 addresses takes a quarter of a second or more, several times what a page of a
list takes. The first page of a list is always counted anew; the pages after it, and those on which
the counts stand aside, tell what was counted within the last minute.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from diachiso.store.worklists import Counts

FRESH_S = 60.0
MOST = 2_000
"""Wards by officer that are kept; those asked for longest ago go first."""

Whose = tuple[str, int]


@dataclass(slots=True)
class KeptCounts:
    """Counts by ward and officer: what one may see, another may not."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[Whose, tuple[float, Counts]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, whose: Whose, count: Callable[[], Counts], *, anew: bool) -> Counts:
        """The counts of a ward for somebody: anew, or as they were a moment ago."""
        now = self.clock()
        with self._lock:
            at, counts = self._kept.get(whose, (float("-inf"), None))
        if counts is None or anew or now - at > FRESH_S:
            at, counts = now, count()
        with self._lock:
            self._kept[whose] = (at, counts)
            self._kept.move_to_end(whose)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return counts


def kept_counts(request: Request) -> KeptCounts:
    """Those of this process."""
    kept: KeptCounts = request.app.state.desk_counts
    return kept
