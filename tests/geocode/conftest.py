"""The units of the country, compiled once; a town drawn in memory."""

from datetime import date
from pathlib import Path

import pytest

from diachiso.geocode.gazetteer import MemoryGazetteer
from diachiso.geocode.query import Query
from diachiso.geocode.search import geocode
from diachiso.geocode.vocabulary import UnitVocabulary
from diachiso.store.facts import read_aliases, read_facts

DATA = Path(__file__).parents[2] / "data"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def units():
    facts = read_facts(DATA)
    return UnitVocabulary.of(facts.divisions, facts.lineage, read_aliases(DATA))


@pytest.fixture(scope="session")
def country(units):
    return MemoryGazetteer(units)


@pytest.fixture
def find(country):
    def find(text, gazetteer=country, **asked):
        return geocode(Query(text, TODAY, **asked), gazetteer)

    return find
