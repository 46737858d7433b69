"""What rule sets do with one packet: read from what the tools print."""

from __future__ import annotations

import contextlib
import ipaddress
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanchatd.doctor.firewall import firewalld, iptables, nft
from lanchatd.doctor.firewall.rules import Chain, Jump, Packet, Rule, verdict

TCP = Packet("eth0", "tcp", 5263, ipaddress.ip_address("192.168.1.9"), ipaddress.ip_address("192.168.1.5"))
UDP = Packet("eth0", "udp", 5353, ipaddress.ip_address("192.168.1.9"), ipaddress.ip_address("224.0.0.251"))


def table(*rules: list[dict[str, Any]], policy: str = "drop", hook: str = "input", family: str = "inet") -> str:
    """A rule set with one base chain, and a chain ``other`` that accepts ssh."""
    own = {"family": family, "table": "filter"}
    chains = [
        {"chain": own | {"name": "input", "type": "filter", "hook": hook, "prio": 0, "policy": policy}},
        {"chain": own | {"name": "other"}},
    ]
    ssh = [{"rule": own | {"chain": "other", "expr": [match(dport("tcp"), 22), {"accept": None}]}}]
    own_rules = [{"rule": own | {"chain": "input", "expr": list(rule)}} for rule in rules]
    return json.dumps({"nftables": [{"metainfo": {}}, *chains, *ssh, *own_rules]})


def match(left: Any, right: Any, op: str = "==") -> dict[str, Any]:
    return {"match": {"op": op, "left": left, "right": right}}


def dport(protocol: str) -> dict[str, Any]:
    return {"payload": {"protocol": protocol, "field": "dport"}}


ACCEPT, DROP = {"accept": None}, {"drop": None}
MARK = match({"meta": {"key": "mark"}}, 7)
LAN = {"prefix": {"addr": "192.168.0.0", "len": 16}}
FIB = {"fib": {"result": "oif", "flags": ["saddr", "iif"]}}
NFT: dict[str, tuple[str, str]] = {
    "nothing": ("open", table(policy="accept")),
    "all closed": ("closed", table()),
    "established only": ("closed", table([match({"ct": {"key": "state"}}, ["established", "related"], "in"), ACCEPT])),
    "our port": ("open", table([match(dport("tcp"), 5263), ACCEPT])),
    "our port, UDP": ("closed", table([match(dport("udp"), 5263), ACCEPT])),
    "a range": ("open", table([match(dport("tcp"), {"range": [5000, 6000]}), ACCEPT])),
    "a set": ("open", table([match(dport("th"), {"set": [22, 5263]}), ACCEPT])),
    "all but ours": ("closed", table([match(dport("tcp"), 5263, "!="), ACCEPT])),
    "the local network": ("open", table([match({"payload": {"protocol": "ip", "field": "saddr"}}, LAN), ACCEPT])),
    "another interface": ("closed", table([match({"meta": {"key": "iifname"}}, "wlan*"), ACCEPT])),
    "this interface": ("open", table([match({"meta": {"key": "iifname"}}, {"set": ["eth*", "lo"]}), ACCEPT])),
    "what can't be told": ("unknown", table([MARK, ACCEPT])),
    "what can't be told makes no difference": ("open", table([MARK, ACCEPT], [match(dport("tcp"), 5263), ACCEPT])),
    "a limit": ("unknown", table([{"limit": {"rate": 5, "per": "second"}}, ACCEPT])),
    "a jump that comes back": ("closed", table([{"jump": {"target": "other"}}])),
    "a jump, then ours": ("open", table([{"jump": {"target": "other"}}], [match(dport("tcp"), 5263), ACCEPT])),
    "a goto does not come back": ("closed", table([{"goto": {"target": "other"}}], [ACCEPT])),
    "dropped first": ("closed", table([match(dport("tcp"), 5263), DROP], [ACCEPT], policy="accept")),
    "refused": ("closed", table([{"reject": {"type": "tcp reset"}}], policy="accept")),
    "counted and logged": ("open", table([{"counter": None}, {"log": None}], [ACCEPT])),
    "the other IP version": ("open", table(family="ip6")),
    "what is forwarded": ("open", table(hook="forward")),
    "the reverse path": ("open", table([match(FIB, False), DROP], policy="accept", hook="prerouting")),
    "a queue": ("unknown", table([{"queue": {"num": 0}}])),
    "a verdict map": (
        "open",
        table([{"vmap": {"key": {"meta": {"key": "iifname"}}, "data": {"set": [["lo", ACCEPT], ["eth0", ACCEPT]]}}}]),
    ),
    "a map of two": (
        "open",
        table(
            [
                match({"concat": [{"meta": {"key": "l4proto"}}, dport("th")]}, {"set": [{"concat": ["tcp", 5263]}]}),
                ACCEPT,
            ]
        ),
    ),
}


@pytest.mark.parametrize("case", NFT)
def test_nftables(case: str) -> None:
    wanted, text = NFT[case]
    found, where = nft.judge(nft.read(text), TCP)
    assert found == wanted
    assert where in ("", "inet filter input") and (where != "") == (wanted != "open")


def test_tables_of_iptables_are_told_by_iptables() -> None:
    assert nft.read(table(family="ip"), without_iptables=True) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"nftables": 7}', '{"nftables": [{"rule": {}}]}', "nonsense"])
def test_no_rule_set(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        nft.read(text)


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([[{}, ACCEPT]], "unknown"),
        ([[match({}, 7), ACCEPT]], "unknown"),
        ([[{"vmap": {"key": {"meta": {"key": "iifname"}}, "data": {"set": [["eth0", {}]]}}}]], "unknown"),
    ],
)
def test_an_empty_expression_is_not_known(rules: list[list[dict[str, Any]]], wanted: str) -> None:
    assert nft.judge(nft.read(table(*rules)), TCP)[0] == wanted


def test_what_is_nested_too_deep_is_no_rule_set() -> None:
    with pytest.raises(ValueError, match="not a rule set"):
        nft.read("[" * 100_000)


def test_many_ways_to_one_chain_are_walked_once() -> None:
    jumps = {
        f"chain{depth}": Chain([Rule([lambda _: None], Jump(f"chain{depth + 1}", back=True))] * 3)
        for depth in range(30)
    }
    chains = {"input": Chain([Rule([], Jump("chain0", back=True))], "drop"), **jumps, "chain30": Chain()}
    assert verdict(chains, "input", TCP) == "closed"


def test_a_circle_of_jumps_has_no_verdict() -> None:
    chains = {
        "input": Chain([Rule([], Jump("round", back=True))]),
        "round": Chain([Rule([], Jump("round", back=True))]),
    }
    assert verdict(chains, "input", TCP) == "unknown"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["accept", "drop", "@s", "eth0", "tcp", "*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["match", "left", "right", "op", "set", "vmap", "key", "data", "meta", "ct", "payload", "jump"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(
    st.lists(st.lists(st.dictionaries(st.sampled_from(["match", "vmap", "jump", "accept", "xt"]), _json, min_size=1)))
)
def test_odd_rules_raise_nothing_else_than_what_is_caught(rules: list[list[dict[str, Any]]]) -> None:
    with contextlib.suppress(AttributeError, IndexError, KeyError, TypeError, ValueError):
        nft.judge(nft.read(table(*rules)), TCP)


def saved(*rules: str, policy: str = "DROP") -> str:
    return "\n".join(
        ["*nat", ":INPUT ACCEPT [0:0]", "COMMIT", "*filter", f":INPUT {policy} [0:0]", ":lan - [0:0]", *rules, "COMMIT"]
    )


@pytest.mark.parametrize(
    ("wanted", "rules"),
    [
        ("closed", ()),
        ("open", ("-A INPUT -p tcp -m tcp --dport 5263 -j ACCEPT",)),
        ("closed", ("-A INPUT -p udp -m udp --dport 5263 -j ACCEPT",)),
        ("open", ("-A INPUT -p tcp -m multiport --dports 22,5000:6000 -j ACCEPT",)),
        ("closed", ("-A INPUT -p tcp -m multiport ! --dports 22,5000:6000 -j ACCEPT",)),
        ("open", ("-A INPUT -s 192.168.0.0/16 -i eth+ -j ACCEPT",)),
        ("closed", ("-A INPUT ! -s 192.168.0.0/16 -j ACCEPT",)),
        ("closed", ("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",)),
        ("open", ("-A lan -p tcp --dport 5263 -j ACCEPT", '-A INPUT -m comment --comment "a b" -j lan')),
        ("closed", ("-A lan -j RETURN", "-A INPUT -j lan")),
        ("closed", ("-A INPUT -g lan", "-A INPUT -j ACCEPT")),
        ("unknown", ("-A INPUT -m owner --uid-owner 5 -j ACCEPT",)),
        ("unknown", ("-A INPUT -m limit --limit 3/min -j ACCEPT",)),
        ("closed", ('-A INPUT -m limit --limit 3/min -j LOG --log-prefix "x "',)),
        ("unknown", ("-A INPUT -j NFQUEUE --queue-num 0",)),
        ("closed", ('-A INPUT -m comment --comment "unbalanced -j ACCEPT',)),
    ],
)
def test_iptables(wanted: str, rules: tuple[str, ...]) -> None:
    assert verdict(iptables.read(saved(*rules)), iptables.BASE, TCP) == wanted


@pytest.mark.parametrize("line", [":INPUT", ":INPUT ODD [0:0]"])
def test_iptables_without_a_policy_is_not_known(line: str) -> None:
    text = f"*filter\n:\n{line}\n-A INPUT -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
    assert verdict(iptables.read(text), iptables.BASE, TCP) == "unknown"


def test_iptables_without_rules_is_no_firewall() -> None:
    assert iptables.read(saved(policy="ACCEPT")) == {}


def zone(**said: str) -> str:
    rows = {"target": "default", "services": "ssh", "ports": "", "rich rules": ""} | said
    return "public (active)\n" + "".join(f"  {key}: {value}\n" for key, value in rows.items())


@pytest.mark.parametrize(
    ("tcp", "udp", "listing"),
    [
        ("closed", "closed", zone()),
        ("closed", "open", zone(services="ssh mdns dhcpv6-client")),
        ("open", "open", zone(services="lanchat")),
        ("open", "open", zone(target="ACCEPT")),
        ("open", "closed", zone(ports="80/tcp 5263/tcp")),
        ("open", "open", zone(ports="1025-65535/udp 1025-65535/tcp")),
        ("unknown", "closed", zone(ports="²/tcp")),
        ("unknown", "closed", zone(ports="80-x/tcp")),
        ("unknown", "unknown", zone() + '\trule family="ipv4" source address="192.168.0.0/16" accept\n'),
    ],
)
def test_firewalld(tcp: str, udp: str, listing: str) -> None:
    assert firewalld.judge(listing, "tcp", 5263) == tcp
    assert firewalld.judge(listing, "udp", 5353) == udp


def test_zones_of_firewalld() -> None:
    listing = (
        "block\n  target: %%REJECT%%\n  interfaces: \n\nhome (active)\n  target: default\n  interfaces: eth0 eth1\n"
    )
    zones = firewalld.zones_of(listing)
    assert list(zones) == ["block", "home"]
    assert "interfaces: eth0 eth1" in zones["home"]
    assert firewalld.zones_of("") == {}
