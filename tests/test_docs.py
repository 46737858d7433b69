"""The documents say what the code says."""

from __future__ import annotations

import hashlib
import re
import ssl
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lanchatd.config import load
from lanchatd.core import call, comparison, conversation, known, limits, signs
from lanchatd.desktop import handover
from lanchatd.identity.certificate import PUBLISHED_ROOT_SEED, root_certificate
from lanchatd.identity.trust import peer_id_of_key
from lanchatd.lan import instance, link, pair, pulse, watch
from lanchatd.protocol import catalogue, codec, codes, describe, peer, ui
from lanchatd.protocol.examples import example
from lanchatd.settings import KEYS
from lanchatd.values import PAGE_PORT, PEER_PORT

ROOT = Path(__file__).resolve().parent.parent
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
PROSE = re.sub(r"<!-- generated: [\w ]+ -->.*?<!-- end -->", "", PROTOCOL, flags=re.DOTALL)
README = (ROOT / "README.md").read_text(encoding="utf-8")
MESSAGES = {*get_args(peer.PeerMessage), *get_args(ui.TabRequest), *get_args(ui.TabEvent)}


def test_generated_files_are_up_to_date() -> None:
    assert [path.name for path in describe.stale()] == [], "run: make docs"


def test_check_finds_a_stale_file(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for path, text in describe.documents().items():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text.replace("receive_private_message", "receive_message"), encoding="utf-8")
    assert {path.name for path in describe.stale(tmp_path)} == {"protocol.md", "messages.js"}


def test_section_without_a_place_is_an_error() -> None:
    with pytest.raises(ValueError, match="codes"):
        describe.protocol_document(PROTOCOL.replace("<!-- generated: codes -->", ""))


@pytest.mark.parametrize("kind", sorted(MESSAGES, key=str), ids=lambda kind: f"{kind.__module__[-4:]}.{kind.__name__}")
def test_example_is_a_valid_message(kind: type[msgspec.Struct]) -> None:
    message = example(kind)
    assert msgspec.json.decode(codec.encode(message), type=kind) == message
    assert f"### `{catalogue.wire_name(kind)}`" in PROTOCOL


def test_every_code_is_explained_and_every_request_has_its_refusals() -> None:
    assert list(codes.MEANINGS) == list(get_args(ui.Code))
    assert set(codes.REFUSALS) == set(get_args(ui.TabRequest))
    assert ", ".join(f"`{code}`" for code in codes.ALWAYS) in PROSE


def test_refusals_are_those_that_the_code_has() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "lanchatd").rglob("*.py")]
    raised = {code for source in sources for code in re.findall(r'BadRequest\(\s*"(\w+)"', source)}
    assert raised == {*codes.ALWAYS, *(code for refusals in codes.REFUSALS.values() for code in refusals)}


def test_published_root_is_printed_as_it_is() -> None:
    """Who writes another daemon needs the root byte by byte, and the way to its key."""
    assert f"```\n{PUBLISHED_ROOT_SEED.decode()}\n```" in PROSE
    pem = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", PROSE, re.DOTALL)
    assert pem is not None
    assert ssl.PEM_cert_to_DER_cert(pem[0]) == root_certificate()


def test_peer_id_in_the_document_can_be_computed() -> None:
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"LanChat test vector").digest())
    assert f"`{peer_id_of_key(key.public_key())}`" in PROSE


def test_figures_in_the_prose_are_those_of_the_code() -> None:
    prose = " ".join(PROSE.split())
    assert pulse.PONG == watch.FRESH == 1
    for sentence in (
        f"must come within {link.GREETING:g} seconds",
        f"a WebSocket ping after {pulse.HEARTBEAT:g} seconds of silence",
        f"only its program is busy, {pulse.BUSY:g} seconds after the first ping",
        f"otherwise after {pulse.IDLE[0]:g} to {pulse.IDLE[1]:g} seconds, by chance",
        f"watches the {watch.WATCHERS} peer ids before its own",
        f"since it asked: {watch.TOLD[1]:g} times in a row, then {60 * watch.TOLD[0]:g} times a minute",
        f"for each sender {watch.HEARD[1]:g} times in a row, then {60 * watch.HEARD[0]:g} times a minute",
        f"more than {pair.CROSSING:g} seconds after the other",
        f"cut to at most {instance._NAME_BYTES} bytes",
        f"It rings for {call.RING_LASTS:g} seconds",
        f"opens within {handover.OPENING:g} seconds gets `take_call`",
        f"and for {handover.KEPT:g} seconds in all",
        f"the link is away for {call.RING_WITHOUT_LINK:g} seconds while it rings",
        f"or for {call.ACTIVE_WITHOUT_LINK:g} once it is on",
        f"no page holds it for {call.WITHOUT_PAGE:g} seconds",
        f"ends by itself after {known.REQUEST_KEPT / 3600:g} hours",
        f"waits {comparison.ANSWERED_WITHIN:g} seconds for a person, a code {comparison.COMPARED_WITHIN:g} seconds",
        f"can be scanned for {comparison.SHOWN_FOR:g} seconds",
        f"{limits.RINGS[1]:g} calls may ring one after the other, then {60 * limits.RINGS[0]:g} a minute, until one",
        f"announced {limits.REQUESTS[1]:g} times, then {3600 * limits.REQUESTS[0]:g} times an hour",
        f"together {limits.REQUESTS_OF_ALL[1]:g} times, then {60 * limits.REQUESTS_OF_ALL[0]:g} times a minute",
        f"At most {conversation.WINDOW_LINES} messages or {conversation.WINDOW_BYTES // 1024} KiB are on their way",
        f"{conversation.UNREAD_LINES:,} messages or {conversation.UNREAD_BYTES // 1024**2} MiB of one sender unread",
        f"at least the last {conversation.OUTBOX_LINES:,} ids",
        f"by default TCP port {PEER_PORT}",
        f"by default at port {PAGE_PORT}",
        f"the DNS-SD service (RFC 6763) `{instance.SERVICE.removesuffix('.local.')}`",
    ):
        assert sentence in prose, sentence


def test_the_signs_in_the_document_are_those_of_the_code() -> None:
    table = [line for line in PROSE.splitlines() if re.match(r"\| \d+ \| ", line)]
    cells = [cell.strip() for line in table for cell in line.split("|")[2:-1]]
    assert cells == [f"{sign.picture} {sign.word}" for sign in signs.SIGNS]


@pytest.mark.parametrize("document", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in text.splitlines() if line.startswith("#")}  # fmt: skip
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif "://" not in target:
            assert (document.parent / target.partition("#")[0]).exists(), target


def test_every_dependency_has_its_reason() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    required = re.search(r"install_requires =\n((?:    .+\n)+)", setup)
    assert required is not None
    reasons = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    for name in re.findall(r"^    ([\w-]+)", required[1], re.MULTILINE):
        assert f"| {name} |" in reasons, f"{name} has no reason in docs/decisions.md"


def test_the_example_file_in_the_document_is_read_as_it_stands(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    (tmp_path / "config.toml").write_text(example[1])
    found = load({"config": str(tmp_path / "config.toml")}, {"HOME": str(tmp_path)})
    assert [line.split()[0] for line in example[1].splitlines()] == list(KEYS)
    assert (found.name, found.peers, found.hide_text) == ("Ada", (("192.168.1.20", 5263),), False)


def test_each_promise_stands_beside_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "threat-model.md").read_text()
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", text)
    assert len(named) > 20
    for file, test in named:
        sources = [path.read_text() for path in (ROOT / "tests").rglob(file)]
        assert any(f"def {test}(" in source for source in sources), f"{file}::{test}"
    lines = text.partition("## Promises")[2].splitlines()
    rows = [line for line, after in pairwise(lines) if line.startswith("| ") and "| ---" not in line + after]
    assert [row for row in rows if "::" not in row] == []
