"""TLS contexts for links: mutual TLS 1.3 between daemons that have never met.

OpenSSL hands over the certificate of an unknown client only if it can verify it. So every certificate is signed by one
root whose private key is *published*: anybody can derive it from the string below. The root gives no trust at all; a
handshake only proves that the other side holds the key in its certificate, and `trust` names the side by that key.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import ssl
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .keys import Identity

PUBLISHED_ROOT_SEED: Final = b"LanChat link root 1. This is public: it authenticates nobody."
_ROOT_KEY: Final = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(PUBLISHED_ROOT_SEED).digest())
_ROOT_NAME: Final = "LanChat published root"
# The key is the identity, so a certificate needs no end; clocks on a LAN may be anywhere.
_NOT_BEFORE: Final = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_NOT_AFTER: Final = datetime.datetime(2999, 12, 31, tzinfo=datetime.UTC)


def root_certificate() -> bytes:
    """The published root, DER. The same bytes on every machine: Ed25519 signatures are deterministic (RFC 8032)."""
    key = _ROOT_KEY.public_key()
    builder = _builder(_ROOT_NAME, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return (
        builder.add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(_ROOT_KEY, None)
        .public_bytes(Encoding.DER)
    )


def issue(identity: Identity) -> bytes:
    """The certificate of a daemon, DER, signed by the published root."""
    builder = _builder(identity.peer_id, identity.key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(_ROOT_KEY, None).public_bytes(Encoding.DER)


def server_context(identity: Identity) -> ssl.SSLContext:
    """TLS 1.3 for the side that accepts links; the dialler must show a certificate."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, identity)
    # No session tickets: every link proves its key anew, and no ticket is left unread in the dialler's buffer.
    context.num_tickets = 0
    return context


def client_context(identity: Identity) -> ssl.SSLContext:
    """TLS 1.3 for the side that dials; whom it has reached is for `trust` to say, not for a host name."""
    return _context(ssl.PROTOCOL_TLS_CLIENT, identity)


def _context(protocol: int, identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=root_certificate())
    _load_own_certificate(context, identity)
    return context


def _load_own_certificate(context: ssl.SSLContext, identity: Identity) -> None:
    pem = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem += ssl.DER_cert_to_PEM_cert(issue(identity)).encode()
    # load_cert_chain() reads a file only; one in memory leaves no second copy of the key on the disk.
    with open(os.memfd_create("lanchat-identity"), "wb") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")


def _builder(subject: str, key: Ed25519PublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(_ROOT_NAME))
        .public_key(key)
        .serial_number(int.from_bytes(hashlib.sha256(key.public_bytes_raw()).digest()[:15]) + 1)
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_ROOT_KEY.public_key()), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
