"""Reports that a sending service writes as JSON into a mail (Amazon SES, by way of SNS).

https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
"""

from __future__ import annotations

import json
from typing import Any

from mailgateway.core.messages import Bounce, Kind
from mailgateway.mail.addresses import normal
from mailgateway.mail.delivery_status import KIND_OF_ACTION, Verdict, telling_code
from mailgateway.mail.headers import ids

# The event, where its recipients stand, and what became of them; a complaint tells of no delivery.
_EVENTS = {
    "Bounce": ("bounce", "bouncedRecipients", "failed"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients", "delayed"),
    "Delivery": ("delivery", "recipients", "delivered"),
    "Complaint": ("complaint", "complainedRecipients", ""),
}


def service_report(text: str) -> Verdict | None:
    """The verdict on a mail that is such a report and nothing else, None on others."""
    event = _object(text)
    if event and isinstance(event.get("Message"), str):
        event = _object(event["Message"])
    name = event.get("notificationType") or event.get("eventType")
    if not isinstance(name, str) or name not in _EVENTS or not isinstance(event.get("mail"), dict):
        return None
    place, recipients, action = _EVENTS[name]
    found = event.get(place)
    found = found if isinstance(found, dict) else {}
    listed = found.get(recipients)
    answer = str(found.get("smtpResponse", ""))
    told = (_bounce(entry, action, answer) for entry in (listed if isinstance(listed, list) else ()))
    bounces = tuple(filter(None, told)) if action else ()
    kind = KIND_OF_ACTION[action] if action else Kind.FEEDBACK_REPORT
    return Verdict(kind, "Amazon SES", bounces, _ids(event["mail"]))


def _object(text: str) -> dict[str, Any]:
    text = text.lstrip()
    if not text.startswith("{"):
        return {}
    try:
        # Sendmail breaks lines of over 990 characters with "!", wherever that is.
        found, _ = json.JSONDecoder(strict=False).raw_decode(text.replace("!\n ", ""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _bounce(entry: object, action: str, answer: str) -> Bounce | None:
    fields = entry if isinstance(entry, dict) else {"emailAddress": entry}
    email = normal(str(fields.get("emailAddress", "")))
    code = telling_code(str(fields.get("diagnosticCode", "")), str(fields.get("status", "")), answer)
    return Bounce(email, action, code) if email else None


def _ids(mail: dict[str, Any]) -> tuple[str, ...]:
    """The Message-ID as it was sent, among the fields of the mail."""
    headers = mail.get("headers")
    fields = [h for h in headers if isinstance(h, dict)] if isinstance(headers, list) else []
    stated = (str(h.get("value", "")) for h in fields if str(h.get("name", "")).lower() == "message-id")
    return tuple(found for value in stated for found in ids(value))
