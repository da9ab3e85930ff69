"""The edge to the mail server: one connection, what it says in its own words, and who is at fault."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from billtracker.core.crypto import is_lost
from billtracker.core.settings import runtime_settings
from notifications.transport.failures import FailureKind, NotSent
from notifications.transport.plain_text import one_line

TIME_OUT = 15.0  # seconds, for each thing the server is asked
REASON_LENGTH = 300
KEY_LOST = (
    "The mail server's password cannot be opened with today's ENCRYPTION_KEYS. "
    "Enter it again in the settings."
)
# Answers to sender or recipient that are no judgement of them: the settings lack encryption or sign-in.
NOT_SIGNED_IN = {530, 534, 535, 538}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server as the settings describe it."""

    host: str
    port: int
    security: str
    user: str
    password: str
    ca_certificate: str
    accepts_any_certificate: bool
    from_address: str
    from_name: str


def known_server() -> MailServer:
    """Return the mail server of the settings; NotSent when its password's key is lost."""
    known = {name: found.value for name, found in runtime_settings.found_all().items()}
    if is_lost(known["smtp_password"]):
        raise NotSent(KEY_LOST, FailureKind.SIGN_IN)
    return MailServer(
        host=known["smtp_host"].strip(),
        port=known["smtp_port"],
        security=known["smtp_security"],
        user=known["smtp_user"],
        password=known["smtp_password"],
        ca_certificate=known["smtp_ca_certificate"],
        accepts_any_certificate=known["smtp_accept_any_certificate"],
        from_address=known["mail_from_address"].strip(),
        from_name=known["mail_from_name"],
    )


def tls_context(server: MailServer) -> ssl.SSLContext:
    """Return how the server's certificate is checked; NotSent for a certificate that cannot be read."""
    context = ssl.create_default_context()
    if server.accepts_any_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif server.ca_certificate.strip():
        try:
            context.load_verify_locations(cadata=server.ca_certificate)
        except (ssl.SSLError, ValueError):
            reason = "The certificate in the settings cannot be read; it must be in PEM form."
            raise NotSent(reason, FailureKind.SIGN_IN) from None
        # A certificate somebody made at home may be the server's own, and plainer than public ones.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class Connection(EmailBackend):
    """A connection to one mail server; what fails is a NotSent."""

    def __init__(self, server: MailServer, time_out: float | None = None):
        self.server, self.time_out = server, time_out or TIME_OUT
        is_ssl, is_tls = server.security == "ssl", server.security == "starttls"
        self.connection: smtplib.SMTP | None = None
        self._partial_connection: smtplib.SMTP | None = None
        super().__init__(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_ssl=is_ssl,
            use_tls=is_tls,
            timeout=self.time_out,
        )

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return tls_context(self.server)

    def open(self) -> bool:
        """Connect, encrypt and sign in, unless that is done; raises NotSent."""
        if self.connection:
            return False
        context = self.ssl_context if self.server.security != "none" else None
        try:
            started = self._partial_connection = self.connect(context)
            if self.server.security == "starttls":
                started.starttls(context=context)
            if self.server.user:
                started.login(self.server.user, self.server.password)
        except (OSError, UnicodeError, ValueError) as error:
            self.drop()
            raise _fault_at_connecting(error, self.time_out) from None
        self.connection, self._partial_connection = started, None
        return True

    def connect(self, context: ssl.SSLContext | None) -> smtplib.SMTP:
        options: dict[str, Any] = {"timeout": self.time_out, "local_hostname": _own_name()}
        if self.server.security == "ssl":
            return smtplib.SMTP_SSL(self.host, self.port, context=context, **options)
        return smtplib.SMTP(self.host, self.port, **options)

    def hand_over(self, mail: EmailMessage) -> None:
        """Return once the server accepted the mail for its recipient; raises NotSent otherwise."""
        try:
            self.send_messages([mail])
        except (OSError, UnicodeError, ValueError) as error:
            failure = _fault_at_sending(error, self.time_out)
            if failure.is_server_failure:
                self.drop()
            raise failure from None

    def drop(self) -> None:
        """Close without a word: a server that hangs would not answer a farewell either."""
        for connection in (self.connection, self._partial_connection):
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None

    def end(self) -> None:
        """Say goodbye; nothing that happens then matters any more."""
        try:
            self.close()
        except (OSError, smtplib.SMTPException):
            self.drop()


def _own_name() -> str:
    """Return the name this machine greets with, without asking a name server for it."""
    name = socket.gethostname()
    return name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "localhost"


# --- who is at fault ---------------------------------------------------------------------------
def _words_of(error: smtplib.SMTPResponseException) -> str:
    return _spoken(error.smtp_code, error.smtp_error)


def _spoken(code: int, words: bytes | str) -> str:
    """Return the server's code and words as one clean line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return one_line(f"{code} {text}", REASON_LENGTH)


def _fault_at_connecting(error: Exception, time_out: float) -> NotSent:
    """Return what kept us from a connection that is ready for mail: the server, or the settings."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return NotSent(_words_of(error), FailureKind.SIGN_IN)
        case smtplib.SMTPNotSupportedError():
            reason = "The mail server offers no encryption, or no sign-in, of the kind in the settings."
            return NotSent(reason, FailureKind.SIGN_IN)
        case UnicodeError() | ValueError() if not isinstance(error, OSError):
            return NotSent("The mail server's name, user or password cannot be used.", FailureKind.SIGN_IN)
    return _fault_of_server(error, time_out)


def _fault_of_server(error: Exception, time_out: float) -> NotSent:
    """Return what is wrong with the server as a whole."""
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, TimeoutError):
        error = error.__context__  # smtplib calls a silence a cut
    match error:
        case smtplib.SMTPResponseException():
            words = _words_of(error)
        case ssl.SSLCertVerificationError():
            words = f"The mail server's certificate is not trusted: {error.verify_message}."
        case ssl.SSLError():
            words = "No encrypted connection to the mail server came about; look at port and encryption."
        case TimeoutError():
            words = f"The mail server did not answer within {time_out:g} s."
        case socket.gaierror():
            words = "The mail server's name was not found."
        case ConnectionRefusedError():
            words = "The mail server's machine refused the connection."
        case smtplib.SMTPServerDisconnected() | ConnectionError():
            words = "The mail server cut the connection."
        case _:
            words = f"The mail server could not be reached ({type(error).__name__})."
    return NotSent(one_line(words, REASON_LENGTH), FailureKind.SERVER)


def _fault_at_sending(error: Exception, time_out: float) -> NotSent:
    """Return what the server had against one mail, or what happened to the server meanwhile."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
            return _judge_answer(code, words)
        case smtplib.SMTPResponseException():
            return _judge_answer(error.smtp_code, error.smtp_error)
        case UnicodeError() | ValueError() if not isinstance(error, OSError):
            return NotSent("The sender's or the recipient's address cannot be used.", FailureKind.REFUSED)
    return _fault_of_server(error, time_out)


def _judge_answer(code: int, words: bytes | str) -> NotSent:
    """Return the server's answer with what its code means: 5xx is for good, 4xx for now."""
    if code in NOT_SIGNED_IN:
        return NotSent(_spoken(code, words), FailureKind.SIGN_IN)
    if code == 421:  # the server says goodbye to everybody
        return NotSent(_spoken(code, words), FailureKind.SERVER)
    return NotSent(_spoken(code, words), FailureKind.REFUSED if 500 <= code < 600 else FailureKind.MESSAGE)
