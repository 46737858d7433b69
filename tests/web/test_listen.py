"""Which port the page gets."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from lanchatd.errors import UserError
from lanchatd.web.listen import ATTEMPTS, listen


@contextmanager
def listening(port: int, avoid: tuple[int, ...] = ()) -> Iterator[tuple[int, list[str]]]:
    """The port that we get, and the addresses."""
    with ExitStack() as stack:
        got, sockets = listen(port, avoid=avoid)
        for sock in sockets:
            stack.enter_context(sock)
            assert sock.getsockname()[1] == got
        yield got, [sock.getsockname()[0] for sock in sockets]


@contextmanager
def occupied(family: socket.AddressFamily, host: str, port: int = 0) -> Iterator[int]:
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        if family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen()
        yield sock.getsockname()[1]


def test_any_free_port_is_the_same_for_both_families() -> None:
    with listening(0) as (port, addresses):
        assert port > 0
        assert addresses == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("family", "host"),
    [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1"), (socket.AF_INET6, "::")],
)
def test_a_port_that_is_taken_under_either_address_gives_way_to_the_next(
    family: socket.AddressFamily, host: str
) -> None:
    with occupied(family, host) as taken, listening(taken) as (port, addresses):
        assert taken < port < taken + ATTEMPTS
        assert addresses == ["127.0.0.1", "::1"]


def test_a_second_daemon_gets_the_next_port() -> None:
    with listening(0) as (first, _), listening(first) as (second, _):
        assert first < second


def test_a_restart_gets_its_port_again_though_old_connections_linger() -> None:
    port, sockets = listen(0)
    with socket.create_connection(("127.0.0.1", port)), ExitStack() as stack:
        server = stack.enter_context(sockets[0])
        stack.enter_context(sockets[1])
        server.setblocking(True)
        connection, _ = server.accept()
        connection.close()  # who closes first keeps the address in TIME_WAIT
    with listening(port) as (again, _):
        assert again == port


def test_ports_to_avoid_are_stepped_over_unless_one_is_wanted() -> None:
    with occupied(socket.AF_INET, "127.0.0.1") as taken, listening(taken, avoid=(taken + 1,)) as (port, _):
        assert port > taken + 1
    with listening(taken, avoid=(taken,)) as (port, _):
        assert port == taken


def test_without_ipv6_there_is_still_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    bind = socket.socket.bind

    def bind_v4_only(sock: socket.socket, address: tuple[str, int]) -> None:
        if sock.family is socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "no such address")
        bind(sock, address)

    monkeypatch.setattr(socket.socket, "bind", bind_v4_only)
    with listening(0) as (_, addresses):
        assert addresses == ["127.0.0.1"]


def test_no_free_port_is_one_sentence() -> None:
    sentence = r"^Port 65535 is in use.* --ui-port\.$"
    with occupied(socket.AF_INET, "127.0.0.1", 65535), pytest.raises(UserError, match=sentence):
        listen(65535)


def test_a_port_for_the_superuser_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(_sock: socket.socket, _address: tuple[str, int]) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(UserError, match=r"^Port 80 is not for ordinary users.* --ui-port\.$"):
        listen(80)
