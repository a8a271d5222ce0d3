"""A seal on a PDF: a signature by PAdES, which readers of PDF show and check.

Its certificate is an operator's PKCS#12, or one that the registry signs for itself: that proves
that nothing was changed, and who it is only to those who were given the certificate. ECDSA on
P-256, for few readers of PDF know Ed25519.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Self

from asn1crypto import keys as asn1_keys, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from diachiso.address.errors import KeyUnusable

FIELD = "DauSo"
OURSELVES = "Sổ địa chỉ số quốc gia (tự ký / self-signed)"
LASTS = timedelta(days=3650)


class Seal:
    """What seals papers."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    @classmethod
    def of_operator(cls, pkcs12: bytes, password: str | None, called: object) -> Self:
        """The seal of a PKCS#12 file.

        Raises:
            KeyUnusable: not such a file, or not its password.
        """
        secret = password.encode() if password is not None else None
        try:
            signer = signers.SimpleSigner.load_pkcs12_data(pkcs12, [], passphrase=secret)
        except ValueError:
            signer = None
        if signer is None or not signer.signing_cert:
            raise KeyUnusable(
                f"{called}: không phải PKCS#12, hoặc sai mật khẩu. / not a PKCS#12 file, or not "
                "its password (DIACHISO_SEAL_PASSWORD)."
            )
        return cls(signer)

    @classmethod
    def of_registry(cls, pem: bytes, called: object) -> Self:
        """The registry's own seal: what `new_seal` made.

        Raises:
            KeyUnusable: something else is in the file.
        """
        try:
            key = load_pem_private_key(pem, password=None)
            certificate = x509.load_pem_x509_certificate(pem)
        except (ValueError, TypeError) as fault:
            raise KeyUnusable(
                f"{called}: không dùng được khóa này. / this key cannot be used: {fault}"
            ) from None
        told = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return cls(
            signers.SimpleSigner(
                signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
                signing_key=asn1_keys.PrivateKeyInfo.load(told),
                cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
            )
        )

    @property
    def certificate(self) -> bytes:
        """The certificate, DER: what a reader of PDF is given to trust it."""
        signed_by = self._signer.signing_cert
        return bytes(signed_by.dump()) if signed_by is not None else b""

    def on(self, pdf: bytes, *, reason: str) -> bytes:
        """The paper with the seal on it."""
        sealed = io.BytesIO()
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            reason=reason,
            subfilter=fields.SigSeedSubFilter.PADES,
        )
        with ThreadPoolExecutor(1) as apart:  # it runs an event loop of its own, once a thread
            apart.submit(
                signers.sign_pdf,
                IncrementalPdfFileWriter(io.BytesIO(pdf)),
                metadata,
                signer=self._signer,
                output=sealed,
            ).result()
        return sealed.getvalue()


def new_seal(now: datetime) -> bytes:
    """A key and a certificate that it signs for itself, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, OURSELVES)])
    begins = now.astimezone(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - timedelta(minutes=5))
        .not_valid_after(begins + LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_documents(), critical=True)
        .sign(key, SHA256())
    )
    told = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return told + certificate.public_bytes(Encoding.PEM)


def _signs_documents() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
