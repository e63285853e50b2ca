"""Mails and delivery reports as bytes, for the tests beside this file."""

from __future__ import annotations


def mail(*head: str, body: str = "texto") -> bytes:
    return ("\n".join(head) + "\n\n" + body).encode()


def report(kind: str, part: str) -> bytes:
    head = f"From: x@x.com\nContent-Type: multipart/report; report-type={kind}; boundary=b\n\n"
    return f"{head}--b\n\nrelatório\n--b\n{part}\n--b--\n".encode()


def status(action: str, code: str) -> str:
    return (
        f"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@x.com\nAction: {action}\nStatus: {code}\n"
    )
