"""An attempt goes to the address that was checked, ends in time, and follows nobody elsewhere."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from webhook_receivers import TRYING_OUT, receiving

from governance.drops.webhooks.post import Outcome, Post, poster
from governance.settings import Settings

NAME = "hooks.example.com"
QUICK = TRYING_OUT.model_copy(update={"webhook_timeout_seconds": 0.5})


class NameServer:
    """Answers a name with a list of addresses each time it is asked, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


def attempt(post: Post, url: str) -> Outcome:
    return post(url, {"webhook-id": "evt_1"}, b"{}", datetime.now(UTC))


@contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server, server.getsockname()[1]


@contextmanager
def saying(*parts: bytes, pause: float = 0.0) -> Iterator[int]:
    """A server that says these parts, one after a pause each, and then stays silent; its port."""
    over = Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            for part in parts:
                over.wait(pause)
                try:
                    connection.sendall(part)
                except OSError:
                    return
            over.wait(30)

    with listening() as (server, port):
        thread = Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield port
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["8.8.8.8", "::ffff:127.0.0.1"]]
)
def test_a_name_that_leads_to_a_private_address_is_not_even_connected_to(
    answer: list[str],
) -> None:
    with listening() as (server, port):
        found = NameServer(answer)
        outcome = attempt(poster(Settings(), found), f"https://{NAME}:{port}/")
        assert outcome.status is None
        assert outcome.error == (
            f"{NAME} leads to {answer[-1]}: it is not an address of the public internet"
        )
        assert outcome.is_busy
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_name_is_looked_up_once_so_a_second_answer_leads_nowhere() -> None:
    with receiving() as receiver, listening() as (other, _):
        port = int(receiver.url.split(":")[2].split("/")[0])
        found = NameServer(["127.0.0.1"], ["127.0.0.2"])
        outcome = attempt(poster(TRYING_OUT, found), f"http://{NAME}:{port}/hook?a=1")
        assert outcome == Outcome(status=204)
        assert found.asked == 1
        [one] = receiver.received
        assert one.headers["host"] == f"{NAME}:{port}"
        assert one.path == "/hook?a=1"
        assert one.headers["content-type"] == "application/json"
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_the_next_address_is_tried_where_the_first_does_not_answer() -> None:
    with receiving() as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])
        found = NameServer(["127.0.0.3", "127.0.0.1"])
        assert attempt(poster(TRYING_OUT, found), f"http://{NAME}:{port}/").is_good


def test_without_the_setting_nothing_is_sent_without_tls() -> None:
    with receiving() as receiver:
        outcome = attempt(poster(Settings()), receiver.url)
    assert outcome.error == "nothing is sent without TLS"
    assert receiver.received == []


def encrypted(certificate: Path, monkeypatch: pytest.MonkeyPatch | None = None) -> Outcome:
    """What comes of an attempt at a name over TLS, where a server of this host has a certificate.

    With `monkeypatch` the certificate is among those that are trusted.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    named: list[str] = []
    context.sni_callback = lambda _socket, name, _context: named.append(name)
    if monkeypatch is not None:
        monkeypatch.setattr(certifi, "where", lambda: str(certificate))

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(ssl.SSLError, ConnectionError):
            safe = context.wrap_socket(connection, server_side=True)
            asked = b""
            while part := safe.recv(65_536):  # closed with something unread, it would be reset
                asked += part
                if asked.endswith(b"{}"):
                    break
            safe.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            safe.close()

    with listening() as (server, port):
        thread = Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        post = poster(TRYING_OUT, NameServer(["127.0.0.1"]))
        outcome = attempt(post, f"https://{NAME}:{port}/")
        thread.join()
    assert named == [NAME]
    return outcome


def test_tls_is_with_the_name_whose_address_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert encrypted(self_signed(tmp_path, NAME), monkeypatch) == Outcome(status=204)


def test_a_certificate_of_another_name_or_of_nobody_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = encrypted(self_signed(tmp_path, NAME))
    other = encrypted(self_signed(tmp_path, "127.0.0.1.example.com"), monkeypatch)
    for outcome, why in ((unknown, "self-signed"), (other, "Hostname mismatch")):
        assert outcome.status is None
        assert why in str(outcome.error)


def self_signed(folder: Path, of: str) -> Path:
    """A certificate for a name, with its key, in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, of)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(of)]), critical=False)
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    with receiving() as elsewhere, receiving(status=307) as receiver:
        receiver.headers = {"location": elsewhere.url}
        outcome = attempt(poster(TRYING_OUT), receiver.url)
    assert outcome == Outcome(status=307, error="HTTP status 307")
    assert elsewhere.received == []


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert attempt(poster(TRYING_OUT), receiver.url).is_good
    assert proxy.received == []
    assert len(receiver.received) == 1


def test_an_answer_that_drips_is_over_when_the_time_is() -> None:
    drops = [b"HTTP/1.1 204 No", b" Content\r\n", *[b"x: y\r\n"] * 200]
    with saying(*drops, pause=0.1) as port:
        outcome = attempt(poster(QUICK), f"http://127.0.0.1:{port}/")
    assert outcome.status is None
    assert outcome.is_busy


def test_a_status_counts_whatever_becomes_of_the_body() -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n" + b"a" * 100_000
    with saying(endless) as port:
        assert attempt(poster(QUICK), f"http://127.0.0.1:{port}/") == Outcome(status=200)
    with saying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n") as port:
        assert attempt(poster(QUICK), f"http://127.0.0.1:{port}/") == Outcome(status=200)


@pytest.mark.parametrize("said", [b"", b"what?\r\n\r\n", b"HTTP/1.1 700000 x\r\n\r\n"])
def test_an_answer_that_is_none_is_a_failure_in_words(said: bytes) -> None:
    with saying(said) as port:
        outcome = attempt(poster(QUICK), f"http://127.0.0.1:{port}/")
    assert outcome.status is None
    assert outcome.error


def test_a_name_that_is_not_found_is_a_failure_in_words() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for found in (unknown, NameServer([])):
        outcome = attempt(poster(Settings(), found), f"https://{NAME}/")
        assert str(outcome.error).startswith(f"the name {NAME} is not found")


def test_a_receiver_that_says_when_to_come_again_is_heard_where_it_is_overloaded() -> None:
    for status, heard in ((429, True), (503, True), (500, False)):
        with receiving(status=status, headers={"retry-after": "7"}) as receiver:
            outcome = attempt(poster(TRYING_OUT), receiver.url)
        assert outcome.retry_after == (timedelta(seconds=7) if heard else None)
