"""The country in memory, for runs over files."""

from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest

from diachiso.geocode.gazetteer import MemoryGazetteer
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.settings import CHECKOUT
from diachiso.store.facts import read_aliases, read_facts
from diachiso.wash.country import answers

TODAY = date(2026, 11, 22)


@dataclass
class MemoryCountry:
    """Answers from memory; `breaks_at` is the chunk at which something happens."""

    gazetteer: MemoryGazetteer
    edition: str = "1"
    breaks_at: int = -1
    fault: BaseException | None = None
    asked: int = 0

    def washing(self, as_of):
        return partial(self._wash, as_of)

    def _wash(self, as_of, chunk):
        if self.asked == self.breaks_at:
            raise self.fault
        self.asked += 1
        return answers(chunk, as_of, self.gazetteer)


@pytest.fixture(scope="session")
def gazetteer():
    facts = read_facts(CHECKOUT / "data")
    units = UnitVocabulary.of(facts.divisions, facts.lineage, read_aliases(CHECKOUT / "data"))
    return MemoryGazetteer(units)


@pytest.fixture
def country(gazetteer):
    return lambda **more: MemoryCountry(gazetteer, **more)
