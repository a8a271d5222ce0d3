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
from diachiso.geocode.gazetteer import Street
from diachiso.geocode.numbering import (
    forget_other_drawings,
    forget_rulers,
    ruler_of,
    worth_a_ruler,
)
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
    """The streets whose rulers are still to be made, for the wards as drawn since a day."""

    drawn: date
    waiting: Iterator[Street]


def nothing() -> None:
    """Is done when everything is made ready, if nothing else is told."""


class VocabularyKeeper:
    """Hands out the vocabularies, and while watching puts newer ones in their place when read.

    `when_warm` is called beside the service whenever all is made that is made beforehand.
    """

    _kept: Vocabularies
    _day: date
    _read_at: float
    _ahead: Ahead | None
    _is_warm: bool

    def __init__(
        self, engine: Engine, facts: Path, when_warm: Callable[[], None] = nothing
    ) -> None:
        self._engine, self._facts, self._when_warm = engine, facts, when_warm
        self._take_up()

    def current(self) -> Vocabularies:
        """The vocabularies last read."""
        return self._kept

    @property
    def is_warm(self) -> bool:
        """Is everything made that is made before it is asked for?"""
        return self._is_warm

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
                LOG.exception("beside the service, of edition %d", self._kept.edition)
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
            self._take_up()
        elif change != kept.change and not is_new:
            self._kept = replace(kept, change=change)

    def get_ahead(self, reader: Reader, over: Event) -> None:
        """For a while, make the rulers of streets before they are asked for; the rest next time."""
        streets, day = self._kept.streets, today()
        gazetteer = PostgisGazetteer(self._kept, reader, day)
        if day != self._day:
            self._day = day
            make_ready(gazetteer, day)
        drawn = gazetteer.drawn_since(day)
        if self._ahead is None or self._ahead.drawn != drawn:
            self._ahead = Ahead(drawn, iter(worth_a_ruler(streets)))
            self._is_warm = False
            forget_other_drawings(streets, drawn)
            gc.freeze()  # what is there stays: see `_read`
        until = monotonic() + LOOK_AGAIN_S
        for street in self._ahead.waiting:
            ruler_of(street, gazetteer, day)
            if over.wait(REST_S) or monotonic() > until:
                return
        if not self._is_warm:
            gc.freeze()
            self._when_warm()
            self._is_warm = True

    def _take_up(self) -> None:
        """Read everything, and put it in place of what was."""
        self._day = today()
        self._kept = self._read(self._day)
        self._read_at = monotonic()
        self._ahead = None
        self._is_warm = False

    def _read(self, day: date) -> Vocabularies:
        gc.disable()  # nothing of what is read is garbage: looking through it again and again
        try:  # costs more than reading it
            with reading(self._engine) as reader:
                vocabularies = Vocabularies.read(reader, self._facts)
                make_ready(PostgisGazetteer(vocabularies, reader, day), day)
                return vocabularies
        finally:
            gc.freeze()  # and a million small values that stay cost as much as the geocoding itself
            gc.enable()
