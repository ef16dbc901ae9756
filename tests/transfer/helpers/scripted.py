"""A server that sends exactly the given bytes."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from attrs import define, field, frozen

from itwin_imodels.models._links import StorageLink

SECRET = "c2VjcmV0"  # noqa: S105 - stands for a signature


@frozen
class Say:
    """A response.

    Attributes:
        text: Bytes that are sent literally.
        hang: Whether to keep the connection open afterwards without sending.
        drip: Whether to send single bytes afterwards, without an end.
        delay: Seconds between the request and the response.
        read_body: Whether to read the body of the request first.
    """

    text: bytes
    hang: bool = False
    read_body: bool = True
    delay: float = 0.0
    drip: bool = False


@define
class Scripted:
    """A server with responses, one for each connection; the last one is repeated.

    Attributes:
        link: A link to the server.
        heads: The heads of the received requests.
    """

    link: StorageLink
    heads: list[str] = field(factory=list)


def answer(status: str, headers: dict[str, str | int], body: bytes = b"") -> bytes:
    """Return the bytes of a response."""
    lines = [
        f"HTTP/1.1 {status}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Connection: close",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


@contextmanager
def scripted(*says: Say, storage_type: str = "azure") -> Iterator[Scripted]:
    """Serve the responses for the duration of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        link = StorageLink(href=f"http://127.0.0.1:{port}/box/file.cs?sig={SECRET}", storage_type=storage_type)
        server = Scripted(link)
        over = threading.Event()
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket, say: Say) -> None:
            with connection, suppress(OSError):
                connection.settimeout(30)
                _receive(connection, server.heads, whole=say.read_body)
                over.wait(say.delay)
                connection.sendall(say.text)
                while say.drip and not over.wait(0.05):
                    connection.sendall(b"x")
                if say.hang:
                    over.wait(30)

        def accept() -> None:
            for number in range(1000):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                say: Sequence[Say] = says[number : number + 1] or says[-1:]
                threads.append(threading.Thread(target=serve, args=(connection, say[0])))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def _receive(connection: socket.socket, heads: list[str], *, whole: bool) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    heads.append(head.decode())
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    left = next((int(value) for name, _, value in lines if name == b"content-length"), 0) - len(body)
    while whole and left > 0:
        left -= len(connection.recv(65536)) or left
