"""DNS: records as text, "there is none" told from "nobody answers", and answers remembered."""

from __future__ import annotations

import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from mailgateway.edges import dns as our_dns
from mailgateway.edges.dns import ask, prepared
from mailgateway.mail.proofs import LookupFailed

RECORDS = {
    ("cliente.example.", "TXT"): ['"v=spf1 " "ip4:192.0.2.7 -all"', '"outro"'],
    ("cliente.example.", "MX"): ["10 mx.cliente.example."],
    ("mx.cliente.example.", "A"): ["192.0.2.7", "192.0.2.8"],
    ("mx.cliente.example.", "AAAA"): ["2001:db8::7"],
    ("7.2.0.192.in-addr.arpa.", "PTR"): ["mx.cliente.example."],
    ("apelido.example.", "TXT"): None,
    ("bytes.example.", "TXT"): ['"\\255"'],
}


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        query = dns.message.from_wire(data)
        name, kind = query.question[0].name.to_text().lower(), dns.rdatatype.to_text(query.question[0].rdtype)
        self.server.asked.append((name, kind))  # type: ignore[attr-defined]
        if name.startswith("mudo."):
            return
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name.startswith("quebrado."):
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif name == "apelido.example.":
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "cliente.example."))
            reply.answer.append(dns.rrset.from_text("cliente.example.", 60, "IN", "TXT", '"v=x"'))
        elif (name, kind) in RECORDS:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *(RECORDS[name, kind] or ())))
        elif name not in {n for n, _ in RECORDS}:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(reply.to_wire(), self.client_address)


@pytest.fixture(scope="module")
def server() -> Iterator[socketserver.ThreadingUDPServer]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Answer) as running:
        running.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def resolver(server: socketserver.ThreadingUDPServer) -> dns.resolver.Resolver:
    made = prepared(dns.resolver.Resolver(configure=False))
    made.nameservers, made.port = ["127.0.0.1"], server.server_address[1]
    return made


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("cliente.example", "TXT", ["v=spf1 ip4:192.0.2.7 -all", "outro"]),
        ("CLIENTE.example.", "MX", ["10 mx.cliente.example"]),
        ("mx.cliente.example", "A", ["192.0.2.7", "192.0.2.8"]),
        ("mx.cliente.example", "AAAA", ["2001:db8::7"]),
        ("7.2.0.192.in-addr.arpa", "PTR", ["mx.cliente.example"]),
        ("apelido.example", "TXT", ["v=x"]),
        ("bytes.example", "TXT", ["\ufffd"]),
        ("cliente.example", "AAAA", []),
        ("nada.example", "TXT", []),
        ("a..b", "TXT", []),
        ("x" * 64 + ".example", "TXT", []),
        (".".join(["x" * 60] * 9), "TXT", []),
        ("caf\ud800.example", "TXT", []),
        ("\\1.example", "TXT", []),
    ],
)
def test_records_as_text(resolver: dns.resolver.Resolver, name: str, kind: str, expected: list[str]) -> None:
    assert sorted(r.lower() for r in ask(resolver, name, kind)) == sorted(expected)


def test_trouble_is_not_an_answer(resolver: dns.resolver.Resolver) -> None:
    resolver.lifetime = resolver.timeout = 0.2
    for name in ("quebrado.example", "mudo.example"):
        with pytest.raises(LookupFailed, match=name):
            ask(resolver, name, "TXT")


def test_answers_are_remembered_also_the_empty_ones_but_not_trouble(
    resolver: dns.resolver.Resolver, server: socketserver.ThreadingUDPServer
) -> None:
    resolver.lifetime = resolver.timeout = 0.2
    for name, expected in (("cliente.example.", 1), ("quebrado.example.", 2)):
        server.asked.clear()  # type: ignore[attr-defined]
        for _ in range(2):
            try:
                ask(resolver, name, "TXT")
            except LookupFailed:
                continue
        assert server.asked.count((name, "TXT")) >= expected  # type: ignore[attr-defined]
        assert expected > 1 or len(server.asked) == 1  # type: ignore[attr-defined]


def test_the_memory_is_bounded(resolver: dns.resolver.Resolver) -> None:
    resolver.cache.set_max_size(8)
    for i in range(50):
        ask(resolver, f"n{i}.example", "TXT")
    assert len(resolver.cache.data) <= 8


def test_many_threads_may_ask(resolver: dns.resolver.Resolver) -> None:
    found: list[list[str]] = []

    def one() -> None:
        found.append(ask(resolver, "mx.cliente.example", "A"))

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    assert all(len(f) == 2 for f in found)


def test_a_machine_without_a_resolver_is_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dns.resolver.Resolver:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(our_dns, "_system", missing)
    with pytest.raises(LookupFailed, match=r"resolv\.conf"):
        our_dns.lookup("cliente.example", "TXT")


def test_the_system_resolver_is_asked(monkeypatch: pytest.MonkeyPatch, resolver: dns.resolver.Resolver) -> None:
    monkeypatch.setattr(our_dns, "_system", lambda: resolver)
    assert our_dns.lookup("mx.cliente.example", "AAAA") == ["2001:db8::7"]


def test_importing_opens_no_file_and_no_socket() -> None:
    code = (
        "import sys; sys.addaudithook(lambda e, a: e.startswith('socket.') and sys.exit(e) or "
        "e == 'open' and 'resolv.conf' in str(a[0]) and sys.exit(e)); import mailgateway.edges.dns"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
