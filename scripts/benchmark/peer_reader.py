"""Fetches a mailbox by imapclient, and parses each mail by mail-parser; prints how many had a text."""

from __future__ import annotations

import logging
import sys

from imapclient import IMAPClient

BATCH = 50
PASSWORD = "secret"  # noqa: S105  of the bench's own Dovecot


def main(port: int, user: str, what: str) -> int:
    """Go through the mailbox once."""
    if what == "parse":
        import mailparser  # noqa: PLC0415  its weight would count for those who only fetch

        logging.getLogger("mailparser").setLevel(logging.ERROR)
    good = 0
    with IMAPClient("127.0.0.1", port=port, ssl=False) as connection:
        connection.login(user, PASSWORD)
        connection.select_folder("INBOX", readonly=True)
        uids = connection.search("ALL")
        for first in range(0, len(uids), BATCH):
            for found in connection.fetch(uids[first : first + BATCH], ["BODY.PEEK[]"]).values():
                raw = found[b"BODY[]"]
                if what == "parse":
                    mail = mailparser.parse_from_bytes(raw)
                    good += bool(mail.subject and (mail.text_plain or mail.text_html))
                else:
                    good += bool(raw)
    return good


if __name__ == "__main__":
    print(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
