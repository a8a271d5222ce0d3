"""The guide for developers: in both languages, and every call on it runs."""

import html
import json
import re
from datetime import date

import pytest

from diachiso.web import manual
from diachiso.web.deprecation import Deprecated

RUN = re.compile(r'data-run="([^"]+)"')
LINK = re.compile(r'href="(/[^"#]*)(?:#([^"]*))?"|href="#([^"]+)"')


@pytest.fixture(params=["vi", "en"])
def guide(client, request):
    answer = client.get("/developers", params={"lang": request.param})
    assert answer.status_code == 200
    assert f'<html lang="{request.param}">' in answer.text
    return answer.text


def test_every_call_on_the_page_runs(client, guide):
    calls = [html.unescape(one) for one in RUN.findall(guide)]
    assert len(calls) >= 12
    for call in calls:
        method, path, *body = call.split(" ", 2)
        sent = json.loads(body[0]) if body else None
        answer = client.request(method, path, json=sent)
        assert answer.status_code == 200, f"{call}: {answer.text}"


def test_every_link_leads_somewhere(client, guide):
    for path, fragment, here in LINK.findall(guide):
        if here:
            assert f'id="{here}"' in guide, here
            continue
        page = client.get(html.unescape(path))
        assert page.status_code == 200, path
        assert not fragment or f'id="{fragment}"' in page.text, (path, fragment)


def test_the_page_has_no_script_and_nothing_of_anybody_else(guide):
    assert "<script" not in guide
    assert not re.search(r'(?:src|href)="https?:', guide)


def test_what_is_deprecated_is_listed(client, monkeypatch):
    gone = Deprecated(
        "/v1/old", date(2026, 11, 1), date(2027, 11, 30), "/v1/find", "đã thay", "replaced"
    )
    assert "Chưa có gì" in client.get("/developers").text
    monkeypatch.setattr(manual, "DEPRECATED", (gone,))
    told = client.get("/developers?lang=en").text
    assert "/v1/old" in told
    assert "replaced" in told


def test_a_language_that_is_not_spoken_is_refused(problem):
    problem("/developers?lang=fr")
