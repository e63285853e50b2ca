"""The poller, against a real Dovecot: durable first, moved then, whatever happens in between."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from mailgateway.config import ImapMailbox, OAuth2
from mailgateway.core.errors import Temporary, TooLarge
from mailgateway.core.messages import Envelope
from mailgateway.edges import imap_mailbox, imap_poller
from mailgateway.edges.imap_poller import IN_VAIN, Poller, _batches, _pause
from mailgateway.edges.oauth2 import Tokens
from tests.edges.conftest import InboxFake, eventually
from tests.edges.dovecot import PASSWORD, Dovecot

PROCESSED = "Processados"
_names = itertools.count(1)


def mail(number: int, size: int = 0) -> bytes:
    return b"Subject: %d\r\n\r\nol\xc3\xa1 \x80\r\n" % number + b"x" * 75 * (size // 75) + b"\r\n"


@pytest.fixture
def user() -> str:
    return f"user{next(_names)}"


Make = Callable[..., Poller]


@pytest.fixture
def make(imap_server: Dovecot, inbox: InboxFake, user: str) -> Iterator[Make]:
    with ExitStack() as stack:

        def _make(token: Any = None, submit: Any = None, draft: Any = None, **settings: Any) -> Poller:
            usual = {
                "name": "suporte",
                "host": "127.0.0.1",
                "port": imap_server.port,
                "security": "none",
                "username": user,
                "password": PASSWORD,
                "queue": "suporte",
            }
            poller = Poller(
                ImapMailbox(**{**usual, **settings}),
                submit or inbox.submit_together,
                inbox.known,
                draft or inbox.draft,
                token,
            )
            stack.callback(poller.close)
            return poller

        yield _make


@contextmanager
def polling(poller: Poller) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive(), "the poller did not end promptly"


# Durable, then moved


def test_mails_are_taken_in_and_moved(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    imap_server.put(user, mail(1), mail(2))
    poller = make()
    assert poller.poll_once() == 2
    assert inbox.raws == [mail(1), mail(2)]
    assert imap_server.mails(user) == []
    assert imap_server.mails(user, PROCESSED) == [mail(1), mail(2)]
    assert poller.poll_once() == 0
    assert (poller.last_error, poller.last_ok is not None) == ("", True)


def test_the_envelope_says_where_the_server_holds_it(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str
) -> None:
    imap_server.put(user, mail(1))
    with imap_server.client(user) as client:
        uidvalidity = client.select_folder("INBOX")[b"UIDVALIDITY"]
        [uid] = client.search()
    make().poll_once()
    assert inbox.mails[0][1] == Envelope(source="imap:suporte", mailbox="suporte", uidvalidity=uidvalidity, uid=uid)


def test_flags_stay_as_they_are(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    imap_server.put(user, mail(1))
    inbox.fault = Temporary("no database")
    poller = make()
    poller.poll_once()
    assert [set(f) - {b"\\Recent"} for f in imap_server.flags(user)] == [set()]
    inbox.fault = None
    poller.poll_once()
    assert [set(f) - {b"\\Recent"} for f in imap_server.flags(user, PROCESSED)] == [set()]


@pytest.mark.parametrize("fault", [Temporary("no database"), OSError(28, "No space left"), TooLarge("no")])
def test_what_is_not_durable_stays(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, fault: Exception
) -> None:
    imap_server.put(user, mail(1), mail(2))
    inbox.fault = fault
    poller = make()
    assert poller.poll_once() == 0
    assert len(imap_server.mails(user)) == 2
    assert type(fault).__name__ in poller.last_error
    assert poller.last_ok is None
    inbox.fault = None
    assert poller.poll_once() == 2
    assert (imap_server.mails(user), poller.last_error) == ([], "")


def test_trouble_of_ours_is_said_once_a_look(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    imap_server.put(user, mail(1), mail(2), mail(3))
    inbox.fault = Temporary("no database")
    poller = make()
    for looks in (1, 2):
        poller.poll_once()
        assert [r.getMessage().count("no database") for r in caplog.records] == [1] * looks


def test_what_a_server_or_a_mail_says_stays_out_of_the_log(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, caplog: pytest.LogCaptureFixture
) -> None:
    imap_server.put(user, mail(1))
    inbox.fault = ValueError("Maria <maria@cliente.example> writes")
    poller = make()
    poller.poll_once()
    assert "fault=ValueError" in caplog.text
    assert "aria" not in caplog.text
    assert "Maria" in poller.last_error  # which the operator sees who asks


def test_one_that_cannot_be_handed_in_keeps_those_before_it_never_and_those_behind_it_for_some_looks(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str
) -> None:
    imap_server.put(user, mail(1), mail(2), mail(3))

    def submit(mails: list[tuple[bytes, Envelope]]) -> Any:
        if mail(2) in [raw for raw, _ in mails]:
            raise Temporary("not this one")
        return inbox.submit_together(mails)

    poller = make(submit=submit)
    for look in range(IN_VAIN):
        assert poller.poll_once() == (not look)
        assert "not this one" in poller.last_error
        assert imap_server.mails(user) == [mail(2), mail(3)]
    assert poller.poll_once() == 1
    assert imap_server.mails(user) == [mail(2)]
    assert imap_server.mails(user, PROCESSED) == [mail(1), mail(3)]


def test_trouble_that_passes_while_mails_are_handed_in_changes_no_order(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_poller, "BATCH", 2)
    imap_server.put(user, *(mail(n) for n in range(6)))
    troubles = iter([None, Temporary("full"), Temporary("full"), None, Temporary("full"), None])

    def submit(mails: list[tuple[bytes, Envelope]]) -> Any:
        if trouble := next(troubles, None):
            raise trouble
        return inbox.submit_together(mails)

    poller = make(submit=submit)
    while imap_server.mails(user):
        poller.poll_once()
    assert inbox.raws == [mail(n) for n in range(6)]


def test_a_kill_between_commit_and_move_repeats_the_move_only(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.put(user, mail(1), mail(2))

    def killed(self: object, uids: list[int]) -> None:
        if uids:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(imap_mailbox.Mailbox, "move", killed)
        with pytest.raises(KeyboardInterrupt):
            make().poll_once()
    assert len(inbox.mails) == 2
    assert len(imap_server.mails(user)) == 2
    assert make().poll_once() == 0
    assert len(inbox.mails) == 2
    assert imap_server.mails(user, PROCESSED) == [mail(1), mail(2)]


def test_another_uidvalidity_is_another_mailbox(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    imap_server.put(user, mail(1))
    inbox.fault = Temporary("not yet")
    poller = make()
    poller.poll_once()
    inbox.fault = None
    with imap_server.client(user) as client:
        old = client.select_folder("INBOX")[b"UIDVALIDITY"]
        [uid] = client.search()
    inbox.mails.append(
        (b"held under the old key", Envelope("imap:suporte", mailbox="suporte", uidvalidity=old, uid=uid))
    )
    poller.close()
    imap_server.forget_uids(user)
    assert poller.poll_once() == 1
    raw, envelope = inbox.mails[-1]
    assert raw == mail(1)
    assert envelope.uidvalidity == old + 1
    assert imap_server.mails(user, PROCESSED) == [mail(1)]


def test_many_mails_and_many_batches(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    with imap_server.client(user) as client:
        client.multiappend("INBOX", [mail(n) for n in range(130)]) if client.has_capability("MULTIAPPEND") else None
    assert make().poll_once() == 130
    assert inbox.raws == [mail(n) for n in range(130)]
    assert len(imap_server.mails(user, PROCESSED)) == 130


def test_batches_are_bounded_by_number_and_size() -> None:
    mb = 1 << 20
    assert list(_batches({})) == []
    assert [len(b) for b in _batches(dict.fromkeys(range(120), 10))] == [50, 50, 20]
    assert list(_batches({1: 10, 2: 3 * mb, 3: 10, 4: mb - 10, 5: 1})) == [[1], [2], [3, 4], [5]]


# Large mails


def test_a_large_mail_comes_in_pieces(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    large = mail(2, size=5 * (1 << 20) // 2)
    imap_server.put(user, mail(1), large, mail(3))
    assert make().poll_once() == 3
    assert inbox.raws == [mail(1), large, mail(3)]
    assert [len(piece) for piece in inbox.drafts[0].pieces] == [1 << 20, 1 << 20, len(large) - (2 << 20)]
    assert len(imap_server.mails(user, PROCESSED)) == 3


def test_a_mail_of_whole_pieces_is_whole(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    exact = b"Subject: x\r\n\r\n".ljust((2 << 20) - 2, b"x") + b"\r\n"
    imap_server.put(user, exact)
    make().poll_once()
    assert inbox.raws == [exact]


def test_a_large_mail_that_cannot_be_written_stays_and_is_forgotten(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str
) -> None:
    imap_server.put(user, mail(1, size=2 << 20), mail(2))

    def draft() -> Any:
        made = inbox.draft()

        def full(data: bytes) -> None:
            raise Temporary("disk full")

        made.write = full  # type: ignore[method-assign]
        return made

    assert make(draft=draft).poll_once() == 1
    assert inbox.drafts[0].aborted
    assert (inbox.raws, len(imap_server.mails(user))) == ([mail(2)], 1)


# A mailbox that people use too


def delete(imap_server: Dovecot, user: str) -> None:
    with imap_server.client(user) as client:
        client.delete_messages(client.search())
        client.expunge()


@pytest.mark.parametrize(
    ("size", "moment"), [(0, "look"), (0, "sizes"), (2 << 20, "look"), (2 << 20, "sizes"), (2 << 20, "piece")]
)
def test_a_mail_that_somebody_deletes_meanwhile_is_passed_over(
    imap_server: Dovecot,
    make: Make,
    inbox: InboxFake,
    user: str,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    moment: str,
) -> None:
    imap_server.put(user, mail(1, size))
    real = getattr(imap_mailbox.Mailbox, moment)

    def then_deleted(self: Any, *arguments: Any) -> Any:
        found = real(self, *arguments)
        delete(imap_server, user)
        return found

    monkeypatch.setattr(imap_mailbox.Mailbox, moment, then_deleted)
    poller = make()
    assert poller.poll_once() == 0
    assert all(draft.aborted for draft in inbox.drafts)
    assert (inbox.mails, poller.last_error) == ([], "")


def test_a_mail_that_somebody_deletes_before_the_move_is_kept_by_us(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str
) -> None:
    imap_server.put(user, mail(1))

    def submit(mails: list[tuple[bytes, Envelope]]) -> Any:
        delete(imap_server, user)
        return inbox.submit_together(mails)

    poller = make(submit=submit)
    poller.poll_once()
    assert (inbox.raws, imap_server.mails(user)) == ([mail(1)], [])
    assert poller.poll_once() == 0


def test_a_mail_marked_as_deleted_is_left_to_whom_marked_it(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str
) -> None:
    imap_server.put(user, mail(1), mail(2))
    with imap_server.client(user) as client:
        client.delete_messages(client.search()[:1])
    make().poll_once()
    assert inbox.raws == [mail(2)]
    assert imap_server.mails(user) == [mail(1)]


# Servers that differ


def without(monkeypatch: pytest.MonkeyPatch, *capabilities: str) -> None:
    real = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, c: c not in capabilities and real(self, c))


@pytest.mark.parametrize("missing", [["MOVE"], ["MOVE", "UIDPLUS"]])
def test_a_server_without_move(
    imap_server: Dovecot,
    make: Make,
    inbox: InboxFake,
    user: str,
    monkeypatch: pytest.MonkeyPatch,
    missing: list[str],
) -> None:
    imap_server.put(user, mail(1), mail(2))
    with imap_server.client(user) as client:
        client.delete_messages(client.search()[:1])  # somebody's own mark
    without(monkeypatch, *missing)
    poller = make()
    assert poller.poll_once() == 1
    assert imap_server.mails(user, PROCESSED) == [mail(2)]
    assert imap_server.mails(user) == ([mail(1)] if missing == ["MOVE"] else [mail(1), mail(2)])
    assert poller.poll_once() == 0
    assert imap_server.mails(user, PROCESSED) == [mail(2)]


def test_the_processed_folder_is_made_as_the_server_writes_it(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str
) -> None:
    imap_server.put(user, mail(1))
    make(processed="Já lidos/Chamados").poll_once()
    assert imap_server.mails(user, "Já lidos.Chamados") == [mail(1)]
    with imap_server.client(user) as client:
        assert "Já lidos.Chamados" in [name for _, _, name in client.list_sub_folders()]


def test_a_mail_the_server_cannot_give_keeps_no_other(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.put(user, mail(1), mail(2), mail(3))
    real = IMAPClient.fetch

    def fetch(self: IMAPClient, uids: list[int], what: list[str]) -> Any:
        answer = real(self, uids, what)
        for data in answer.values():
            if data.get(b"BODY[]") == mail(2):
                data[b"BODY[]"] = None  # Exchange does so with mails that it cannot convert
        return answer

    poller = make()
    with monkeypatch.context() as patch:
        patch.setattr(IMAPClient, "fetch", fetch)
        assert poller.poll_once() == 2
    assert imap_server.mails(user) == [mail(2)]
    assert "no body" in poller.last_error


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls(
    imap_server: Dovecot,
    make: Make,
    inbox: InboxFake,
    user: str,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    imap_server.put(user, mail(1))
    port = imap_server.tls_port if security == "tls" else imap_server.port
    with pytest.raises(OSError, match="certificate verify failed"):
        make(security=security, port=port).poll_once()
    assert make(security=security, port=port, verify_certificate=False).poll_once() == 1
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    assert make(security=security, port=port).poll_once() == 0


# Logins


def test_a_wrong_password(imap_server: Dovecot, make: Make) -> None:
    with pytest.raises(Exception, match="AUTHENTICATIONFAILED"):
        make(password="wrong").poll_once()


def oauth(imap_server: Dovecot, mechanism: str) -> OAuth2:
    return OAuth2.model_validate(
        {"token_url": imap_server.tokens.url, "client_id": "gateway", "client_secret": "s", "mechanism": mechanism}
    )


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_oauth2_with_a_token_that_was_revoked_before_its_time(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, mechanism: str
) -> None:
    server = imap_server.tokens
    server.requests.clear()
    server.answers[:] = [(200, {"access_token": f"{user}-{n}", "expires_in": 3600}) for n in (1, 2)]
    tokens, settings = Tokens(oauth(imap_server, mechanism)), oauth(imap_server, mechanism)
    server.owners = {f"{user}-1": user}
    imap_server.put(user, mail(1))
    poller = make(tokens, oauth2=settings, password="")
    assert poller.poll_once() == 1
    server.owners = {f"{user}-2": user}
    imap_server.restart()  # Dovecot remembers whom it let in
    imap_server.put(user, mail(2))
    assert make(tokens, oauth2=settings, password="").poll_once() == 1
    assert len(server.requests) == 2


def test_oauth2_refused_twice_is_an_error(imap_server: Dovecot, make: Make, user: str) -> None:
    server = imap_server.tokens
    server.answers[:] = [(200, {"access_token": f"{user}-bad", "expires_in": 3600})] * 2
    with pytest.raises(Exception, match=r"(?i)authenticat"):
        make(Tokens(oauth(imap_server, "XOAUTH2")), oauth2=oauth(imap_server, "XOAUTH2")).poll_once()
    assert server.answers == []


# Running


def test_idle_hears_of_a_mail_at_once(imap_server: Dovecot, make: Make, inbox: InboxFake, user: str) -> None:
    poller = make(poll=600)
    with polling(poller):
        eventually(lambda: poller.last_ok)
        for number in (1, 2):
            imap_server.put(user, mail(number))
            eventually(lambda n=number: len(inbox.mails) == n)  # type: ignore[misc]
    eventually(lambda: len(imap_server.mails(user, PROCESSED)) == 2)


@pytest.mark.parametrize("how", ["by setting", "by the server"])
def test_without_idle_it_polls(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "by the server":
        without(monkeypatch, "IDLE")
    with polling(make(poll=1, idle=how == "by the server")):
        imap_server.put(user, mail(1))
        eventually(lambda: len(inbox.mails) == 1)
        imap_server.put(user, mail(2))
        eventually(lambda: len(inbox.mails) == 2)


def test_idle_is_begun_anew(imap_server: Dovecot, make: Make, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    real = IMAPClient.idle
    monkeypatch.setattr(IMAPClient, "idle", lambda self: (begun.append(1), real(self))[1])
    monkeypatch.setattr(imap_poller, "IDLE_AT_MOST", 0.1)
    with polling(make(poll=600)):
        eventually(lambda: len(begun) >= 2)


def test_a_restart_of_the_server_during_idle(
    imap_server: Dovecot, make: Make, inbox: InboxFake, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_poller, "PAUSE", 0.1)
    poller = make(poll=600)
    with polling(poller):
        eventually(lambda: poller.last_ok)
        imap_server.stop()
        eventually(lambda: poller.last_error)
        imap_server.start()
        imap_server.put(user, mail(1))
        eventually(lambda: len(inbox.mails) == 1, within=20)
        eventually(lambda: poller.last_error == "")


def test_a_server_that_is_away_is_asked_less_and_less_often(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def away(self: Poller) -> int:
        asked.append(1)
        raise OSError("away")

    monkeypatch.setattr(Poller, "poll_once", away)
    poller = make()
    with polling(poller):  # leaving the block shows that a stop cuts the pause short
        eventually(lambda: len(asked) == 2)
    assert poller.last_error == "OSError: away"
    for failures, (least, most) in {
        1: (0.5, 1),
        2: (1, 2),
        3: (2, 4),
        9: (128, 256),
        10: (150, 300),
        99: (150, 300),
    }.items():
        assert least <= _pause(failures) <= most


def test_several_mailboxes_at_once(imap_server: Dovecot, make: Make, inbox: InboxFake) -> None:
    users = [f"box{next(_names)}" for _ in range(3)]
    with ExitStack() as stack:
        for one in users:
            stack.enter_context(polling(make(name=one, username=one)))
        for number, one in enumerate(users):
            imap_server.put(one, mail(number))
        eventually(lambda: len(inbox.mails) == 3)
    assert {(e.source, raw) for raw, e in inbox.mails} == {(f"imap:{u}", mail(n)) for n, u in enumerate(users)}
