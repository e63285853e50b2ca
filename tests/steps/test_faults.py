"""Mails that raise, hang or kill; crashes between any two steps: all or nothing, once, and the others went on."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlalchemy import update

from mailgateway.core.errors import Temporary
from mailgateway.core.messages import Mail
from mailgateway.core.workflow import Status
from mailgateway.steps import isolation, prepare, process, sweep
from mailgateway.store import blobs, inbox, outbox, tables, tickets
from mailgateway.store.workset import Workset
from tests.desk import ANA, BIA, JOAO, MARIA, Desk, config_text


def _poison(monkeypatch: pytest.MonkeyPatch, harm: Callable[[], None]) -> None:
    """Reading a mail that holds the word VENENO does harm."""
    read = prepare.parse

    def parse(raw: bytes, *args: Any) -> Mail:
        if b"VENENO" in raw:
            harm()
        return read(raw, *args)

    monkeypatch.setattr(prepare, "parse", parse)


def _raise() -> None:
    raise RuntimeError("a reader fell over")


def _hang() -> None:
    time.sleep(600)


def _die() -> None:
    os._exit(9)


def _devour() -> None:
    bytearray(isolation.MEMORY)


@pytest.mark.parametrize("harm", [_raise, _hang, _die, _devour])
def test_a_poisonous_mail_is_quarantined_and_its_neighbours_go_through(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch, harm: Callable[[], None]
) -> None:
    desk = small_desk
    for text in ("Primeiro.", "Segundo.", "VENENO", "Terceiro."):
        desk.receive(desk.mail(JOAO, text))
    _poison(monkeypatch, harm)
    process.drain(desk.gateway, lambda: desk.now, deadline=1.0)
    outcomes = [item.outcome for item in desk.items()]
    assert outcomes == ["opened", "opened", "quarantined", "opened"]
    assert desk.item(3).attempts == 3
    assert b"VENENO" in desk.raw(3)
    assert desk.balances()


def test_a_quarantined_mail_can_be_tried_again(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk
    desk.receive(desk.mail(JOAO, "VENENO"))
    with monkeypatch.context() as patched:
        _poison(patched, _raise)
        process.drain(desk.gateway, lambda: desk.now)
    assert desk.item(1).outcome == "quarantined"
    desk.retry(1)
    process.drain(desk.gateway, lambda: desk.now)
    assert desk.item(1).outcome == "opened"
    assert desk.balances()


def test_a_dead_batch_costs_nobody_an_attempt(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk
    for _ in range(3):
        desk.receive(desk.mail(JOAO))

    def parse(raw: bytes, *args: Any) -> Mail:
        if not marker.exists():
            marker.touch()
            os._exit(9)
        return read(raw, *args)

    marker = desk.folder / "died"
    read = prepare.parse
    monkeypatch.setattr(prepare, "parse", parse)
    process.drain(desk.gateway, lambda: desk.now)
    assert [(i.outcome, i.attempts) for i in desk.items()] == [("opened", 1)] * 3  # each ran alone, once
    assert desk.balances()


def test_trouble_of_ours_costs_no_mail_an_attempt_and_passes(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk
    for _ in range(3):
        desk.receive(desk.mail(JOAO))
    read, away = prepare.parse, desk.folder / "away"

    def parse(raw: bytes, *args: Any) -> Mail:
        if away.exists():
            raise Temporary("the scanner is away")
        return read(raw, *args)

    monkeypatch.setattr(prepare, "parse", parse)
    away.touch()
    for alone in (False, True):
        if alone:
            _change(desk, update(tables.inbox).values(alone=True))
        for _ in range(5):
            with pytest.raises(Temporary, match="waits"):
                process.drain(desk.gateway, lambda: desk.now)
            assert [(i.state, i.attempts, i.alone) for i in desk.items()] == [("waiting", 0, alone)] * 3
    away.unlink()
    process.drain(desk.gateway, lambda: desk.now)
    assert [i.outcome for i in desk.items()] == ["opened"] * 3
    assert desk.balances()


def test_a_mail_whose_process_was_killed_keeps_its_turn(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody kills what works at it, in a batch and then once more: what he wrote later must not overtake it."""
    desk, killed = small_desk, small_desk.folder / "killed"
    desk.receive(desk.mail(JOAO, "VENENO"))
    desk.receive(desk.mail(JOAO, "Mais uma coisa.", headers={"References": "<m1@cliente.example>"}))

    def harm() -> None:
        with killed.open("a") as file:
            file.write(".")
        if killed.stat().st_size < 3:
            _die()

    _poison(monkeypatch, harm)
    process.drain(desk.gateway, lambda: desk.now)
    assert [(i.outcome, i.ticket, i.attempts) for i in desk.items()] == [("opened", 1, 2), ("commented", 1, 1)]


def test_a_mail_that_hangs_costs_the_others_no_more_than_its_deadline(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, tries, seen = small_desk, small_desk.folder / "tries", small_desk.folder / "seen"
    read = prepare.parse
    desk.receive(desk.mail(JOAO, "VENENO"))
    desk.receive(desk.mail(JOAO, "Terceiro."))

    def parse(raw: bytes, *args: Any) -> Mail:
        if b"VENENO" in raw:
            with tries.open("a") as file:
                file.write(".")
            _hang()
        seen.write_text(tries.read_text())
        return read(raw, *args)

    monkeypatch.setattr(prepare, "parse", parse)
    process.drain(desk.gateway, lambda: desk.now, deadline=3.0)
    assert seen.read_text() == ".."  # in the batch, and once by itself
    assert [(i.outcome, i.attempts) for i in desk.items()] == [("quarantined", 3), ("opened", 1)]


def test_whoever_outlives_its_parent_claims_nothing_more(small_desk: Desk) -> None:
    """What its parent held has been given to others by then, and nobody would give back what it takes."""
    desk = small_desk
    desk.receive(desk.mail(JOAO))
    read_end, write_end = os.pipe()
    os.close(read_end)
    with pytest.raises(BrokenPipeError):
        process.batch(desk.gateway, desk.now, "orphan", lambda: isolation._beat(write_end))
    os.close(write_end)
    assert [i.state for i in desk.items()] == ["waiting"]


def test_an_end_between_mails_that_run_alone_lets_none_overtake_them(small_desk: Desk) -> None:
    desk, ends = small_desk, iter((False, True))
    for _ in range(2):
        desk.receive(desk.mail(JOAO))
    _change(desk, update(tables.inbox).values(alone=True))
    desk.receive(desk.mail(JOAO))
    process.drain(desk.gateway, lambda: desk.now, stop=lambda: next(ends, True))
    assert [i.state for i in desk.items()] == ["done", "waiting", "waiting"]


def _change(desk: Desk, statement: Any) -> None:
    with desk.gateway.database.write() as connection:
        connection.execute(statement)


def test_what_one_mail_provokes_in_the_database_is_its_own_fault(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If such an error were waited for, that mail would hold up all others for ever."""
    apply = process.handle

    def handle(work: Any, mail: Any) -> Any:
        if "VENENO" in mail.mail.text:
            work.set.connection.execute(sql("SELECT * FROM no_such_table"))
        return apply(work, mail)

    monkeypatch.setattr(process, "handle", handle)
    desk.receive(desk.mail(JOAO, "VENENO"))
    desk.receive(desk.mail(JOAO))
    process.drain(desk.gateway, lambda: desk.now)
    assert [i.outcome for i in desk.items()] == ["quarantined", "opened"]


def test_a_full_disk_waits(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes of evidence cannot be written: the mail waits, it is not put aside."""
    desk, full = small_desk, OSError(errno.ENOSPC, "No space left on device")
    desk.receive(desk.mail(JOAO, attach=(("cupom.pdf", b"x"),)))
    with monkeypatch.context() as patched:
        patched.setattr(blobs.Draft, "write", lambda *_: (_ for _ in ()).throw(full))
        for _ in range(5):
            with pytest.raises(Temporary):
                process.drain(desk.gateway, lambda: desk.now)
    process.drain(desk.gateway, lambda: desk.now)
    assert [(i.outcome, i.attempts) for i in desk.items()] == [("opened", 0)]


def test_a_database_that_is_gone_is_waited_for_and_none_is_begun_in_its_place(small_desk: Desk) -> None:
    """A disk that is not mounted at this moment: each child opens the file anew."""
    desk, file = small_desk, small_desk.folder / "desk.db"
    desk.receive(desk.mail(JOAO))
    desk.gateway.database.close()
    away = file.rename(file.with_name("away"))
    for _ in range(4):
        with pytest.raises(Temporary):
            process.drain(desk.gateway, lambda: desk.now)
    assert not file.exists()
    away.rename(file)
    process.drain(desk.gateway, lambda: desk.now)
    assert [(i.outcome, i.attempts) for i in desk.items()] == [("opened", 0)]


def test_no_mail_is_taken_into_a_database_that_was_removed(small_desk: Desk) -> None:
    """Its file is still open, and all that is written there would be gone with it."""
    desk, file = small_desk, small_desk.folder / "desk.db"
    desk.receive(desk.mail(JOAO))
    away = file.rename(file.with_name("away"))
    with pytest.raises(Temporary, match="cannot be used now"):
        desk.receive(desk.mail(JOAO))
    away.rename(file)
    desk.receive(desk.mail(JOAO))
    assert len(desk.items()) == 2


def test_a_restored_database_is_used_at_once(small_desk: Desk) -> None:
    desk, file = small_desk, small_desk.folder / "desk.db"
    desk.receive(desk.mail(JOAO))
    desk.gateway.database.close()  # else there is more than the file
    copy = Path(shutil.copy(file, file.with_name("copy")))
    desk.receive(desk.mail(JOAO))
    for left in (file, *file.parent.glob("desk.db-*")):
        left.unlink()
    copy.rename(file)
    assert len(desk.items()) == 1
    desk.receive(desk.mail(BIA))
    desk.gateway.database.close()
    assert len(desk.items()) == 2  # it stands in the file that is there, not in the one that was


def test_no_mail_is_taken_into_a_folder_that_took_the_place_of_a_missing_one(small_desk: Desk) -> None:
    folder = small_desk.folder / "blobs"
    large = small_desk.mail(JOAO, attach=(("tela.png", bytes(2_000_000)),))
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(Temporary, match="cannot be written now"):
        small_desk.receive(large)
    assert not folder.exists()
    away.rename(folder)
    small_desk.receive(large)
    process.drain(small_desk.gateway, lambda: small_desk.now)
    assert [i.outcome for i in small_desk.items()] == ["opened"]


class _Crash(BaseException):
    """The process is gone: nothing may catch it."""


#: All that runs for a batch, from its claim to its last commit.
_STEPS = {f.__code__ for f in (process.batch, process._finish, process.decide_and_write)}


#: All that writes, statement by statement.
_WRITES = {f.__code__ for f in (Workset.save, Workset._save_people, tickets.save, outbox.put, inbox.finish)}
_SWEEPS = {f.__code__ for f in (sweep.sweep, sweep._accept_by_time, sweep._act)}


def _crash_at(line_number: int, steps: set[CodeType] = _STEPS) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that crashes before the nth line of these steps is run."""
    seen = 0

    def local(frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal seen
        if event == "line":
            seen += 1
            if seen == line_number:
                raise _Crash
        return local

    def tracer(frame: FrameType, event: str, _arg: Any) -> Any:
        return local if event == "call" and frame.f_code in steps else None

    return tracer


def test_a_crash_between_any_two_steps_leaves_all_or_nothing(desk: Desk) -> None:
    """Kill it before each of its lines in turn, take up what it left, and count."""
    crashes = 0
    for line in range(1, 60):
        desk.receive(desk.mail(f"pessoa{line}@cliente.example", f"Caso {line}.", cc=BIA))
        before = desk.counts()
        sys.settrace(_crash_at(line))
        try:
            process.batch(desk.gateway, desk.now, f"run-{line}")
            crashed = False
        except _Crash:
            crashed = True
        finally:
            sys.settrace(None)
        if not crashed:
            break
        crashes += 1
        tickets, mails = desk.counts()
        done = desk.items()[-1].outcome == "opened"
        assert (tickets, mails) == ((before[0] + 1, before[1] + 4) if done else before)
        desk.take_up(f"run-{line}")
        desk.process()
    assert crashes > 15, "the decider has more lines than that"
    assert desk.counts() == (crashes + 1, 4 * (crashes + 1))
    assert desk.balances()


def _crashes(run: Callable[[], object], line: int, steps: set[CodeType]) -> bool:
    """Whether it crashed before that line; False where there are fewer lines."""
    sys.settrace(_crash_at(line, steps))
    try:
        run()
    except _Crash:
        return True
    finally:
        sys.settrace(None)
    return False


def test_a_crash_between_any_two_statements_of_a_decision_leaves_none_of_it(desk: Desk) -> None:
    """One vote touches ticket, round, seat, history, keys and mails: before its commit there is nothing of it."""
    desk.send(JOAO, cc=BIA)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    address = desk.last(MARIA, "approval_requested").reply_to
    desk.receive(desk.mail(MARIA, "Aprovado", to=address), address)
    before, history = desk.counts(), len(desk.history())
    for line in range(1, 200):
        holder = f"run-{line}"
        if not _crashes(lambda holder=holder: process.batch(desk.gateway, desk.now, holder), line, _WRITES):  # type: ignore[misc]
            break
        assert desk.ticket().status is Status.AWAITING_APPROVAL
        assert [s.vote for s in desk.ticket().round.seats] == [None]  # type: ignore[union-attr]
        assert (desk.counts(), len(desk.history())) == (before, history)
        desk.take_up(holder)
    assert line > 20, "a decision is written by more statements than that"
    assert desk.ticket().status is Status.FINISHED
    assert (desk.counts()[1], len(desk.history())) == (before[1] + 5, history + 1)
    assert desk.balances()


def test_a_crash_of_the_clock_leaves_all_or_nothing_and_the_next_sweep_goes_on(tmp_path: Path) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", approvers="[]"), tmp_path)
    try:
        desk.send(JOAO)
        desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
        before = desk.counts()
        desk.now += timedelta(days=20)
        for line in range(1, 200):
            crashed = _crashes(lambda: sweep.sweep(desk.gateway, desk.now), line, _SWEEPS)
            done = desk.ticket().status is Status.FINISHED
            assert desk.counts()[1] == before[1] + (3 if done else 0)
            if not crashed:
                break
        assert done
        assert len([e for e in desk.history() if e.to_status is Status.FINISHED]) == 1
    finally:
        desk.close()


def test_two_deciders_never_apply_one_mail_twice(desk: Desk) -> None:
    """A claim whose lease ran out while its holder was still at work: the slow one applies nothing."""
    desk.receive(desk.mail(JOAO))
    ids = desk.claim("slow")
    desk.take_up("slow")
    desk.process()
    with pytest.raises(Exception, match="claimed by somebody else"):
        process._finish(desk.gateway, ids, desk.now, "slow")
    assert desk.counts() == (1, 3)
