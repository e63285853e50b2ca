"""The configuration: the example is complete and tells the truth; every error names the key, the value and the cure."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from mailgateway import config, resources
from mailgateway.core.errors import Misconfigured

SECRET = "uma-frase-bem-comprida-que-ninguem-conhece"
MINIMAL = f"""
[gateway]
domain = "example.com"
secret = "{SECRET}"
[[queues]]
name = "suporte"
addresses = ["suporte@example.com"]
"""


def load(folder: Path, text: str, environment: dict[str, str] | None = None) -> config.Settings:
    path = folder / "mailgateway.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path, environment or {})


def example(*, whole: bool) -> dict[str, Any]:
    """The example's tables; `whole`: also what stands in comments."""
    text = resources.example_config()
    return tomllib.loads(re.sub(r"^#(?! |$)", "", text, flags=re.MULTILINE) if whole else text)


# ---- config.example.toml


def test_the_example_is_accepted_once_it_has_a_secret(tmp_path: Path) -> None:
    text = resources.example_config().replace('secret = ""', f'secret = "{SECRET}"', 1)
    assert load(tmp_path, text) == load(tmp_path, MINIMAL)  # all else in it is the default


def test_the_example_is_accepted_with_everything_in_it(tmp_path: Path) -> None:
    text = re.sub(r"^#(?! |$)", "", resources.example_config(), flags=re.MULTILINE)
    (tmp_path / "secret").write_text(SECRET)
    settings = load(tmp_path, text.replace('secret = ""', "", 1))
    assert settings.imap[0].oauth2
    assert settings.smtp_listener.auth_users


def models(annotation: Any) -> list[type[BaseModel]]:
    """The section that a field holds, if it holds one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    args = (
        typing.get_args(annotation) if typing.get_origin(annotation) in (tuple, types.UnionType, typing.Union) else ()
    )
    found = [m for a in args for m in models(a)]
    if typing.get_origin(annotation) is typing.Annotated:
        found = models(typing.get_args(annotation)[0])
    return found


def differences(model: type[BaseModel], table: dict[str, Any], where: str) -> list[str]:
    """What the example lacks, what it has too much, and where it states another default."""
    found = []
    names = {f.alias or name: f for name, f in model.model_fields.items()}
    found += [f"{where}.{name} is no key" for name in table if name not in names]
    for name, field in names.items():
        if name not in table:
            found.append(f"{where}.{name} is missing")
        elif inner := models(field.annotation):
            tables = table[name] if isinstance(table[name], list) else [table[name]]
            found += [d for t in tables for d in differences(inner[0], t, f"{where}.{name}")]
        elif field.default is not PydanticUndefined and where not in (".smtp_sender.oauth2",):
            found += _other_default(model, name, table, where)
    return found


#: Where the example shows what somebody would write, not the default.
SHOWN = {".gateway.secret", ".gateway.secret_file", ".imap.oauth2.client_secret", ".imap.oauth2.scope"}
SHOWN |= {".smtp_listener.auth_users.senders"}


def _other_default(model: type[BaseModel], name: str, table: dict[str, Any], where: str) -> list[str]:
    field = next(f for n, f in model.model_fields.items() if (f.alias or n) == name)
    said, default = table[name], field.default
    default = default.get_secret_value() if isinstance(default, SecretStr) else default
    default = default.strftime("%H:%M") if hasattr(default, "strftime") else default
    default = list(default) if isinstance(default, tuple) else default
    return [] if said == default or f"{where}.{name}" in SHOWN else [f"{where}.{name} is {said!r}, not {default!r}"]


def test_the_example_has_every_key_with_its_default() -> None:
    whole = example(whole=True)
    whole["smtp_sender"]["oauth2"] = whole["imap"][0]["oauth2"]  # its keys stand there once
    assert differences(config.Settings, whole, "") == []


def test_the_example_names_every_language() -> None:
    assert f"mails and history: {', '.join(resources.languages())};" in resources.example_config()


def test_every_key_of_the_example_says_why_or_is_obvious() -> None:
    keys = re.findall(r"^#?(\w+) = .*$", resources.example_config(), flags=re.MULTILINE)
    explained = re.findall(r"^#?(\w+) = [^\n]*  # ", re.sub(r" +#", "  #", resources.example_config()), re.MULTILINE)
    assert len(explained) > 0.75 * len(keys)


# ---- errors: the key, the value, the cure


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[gateway]", "[gateway]\nfoo = 1", ["gateway.foo", "remove"]),
        ("[gateway]", "[gatway]", ["gatway"]),
        ("[gateway]", '[gateway]\nlanguage = "xx"', ["gateway.language", "'xx'", "pt-BR"]),
        ("[gateway]", '[gateway]\ntimezone = "Mars/Base"', ["gateway.timezone", "Mars/Base", "America/Sao_Paulo"]),
        ('"suporte@example.com"', '"suporte"', ["queues.0.addresses.0", "'suporte'", "suporte@example.com"]),
        (f'secret = "{SECRET}"', 'secret = "short"', ["gateway.secret", "32"]),
        (f'secret = "{SECRET}"', "", ["gateway.secret", "32", "MAILGATEWAY_SECRET"]),
        (f'secret = "{SECRET}"', 'secret_file = "nowhere"', ["gateway.secret_file", "nowhere", "create it"]),
        ("[[queues]]", "[smtp_listener]\nport = 70000\n[[queues]]", ["smtp_listener.port", "70000", "65535"]),
        ("[[queues]]", '[[agents]]\nemail = "a@b.example"\nqueues = ["x"]\n[[queues]]', ["agents", "'x'", "suporte"]),
        ('domain = "example.com"\n', "", ["gateway.domain", "missing", "add it"]),
    ],
)
def test_an_error_names_the_key_the_value_and_the_cure(tmp_path: Path, old: str, new: str, named: list[str]) -> None:
    with pytest.raises(Misconfigured) as error:
        load(tmp_path, MINIMAL.replace(old, new, 1))
    assert [word for word in named if word not in str(error.value)] == []
    assert "mailgateway.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_an_error_never_shows_a_secret(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as error:
        load(tmp_path, MINIMAL + '[smtp_sender]\npassword = ["hunter2"]\n')
    assert "hunter2" not in str(error.value)
    assert "smtp_sender.password" in str(error.value)


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no valid TOML: .*line 3.*mend"):
        load(tmp_path, MINIMAL.replace('domain = "example.com"', "domain = example.com"))


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"nothing\.toml cannot be read .*mailgateway init"):
        config.load(tmp_path / "nothing.toml", {})


# ---- the secret


def test_the_secret_may_lie_in_a_file_of_several(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n{SECRET}-old\n")
    settings = load(tmp_path, MINIMAL.replace(f'secret = "{SECRET}"', 'secret_file = "secret"'))
    assert settings.secrets == (SECRET, f"{SECRET}-old")


def test_the_environment_wins(tmp_path: Path) -> None:
    settings = load(tmp_path, MINIMAL, {"MAILGATEWAY_SECRET": SECRET[::-1]})
    assert settings.secrets == (SECRET[::-1],)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, MINIMAL)
    assert settings.gateway.database == f"sqlite:///{tmp_path}/mailgateway.db"
    assert settings.gateway.blobs == f"{tmp_path}/blobs"


HIDDEN = "hunter2-hunter2-hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    "said",
    [
        f'[imap]\nname = "a"\npassword = "{HIDDEN}"\n',
        f'[[imap]]\nname = "a"\npasword = "{HIDDEN}"\n',
        f'[[imap]]\nname = "a"\noauth2 = "{HIDDEN}"\n',
        f'[[imap]]\nname = "a"\n[[imap.oauth2]]\nclient_secret = "{HIDDEN}"\n',
        f'[smtp_listener]\nauth_users = ["ana:{HIDDEN}"]\n',
        f'[smtp_listener]\nauth_users = "ana:{HIDDEN}"\n',
        f'[smtp_listener.auth_users]\nusername = "ana"\npassword = "{HIDDEN}"\n',
        f'[[smtp_sender]]\npassword = "{HIDDEN}"\n',
        f'[smtp_sender]\npassword = "{HIDDEN}\n',
    ],
)
def test_no_error_shows_a_secret(tmp_path: Path, said: str) -> None:
    with pytest.raises(Misconfigured) as error:
        load(tmp_path, MINIMAL + said)
    assert "hunter" not in str(error.value)


def test_no_representation_of_the_settings_shows_a_secret(tmp_path: Path) -> None:
    more = f'[[smtp_listener.auth_users]]\nusername = "ana"\npassword = "{HIDDEN}"\n'
    more += f'[smtp_sender]\nusername = "a"\npassword = "{HIDDEN}"\n'
    more += f'[smtp_sender.oauth2]\ntoken_url = "https://x.example"\nclient_id = "c"\nclient_secret = "{HIDDEN}"\n'
    text = MINIMAL.replace(SECRET, HIDDEN) + more
    text = text.replace("[gateway]\n", f'[gateway]\ndatabase = "postgresql+psycopg://u:{HIDDEN}@db/x"\n')
    settings = load(tmp_path, text)
    assert settings.secrets == (HIDDEN,)
    assert HIDDEN not in f"{settings!r}{settings}{settings.gateway!r}"
