"""Runs inside a peer's own environment: `peer_desks.py NAME FOLDER`. Imports only the peer.

Each line on stdin is a JSON list of files, raw mails; the answer is a JSON object: seconds, cpu, tickets, out. As it
is shipped a peer keeps its defaults, except that its agent and the mail's author are told too, as ours are. In its
`kind` form its SQLite has a write-ahead log, and where it can each mail is one transaction.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

QUEUE, AGENT = "suporte@aurora.example", "ana@aurora.example"
Take = Callable[[bytes], object]
Count = Callable[[], tuple[int, int]]  # tickets and mails out so far
urlpatterns: list[Any] = []  # this module is the Django project's
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")


def roundup(folder: Path, *, kind: bool) -> tuple[Take, Count]:
    """A classic tracker, fed by its mail gateway's class; mails go to its debugging file."""
    home, admin = folder / "tracker", Path(sys.executable).with_name("roundup-admin")
    subprocess.run([admin, "-i", home, "install", "classic", "sqlite"], check=True, capture_output=True)
    settings = {"tracker.email": QUEUE, "tracker.web": "http://localhost/", "mail.domain": "aurora.example"}
    settings |= {"mail.host": "localhost", "mail.debug": f"{folder}/sent", "nosy.messages_to_author": "new"}
    _configure(home / "config.ini", settings)
    with (home / "schema.py").open("a", encoding="utf-8") as schema:  # anybody may write, as to ours
        schema.write('\ndb.security.addPermissionToRole("Anonymous", "Email Access")\n')
    subprocess.run([admin, "-i", home, "initialise", "secret"], check=True, capture_output=True)
    agent = ["create", "user", "username=ana", f"address={AGENT}", "roles=User"]
    subprocess.run([admin, "-i", home, *agent], check=True, capture_output=True)
    if kind:
        with contextlib.closing(sqlite3.connect(home / "db" / "db")) as database:
            for pragma in PRAGMAS:
                database.execute(pragma)
    from roundup import instance
    from roundup.mailgw import MailGW

    class Arguments:
        default_class, set_value = "", ("issue.assignedto=ana",)

    tracker = instance.open(str(home))

    def count() -> tuple[int, int]:
        database = tracker.open("admin")
        try:
            sent = [line for line in (folder / "sent").read_text("utf-8").splitlines() if line.startswith("TO: ")]
            return len(database.issue.list()), sum(len(line.split(",")) for line in sent)
        finally:
            database.close()

    (folder / "sent").touch()
    return lambda raw: MailGW(tracker, Arguments()).main(io.BytesIO(raw)), count


def _configure(file: Path, settings: dict[str, str]) -> None:
    """Set `section.key` of a tracker; what has no default stands there as a comment."""
    lines, section = [], ""
    for line in file.read_text("utf-8").splitlines():
        section = line.strip("[]") if line.startswith("[") else section
        name, is_key, _ = line.lstrip("#").partition(" =")
        value = settings.get(f"{section}.{name}") if is_key else None
        lines.append(line if value is None else f"{name} = {value}")
    file.write_text("\n".join(lines), encoding="utf-8")


def helpdesk(folder: Path, *, kind: bool) -> tuple[Take, Count]:
    """A Django project with the desk in it; mails go to Django's list in memory."""
    import django
    from django.conf import settings

    options = {"init_command": ";".join(PRAGMAS)} if kind else {}
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "desk.db"), "OPTIONS": options}
    apps = ("admin", "auth", "contenttypes", "sessions", "messages", "sites", "humanize")
    settings.configure(
        SECRET_KEY="only for measuring",
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        INSTALLED_APPS=[*(f"django.contrib.{app}" for app in apps), "rest_framework", "helpdesk"],
        HELPDESK_TEAMS_MODE_ENABLED=False,
        LANGUAGE_CODE="pt-br",
        MEDIA_ROOT=str(folder / "media"),
        ROOT_URLCONF=__name__,
        SITE_ID=1,
        STATIC_URL="/static/",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        USE_TZ=True,
    )
    django.setup()
    from django.core import mail
    from django.core.management import call_command
    from django.db import transaction
    from django.urls import include, path

    urlpatterns.append(path("", include("helpdesk.urls", namespace="helpdesk")))
    call_command("migrate", verbosity=0)
    from helpdesk.email import extract_email_metadata
    from helpdesk.models import Queue, Ticket

    queue = Queue.objects.create(
        title="Suporte",
        slug="suporte",
        email_address=QUEUE,
        new_ticket_cc=AGENT,
        allow_email_submission=True,
        enable_notifications_on_email_events=True,
    )
    mail.outbox = []  # type: ignore[attr-defined]
    whole = transaction.atomic if kind else contextlib.nullcontext
    log = logging.getLogger("desk")

    def take(raw: bytes) -> None:
        with whole():
            extract_email_metadata(raw.decode(), queue, log)

    return take, lambda: (Ticket.objects.count(), sum(len(sent.to) for sent in mail.outbox))


DESKS: dict[str, Callable[..., tuple[Take, Count]]] = {"roundup": roundup, "django-helpdesk": helpdesk}


def main(name: str, folder: Path, form: str) -> None:
    logging.disable(logging.CRITICAL)
    take, count = DESKS[name](folder, kind=form == "kind")
    for line in sys.stdin:
        mails = [Path(file).read_bytes() for file in json.loads(line)]
        before = count()
        wall, cpu = time.perf_counter(), time.process_time()
        for raw in mails:
            take(raw)
        answer: dict[str, Any] = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        tickets, out = (after - then for after, then in zip(count(), before, strict=True))
        sys.stdout.write(json.dumps(answer | {"tickets": tickets, "out": out}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
