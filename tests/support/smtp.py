"""A real SMTP server on 127.0.0.1 that keeps what it receives."""

import email
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller

from tests.support.postgres import free_port


class Inbox(list[EmailMessage]):
    """Messages in the order they came; `raw` holds their bytes, `envelopes` their envelopes."""

    def __init__(self) -> None:
        super().__init__()
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0
        self.port = 0

    def forget(self) -> None:
        self.clear()
        self.raw.clear()
        self.envelopes.clear()
        self.connections = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):
        self.raw.append(envelope.content)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 2.0.0 OK"


def start_smtp() -> tuple[Inbox, Controller]:
    inbox = Inbox()
    inbox.port = free_port()  # aiosmtpd cannot take port 0
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port)
    controller.start()
    return inbox, controller
