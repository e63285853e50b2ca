"""The outside world: sockets, mailboxes, name servers; no decisions."""
