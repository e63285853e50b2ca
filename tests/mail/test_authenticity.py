"""Who wrote a mail: what is believed of others, what we check ourselves, and what a forger may try against both."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.messages import Envelope, Mail
from mailgateway.mail import proofs
from mailgateway.mail.addresses import parse_list
from mailgateway.mail.authentication_results import Result, Statement, parse, topmost
from mailgateway.mail.authenticity import Lookup, LookupFailed, Trust, Verdict, judge

PIPE = Envelope("pipe", "ana@cliente.example")
OURS = Trust(authserv_id="mx.desk.example.com", verify=False)
HOST = "192.0.2.7"
BASIC = "From: Ana <ana@cliente.example>\r\nTo: suporte@desk.example.com\r\nSubject: Impressora\r\n\r\nNão imprime.\r\n"


def read(raw: bytes) -> Mail:
    """As much of a mail as the verdict needs."""
    top = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace").replace("\n ", " ")
    pairs = [line.partition(":") for line in top.split("\n") if ":" in line]
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    return Mail(headers=headers, from_=parse_list(v for n, v in headers if n == "from")[0])


def verdict(raw: str | bytes, envelope: Envelope = PIPE, trust: Trust = OURS, lookup: Lookup | None = None) -> Verdict:
    data = raw.encode() if isinstance(raw, str) else raw
    return judge(read(data), data, envelope, trust, lookup)


def level(*args: object, **kwargs: object) -> str:
    return verdict(*args, **kwargs).level  # type: ignore[arg-type]


def stated(results: str, above: str = "", rest: str = BASIC) -> str:
    return f"{above}Authentication-Results: {results}\r\n{rest}"


def zone(*records: tuple[str, str, str], broken: tuple[str, ...] = ()) -> Lookup:
    """A DNS of these (name, type, value) records; names that end in one of `broken` do not answer."""

    def lookup(name: str, kind: str) -> list[str]:
        asked.append((name, kind))
        if name.endswith(broken or ("!",)):
            raise LookupFailed(f"{kind} {name}: timeout")
        return [value for n, k, value in records if (n, k) == (name.lower(), kind)]

    asked: list[tuple[str, str]] = []
    lookup.asked = asked  # type: ignore[attr-defined]
    return lookup


# ---- what is believed

RECEIVED = "Received: from mx by desk; Tue, 24 Nov 2026 10:00:00 -0300\r\n"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        # as the gateway's checks state them, and in other clothes
        ("mx.desk.example.com; dmarc=pass header.from=cliente.example", "aligned"),
        ("MX.Desk.Example.COM; DMARC=Pass header.From=Cliente.Example", "aligned"),
        ("mx.desk.example.com 1; dmarc=pass header.from=cliente.example", "aligned"),
        ('"mx.desk.example.com"; dmarc=pass header.from="cliente.example"', "aligned"),
        ("(x(y)\\)z) mx.desk.example.com (v1) ; dmarc = pass (p=none; x) header.from = cliente.example", "aligned"),
        ("mx.desk.example.com;dmarc=pass(p=REJECT)header.from=cliente.example", "aligned"),
        ("mx.desk.example.com;\r\n\tdmarc=pass\r\n\theader.from=cliente.example;", "aligned"),
        ("mx.desk.example.com; dmarc/1=pass header.from=cliente.example", "aligned"),
        ("mx.desk.example.com; dmarc=fail header.from=cliente.example", "fail"),
        ("mx.desk.example.com; dmarc=none header.from=cliente.example", "none"),
        ("mx.desk.example.com; dmarc=temperror header.from=cliente.example", "none"),
        ("mx.desk.example.com; none", "none"),
        # somebody else's word
        ("mx.other.example; dmarc=pass header.from=cliente.example", "none"),
        ("mx.desk.example.com.evil.example; dmarc=pass header.from=cliente.example", "none"),
        ("dmarc=pass header.from=cliente.example", "none"),
        # a pass for another domain, for none, for two
        ("mx.desk.example.com; dmarc=pass header.from=evil.example", "none"),
        ("mx.desk.example.com; dmarc=pass header.from=sub.cliente.example", "none"),
        ("mx.desk.example.com; dmarc=pass", "none"),
        ("mx.desk.example.com; dmarc=pass header.from=cliente.example header.from=evil.example", "none"),
        ("mx.desk.example.com; dmarc=none header.from=cliente.example; dmarc=pass header.from=cliente.example", "none"),
        ("mx.desk.example.com; dmarc=pass header.from=cliente.example; dmarc=fail header.from=cliente.example", "fail"),
        # SPF and DKIM align by organisation, even where DMARC was not asked or found nothing
        ("mx.desk.example.com; spf=pass smtp.mailfrom=ana@cliente.example", "aligned"),
        ("mx.desk.example.com; spf=pass smtp.mailfrom=bounce.cliente.example", "aligned"),
        ("mx.desk.example.com; spf=pass smtp.mailfrom=prvs=1a=ana@cliente.example", "aligned"),
        ("mx.desk.example.com; spf=softfail smtp.mailfrom=cliente.example", "none"),
        ("mx.desk.example.com; spf=pass smtp.helo=cliente.example", "none"),
        ("mx.desk.example.com; spf=pass smtp.mailfrom=evilcliente.example", "none"),
        ("mx.desk.example.com; dkim=pass header.i=@mail.cliente.example header.b=ab=", "aligned"),
        ("mx.desk.example.com; dkim=fail header.d=cliente.example; dkim=pass header.d=cliente.example", "aligned"),
        ("mx.desk.example.com; dkim=pass header.d=esp.example header.i=@cliente.example", "none"),
        ("mx.desk.example.com; x-dkim=pass header.d=cliente.example", "none"),
        # what a sender can write into an honest field
        ('mx.desk.example.com; spf=pass smtp.mailfrom="a; dkim=pass header.d=cliente.example ;"@evil.example', "none"),
        ('mx.desk.example.com; spf=pass smtp.mailfrom="ana@cliente.example"@evil.example', "none"),
        ("mx.desk.example.com; spf=pass (of a; dkim=pass header.d=cliente.example) smtp.mailfrom=evil.example", "none"),
        ("mx.desk.example.com; spf=pass smtp.mailfrom==?utf-8?q?=3Bdkim=3Dpass_header.d=3Dcliente.example?=", "none"),
        ("mx.desk.example.com; dkim=pass header.i=a\u3000header.d=cliente.example\u3000@evil.example", "none"),
        ("mx.desk.example.com; spf=none (open; dmarc=pass header.from=cliente.example", "none"),
        ('mx.desk.example.com; spf=none "open; dmarc=pass header.from=cliente.example', "none"),
    ],
)  # fmt: skip
def test_a_believed_field(results: str, expected: str) -> None:
    assert level(stated(results)) == expected


PASS = "Authentication-Results: mx.desk.example.com; dmarc=pass header.from=cliente.example\r\n"
FAIL = PASS.replace("pass", "fail")
NONE = PASS.replace("pass", "none")
FOREIGN = PASS.replace("mx.desk", "mx.relay")


@pytest.mark.parametrize(
    ("top", "hops", "expected"),
    [
        (PASS, 0, "aligned"),
        (RECEIVED + PASS, 1, "aligned"),
        (RECEIVED + PASS, 0, "none"),
        (RECEIVED * 2 + PASS, 1, "none"),
        (RECEIVED * 2 + PASS, 2, "aligned"),
        (RECEIVED.lower() * 2 + PASS, 1, "none"),
        ("Received-SPF: pass\r\nX-Received: x\r\n" * 3 + RECEIVED + PASS, 1, "aligned"),
        (FAIL + PASS, 1, "fail"),  # the sender wrote the lower one
        (NONE + PASS, 1, "none"),
        (FAIL + RECEIVED * 2 + PASS, 1, "fail"),
        (FOREIGN + PASS, 1, "aligned"),
        (RECEIVED * 2 + FOREIGN + PASS, 1, "none"),
        ("Subject: x\r" + PASS, 1, "none"),  # a bare CR begins no line
        ("X-Note: x\r\n " + PASS, 1, "none"),  # nor does a continuation
        ("ARC-" + PASS, 1, "none"),
    ],
)
def test_the_topmost_within_reach_counts(top: str, hops: int, expected: str) -> None:
    assert level(top + BASIC, trust=Trust("mx.desk.example.com", hops=hops, verify=False)) == expected


def test_the_field_of_a_mail_within_the_mail_says_nothing() -> None:
    inner = BASIC.replace("\r\n\r\n", "\r\nContent-Type: message/rfc822\r\n\r\n", 1).replace("Não imprime.", PASS)
    assert level(inner) == "none"


@pytest.mark.parametrize(
    ("envelope", "relays", "expected"),
    [
        (PIPE, (), "aligned"),
        (Envelope("imap:suporte"), (), "aligned"),
        (Envelope("smtp", peer=HOST), (), "none"),
        (Envelope("smtp", peer=HOST), (HOST,), "aligned"),
        (Envelope("smtp", peer=f"::ffff:{HOST}"), ("192.0.2.0/24",), "aligned"),
        (Envelope("smtp", peer="2001:db8::7"), ("192.0.2.0/24", "2001:db8::/32"), "aligned"),
        (Envelope("lmtp", peer="127.0.0.1"), ("127.0.0.1",), "aligned"),
        (Envelope("smtp", peer=HOST), ("192.0.3.0/24", "relay.example", ""), "none"),
        (Envelope("smtp", peer=""), ("0.0.0.0/0",), "none"),
    ],
)
def test_whom_the_field_must_come_from(envelope: Envelope, relays: tuple[str, ...], expected: str) -> None:
    trust = Trust("mx.desk.example.com", trusted_relays=relays, verify=False)
    assert level(PASS + BASIC, envelope, trust) == expected


def test_without_an_authserv_id_nothing_is_believed() -> None:
    for results in ("; dmarc=pass header.from=cliente.example", "dmarc=pass header.from=cliente.example"):
        assert level(stated(results), trust=Trust(verify=False)) == "none"


MICROSOFT = (
    "spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=cliente.example; dkim=pass (signature was verified)\r\n"
    " header.d=cliente.example;dmarc={} action=none header.from=cliente.example;compauth=pass reason=100"
)
GOOGLE = (
    "mx.google.com;\r\n       dkim=pass header.i=@cliente.example header.s=s1 header.b=MfBfLLZS;\r\n"
    "       spf=pass (google.com: domain of ana@cliente.example designates 192.0.2.7 as permitted sender)"
    " smtp.mailfrom=ana@cliente.example;\r\n       dmarc={} (p=NONE sp=NONE dis=NONE) header.from=cliente.example"
)


@pytest.mark.parametrize(
    ("provider", "top", "expected"),
    [
        ("microsoft365", RECEIVED * 3 + stated(MICROSOFT.format("pass"), rest=""), "aligned"),
        ("microsoft365", stated(MICROSOFT.format("bestguesspass"), rest=""), "aligned"),
        ("microsoft365", stated(MICROSOFT.format("fail"), rest="") + stated(MICROSOFT.format("pass"), rest=""), "fail"),
        ("microsoft365", RECEIVED * 9 + stated(MICROSOFT.format("pass"), rest=""), "none"),
        ("microsoft365", stated("spf=none (sender IP is ) smtp.mailfrom=<>; dmarc=none", rest=""), "none"),
        ("google", RECEIVED * 2 + stated(GOOGLE.format("pass"), rest=""), "aligned"),
        ("google", stated(GOOGLE.format("fail"), rest="") + stated(GOOGLE.format("pass"), rest=""), "fail"),
        ("google", "ARC-" + stated("i=1; " + GOOGLE.format("pass"), rest=""), "none"),
        ("google", stated(MICROSOFT.format("pass"), rest=""), "none"),
        ("google", PASS, "none"),
        ("generic", stated(MICROSOFT.format("pass"), rest=""), "none"),
        ("generic", stated(GOOGLE.format("pass"), rest=""), "none"),
        ("generic", PASS, "aligned"),
    ],
)
def test_hosted_mailboxes(provider: str, top: str, expected: str) -> None:
    trust = Trust("mx.desk.example.com", verify=False, provider=provider)
    assert level(top + BASIC, Envelope("imap:suporte"), trust) == expected
    if provider != "generic":  # the form is worth something in that mailbox only
        assert level(top + BASIC, PIPE, trust) == ("aligned" if top is PASS else "none")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("cliente.example", "cliente.example", True),
        ("a.b.cliente.example", "c.cliente.example", True),
        ("evilcliente.example", "cliente.example", False),
        ("seade.sp.gov.br", "x.seade.sp.gov.br", True),
        ("seade.sp.gov.br", "detran.sp.gov.br", False),
        ("sp.gov.br", "detran.sp.gov.br", False),
        ("sp.gov.br", "sp.gov.br", True),
        ("um.com.br", "outro.com.br", False),
        ("um.github.io", "outro.github.io", False),
        ("xn--caf-dma.example", "mail.xn--caf-dma.example", True),
        ("", "cliente.example", False),
    ],
)
def test_relaxed_alignment(one: str, other: str, expected: bool) -> None:
    assert proofs.aligned(one, other) is expected


@given(st.text() | st.text(alphabet='a.;=() "\\@\t\r\n1/', max_size=60))
def test_the_parser_reads_anything(value: str) -> None:
    statement = parse(value)
    assert all(r.method and r.value for r in statement.results)


@given(st.binary())
def test_any_bytes_have_a_verdict(junk: bytes) -> None:
    assert level(junk + BASIC.encode(), trust=Trust("x"), lookup=zone()) in ("none", "fail")
    assert topmost(b"Authentication-Results:" + junk, "x", 1) is None or junk


def test_the_parser_keeps_properties() -> None:
    assert parse("mx 1; dkim/1=pass reason=\"good one\" header.d=x.com (c) header.i = @x.com; none") == Statement(
        "mx", (Result("dkim", "pass", (("reason", "good_one"), ("header.d", "x.com"), ("header.i", "@x.com"))),)
    )  # fmt: skip


@pytest.mark.parametrize("piece", ["(", ")", '"', "\\", ";", " ", "= ", " =", "a=", "a", "(\\", "\r\n ", "a.b=c "])
def test_hostile_fields_take_linear_time(piece: str) -> None:
    raw = stated("mx.desk.example.com; " + piece * (260_000 // len(piece))).encode()
    begin = time.process_time()
    topmost(raw, "mx.desk.example.com", 1)
    assert time.process_time() - begin < 1


# ---- From


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("From: ana@cliente.example\r\n", "aligned"),
        ('From: "ana@cliente.example" <ana@evil.example>\r\n', "none"),
        ('From: "Ana, ana@evil.example" <ana@cliente.example>\r\n', "aligned"),
        ("From: Grupo: ana@cliente.example;\r\n", "aligned"),
        ("From: Grupo:;\r\n", "none"),
        ("From: ana@cliente.example, ANA@cliente.example\r\n", "aligned"),
        ("From: ana@cliente.example, rui@cliente.example\r\n", "fail"),
        ("From: Grupo: ana@cliente.example, rui@evil.example;\r\n", "fail"),
        ("From: ana@cliente.example\r\nFrom: ana@cliente.example\r\n", "fail"),
        ("From: ana@cliente.example\r\nfrom: rui@evil.example\r\n", "fail"),
        ("From:\r\n", "none"),
        ("", "none"),
    ],
)
def test_the_from_field(author: str, expected: str) -> None:
    assert level(PASS + author + "To: suporte@desk.example.com\r\n\r\nOi\r\n") == expected


@pytest.mark.parametrize(
    ("login", "senders", "expected"),
    [
        ("ana", ("ana@cliente.example",), "aligned"),
        ("ana", ("rui@cliente.example", "Cliente.Example"), "aligned"),
        ("ana", ("@cliente.example",), "aligned"),
        ("ana", ("rui@cliente.example",), "none"),
        ("ana", ("liente.example", "example", ""), "none"),
        ("ana", (), "none"),
        ("", ("ana@cliente.example",), "none"),
    ],
)
def test_a_login_that_may_use_the_address(login: str, senders: tuple[str, ...], expected: str) -> None:
    envelope = Envelope("smtp", "ana@cliente.example", peer=HOST, login=login)
    assert level(BASIC, envelope, Trust(verify=False, login_senders=senders)) == expected


def test_a_login_does_not_excuse_two_from_fields() -> None:
    envelope = Envelope("smtp", peer=HOST, login="ana")
    raw = "From: rui@cliente.example\r\n" + BASIC
    assert verdict(raw, envelope, Trust(login_senders=("cliente.example",))) == Verdict("fail", "two From headers")


# ---- our own DKIM

LINES_OF_DKIMPY = dkim.canonicalization.strip_trailing_lines  # before we put our own in its place
VERIFY = Trust()
SEEN = Envelope("smtp", "ana@cliente.example", peer=HOST, helo="mx.cliente.example")
Sign = Callable[..., bytes]


@pytest.fixture(scope="session")
def private_key() -> bytes:
    return subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True).stdout


@pytest.fixture(scope="session")
def key_record(private_key: bytes) -> str:
    pem = subprocess.run(["openssl", "rsa", "-pubout"], input=private_key, check=True, capture_output=True).stdout
    return "v=DKIM1; k=rsa; p=" + "".join(pem.decode().splitlines()[1:-1])


@pytest.fixture
def sign(private_key: bytes) -> Sign:
    def signed(raw: str = BASIC, domain: str = "cliente.example", cls: type = dkim.DKIM, **options: object) -> bytes:
        options.setdefault("include_headers", [b"from", b"to", b"subject"])
        data = raw.encode()
        return bytes(cls(data).sign(b"s1", domain.encode(), private_key, **options) + data)

    return signed


def keys(record: str, *more: tuple[str, str, str], domain: str = "cliente.example", broken: str = "") -> Lookup:
    return zone((f"s1._domainkey.{domain}", "TXT", record), *more, broken=(broken,) if broken else ())


@pytest.mark.parametrize("canonical", [(b"relaxed", b"relaxed"), (b"simple", b"simple"), (b"relaxed", b"simple")])
def test_our_own_dkim(sign: Sign, key_record: str, canonical: tuple[bytes, bytes]) -> None:
    raw = sign(canonicalize=canonical)
    proven = Verdict("aligned", "own dkim=pass for cliente.example")
    assert verdict(raw, PIPE, VERIFY, keys(key_record)) == proven
    assert verdict(raw.replace(b"\r\n", b"\n"), PIPE, VERIFY, keys(key_record)) == proven
    assert level(raw, PIPE, Trust(verify=False), keys(key_record)) == "none"
    assert level(raw, PIPE, VERIFY, None) == "none"


def test_a_subdomain_signs_for_its_organisation(sign: Sign, key_record: str) -> None:
    lookup = keys(key_record, domain="mail.cliente.example")
    assert level(sign(domain="mail.cliente.example"), PIPE, VERIFY, lookup) == "aligned"


def test_a_stranger_signs_for_nobody_and_costs_no_query(sign: Sign, key_record: str) -> None:
    lookup = keys(key_record, domain="esp.example")
    assert level(sign(domain="esp.example"), PIPE, VERIFY, lookup) == "none"
    assert lookup.asked == []  # type: ignore[attr-defined]


def test_the_aligned_signature_among_strangers(sign: Sign, key_record: str) -> None:
    raw = sign(domain="esp.example").partition(b"From:")[0] * 9 + sign()
    assert level(raw, PIPE, VERIFY, keys(key_record)) == "aligned"


def test_only_so_many_signatures_are_tried(sign: Sign, key_record: str) -> None:
    bad = sign().partition(b"From:")[0].replace(b"bh=", b"bh=AAAA")
    for count, expected in ((4, "aligned"), (5, "none")):
        assert level(bad * count + sign(), PIPE, VERIFY, keys(key_record)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"imprime", b"aprovo!"),
        (b"Subject: Impressora", b"Subject: aprovado"),
        (b"\r\n\r\n", b"\r\n\r\nAprovado.\r\n"),
        (b"\r\n\r\n", b"\r\nX-Note: a\r\rAprovado.\r\n\r\n"),  # one line to dkimpy, the text's begin to others
        (b"\r\n\r\n", b"\r\nFrom now on\r\n\r\n"),
        (b"Subject: Imp", b"Subject: Aprovado\r\nSubject: Imp"),  # the lower copy is signed, the upper one read
        (b"To: s", b"To: x@evil.example\r\nTo: s"),
        (b"DKIM", b"Content-Type: text/html\r\nContent-Type: text/plain\r\nDKIM"),
        (b"a=rsa-sha256", b"a=rsa-sha1"),
        (b"h=from : ", b"h="),
    ],
)
def test_a_signed_mail_that_was_changed(sign: Sign, key_record: str, old: bytes, new: bytes) -> None:
    assert old in sign()
    assert level(sign().replace(old, new, 1), PIPE, VERIFY, keys(key_record)) == "none"


def test_a_signature_of_a_part_of_the_body_is_none(sign: Sign, key_record: str) -> None:
    raw = sign(length=True)
    assert level(raw, PIPE, VERIFY, keys(key_record)) == "none"
    assert level(raw + b"Aprovado.\r\n", PIPE, VERIFY, keys(key_record)) == "none"


class Expired(dkim.DKIM):  # type: ignore[misc]
    def gen_header(self, fields: list[tuple[bytes, bytes]], *rest: object) -> bytes:
        fields = [(n, b"1600000000" if n == b"t" else v) for n, v in fields]
        return super().gen_header([*fields[:-1], (b"x", b"1600086400"), fields[-1]], *rest)  # type: ignore[no-any-return]


class Unnamed(dkim.DKIM):  # type: ignore[misc]
    def gen_header(self, fields: list[tuple[bytes, bytes]], headers: object, *rest: object) -> bytes:
        fields = [(n, b"to : subject" if n == b"h" else v) for n, v in fields]
        return super().gen_header(fields, [b"to", b"subject"], *rest)  # type: ignore[no-any-return]


def test_expired_or_without_from(sign: Sign, key_record: str) -> None:
    for cls in (Expired, Unnamed):
        raw = sign(cls=cls)
        assert level(raw, PIPE, VERIFY, keys(key_record)) == "none"
    assert dkim.verify(raw, dnsfunc=lambda name, timeout: key_record)  # dkimpy itself would let that one pass


@pytest.mark.parametrize(
    "record", ["", "v=DKIM1; p=", "v=DKIM1; p=AAAA", "v=DKIM1; k=ed25519; p=AAAA", "é", "v=DKIM1; p=" + "A" * 5000]
)
def test_a_key_that_is_none(sign: Sign, record: str) -> None:
    assert level(sign(), PIPE, VERIFY, keys(record)) == "none"


def test_an_old_algorithm_and_a_monstrous_key_prove_nothing(sign: Sign, key_record: str) -> None:
    assert level(sign(signature_algorithm=b"rsa-sha1"), PIPE, VERIFY, keys(key_record)) == "none"
    assert level(sign(), PIPE, VERIFY, keys(key_record + "; n=" + "x" * 1000)) == "none"
    assert level(sign(), PIPE, VERIFY, keys(key_record + "; n=" + "x" * 500)) == "aligned"


def test_dns_trouble_is_neither_pass_nor_fail(sign: Sign, key_record: str) -> None:
    published = ("_dmarc.cliente.example", "TXT", "v=DMARC1; p=reject")
    lookup = keys(key_record, published, broken="_domainkey.cliente.example")
    assert level(sign(), SEEN, VERIFY, lookup) == "none"
    assert level(sign(), PIPE, VERIFY, lookup) == "none"
    assert level(BASIC, SEEN, VERIFY, zone(broken=("_dmarc.cliente.example",))) == "none"


def test_a_believed_field_that_decides_nothing_leaves_it_to_our_own_check(sign: Sign, key_record: str) -> None:
    trust = Trust("mx.desk.example.com")
    assert level(NONE.encode() + sign(), PIPE, trust, keys(key_record)) == "aligned"
    assert level(FAIL.encode() + sign(), PIPE, trust, keys(key_record)) == "fail"


def test_hostile_mails_take_bounded_time(sign: Sign, key_record: str) -> None:
    good = sign(canonicalize=(b"relaxed", b"relaxed"))
    signature, _, rest = good.rpartition(b" b=")
    mails = {
        "a line of blanks": (good + b" " * 2_000_000 + b"x", "none"),
        "a signature of blanks": (signature + b" b" + b"\r\n " * 1000 + b"=" + rest, "none"),
        "many fields": (b"a:\r\n" * 30_000 + good.replace(b"h=from", b"h=" + b"x:" * 90 + b"from", 1), "none"),
        "a field of many lines": (b"X: a\r\n" + b" \r\n" * 40_000 + good, "aligned"),
        "a body of empty lines": (good + b"\r\n" * 2_000_000, "aligned"),
        "a body of words": (good + b"x " * 4_000_000, "none"),
        "fields beyond what is read": (b"X: a\r\n" * 30_000 + good, "none"),
    }
    for mail, expected in mails.values():
        begin = time.process_time()
        assert level(mail, PIPE, VERIFY, keys(key_record)) == expected
        assert time.process_time() - begin < 5


@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b"a"]), max_size=12).map(b"".join))
def test_our_canonical_forms_are_those_of_dkimpy(written: bytes) -> None:
    body = written.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    whitespace = re.sub(rb"[\t ]+", b" ", re.sub(rb"[\t ]+\r\n", b"\r\n", body))
    assert proofs.strip_trailing_whitespace(body) == whitespace
    assert proofs.strip_trailing_lines(body) == LINES_OF_DKIMPY(body)
    assert proofs.compress_whitespace(body.replace(b"a", b" " * 5000)).count(b"  ") == 0


# ---- our own SPF and DMARC

SPF = ("cliente.example", "TXT", "v=spf1 ip4:192.0.2.0/24 -all")
DMARC = ("_dmarc.cliente.example", "TXT", "v=DMARC1; p=none")


def seen(mail_from: str | None = "ana@cliente.example", peer: str = HOST, helo: str = "mx.cliente.example") -> Envelope:
    return Envelope("smtp", mail_from, peer=peer, helo=helo)


@pytest.mark.parametrize(
    ("envelope", "records", "expected"),
    [
        (seen(), (SPF,), "aligned"),
        (seen(peer=f"::ffff:{HOST}"), (SPF, DMARC), "aligned"),
        (seen(peer=f"[{HOST}]"), (SPF, DMARC), "aligned"),
        (seen(peer="198.51.100.1"), (SPF,), "none"),
        (seen(peer="198.51.100.1"), (SPF, DMARC), "fail"),
        (seen("x@cliente.example@evil.example"), (SPF, DMARC), "fail"),
        (seen("x@evil.example@cliente.example"), (SPF, ("evil.example", "TXT", "v=spf1 +all")), "aligned"),
        (seen("bounce@esp.example"), (("esp.example", "TXT", "v=spf1 +all"), DMARC), "fail"),
        (seen("bounce@mail.cliente.example"), (("mail.cliente.example", "TXT", "v=spf1 +all"), DMARC), "aligned"),
        (seen(), (("cliente.example", "TXT", "v=spf1 a mx -all"), ("cliente.example", "MX", "10 mx.cliente.example"),
                  ("mx.cliente.example", "A", HOST), DMARC), "aligned"),
        (seen(), (("cliente.example", "TXT", "v=spf1 include:esp.example -all"),
                  ("esp.example", "TXT", "v=spf1 ip4:192.0.2.7 -all"), DMARC), "aligned"),
        (seen(), (("cliente.example", "TXT", "v=spf1 ptr -all"),
                  ("7.2.0.192.in-addr.arpa", "PTR", "mx.cliente.example"),
                  ("mx.cliente.example", "A", HOST), DMARC), "aligned"),
        (seen(peer="2001:db8::7"), (("cliente.example", "TXT", "v=spf1 a:mx.cliente.example -all"),
                                   ("mx.cliente.example", "AAAA", "2001:db8::7"), DMARC), "aligned"),
        (seen(), (("cliente.example", "TXT", "v=spf1 ~all"), DMARC), "fail"),
        (seen(), (("cliente.example", "TXT", "v=spf1 nonsense"), DMARC), "fail"),
        (seen(), (("cliente.example", "TXT", "v=spf1 mx ~all"), ("cliente.example", "MX", "what"), DMARC), "none"),
        # the null sender: HELO speaks (RFC 7208 section 2.4)
        (seen(""), (("mx.cliente.example", "TXT", "v=spf1 +all"), DMARC), "aligned"),
        (seen("", helo="mx.evil.example"), (("mx.evil.example", "TXT", "v=spf1 +all"), DMARC), "fail"),
        (seen("", helo="[192.0.2.7]"), (DMARC,), "fail"),
        (seen(None), (SPF, DMARC), "fail"),
        # whose DMARC record
        (seen("x@evil.example"), (), "none"),
        (seen("x@evil.example"), (("_dmarc.cliente.example", "TXT", "v=spf1 -all"),), "none"),
        (seen("x@evil.example"), (DMARC, DMARC), "none"),
        # who did not see the connecting host may not say "fail"
        (seen(peer="127.0.0.1"), (SPF, DMARC), "none"),
        (seen(peer=""), (SPF, DMARC), "none"),
        (Envelope("pipe", "ana@cliente.example", peer=HOST), (SPF, DMARC), "none"),
        (Envelope("lmtp", "ana@cliente.example", peer=HOST), (SPF, DMARC), "none"),
        (Envelope("imap:suporte", "ana@cliente.example"), (SPF, DMARC), "none"),
    ],
)  # fmt: skip
def test_our_own_spf_and_dmarc(envelope: Envelope, records: tuple[tuple[str, str, str], ...], expected: str) -> None:
    assert level(BASIC, envelope, VERIFY, zone(*records)) == expected


def test_a_trusted_relay_is_not_the_connecting_host() -> None:
    trust = Trust(trusted_relays=("192.0.2.0/24",))
    assert level(BASIC, seen(), trust, zone(SPF, DMARC)) == "none"


def test_the_record_of_the_organisation_holds_for_its_subdomains() -> None:
    raw = BASIC.replace("@cliente", "@filial.cliente")
    assert level(raw, seen("x@evil.example"), VERIFY, zone(DMARC)) == "fail"
    assert level(raw, seen("x@evil.example"), VERIFY, zone()) == "none"


def test_a_broken_signature_and_a_right_path(sign: Sign, key_record: str) -> None:
    raw = sign().replace(b"imprime", b"imprimia")
    assert verdict(raw, seen(), VERIFY, keys(key_record, SPF, DMARC)) == Verdict(
        "aligned", "own spf=pass for cliente.example"
    )
    assert level(raw, seen(peer="198.51.100.1"), VERIFY, keys(key_record, SPF, DMARC)) == "fail"


@pytest.mark.parametrize("broken", ["cliente.example", "esp.example"])
def test_spf_that_gets_no_answer_is_unsure(broken: str) -> None:
    records = (("cliente.example", "TXT", "v=spf1 include:esp.example -all"), DMARC)
    lookup = zone(*records, broken=(broken,) if broken == "esp.example" else ("!", broken))
    assert level(BASIC, seen(), VERIFY, lookup) == "none"
