"""Keeps the vocabularies of a service: ready for the first text, and newer ones when data are new.

Reading takes seconds. It is done in a thread of its own, from which requests take nothing but
their turns at the interpreter: they are answered from the old edition until the new one is whole.
"""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Engine

from diachiso.address.today import today
from diachiso.geocode.gazetteer import NameIndex, Street
from diachiso.geocode.numbering import forget_rulers, ruler_of, worth_a_ruler
from diachiso.geocode.ready import make_ready
from diachiso.store.engine import Reader, reading
from diachiso.store.feed import last_number, streets_touched
from diachiso.store.gazetteer import PostgisGazetteer
from diachiso.store.history import edition_of
from diachiso.store.vocabularies import Vocabularies

NEW_STREETS_S = 60.0
"""How long a street that officials entered may wait before all vocabularies are read again."""
LOOK_AGAIN_S = 1.0
"""How long a new edition may go unnoticed by a running service."""
AFTER_A_FAULT_S = 10.0
REST_S = 0.001
"""Between a ruler and the next, which take about as long: requests have their turns."""
STOPPED_WITHIN_S = 2.0
LOG = logging.getLogger(__name__)


class Ahead(NamedTuple):
    """The streets whose rulers are still to be made, of these vocabularies, on a day."""

    streets: NameIndex[Street]
    day: date
    waiting: Iterator[Street]


class VocabularyKeeper:
    """Hands out the vocabularies, and while watching puts newer ones in their place when read."""

    def __init__(self, engine: Engine, facts: Path) -> None:
        self._engine, self._facts = engine, facts
        self._kept = self._read()
        self._read_at = monotonic()
        self._ahead: Ahead | None = None
        self._warm: NameIndex[Street] | None = None

    def current(self) -> Vocabularies:
        """The vocabularies last read."""
        return self._kept

    @property
    def is_warm(self) -> bool:
        """Is everything made that is made before it is asked for?"""
        return self._warm is self._kept.streets

    @contextmanager
    def watching(self, beside: Callable[[Reader], None] = lambda _: None) -> Iterator[None]:
        """Look for new editions as long as the block, and do what else is to be done beside."""
        over = Event()
        watcher = Thread(target=self._watch, args=(over, beside), name="editions", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join(STOPPED_WITHIN_S)  # in the middle of reading it goes with the process

    def _watch(self, over: Event, beside: Callable[[Reader], None]) -> None:
        while not over.wait(LOOK_AGAIN_S if self.is_warm else REST_S):
            try:
                self.look_again()
                with reading(self._engine) as reader:
                    beside(reader)
                    self.get_ahead(reader, over)
            except Exception:
                # a database that is away comes back
                LOG.exception("the vocabularies stay those of edition %d", self._kept.edition)
                over.wait(AFTER_A_FAULT_S)

    def look_again(self) -> None:
        """Follow what was loaded and what officials did since the last look.

        A new edition is read whole; of an address that changed only its street's houses are. A
        street that nobody has heard of waits a little: others may come with it.
        """
        kept = self._kept
        with reading(self._engine) as reader:
            edition, change = edition_of(reader), last_number(reader)
            touched = streets_touched(reader, kept.change) if change != kept.change else frozenset()
        if touched:
            kept.along.forget(touched)
            forget_rulers(kept.streets, touched)
        is_new = any(street not in kept.known_streets for street in touched)
        is_over = edition != kept.edition or (kept.until and today() >= kept.until)
        if is_over or (is_new and monotonic() - self._read_at > NEW_STREETS_S):
            self._kept, self._read_at = self._read(), monotonic()
        elif change != kept.change and not is_new:
            self._kept = replace(kept, change=change)

    def get_ahead(self, reader: Reader, over: Event) -> None:
        """For a while, make the rulers of streets before they are asked for; the rest next time."""
        kept, day = self._kept, today()
        if self._ahead is None or self._ahead.streets is not kept.streets or self._ahead.day != day:
            self._ahead = Ahead(kept.streets, day, iter(worth_a_ruler(kept.streets)))
        gazetteer, until = PostgisGazetteer(kept, reader, day), monotonic() + LOOK_AGAIN_S
        for street in self._ahead.waiting:
            ruler_of(street, gazetteer, day)
            if over.wait(REST_S) or monotonic() > until:
                break
        else:
            if self.is_warm:
                return
            self._warm = kept.streets
        gc.freeze()  # they stay: see `_read`

    def _read(self) -> Vocabularies:
        gc.disable()  # nothing of what is read is garbage: looking through it again and again
        try:  # costs more than reading it
            with reading(self._engine) as reader:
                vocabularies, day = Vocabularies.read(reader, self._facts), today()
                make_ready(PostgisGazetteer(vocabularies, reader, day), day)
                return vocabularies
        finally:
            gc.freeze()  # and a million small values that stay cost as much as the geocoding itself
            gc.enable()
