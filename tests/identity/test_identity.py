"""The key on the disk, and what a handshake with the published root proves."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lanchatd.identity.certificate import client_context, issue, root_certificate, server_context
from lanchatd.identity.keys import KEY_FILE, Identity, IdentityError, identity_of, load_or_create
from lanchatd.identity.trust import TrustError, peer_id_of, proven_peer_id
from lanchatd.protocol.model import PeerId


def new_identity() -> Identity:
    return identity_of(ed25519.Ed25519PrivateKey.generate())


def test_the_identity_of_the_first_start_stays(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "lanchat"
    first = load_or_create(folder)
    assert re.fullmatch("[a-z2-7]{52}", first.peer_id)
    assert load_or_create(folder).peer_id == first.peer_id
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_contexts_leave_no_trace_of_the_key_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    identity = load_or_create(tmp_path / "state")
    server_context(identity)
    client_context(identity)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "state" / KEY_FILE]
    assert str(identity.key) not in repr(identity)


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_damaged_key_is_told_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(IdentityError, match="damaged; restore it"):
        load_or_create(tmp_path)
    assert path.read_bytes() == content


def test_a_key_of_another_kind_is_damaged(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / KEY_FILE
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(IdentityError, match="damaged"):
        load_or_create(tmp_path)


def test_a_key_that_others_can_read_is_refused_with_the_cure(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o640)
    with pytest.raises(IdentityError, match="chmod 600"):
        load_or_create(tmp_path)


def test_a_folder_that_others_can_change_is_refused_with_the_cure(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(IdentityError, match="chmod 700"):
        load_or_create(tmp_path)


def test_what_can_not_be_read_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(IdentityError, match="can't be used"):
        load_or_create(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(IdentityError, match="can't be used"):
        load_or_create(tmp_path / "file")


def test_a_dangling_link_is_no_first_start(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).symlink_to(tmp_path / "nowhere")
    with pytest.raises(IdentityError):
        load_or_create(tmp_path)


def test_the_root_is_the_same_everywhere() -> None:
    assert root_certificate() == root_certificate()


def test_the_peer_id_is_the_key_and_not_the_certificate() -> None:
    identity = new_identity()
    assert peer_id_of(issue(identity)) == identity.peer_id
    assert peer_id_of(self_signed(identity.key)) == identity.peer_id


@pytest.mark.parametrize("junk", [b"", b"\x30\x03\x02\x01\x00", os.urandom(300), b"\0" * 10_000])
def test_what_is_no_certificate_names_nobody(junk: bytes) -> None:
    with pytest.raises(TrustError):
        peer_id_of(junk)


def test_only_ed25519_names_anybody() -> None:
    with pytest.raises(TrustError, match="Ed25519"):
        peer_id_of(self_signed(ec.generate_private_key(ec.SECP256R1())))


async def test_both_sides_of_a_handshake_know_who_the_other_is() -> None:
    ann, bob = new_identity(), new_identity()
    async with tls_server(server_context(bob)) as (port, met):
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(ann))
        assert proven_peer_id(writer.transport) == bob.peer_id
        writer.write(b"x")
        assert await met.get() == ann.peer_id
        tls = writer.get_extra_info("ssl_object")
        assert tls.version() == "TLSv1.3"
        assert not tls.session.has_ticket
        writer.close()


@pytest.mark.parametrize("kind", ["self-signed", "none", "TLS 1.2"])
async def test_a_stranger_without_the_right_kind_of_certificate_gets_nowhere(kind: str, tmp_path: Path) -> None:
    context = client_context(new_identity()) if kind == "TLS 1.2" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if kind == "TLS 1.2":
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    elif kind == "self-signed":
        key = ed25519.Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / "pem").write_bytes(pem + ssl.DER_cert_to_PEM_cert(self_signed(key)).encode())
        context.load_cert_chain(tmp_path / "pem")
    async with tls_server(server_context(new_identity())) as (port, met):
        with pytest.raises((ssl.SSLError, OSError, EOFError)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(b"x")
            await reader.readexactly(1)
        assert met.empty(), "TLS itself refuses, before anybody looks at the certificate"


async def test_a_server_without_our_kind_of_certificate_is_not_dialled(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "pem").write_bytes(pem + ssl.DER_cert_to_PEM_cert(self_signed(key)).encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    async with tls_server(context) as (port, _):
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection("127.0.0.1", port, ssl=client_context(new_identity()))


async def test_a_plain_connection_proves_nothing() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        with pytest.raises(TrustError, match="not encrypted"):
            proven_peer_id(writer.transport)
        writer.close()


@contextlib.asynccontextmanager
async def tls_server(context: ssl.SSLContext) -> AsyncIterator[tuple[int, asyncio.Queue[PeerId | None]]]:
    met: asyncio.Queue[PeerId | None] = asyncio.Queue()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            met.put_nowait(proven_peer_id(writer.transport))
        except TrustError:
            met.put_nowait(None)
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], met


def self_signed(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=1))
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.DER)
