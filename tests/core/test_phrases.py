"""Language files are data: what is wrong in one is an error that names the key."""

from __future__ import annotations

import copy
import tomllib

import pytest

from mailgateway import resources
from mailgateway.core.commands import DoubtKind, read
from mailgateway.core.phrases import Intent, Phrases
from mailgateway.core.words import fold, plain
from mailgateway.core.workflow import Act, Role, Status
from tests.core.conftest import LANGUAGES, NOW, SITUATIONS


@pytest.fixture
def tables():
    files = {language: resources.languages_dir() / f"{language}.toml" for language in LANGUAGES}
    return {language: tomllib.loads(path.read_text("utf-8")) for language, path in files.items()}


def _broken(tables, path, value):
    broken = copy.deepcopy(tables)
    table = broken["en"]
    *parents, key = path.split(".")
    for parent in parents:
        table = table[parent]
    if value is None:
        del table[key]
    else:
        table[key] = value
    return broken


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("phrases", None, "en.toml: phrases is missing"),
        ("phrases.take", None, "en.toml: phrases.take is missing"),
        ("phrases.dance", ["dance"], "en.toml: phrases.dance is unknown"),
        ("phrases.take", "take", "en.toml: phrases.take must be a list of texts"),
        ("phrases.take", [1], "en.toml: phrases.take must be a list of texts"),
        ("labels.views.mine", None, "en.toml: labels.views.mine is missing"),
        ("labels.statuses.waiting", 1, "en.toml: labels.statuses.waiting must be a text"),
        ("labels.stands.waiting", None, "en.toml: labels.stands.waiting is missing"),
        ("verbs", [], "en.toml: verbs must be a table"),
        ("verbs.take", ["aprovar"], "en.toml: verbs.take: aprovar already means approve"),
        ("phrases.reject", ["Aprovado"], "en.toml: phrases.reject: aprovado already means approve"),
        ("rating.words.1", ["Bom"], "en.toml: rating.words.1: bom already means 4"),
        ("views.mine", ["todos"], "en.toml: views.mine: todos already means all"),
        ("labels.views.mine", "Todos", "en.toml: labels.views.mine: todos already means all"),
        ("priorities.low", ["alta"], "en.toml: priorities.low: alta already means high"),
        ("dates.months", [["jan"]], "en.toml: dates.months must be a list of 12 lists"),
        ("dates.order", "month_day", "en.toml: dates.order must be one of"),
        ("rating.words.4", None, "en.toml: rating.words.4 is missing"),
        ("colours", {}, "en.toml: colours is unknown"),
    ],
)
def test_a_wrong_file_names_its_key(tables, path, value, message):
    with pytest.raises(ValueError, match=message):
        Phrases.build(_broken(tables, path, value))


def test_a_phrase_may_mean_another_thing_where_there_is_no_ticket(tables):
    intents = Phrases.build(_broken(tables, "phrases.take", ["abrir"])).intents
    assert intents["abrir"] == {Intent.OPEN, Intent.TAKE}


def test_a_new_word_for_a_decision_is_doubted_where_it_is_not_the_whole_line(tables):
    tables["pt-BR"]["phrases"]["approve"].append("homologado")
    phrases = Phrases.build(tables)
    assert [a.act for a in read("Homologado", SITUATIONS["approver"], phrases, NOW).acts] == [Act.APPROVE]
    doubted = read("homologado com ressalvas", SITUATIONS["approver"], phrases, NOW)
    assert doubted.doubt
    assert doubted.doubt.kind is DoubtKind.AMBIGUOUS


def test_reasons_and_entries_are_others_business(tables):
    tables["en"] |= {"reasons": {"late": "…"}, "entries": {}}
    assert Phrases.build(tables)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_role_and_act_has_a_label(phrases, language):
    labels = phrases.labels(language)
    assert set(labels.statuses) == set(Status)
    assert set(labels.roles) == set(Role)
    assert set(labels.acts) == set(Act)


def test_an_unwritten_language_speaks_the_first_one(phrases):
    assert phrases.labels("xx") is phrases.labels("pt-BR")


@pytest.mark.parametrize(
    ("reason", "waits"),
    [
        ("aguardando o cliente enviar o print", True),
        ("Aguardando solicitante", True),
        ("esperando retorno", True),
        ("waiting for the customer", True),
        ("esperando al usuario", True),
        ("aguardando peça", False),
        ("o cliente está aguardando", False),
    ],
)
def test_a_pause_waits_for_whom_its_reason_names(phrases, reason, waits):
    assert phrases.waits_for_requester(reason) is waits


@pytest.mark.parametrize(
    "written", ["aprovado", "APROVADO", " *Aprovado!* ", "- “aprovádo”…", "Ａprovado", "a\u00adprovado", "_Aprovado_."]
)
def test_many_spellings_are_one_word(written):
    assert fold(written) == "aprovado"


@pytest.mark.parametrize("text", ["Solicitação nº 12", "ﬁm", "ß", "İstanbul", "até 1º", "⭐️"])
def test_plain_keeps_every_position(text):
    assert len(plain(text)) == len(text)
