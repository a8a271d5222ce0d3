"""Signing in by OpenID Connect: authorization code with PKCE, at any provider that is discovered.

Authlib speaks the protocol, joserfc proves the ID token. What must be remembered while somebody is
at the provider travels in a cookie of their own browser, which ties the answer to it.
"""

import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from diachiso.address.errors import ForgedRequest, ProviderFault, SignInRefused
from diachiso.settings import Settings
from diachiso.store.passwords import secret

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS512", "EdDSA", "Ed25519"]
"""Signatures by a key that the provider publishes; none by a shared secret."""
FRESH_S = 3600.0
PATIENCE_S = 10.0
LEEWAY_S = 60
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Errand:
    """What is remembered while somebody is at the provider; `onward` is where they go next."""

    state: str
    nonce: str
    verifier: str
    onward: str

    @classmethod
    def begun(cls, onward: str) -> "Errand":
        """A new one."""
        return cls(secret(), secret(), secret(), onward)

    @classmethod
    def read(cls, cookie: str) -> "Errand":
        """As it was written into the cookie.

        Raises:
            ForgedRequest: there is no such errand.
        """
        told = dict(parse_qsl(cookie))
        try:
            return cls(told["state"], told["nonce"], told["verifier"], told.get("onward", "/"))
        except KeyError:
            raise _stale() from None

    def written(self) -> str:
        """For the cookie."""
        return urlencode(asdict(self))


@dataclass(frozen=True, slots=True)
class Vouched:
    """Somebody the provider vouches for; `address` is an e-mail address that it has verified."""

    issuer: str
    subject: str
    address: str | None


@dataclass(slots=True)
class Provider:
    """A provider as it describes itself; asked once an hour."""

    issuer: str
    client_id: str
    client_secret: str | None
    _told: dict[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None
    _asked_at: float = -FRESH_S
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def address(self, errand: Errand, back: str) -> str:
        """Where to send somebody who wants to sign in.

        Raises:
            ProviderFault: it does not answer.
        """
        endpoint = self._described()["authorization_endpoint"]
        with self._client(back) as client:
            url, _ = client.create_authorization_url(
                endpoint, state=errand.state, nonce=errand.nonce, code_verifier=errand.verifier
            )
        return str(url)

    def vouched(self, errand: Errand, answer: dict[str, str], back: str) -> Vouched:
        """Whom the provider vouches for in the answer that the browser brought.

        Raises:
            ForgedRequest: the answer is not to this errand.
            SignInRefused: the person or the provider refused.
            ProviderFault: it does not answer, or what it answers does not prove.
        """
        told = self._described()
        if not secrets.compare_digest(answer.get("state", ""), errand.state):
            raise _stale()
        if answer.get("iss", self.issuer) != self.issuer:  # RFC 9207
            raise ForgedRequest("Nhà cung cấp khác trả lời. / Another provider answers.")
        if "code" not in answer:
            raise SignInRefused(
                f"Nhà cung cấp không cho đăng nhập. / The provider refused: "
                f"{answer.get('error', 'no code')[:80]}."
            )
        try:
            with self._client(back) as client:
                token = client.fetch_token(
                    told["token_endpoint"], code=answer["code"], code_verifier=errand.verifier
                )
                claims = self._proved(token, errand.nonce)
                return Vouched(self.issuer, claims["sub"], self._mail(client, claims))
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, KeyError, ValueError) as fault:
            raise _fault(self.issuer, fault) from None

    def _proved(self, token: dict[str, Any], nonce: str) -> CodeIDToken:
        """The claims of the ID token, its signature and purpose seen to."""
        try:
            decoded = jwt.decode(token["id_token"], self._published(), algorithms=ALGORITHMS)
        except (ValueError, JoseError):  # the provider may have changed its keys
            self._asked_at = -FRESH_S
            decoded = jwt.decode(token["id_token"], self._published(), algorithms=ALGORITHMS)
        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        proofs = {
            "nonce": nonce,
            "client_id": self.client_id,
            "access_token": token.get("access_token"),
        }
        claims = CodeIDToken(decoded.claims, decoded.header, wanted, proofs)
        claims.validate(leeway=LEEWAY_S)
        return claims

    def _mail(self, client: OAuth2Client, claims: dict[str, Any]) -> str | None:
        """An e-mail address, if the provider has verified it."""
        told: dict[str, Any] = claims
        if "email" not in told and (endpoint := self._described().get("userinfo_endpoint")):
            told = client.get(endpoint).raise_for_status().json()
            if told.get("sub") != claims["sub"]:
                raise ValueError("userinfo is of somebody else")
        return told.get("email") if told.get("email_verified") is True else None

    def _client(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            client_id=self.client_id,
            client_secret=self.client_secret,
            token_endpoint_auth_method="client_secret_basic" if self.client_secret else "none",
            scope=SCOPE,
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=PATIENCE_S,
        )

    # -- what the provider says of itself --------------------------------------------------------

    def _described(self) -> dict[str, Any]:
        self._ask()
        return self._told

    def _published(self) -> KeySet:
        self._ask()
        if self._keys is None:
            raise _fault(self.issuer, "no keys")
        return self._keys

    def _ask(self) -> None:
        with self._lock:
            if time.monotonic() - self._asked_at < FRESH_S:
                return
            try:
                with httpx2.Client(timeout=PATIENCE_S) as client:
                    told = (
                        client.get(self.issuer.rstrip("/") + WELL_KNOWN).raise_for_status().json()
                    )
                    if told.get("issuer") != self.issuer:
                        raise _fault(self.issuer, f"it calls itself {told.get('issuer')}")
                    keys = client.get(told["jwks_uri"]).raise_for_status().json()
                self._keys = KeySet.import_key_set(keys)
            except (httpx2.HTTPError, JoseError, KeyError, ValueError) as fault:
                raise _fault(self.issuer, fault) from None
            self._told, self._asked_at = told, time.monotonic()


def provider_of(settings: Settings) -> Provider | None:
    """The provider of the settings; None where there is none."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    known_by = settings.oidc_client_secret
    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        known_by.get_secret_value() if known_by else None,
    )


def _stale() -> ForgedRequest:
    return ForgedRequest(
        "Lần đăng nhập này đã cũ hoặc không bắt đầu từ đây; hãy đăng nhập lại. / This sign-in is "
        "stale or did not begin here; sign in again."
    )


def _fault(issuer: str, fault: object) -> ProviderFault:
    return ProviderFault(
        f"Nhà cung cấp đăng nhập không trả lời đúng. / The provider {issuer} does not answer as it "
        f"should: {type(fault).__name__ if isinstance(fault, Exception) else fault}."
    )
