"""Text to places over HTTP: one at a time, or a thousand."""

import pytest

HOUSE = "2 Hàng Trống, phường Hoàn Kiếm, Hà Nội"


def test_an_address_answers_with_its_place_and_its_code(client, code_of):
    answer = client.get("/v1/geocode", params={"q": HOUSE})
    first = answer.json()["features"][0]
    assert answer.headers["content-type"] == "application/geo+json"
    assert first["properties"]["code"] == code_of(101)
    assert first["properties"]["match_level"] == "house"
    assert first["geometry"]["coordinates"] == [105.8511, 21.022]


def test_vietnamese_letters_travel_as_themselves(client):
    answer = client.get("/v1/geocode", params={"q": HOUSE})
    assert "Phố Hàng Trống" in answer.content.decode("utf-8")
    assert "\\u" not in answer.text


def test_no_more_answers_come_than_asked_for(client):
    answers = client.get("/v1/geocode", params={"q": "Phố Tràng Thi", "limit": 1}).json()
    assert len(answers["features"]) == 1


def test_every_reading_is_shown_when_asked_for(client):
    plain = client.get("/v1/geocode", params={"q": HOUSE}).json()["features"][0]
    told = client.get("/v1/geocode", params={"q": HOUSE, "explain": "true"}).json()["features"][0]
    assert "trace" not in plain["properties"]
    assert told["properties"]["trace"]


@pytest.mark.parametrize("near", ["105.85,21.03"])
def test_a_place_near_by_may_be_told(client, near):
    assert client.get("/v1/geocode", params={"q": HOUSE, "near": near}).status_code == 200


@pytest.mark.parametrize(
    "text", ["?", "\x00", "🙂" * 50, "a" * 10_000, "%", "'; DROP TABLE unit; --", "số " * 2_000]
)
def test_no_text_breaks_the_service(client, text):
    answer = client.get("/v1/geocode", params={"q": text})
    assert answer.status_code == 200
    assert answer.json()["type"] == "FeatureCollection"


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"q": ""}, "query.q"),
        ({}, "query.q"),
        ({"q": "a" * 10_001}, "query.q"),
        ({"q": "a", "limit": 0}, "query.limit"),
        ({"q": "a", "limit": 1_000_000}, "query.limit"),
        ({"q": "a", "explain": "perhaps"}, "query.explain"),
    ],
)
def test_a_question_that_cannot_be_asked_names_what_is_wrong(problem, query, where):
    told = problem("/v1/geocode", params=query)
    assert told["type"] == "/problems#InvalidRequest"
    assert [fault["where"] for fault in told["errors"]] == [where]


@pytest.mark.parametrize(
    ("near", "kind"), [("21.03,105.85", "OutOfCountry"), ("here", "MalformedPosition")]
)
def test_a_place_near_by_that_is_none_is_refused(problem, near, kind):
    assert problem("/v1/geocode", params={"q": "a", "near": near})["type"] == f"/problems#{kind}"


# -- a thousand --------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_the_questions(client, code_of):
    queries = [{"id": str(n), "q": q} for n, q in enumerate([HOUSE, "?", "14 Hàng Trống"])]
    results = client.post("/v1/geocode/batch", json={"queries": queries}).json()["results"]
    assert [one["id"] for one in results] == ["0", "1", "2"]
    assert results[0]["features"][0]["properties"]["code"] == code_of(101)


def test_texts_are_taken_apart_in_order(client):
    queries = [{"id": "a", "q": HOUSE}]
    (parsed,) = client.post("/v1/parse/batch", json={"queries": queries}).json()["results"]
    assert parsed["id"] == "a"
    assert isinstance(parsed["parts"], dict)


def test_an_empty_batch_has_no_results(client):
    assert client.post("/v1/geocode/batch", json={"queries": []}).json() == {"results": []}


ONE = {"id": "1", "q": "a"}


@pytest.mark.parametrize("path", ["/v1/geocode/batch", "/v1/parse/batch"])
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"queries": [ONE] * 1_001}, "body.queries"),
        ({"queries": [ONE | {"colour": "red"}]}, "body.queries.0.colour"),
        ({"queries": [ONE], "colour": "red"}, "body.colour"),
        ({"queries": [{"q": "a"}]}, "body.queries.0.id"),
        ({"queries": [{"id": 1, "q": "a"}]}, "body.queries.0.id"),
        ({"queries": [{"id": "1", "q": "a" * 10_001}]}, "body.queries.0.q"),
        ({}, "body.queries"),
        ([], "body"),
    ],
)
def test_a_batch_that_cannot_be_answered_names_what_is_wrong(problem, path, body, where):
    told = problem(path, method="POST", json=body)
    assert [fault["where"] for fault in told["errors"]] == [where]


def test_a_batch_that_is_not_json_is_refused(problem):
    told = problem("/v1/geocode/batch", method="POST", content=b'{"queries": [')
    assert told["type"] == "/problems#InvalidRequest"


def test_a_thousand_is_not_too_many(client):
    queries = [{"id": str(n), "q": "?"} for n in range(1_000)]
    answer = client.post("/v1/geocode/batch", json={"queries": queries})
    assert len(answer.json()["results"]) == 1_000
