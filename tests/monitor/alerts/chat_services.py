"""The chat services on loopback: a proxy that ends TLS under their names and answers as it is told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.clock import SHANGHAI

HOSTS = ("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn", "hooks.slack.com", "services.example")


@dataclass
class Services:
    """What was posted (host, path, body); ``answers`` by host: status and body. ``silent``: none is given."""

    proxy: str = ""
    authority: Path = Path()
    posts: list[tuple[str, str, Any]] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    silent: bool = False


@contextmanager
def chat_services(folder: Path) -> Iterator[Services]:
    """The services behind a proxy on loopback; ``authority`` is the certificate to trust."""
    authority = _certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    listener = socket.create_server(("127.0.0.1", 0))
    services = Services(f"http://127.0.0.1:{listener.getsockname()[1]}", authority)
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_answer, args=(connection, context, services, stopped), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _answer(
    connection: socket.socket, context: ssl.SSLContext, services: Services, stopped: threading.Event
) -> None:
    with suppress(OSError), connection:
        host = _head(connection)[0].split(" ")[1].partition(":")[0]
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secured:
            first, headers, rest = _request(secured)
            while len(rest) < int(headers.get("content-length", "0")):
                rest += secured.recv(65536)
            services.posts.append((host, first.split(" ")[1], json.loads(rest) if rest[:1] == b"{" else rest))
            if services.silent:
                stopped.wait(30)
                return
            status, body = services.answers.get(host, (200, "ok"))
            head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body.encode())}\r\nConnection: close\r\n\r\n"
            secured.sendall((head + body).encode())


def _request(connection: socket.socket) -> tuple[str, dict[str, str], bytes]:
    first, lines, rest = _head(connection)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first, headers, rest


def _head(connection: socket.socket) -> tuple[str, list[str], bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise OSError("the other side went away")
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, lines, rest


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chat services")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=SHANGHAI))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=SHANGHAI))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in HOSTS]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "services.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return file
