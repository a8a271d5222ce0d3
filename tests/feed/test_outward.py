"""A call goes to the address that was looked at, and the name must be on the certificate."""

import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from diachiso.web.outward import Allowed, post, target_of

NAME = "hook.example.test"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for NAME and its key, in one file."""
    key = Ed25519PrivateKey.generate()
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, None)
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return file


@pytest.fixture
def port(certificate):
    """An HTTPS server on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200 if self.headers["host"].startswith(NAME) else 400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


@pytest.fixture
def to_this_machine(monkeypatch):
    """Every name leads here the first time it is asked for, and nowhere after that."""
    asked = []

    def resolve(host, port, *_, **__):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            if host in asked:
                raise AssertionError("a name is resolved once") from None
            asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_the_name_is_checked_though_the_address_is_called(port, certificate, to_this_machine):
    trusting = ssl.create_default_context(cafile=certificate)
    allowed = Allowed.parse("127.0.0.0/8")
    right = target_of(f"https://{NAME}:{port}/x", allowed)
    assert post(right, b"{}", {}, trusting).status_code == 200
    other = target_of(f"https://other.example.test:{port}/x", allowed)
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        post(other, b"{}", {}, trusting)
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        post(right, b"{}", {})
