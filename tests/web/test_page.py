"""The map page as it is sent: what it may fetch, and from whom."""

import pytest
from fastapi.testclient import TestClient

from diachiso.settings import Settings
from diachiso.web.app import create_app

POLICY = "content-security-policy"


@pytest.fixture
def with_basemap(bound, home):
    settings = Settings(
        home=home,
        basemap="https://maps.example/style.json",
        basemap_credit="© <Bản đồ>",
        basemap_hosts="https://a.example https://b.example",
    )
    with TestClient(create_app(settings, bound)) as client:
        yield client


def test_nobody_else_is_let_in_by_default(client):
    assert "https:" not in client.get("/").headers[POLICY]
    assert '"basemap": null' in client.get("/").text


def test_the_basemap_and_its_hosts_are_let_in_on_the_map_page_alone(with_basemap):
    answer = with_basemap.get("/")
    hosts = "https://maps.example https://a.example https://b.example"
    assert f"connect-src 'self' {hosts};" in answer.headers[POLICY]
    assert f"img-src 'self' data: blob: {hosts};" in answer.headers[POLICY]
    assert "script-src" not in answer.headers[POLICY]
    assert "© &lt;Bản đồ&gt;" in answer.text
    assert "maps.example" not in with_basemap.get("/problems").headers[POLICY]
