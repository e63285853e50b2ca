"""Every code and label that the core can say has its sentence, in every language."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import mailgateway.core
from mailgateway import resources
from mailgateway.core.outcomes import Outcome
from mailgateway.core.reading import DoubtKind
from mailgateway.core.sentences import Sentences
from tests.core.conftest import LANGUAGES, NOW

CORE = Path(mailgateway.core.__file__).parent
STEPS = CORE.parent / "steps"
TABLES = {
    language: tomllib.loads((resources.languages_dir() / f"{language}.toml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
#: Functions that answer with the code of a refusal.
_ANSWER_CODES = frozenset(
    {"refusal", "no_role", "_why_not", "_why_not_contested", "_why_no_decision"}
    | {"_why_no_vote", "_why_not_delegated", "why_no_delegate"}
)
#: Functions whose argument (by its place) is a code.
_TAKE_CODES = {"refused": 1, "reason": 0}


def texts(node: ast.AST) -> Iterator[str]:
    """Every text that an expression can come out as."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))


def found(folder: Path) -> tuple[set[str], set[str]]:
    """The labels and the reason codes that the sources of a folder name."""
    labels, codes = set[str](), set[str]()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                _of_call(node, labels, codes)
            elif isinstance(node, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "label" for t in node.targets
            ):
                labels.update(texts(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name in _ANSWER_CODES:
                codes.update(t for r in ast.walk(node) if isinstance(r, ast.Return) and r.value for t in texts(r.value))
    return labels, codes


def _of_call(node: ast.Call, labels: set[str], codes: set[str]) -> None:
    for keyword in node.keywords:
        if keyword.arg == "label":
            labels.update(texts(keyword.value))
        if keyword.arg == "refusal":
            codes.update(texts(keyword.value))
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name == "_correction":
        labels.update(texts(node.args[2]))
    if name == "_wished":
        labels.update(texts(node.args[2]))
    if name == "entry" and node.args:
        labels.update(texts(node.args[0]))
    if name in _TAKE_CODES and len(node.args) > _TAKE_CODES[name]:
        codes.update(texts(node.args[_TAKE_CODES[name]]))


LABELS, CODES = (a | b for a, b in zip(found(CORE), found(STEPS), strict=True))
LABELS |= {"merged_into", "merged_from", "split_into", "split_from"}  # constants of core.tickets


def test_the_search_finds_what_it_looks_for() -> None:
    assert {"took", "withdrew", "wishes_to_cancel", "queue_changed", "rated", "declined_to_rate", "joined"} <= LABELS
    assert {"late", "superseded", "no_seat", "wrong_owner", "needs_key", "scale", "not_open"} <= CODES
    assert len(LABELS) > 20
    assert len(CODES) > 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_and_code_has_its_sentence(language: str) -> None:
    assert set(TABLES[language]["entries"]) >= LABELS
    assert set(TABLES[language]["reasons"]) >= CODES
    assert set(TABLES[language]["reasons"]) >= {kind.value for kind in DoubtKind}
    assert Outcome.QUARANTINED.value in TABLES[language]["reasons"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", ["entries", "reasons"])
def test_all_languages_say_the_same_things_of_the_same_person_or_number(language: str, table: str) -> None:
    here, there = TABLES[language][table], TABLES["pt-BR"][table]
    assert set(here) == set(there)
    assert {k for k, v in here.items() if "{about}" in v} == {k for k, v in there.items() if "{about}" in v}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said_whatever_it_speaks_of(language: str) -> None:
    sentences = Sentences.build(TABLES[language])
    for about in ("", "Ana", "{about}", "{0}", "100 %"):
        assert all(sentences.entry(label, about, by=about, until=NOW) for label in sentences.entries)
        assert all(sentences.reason(code, about) for code in sentences.reasons)


@pytest.mark.parametrize(
    ("label", "about", "text", "line"),
    [
        ("", "", "Não imprime.", "Não imprime."),
        ("took", "", "", "assumiu o chamado"),
        ("approved", "", "ficou bom", "aprovou: ficou bom"),
        ("merged_into", "#7", "é o mesmo", "juntado ao #7: é o mesmo"),
        ("accepted_by_time", "", "", "aceito por decurso de prazo"),
        ("no_independent_approver", "", "troquei", "sem aprovador independente: troquei"),
        ("no_answer", "", "", "sem retorno"),
        ("closed_by_requester", "", "", "encerrado pelo solicitante"),
        ("", "", "", ""),
    ],
)
def test_our_words_stand_before_what_somebody_wrote(label: str, about: str, text: str, line: str) -> None:
    sentences = Sentences.build(TABLES["pt-BR"])
    assert sentences.entry(label, about, text) == line
    assert not label or sentences.words(label, line) == text


def test_a_history_line_in_other_words_than_ours_is_said_as_it_stands() -> None:
    assert Sentences.build(TABLES["pt-BR"]).words("took", "Cabo trocado.") == "Cabo trocado."


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("reprovou: caro demais", "reprovou"),
        ("reprovou: caro demais (pela linha de comando)", "reprovou (pela linha de comando)"),
        ("aprovou (Bia por Maria): ficou bom", "aprovou (Bia por Maria)"),
        ("pediu aprovação a Ana Lima: Troquei o cabo.\nTestei.", "pediu aprovação a Ana Lima"),
        ("assumiu o chamado", "assumiu o chamado"),
        ("Troquei o cabo.", ""),
    ],
)
def test_our_words_of_a_line_are_told_from_somebodys(line: str, ours: str) -> None:
    assert Sentences.build(TABLES["pt-BR"]).label(line) == ours


def test_a_reason_can_be_said_without_what_it_speaks_of() -> None:
    sentences = Sentences.build(TABLES["pt-BR"])
    assert sentences.bare_reason("não ficou claro o que se pede: aprovo, acho") == "não ficou claro o que se pede: …"
    assert sentences.bare_reason("só agradece: guardado, nada muda") == "só agradece: guardado, nada muda"
    assert sentences.bare_reason("alguma coisa") == ""
