"""Every refusal is a problem (RFC 9457) with a sentence in both languages."""

import pytest

from diachiso.address import errors
from diachiso.web.problems import STATUS, TITLES, halves, status_of


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/v1/addresses/1102A58317", 422, "MalformedCode"),
        ("/v1/addresses/9999999999", 404, "UnknownCode"),
        ("/v1/wards/99999", 404, "UnknownUnit"),
        ("/v1/wards/7", 422, "AddressError"),
        ("/v1/wards/0007O", 422, "AddressError"),
        ("/v1/wards/００070", 422, "AddressError"),
        ("/v1/wards/00070?as_of=2025-02-30", 422, "MalformedDate"),
        ("/v1/wards?as_of=yesterday", 422, "MalformedDate"),
        ("/v1/wards?province=99", 404, "UnknownUnit"),
        ("/v1/wards?province=1", 422, "InvalidRequest"),
        ("/v1/wards?province=70&as_of=2026-11-01", 404, "UnknownUnit"),
        ("/v1/wards?bbox=105.9,20.9,105.8,21.1", 422, "MalformedBbox"),
        ("/v1/wards?bbox=105.8,21.1,105.9,20.9", 422, "MalformedBbox"),
        ("/v1/wards?bbox=nan,20.9,105.9,21.1", 422, "MalformedBbox"),
        ("/v1/wards?bbox=105.8,20.9,105.9", 422, "MalformedBbox"),
        ("/v1/wards?bbox=105.8,20.9,105.9,21.1,22", 422, "MalformedBbox"),
        ("/v1/wards?bbox=", 422, "MalformedBbox"),
        ("/v1/wards?bbox=0,0,inf,1", 422, "MalformedBbox"),
        ("/v1/geocode?q=a&bbox=1,2,3", 422, "MalformedBbox"),
        ("/v1/reverse?lon=107.5&lat=20", 404, "NoWardHere"),
        ("/v1/reverse?lon=2&lat=48", 422, "OutOfCountry"),
        ("/v1/reverse?lon=21&lat=105.8", 422, "OutOfCountry"),
        ("/v1/reverse?lon=105.85&lat=21.03&as_of=2025-02-30", 422, "MalformedDate"),
        ("/v1/nothing", 404, "NOT_FOUND"),
    ],
)
def test_bad_input_has_its_answer(problem, path, status, kind):
    told = problem(path, status)
    assert told["type"] == f"/problems#{kind}"
    assert told["detail"]


def test_a_box_the_wrong_way_round_is_told_the_right_way(problem):
    told = problem("/v1/wards?bbox=105.9,21.1,105.8,20.9")
    assert "105.8,20.9,105.9,21.1" in told["detail"]


@pytest.mark.parametrize(
    "path",
    ["/v1/geocode?q=a", "/v1/reverse?lon=105.85&lat=21.03", "/v1/wards?", "/v1/wards/00070?"],
)
def test_an_unknown_parameter_is_refused_by_name(problem, path):
    told = problem(f"{path}&asof=2025-01-01")
    assert told["errors"][0]["where"] == "query.asof"
    assert "as_of" in told["detail"], "those there are"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/geocode"), ("GET", "/v1/geocode/batch"), ("DELETE", "/v1/wards/00070")],
)
def test_a_wrong_method_is_told_the_right_one(client, method, path):
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (
        405,
        "OPTIONS, POST" if "batch" in path else "GET, HEAD, OPTIONS",
    )
    assert answer.headers["content-type"] == "application/problem+json"


def kinds_of(kind):
    return [kind, *(below for one in kind.__subclasses__() for below in kinds_of(one))]


@pytest.mark.parametrize("kind", kinds_of(errors.DiachisoError), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status(kind):
    assert 400 <= status_of(kind("x")) <= 503
    assert kind.__doc__


def test_the_table_names_errors_that_there_are():
    assert set(STATUS) <= set(kinds_of(errors.DiachisoError))
    assert set(TITLES) - {"InvalidRequest", "Unforeseen"} <= {
        k.__name__ for k in kinds_of(errors.DiachisoError)
    }


def test_the_page_of_problems_explains_each(client):
    page = client.get("/problems").text
    for kind in TITLES:
        assert f'id="{kind}"' in page, kind


@pytest.mark.parametrize(
    ("sentence", "vietnamese", "english"),
    [
        ("Không có mã này. / No such code.", "Không có mã này.", "No such code."),
        ("Số 'a / b' sai. / 'a / b' is wrong.", "Số 'a / b' sai.", "'a / b' is wrong."),
        ("thiếu q / q is missing", "thiếu q", "q is missing"),
        ("Số 12/3?", "Số 12/3?", "Số 12/3?"),
    ],
)
def test_a_sentence_is_told_in_each_language_alone(sentence, vietnamese, english):
    assert halves(sentence) == (vietnamese, english)


def test_a_problem_speaks_both_languages_apart(client):
    told = client.get("/v1/wards/99999").json()
    assert told["detail"] == f"{told['detail_vi']} / {told['detail_en']}"
