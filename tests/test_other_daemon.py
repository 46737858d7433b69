"""Another daemon and another page, written from docs/protocol.md alone: no line of LanChat's own code is used here."""

from __future__ import annotations

import asyncio
import base64
import datetime
import hashlib
import json
import os
import re
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

PROTOCOL = (Path(__file__).resolve().parent.parent / "docs" / "protocol.md").read_text(encoding="utf-8")
PATIENCE = 20
"""Seconds until a test that waits for something in vain fails."""


def documented(pattern: str) -> str:
    found = re.search(pattern, PROTOCOL, re.DOTALL)
    assert found is not None
    return found[1]


ROOT_PEM = documented(r"```\n(-----BEGIN CERTIFICATE-----.*?)```")
ROOT_TEXT = documented(r"SHA-256 of this ASCII text[^`]*```\n(.*?)\n```")


class Stranger:
    """A daemon of somebody else's making."""

    def __init__(self, folder: Path) -> None:
        self.key = Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.id = base64.b32encode(hashlib.sha256(public).digest()).decode().rstrip("=").lower()
        pem = folder / "stranger.pem"
        pem.write_bytes(
            self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + self._certificate().public_bytes(Encoding.PEM)
        )
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.check_hostname = False
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_3
        self.tls.load_verify_locations(cadata=ROOT_PEM)
        self.tls.load_cert_chain(pem)

    def _certificate(self) -> x509.Certificate:
        root_key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(ROOT_TEXT.encode()).digest())
        root = x509.load_pem_x509_certificate(ROOT_PEM.encode())
        now = datetime.datetime.now(datetime.UTC)
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        purposes = [x509.ExtendedKeyUsageOID.SERVER_AUTH, x509.ExtendedKeyUsageOID.CLIENT_AUTH]
        return (
            x509.CertificateBuilder()
            .issuer_name(root.subject)
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "anything")]))
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
            .sign(root_key, None)
        )

    def hello(self) -> dict[str, Any]:
        return {"type": "hello", "id": self.id, "protocol": 1, "name": "Stranger", "new in version 7": True}


@pytest.fixture
async def status(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """A daemon on the loopback interface; what it says of itself, with the address of its page."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    options = ["--name", "Ada", "--ui-port", "0", "--peer-port", "0", "--interface", "lo"]
    daemon = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lanchatd", *options, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert daemon.stdout is not None
        async with asyncio.timeout(PATIENCE):
            page = (await daemon.stdout.readline()).decode().rpartition(" ")[2].strip()
            async with aiohttp.ClientSession() as session, session.get(page + "/api/status") as answer:
                yield {**await answer.json(), "page": page}
    finally:
        daemon.terminate()
        assert await daemon.wait() == 0


async def until(socket: aiohttp.ClientWebSocketResponse, **wanted: object) -> dict[str, Any]:
    """The next frame with these members; others are passed over."""
    while True:
        frame: dict[str, Any] = await socket.receive_json()
        if all(frame.get(name) == value for name, value in wanted.items()):
            return frame


async def test_stranger_and_foreign_page_ask_accept_and_write(status: dict[str, Any], tmp_path: Path) -> None:
    stranger = Stranger(tmp_path)
    link_url, page = f"wss://127.0.0.1:{status['peer_port']}/link", status["page"]
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        tab = await session.ws_connect(page.replace("http", "ws") + "/ws", origin=page)
        assert (await tab.receive_json())["event"] == "snapshot"
        link = await session.ws_connect(link_url, ssl=stranger.tls)
        await link.send_json(stranger.hello())
        assert (await link.receive_json())["id"] == status["peer_id"]

        await link.send_json({"type": "stance", "stance": "asking"})
        request = await until(tab, event="incoming_chat_request")
        assert request["person"]["name"] == "Stranger"
        await tab.send_json({"event": "accept_chat_request", "person": stranger.id, "ref": "1"})
        assert await until(tab, ref="1") == {"event": "ok", "ref": "1"}
        await until(link, type="stance", stance="accepted")
        await link.send_json({"type": "stance", "stance": "accepted"})

        await link.send_json({"type": "message", "id": "stranger-1", "text": "Hello, Ada"})
        assert (await until(tab, event="receive_private_message"))["entry"]["text"] == "Hello, Ada"
        assert (await until(link, type="delivered"))["ids"] == ["stranger-1"]
        await tab.send_json({"event": "send_private_message", "person": stranger.id, "id": "page-0001", "text": "Hi"})
        assert (await until(link, type="message"))["text"] == "Hi"
        await link.send_json({"type": "resend"})
        assert await until(link, type="message", id="page-0001", first=True)
        await link.send_json({"type": "delivered", "ids": ["page-0001"]})
        await until(tab, event="message_status", ids=["page-0001"], status="delivered")

        await link.send_json({"type": "bye", "reason": "stopping"})
        changed = await until(tab, event="person_changed")
        assert changed["person"]["presence"] == "offline"


def signs(comparison: str, *keys_and_nonces: str) -> list[str]:
    """The words of the code, from the description and the table of the document."""
    table = re.findall(r"^\| \d+ \|(.*)\|$", PROTOCOL, re.MULTILINE)
    words = [cell.split()[1] for line in table for cell in line.split("|")]
    digest = hashlib.sha256("\n".join(["lanchat code 1", comparison, *keys_and_nonces]).encode()).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:42]
    return [words[int(bits[place : place + 6], 2)] for place in range(0, 42, 6)]


async def test_stranger_and_person_compare_a_code(status: dict[str, Any], tmp_path: Path) -> None:
    stranger = Stranger(tmp_path)
    link_url, page = f"wss://127.0.0.1:{status['peer_port']}/link", status["page"]
    name, nonce = "comparison-of-a-stranger", "twenty-two-characters-or-more"
    promise = hashlib.sha256("\n".join(["lanchat commitment 1", name, stranger.id, nonce]).encode()).hexdigest()
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        tab = await session.ws_connect(page.replace("http", "ws") + "/ws", origin=page)
        link = await session.ws_connect(link_url, ssl=stranger.tls)
        await link.send_json(stranger.hello())
        await link.send_json({"type": "stance", "stance": "asking"})
        await until(tab, event="incoming_chat_request")
        await tab.send_json({"event": "accept_chat_request", "person": stranger.id})
        await until(link, type="stance", stance="accepted")

        await link.send_json({"type": "compare_start", "id": name, "commitment": promise})
        assert (await until(tab, event="comparison_changed"))["comparison"]["state"] == "asking"
        await tab.send_json({"event": "accept_comparison", "comparison": name})
        theirs = (await until(link, type="compare_accept", id=name))["nonce"]
        await link.send_json({"type": "compare_reveal", "id": name, "nonce": nonce})
        while not (shown := (await until(tab, event="comparison_changed"))["comparison"]["signs"]):
            pass
        assert [sign["word"] for sign in shown] == signs(name, stranger.id, nonce, status["peer_id"], theirs)

        await tab.send_json({"event": "answer_comparison", "comparison": name, "match": True})
        assert (await until(tab, event="person_changed"))["person"]["verified"]
        await until(link, type="compare_end", id=name, outcome="matched")


async def test_claiming_to_be_somebody_else_ends_the_link(status: dict[str, Any], tmp_path: Path) -> None:
    stranger = Stranger(tmp_path)
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        link = await session.ws_connect(f"wss://127.0.0.1:{status['peer_port']}/link", ssl=stranger.tls)
        await link.send_json({**stranger.hello(), "id": status["peer_id"]})
        assert (await link.receive_json())["type"] == "hello"
        assert (await link.receive()).type is not aiohttp.WSMsgType.TEXT


def test_examples_are_json() -> None:
    blocks = re.findall(r"```json\n(.*?)\n```", PROTOCOL, re.DOTALL)
    assert len(blocks) > 50
    assert all({"type", "event"} & json.loads(block).keys() for block in blocks)
