"""The words of a text as they are searched: no case, accents, plural or stop words, the same in every database.

A word's form here is a key that its singular and its plural share, not a word that people would write: "situações" and
"situação" both become "situacao", "permissions" becomes "permissiom". Nobody knows in which language a mail is written,
so one set of rules serves Portuguese, Spanish and English; where their endings clash ("imagens", "buttons") singular
and plural are brought to the same letter instead. Forming a form again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_LETTERS = 10_000  # of a question that are read
MOST_WORDS = 80  # different words of a question that are looked up
_LONGEST = 40  # letters; what is longer is no word

_RUN = re.compile(r"\S{1,100}")  # normalising a longer run of accents takes quadratic time
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_SHORT_PREFIX = re.compile(r"\b([^\W\d_]{1,2})-(?=[^\W\d_])")  # e-mail, wi-fi, on-line
_WORD = re.compile(r"[^\W_]+")

#: Portuguese plurals that change more than they add; the others only lose what follows.
_PLURALS = {"oes": "ao", "aes": "ao", "ais": "al", "eis": "el", "ois": "ol", "uis": "ul"}
_IRREGULAR = {
    **{"faceis": "facil", "dificeis": "dificil", "uteis": "util", "inuteis": "inutil", "frageis": "fragil"},
    **{"perfis": "perfil", "pcs": "pc", "tvs": "tv", "maes": "mae", "shoes": "sho", "luces": "luz"},
    **{"paes": "pao", "caes": "cao"},
    **{"children": "child", "people": "person", "mice": "mous"},
}

#: Words that say nothing of what a text is about, and what people write out of courtesy; without accents.
_LITTLE = {
    "pt-BR": """
        a agradeco ajuda ajudar alguem ante antecipadamente ao aos aquela aquele aqui as ate atenciosamente
        att boa bom cada caro com como conseguimos consigo cordialmente da das de dela dele depois desde dia
        do dos e ela ele eles em entao era essa esse esta estamos estao estar estava este estou eu favor fazer
        foi gentileza gostaria grato ha hoje isso isto ja la lhe mais manha mas me mesmo meu meus minha minhas
        muito na nao nas nem no noite nos nossa nosso num numa o obrigada obrigado ola onde ontem os ou para
        pela pelo pode podem por porque pra preciso prezada prezado prezados quais qual quando que quem quero
        saber se sem sendo ser seu seus sim so sobre sua suas tambem tarde te tem tenho ter teve um uma umas
        uns urgente vai vez voce voces vou
    """,
    "es": """
        al algo alguien ante antes asi aunque ayer ayuda buen buena buenas buenos con cordial cual cuando
        cuanto del desde dias donde dos el ella ellos en entre eres es esa ese eso estan estimada estimado
        estos fue gracias hasta hay hola hoy le les lo los mi mis mucho muy necesito ni noches nosotros otra
        otro pero poco por porque puede puedo pues que quien quiero saludo saludos se si sin sobre somos son
        soy su sus tambien tan tardes tengo ti tiene todo tu tus un una unas unos usted y ya yo
    """,
    "en": """
        about after all also am an and any are be been before being best but by can cannot could dear did do
        does doing done for from get gets good had has have he hello help her here hi him his how i if in into
        is it its just kind me more most my need no nor not of off on once only or other our out over own
        please regards same she should so some such than thank thanks that the their them then there these
        they this those to today too under until up urgent us very want was we were what when where which
        while who why will with would yesterday you your
    """,
}
STOP_WORDS = frozenset(" ".join(_LITTLE.values()).split())


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for: its different words, first written first, and the last one as it was typed so far."""

    words: tuple[str, ...]
    last: str


def question(text: str) -> Question:
    """The words that are looked for; of a long text its beginning."""
    typed = _parted(_plain(text[:MOST_LETTERS])[:MOST_LETTERS])
    found = tuple(dict.fromkeys(map(form, typed)))[:MOST_WORDS]
    return Question(found, typed[-1] if typed else "")


def words(text: str) -> list[str]:
    """All words of a text that are worth looking for, in the form in which they are compared."""
    return [form(word) for word in _parted(_plain(text))]


def form(word: str) -> str:
    """What singular and plural of a folded word have in common."""
    while (shorter := _shorter(word)) != word:
        word = shorter
    if len(word) > 3 and word[-1] in "ny":
        word = word[:-1] + ("m" if word[-1] == "n" else "i")
    return word


def _shorter(word: str) -> str:
    """The word without one ending."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word.endswith("ss"):
        return word
    if len(word) > 4 and word[-3:] in _PLURALS:
        return word[:-3] + _PLURALS[word[-3:]]
    return word[:-1] if word[-1] in "se" else word


def _plain(text: str) -> str:
    """The text without case and accents."""
    if not text.isascii():
        text = " ".join(_RUN.findall(text))
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = _ACCENTS.sub("", text)
    return text.casefold()


def _parted(plain: str) -> list[str]:
    """Its words, stop words and noise left out."""
    found = _WORD.findall(_SHORT_PREFIX.sub(r"\1", plain))
    return [word for word in found if word not in STOP_WORDS and (1 < len(word) <= _LONGEST or word.isdigit())]
