"""What a TLS handshake proves: the key of the other side, and so its `PeerId`."""

from __future__ import annotations

import base64
import hashlib
import ssl
from asyncio import BaseTransport
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lanchatd.protocol.model import PeerId

_CERTIFICATE_BYTES: Final = 4096


class TrustError(Exception):
    """The other side of a connection has proven no usable key."""


def peer_id_of_key(key: Ed25519PublicKey) -> PeerId:
    """The lower-case base32 SHA-256 of the SubjectPublicKeyInfo (RFC 5280 section 4.1), 52 characters."""
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return PeerId(base64.b32encode(digest).decode().rstrip("=").lower())


def peer_id_of(certificate_der: bytes) -> PeerId:
    """The peer id of the key in a certificate. Nothing else in the certificate means anything.

    Raises:
        TrustError: it is no certificate, or its key is not Ed25519.
    """
    if len(certificate_der) > _CERTIFICATE_BYTES:
        raise TrustError(f"a certificate of {len(certificate_der)} bytes, {_CERTIFICATE_BYTES} are allowed")
    try:
        key = x509.load_der_x509_certificate(certificate_der).public_key()
    except Exception as error:  # the parser raises many kinds, and the input is from anybody
        raise TrustError(f"not a certificate: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise TrustError(f"a key of kind {type(key).__name__}, only Ed25519 is used")
    return peer_id_of_key(key)


def proven_peer_id(source: BaseTransport | ssl.SSLObject) -> PeerId:
    """The peer id whose key the other side of a finished TLS handshake has proven to hold.

    Args:
        source: a transport, or the TLS object of one.

    Raises:
        TrustError: not TLS 1.3, or no certificate was shown.
    """
    tls = source.get_extra_info("ssl_object") if isinstance(source, BaseTransport) else source
    if not isinstance(tls, ssl.SSLObject | ssl.SSLSocket):
        raise TrustError("the connection is not encrypted")
    if tls.version() != "TLSv1.3":
        raise TrustError(f"the connection speaks {tls.version()}, only TLS 1.3 is used")
    certificate = tls.getpeercert(binary_form=True)
    if certificate is None:
        raise TrustError("the other side has shown no certificate")
    return peer_id_of(certificate)
