"""The FAQ on both databases: what an import changes, what is found and in which order; nothing typed does harm."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mailgateway.core.articles import Article
from mailgateway.core.errors import Refused
from mailgateway.steps.faq import import_folder
from mailgateway.store import faq, search
from mailgateway.store.faq import Imported, Match
from tests.desk import Desk

ARTICLES = Path(__file__).parents[1] / "faq"
TICKET = """Impressora do financeiro parada

Bom dia, pessoal!

Desde ontem a impressora do segundo andar não imprime mais nada. Já troquei o toner e o papel, a fila de impressão
continua cheia. Podem ajudar? É urgente, o fechamento do mês depende disso.

Atenciosamente,
João da Silva
"""


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    import_folder(desk.gateway, ARTICLES, desk.now)
    return desk


def found(desk: Desk, text: str, language: str = "pt-BR", limit: int = 3, queue: str | None = None) -> list[Match]:
    with desk.gateway.database.read() as connection:
        return faq.search(connection, text, language, limit, queue)


def ids(desk: Desk, text: str, language: str = "pt-BR", **more: object) -> list[str]:
    return [f"{m.language}/{m.id}" for m in found(desk, text, language, **more)]  # type: ignore[arg-type]


PRINTER, PASSWORD, VPN = "pt-BR/impressora-nao-imprime", "pt-BR/senha-esquecida", "pt-BR/vpn-de-casa"
INVOICE, ORDER, NET = "pt-BR/segunda-via-de-notas", "pt-BR/situacao-do-pedido", "pt-BR/internet-lenta"

#: What is asked, in which language, and what must be found, in this order, whatever the database.
EXPECTED = [
    ("situações", "pt-BR", [ORDER]),
    ("SITUACAO", "pt-BR", [ORDER]),
    ("notas", "pt-BR", [INVOICE]),
    ("nota", "pt-BR", [INVOICE]),
    ("impressoras", "pt-BR", [PRINTER]),
    ("não imprime", "pt-BR", [PRINTER]),
    ("impressora não imprime", "pt-BR", [PRINTER]),
    ("impre", "pt-BR", [PRINTER]),
    ("trocar a senha da vpn", "pt-BR", [PASSWORD, VPN]),
    ("meu pedido: nota antiga", "pt-BR", [INVOICE, ORDER]),
    ("wifi", "pt-BR", [NET]),
    (TICKET, "pt-BR", [PRINTER]),
    ("contraseñas", "es", ["es/senha-esquecida"]),
    ("button", "en", ["en/buttons-missing"]),
    ("permission", "en", ["en/buttons-missing"]),
    ("login", "en", ["en/senha-esquecida"]),
    ("login", "pt-BR", [PASSWORD]),
    ("buttons", "pt-BR", ["en/buttons-missing"]),
    ("xyzzy plugh", "pt-BR", []),
    ("Bom dia, por favor, obrigado!", "pt-BR", []),
    ("Preciso comprar cadeiras para a sala de reuniões do quinto andar", "pt-BR", []),
    ("", "pt-BR", []),
    ("im", "pt-BR", []),
]


def test_the_same_is_found_in_the_same_order_in_both_databases(stocked: Desk) -> None:
    assert [(q, lang, ids(stocked, q, lang)) for q, lang, _ in EXPECTED] == EXPECTED


def test_a_match_has_what_a_mail_shows(stocked: Desk) -> None:
    match = found(stocked, "toner acabou")[0]
    assert match.title == "A impressora não imprime"
    assert match.snippet == "Veja se há papel e se o toner não acabou."
    assert match.url_slug == f"{match.number}-impressora-nao-imprime"
    assert 2 < match.score < 3


def test_a_limit_keeps_the_best(stocked: Desk) -> None:
    assert ids(stocked, "trocar a senha da vpn", limit=1) == [PASSWORD]


def test_articles_of_another_queue_are_left_out(stocked: Desk) -> None:
    assert ids(stocked, "notas", queue="compras") == [INVOICE]
    assert ids(stocked, "notas", queue="suporte") == []


def test_it_counts_what_it_closed(stocked: Desk) -> None:
    number = found(stocked, "notas")[0].number
    with stocked.gateway.database.write(decide=True) as connection:
        faq.deflected(connection, number)
        faq.deflected(connection, number)
        faq.deflected(connection, 999)
    with stocked.gateway.database.read() as connection:
        stored = faq.article(connection, number)
        assert stored is not None
        assert (stored.article.title, stored.deflections) == ("Segunda via de nota fiscal", 2)
        assert faq.article(connection, 999) is None


HOSTILE = [
    '"',
    'a"b OR *',
    "NEAR(a b)",
    "title:senha",
    "^senha",
    "senha*",
    "-senha",
    "('a' & !b)",
    "\\",
    "'",
    ":*",
    "\0",
    "\ud800",
    "%s",
    ":x",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.lists(st.sampled_from([*HOSTILE, "senha", "vpn", "Impressora", " "])).map("".join))
@example("".join(HOSTILE))
@example(TICKET * 2000)
@example("senha\u0301" + "\u0316\u0301" * 50_000)
@example("ﷺ" * 50_000)
@example(" ".join(map(str, range(50_000))))
def test_nothing_typed_raises_or_takes_long(stocked: Desk, text: str) -> None:
    assert min(_seconds(stocked, text) for _ in range(3)) < 1


def _seconds(desk: Desk, text: str) -> float:
    began = time.perf_counter()
    found(desk, text)
    return time.perf_counter() - began


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=3, max_size=30).map("zzq".__add__))
def test_what_an_article_is_called_finds_it(desk: Desk, title: str) -> None:
    with desk.gateway.database.write() as connection:
        faq.keep(connection, [Article("a", "en", title, title * 20)], desk.now, prune=True)
    assert ids(desk, title, "en") == ["en/a"]


def test_a_large_faq_is_searched_quickly(desk: Desk) -> None:
    texts = [" ".join(f"palavra{(n * 37 + i * i) % 900}" for i in range(300)) for n in range(1000)]
    many = [Article(f"a{n}", "pt-BR", f"Artigo {n} impressora", text) for n, text in enumerate(texts)]
    with desk.gateway.database.write() as connection:
        faq.keep(connection, many, desk.now, prune=False)
    for text in ("impressora", texts[7], TICKET + texts[3]):
        assert min(_seconds(desk, text) for _ in range(3)) < 1


# ---- import


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ARTICLES, tmp_path / "articles"))


def numbers(desk: Desk) -> dict[str, int]:
    with desk.gateway.database.read() as connection:
        return {f"{s.article.language}/{s.article.id}": s.number for s in faq.page(connection)}


def test_an_import_tells_what_it_changed_and_numbers_stay(desk: Desk, folder: Path) -> None:
    assert import_folder(desk.gateway, folder, desk.now) == Imported(12, 0, 0, 0, 0)
    before = numbers(desk)
    assert import_folder(desk.gateway, folder, desk.now + timedelta(days=1)) == Imported(0, 0, 12, 0, 0)
    changed = folder / "pt-BR/vpn-de-casa.md"
    changed.write_text(changed.read_text("utf-8").replace("VPN", "rede virtual"), "utf-8")
    (folder / "es/facturas.md").unlink()
    (folder / "extra.md").write_text('+++\ntitle = "Crachá perdido"\n+++\nAvise a portaria.\n', "utf-8")
    (folder / ".git").mkdir()
    (folder / ".git/x.md").write_text("no article", "utf-8")
    assert import_folder(desk.gateway, folder, desk.now) == Imported(1, 1, 10, 0, 1)
    assert import_folder(desk.gateway, folder, desk.now, prune=True) == Imported(0, 0, 12, 1, 0)
    after = numbers(desk)
    assert after == {k: n for k, n in before.items() if k != "es/facturas"} | {"pt-BR/extra": 13}
    assert (ids(desk, "vpn"), ids(desk, "virtual"), ids(desk, "recibos"), ids(desk, "crachás")) == (
        [],
        [VPN],
        [],
        ["pt-BR/extra"],
    )


def test_an_import_makes_the_index_anew(stocked: Desk) -> None:
    with stocked.gateway.database.write() as connection:
        search.forget(connection, numbers(stocked).values())
    assert ids(stocked, "notas") == []
    assert import_folder(stocked.gateway, ARTICLES, stocked.now) == Imported(0, 0, 12, 0, 0)
    assert ids(stocked, "notas") == [INVOICE]


def test_a_number_is_never_used_again(desk: Desk, folder: Path) -> None:
    import_folder(desk.gateway, folder, desk.now)
    last = max(numbers(desk), key=lambda k: numbers(desk)[k])
    only = folder / "only"
    only.mkdir()
    shutil.copy(folder / "pt-BR/internet-lenta.md", only)
    import_folder(desk.gateway, only, desk.now, prune=True)
    assert list(numbers(desk)) == [NET]
    import_folder(desk.gateway, folder / "pt-BR", desk.now)
    assert numbers(desk)[last] > 12


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("es/roto.md", b'+++\ntitle = "x\n+++\nB', "es/roto.md, line 2: "),
        ("es/latin.md", 'x\n+++\ntitle = "é"\n'.encode("latin-1"), "es/latin.md, line 3: is not UTF-8"),
        ("es/dos.md", b'+++\nid = "facturas"\ntitle = "x"\n+++\nB', "facturas.md, line 1: "),
    ],
)
def test_one_broken_file_stops_the_whole_import(
    small_desk: Desk, folder: Path, name: str, content: bytes, told: str
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(Refused) as refused:
        import_folder(small_desk.gateway, folder, small_desk.now, prune=True)
    assert told in str(refused.value)
    assert numbers(small_desk) == {}


def test_an_empty_folder_removes_nothing(small_desk: Desk, tmp_path: Path) -> None:
    import_folder(small_desk.gateway, ARTICLES, small_desk.now)
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused):
        import_folder(small_desk.gateway, tmp_path / "empty", small_desk.now, prune=True)
    assert len(numbers(small_desk)) == 12
