"""Every line that a mail prints, sent back as a reply, does what it promises."""

from __future__ import annotations

import pytest

from mailgateway.core.arguments import SHAPES, Words
from mailgateway.core.commands import Situation, lines_for, read
from mailgateway.core.phrases import PRIORITIES, WORDED
from mailgateway.core.views import VIEWS
from mailgateway.core.words import fold
from mailgateway.core.workflow import Act, Role, Status
from tests.core.conftest import LANGUAGES, NOW, SITUATIONS, situation

_EVERYBODY = {
    **SITUATIONS,
    **{f"{role} {status}": situation(status, role, purpose="talk") for role in Role for status in Status},
}


def _sent_back(line, said: Situation, phrases):
    return read(line.text + ("cabo trocado" if line.placeholder else ""), said, phrases, NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", sorted(set(_EVERYBODY) - {"note", "leave", "uncut", "robotic", "torn"}))
def test_a_printed_line_does_what_it_promises(phrases, who, language):
    for line in lines_for(_EVERYBODY[who], phrases, language):
        reading = _sent_back(line, _EVERYBODY[who], phrases)
        assert reading.doubt is None, line
        if line.act is None:
            assert reading.answer is not None, line
        else:
            assert [asked.act for asked in reading.acts] == [line.act], line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", ["approver", "accepter", "agent", "opener"])
def test_a_placeholder_sent_as_it_stands_is_no_reason(phrases, who, language):
    lines = [line for line in lines_for(SITUATIONS[who], phrases, language) if line.placeholder]
    for line in lines:
        for text in (line.text + line.placeholder, f"{line.text}({line.placeholder})", line.text):
            assert read(text, SITUATIONS[who], phrases, NOW).doubt.kind in ("placeholder", "needs_reason")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        "#chamados xyz",
        "#prioridade já",
        "#atribuir Bia",
        "#juntar",
        "#mesa",
        "#nota 10",
        "#pausar até 31/02: x",
        "#delegar",
        "#delegar a@x.com, b@x.com",
        "#delegar a@x.com até 31/02",
        "#delegar nome@exemplo.com",
        "#resolver",
        "#assumirr",
    ],
)
def test_a_suggestion_is_understood(phrases, text, language):
    said = situation(Status.IN_SERVICE, Role.AGENT, language=language)
    doubt = read(text, said, phrases, NOW).doubt
    assert doubt.suggestions
    for line in doubt.suggestions:
        assert read(line.text + ("1042 a@x" if line.placeholder else ""), said, phrases, NOW).acts[0].act is line.act


def test_an_approver_sees_the_two_lines_of_the_request(phrases):
    lines = lines_for(SITUATIONS["approver"], phrases, "pt-BR")
    assert [(line.text, line.placeholder) for line in lines] == [("Aprovado", ""), ("Reprovado: ", "escreva o motivo")]


def test_an_agent_is_offered_what_the_workflow_allows(phrases):
    lines = lines_for(situation(Status.PAUSED, Role.AGENT), phrases, "pt-BR")
    assert [line.text for line in lines] == ["#assumir", "#retomar", "#resolver: ", "#cancelar: ", "#interno: "]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_of_a_view_and_a_priority_is_read(phrases, language):
    labels, agent = phrases.labels(language), SITUATIONS["agent"]
    for view in VIEWS:
        assert read(f"#chamados {labels.views[view]}", agent, phrases, NOW).acts[0].name == view
    for priority in PRIORITIES:
        assert read(f"#prioridade {labels.priorities[priority]}", agent, phrases, NOW).acts[0].name == priority


def test_every_act_has_a_shape_and_who_must_say_something_gets_a_placeholder():
    assert set(SHAPES) == set(Act)
    required = {act for act, shape in SHAPES.items() if shape.words is Words.REQUIRED}
    assert set(WORDED) == required | {Act.CANCEL}  # a requester's cancel speaks for itself


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_and_its_aliases_are_read(phrases, language):
    for act, verb in phrases.labels(language).verbs.items():
        assert phrases.verbs[fold(verb.lstrip("#"))] is act
    assert set(phrases.verbs.values()) == set(Act) - {Act.COMMENT, Act.AUTO_CLOSE}
