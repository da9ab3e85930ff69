"""A real mail server on loopback: with and without encryption and sign-in, kind, unkind, and silent."""

import asyncio
import datetime as dt
import email
import email.policy
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "postman", "wrong-horse-battery-7"


@dataclass
class Certificate:
    """A certificate that its server signed itself."""

    pem: str
    context: ssl.SSLContext


def make_certificate(folder: Path) -> Certificate:
    """Make a certificate for 127.0.0.1, good for a day."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail at home")])
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (path := folder / "mail.pem").write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return Certificate(pem.decode(), context)


@dataclass
class Mailbox:
    """What the server took, and what it answers instead of taking: {"RCPT": "550 No such user"}."""

    port: int
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    connection_count: int = 0
    # Seconds that each DATA takes, before anything is taken.
    pause: float = 0.0
    is_in_data: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for _, mail in self.mails]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connection_count += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.is_in_data.set()
        await asyncio.sleep(self.pause)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((list(envelope.rcpt_tos), mail))
        return "250 Taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        if isinstance(data, LoginPassword):
            self.sign_ins.append(data.login.decode())
        is_right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=is_right, handled=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def mail_server(
    security: str = "none", certificate: Certificate | None = None, has_sign_in: bool = False
) -> Iterator[Mailbox]:
    """Serve mail on loopback: ``security`` is none, starttls or ssl."""
    box = Mailbox(free_port())
    options: dict = {}
    if certificate and security == "ssl":
        options |= {"ssl_context": certificate.context}
    if certificate and security == "starttls":
        options |= {"tls_context": certificate.context, "require_starttls": True}
    if has_sign_in:
        options |= {"authenticator": box.authenticate, "auth_required": True, "auth_require_tls": False}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop(no_assert=True)


@contextmanager
def scripted_server(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """Give each connection on a port to ``script``, which may be rude; the port is given."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_ones.append(connection)
            with suppress(OSError):
                script(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        for connection in open_ones:
            connection.close()


def say_nothing(connection: socket.socket) -> None:
    """Accept, and be a black hole."""


def cut_at_once(connection: socket.socket) -> None:
    connection.close()


def cut_at_data(connection: socket.socket) -> None:
    """Be polite until the content is due, then hang up."""
    connection.sendall(b"220 here\r\n")
    stream = connection.makefile("rb")
    while line := stream.readline():
        if line.upper().startswith(b"DATA"):
            connection.shutdown(socket.SHUT_RDWR)
            return
        connection.sendall(b"250 OK\r\n")


def silent_at_data(connection: socket.socket) -> None:
    """Be polite until the content came, then say nothing."""
    connection.sendall(b"220 here\r\n")
    stream = connection.makefile("rb")
    while line := stream.readline():
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
            time.sleep(1)
            return
        connection.sendall(b"250 OK\r\n")
