"""What can go wrong on our side. A sender's mistake is a decision; a fault of ours is one of these.

GatewayError
├── Misconfigured   the configuration is wrong; the text names the key and the cure (exit 2)
├── NotFound        somebody asks for a row that is not there (exit 1)
├── Refused         the operator asks for what the workflow or the rights forbid (exit 1)
├── TooLarge        a mail above the size limit: refused for good, the sender must act
├── Temporary       our own trouble or the peer's that passes: keep, try again
│   └── Unreachable     the peer is away altogether: whatever else is meant for it waits too
│       └── Busy            the peer is there and asks us to come later, with all that we have
└── Permanent       a peer that says no for good: keep, show, do not try again
"""

from __future__ import annotations


class GatewayError(Exception):
    """Every error of ours; its text is for a person."""


class Misconfigured(GatewayError):
    """The configuration file cannot be used as it stands."""


class NotFound(GatewayError):
    """What was asked for is not there."""


class Refused(GatewayError):
    """The workflow or the rights forbid it; nothing was changed."""


class TooLarge(GatewayError):
    """The mail is larger than is accepted."""


class Temporary(GatewayError):
    """Trouble that passes; whoever holds the mail keeps it and tries again."""


class Unreachable(Temporary):
    """There is no way to the peer now; no single mail is the reason."""


class Busy(Unreachable):
    """The peer has had enough of us for now."""


class Permanent(GatewayError):
    """A final no. `code` is the SMTP reply code, 0 where there is none."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code
