"""What tests of the service share."""

import pytest
from sqlalchemy import text


@pytest.fixture(scope="session")
def code_of(town):
    """The code of the house that OpenStreetMap numbers so."""
    with town.connect() as connection:
        codes = dict(
            connection.execute(
                text(
                    "SELECT value::int, code FROM external_id JOIN issued_code USING (address_id)"
                    " WHERE scheme = 'osm'"
                )
            ).all()
        )
    return codes.__getitem__


@pytest.fixture
def problem(client):
    """Ask, and get the problem that is answered instead."""

    def asked(path, status=422, method="GET", **more):
        answer = client.request(method, path, **more)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert told["instance"] == path.split("?")[0]
        assert told["title"]
        return told

    return asked
