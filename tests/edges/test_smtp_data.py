"""A mail in whatever pieces: the same bytes come of it, in memory or on disk, and the same refusals."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mailgateway.edges import smtp_data
from mailgateway.edges.smtp_data import END, BareLineEnd, Incoming, TooLong
from tests.edges.conftest import DraftFake

WIRE = st.lists(st.sampled_from([b"\r\n", b".", b"\r\n.", b"\r\n..", b"a", b"bc", b"\r", b"\n"]), max_size=30)


def take(wire: bytes, cuts: list[int], drafts: list[DraftFake], limit: int = 10**9, full: bool = False) -> bytes:
    """What comes of a mail that arrives in these pieces."""

    async def taken() -> bytes:
        incoming = Incoming(limit, begin)
        ends = [*sorted(cut % (len(wire) + 1) for cut in cuts), len(wire)]
        for start, end in zip([0, *ends], ends, strict=False):
            behind = b"QUIT" if end == len(wire) else b""
            assert await incoming.take(wire[start:end] + behind) == (behind or None)
            if behind:
                break
        try:
            content = await incoming.content()
        finally:
            incoming.forget()
        return content if isinstance(content, bytes) else b"".join(drafts[-1].pieces)

    def begin() -> DraftFake:
        drafts.append(DraftFake(full=full))
        return drafts[-1]

    return asyncio.run(taken())


@given(words=WIRE, cuts=st.lists(st.integers(0, 200), max_size=8), most=st.integers(8, 40))
def test_any_pieces_come_to_the_same(words: list[bytes], cuts: list[int], most: int) -> None:
    wire = b"".join(words).replace(END, b"") + END
    assume((b"\r\n" + wire).find(END) == len(wire) - len(END) + 2)  # else it ends before
    whole = wire[: -len(END[2:])]
    expected = (b"\r\n" + whole).replace(b"\r\n.", b"\r\n")[2:]
    bare = not whole.count(b"\r") == whole.count(b"\n") == whole.count(b"\r\n")
    drafts: list[DraftFake] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(smtp_data, "IN_MEMORY", most)
        if bare:
            with pytest.raises(BareLineEnd):
                take(wire, cuts, drafts)
            assert all(draft.aborted for draft in drafts)
        else:
            assert take(wire, cuts, drafts) == expected
            assert not any(draft.aborted for draft in drafts)


@pytest.mark.parametrize("limit", [99, 100])
def test_the_limit_is_exact_on_disk_too(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(smtp_data, "IN_MEMORY", 10)
    drafts: list[DraftFake] = []
    wire = b"\r\n..".ljust(99, b"x") + b"\r\n.\r\n"  # a dot of it is transparency's
    if limit == 100:
        assert len(take(wire, [30, 60], drafts, limit)) == 100
    else:
        with pytest.raises(TooLong):
            take(wire, [30, 60], drafts, limit)
        assert all(draft.aborted for draft in drafts)


def test_a_full_disk_is_told_after_the_last_dot_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_data, "IN_MEMORY", 10)
    drafts: list[DraftFake] = []
    with pytest.raises(OSError, match="No space"):
        take(b"x" * 90 + END, [30, 60], drafts, full=True)
    assert [draft.aborted for draft in drafts] == [True]
