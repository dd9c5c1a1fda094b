"""PyPI `aiosmtpd` as the mail server, and Python's `email` as who reads the mail, for `crates/server/src/mail/tests.rs`.

Prints its port, then one JSON object for each message. What it does with a mail follows from the address:
`later@…` is answered 451, `never@…` 550, `denied@…` 554. Ends when standard input does.
"""

import email
import email.policy
import json
import socket
import sys

from aiosmtpd.controller import Controller


def say(value):
    print(json.dumps(value), flush=True)


class Box:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("later@"):
            return "451 4.7.1 come back later"
        if address.startswith("never@"):
            return "550 5.1.1 nobody of this name"
        if address.startswith("denied@"):
            return "554 5.7.1 relay access denied"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.original_content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        defects = [type(d).__name__ for part in message.walk() for d in part.defects]
        defects += [type(d).__name__ for h in message.values() for d in getattr(h, "defects", ())]
        lines = raw.split(b"\r\n")
        say({
            "hello": session.host_name,
            "mail_from": envelope.mail_from,
            "rcpt_to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in message.items()],
            "to": [a.addr_spec for a in message["to"].addresses],
            "type": message.get_content_type(),
            "charset": message.get_content_charset(),
            "multipart": message.is_multipart(),
            "text": message.get_content().replace("\r\n", "\n"),
            "defects": defects,
            "longest_line": max(len(line) for line in lines),
            "bare": raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r"),
            "headers_ascii": raw.split(b"\r\n\r\n", 1)[0].isascii(),
        })
        return "250 taken"


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if port == 0:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
    box = Controller(Box(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=False)
    box.start()
    say({"port": port})
    sys.stdin.read()
    box.stop()


main()
