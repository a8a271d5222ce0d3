"""What tests of the map service share: the town of all tests, one way to ask."""

import pytest

OGC = "/ogc"


@pytest.fixture
def ask(client):
    """GET under /ogc; the body as JSON."""

    def asked(path="", status=200, headers=None, **query):
        answer = client.get(f"{OGC}{path}", params=query, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return asked


@pytest.fixture
def items(ask):
    """The features of a page."""
    return lambda collection, **query: ask(f"/collections/{collection}/items", **query)


@pytest.fixture
def ids(items):
    """The ids of the features of a page."""

    def found(collection, **query):
        return [one["id"] for one in items(collection, **query)["features"]]

    return found


@pytest.fixture
def refused(client):
    """Ask, and get the problem that is answered instead."""

    def asked(path, status=400, **query):
        answer = client.get(f"{OGC}{path}", params=query)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()

    return asked
