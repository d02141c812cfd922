"""As much of the Bolt protocol as it takes to see that a server answers."""

from __future__ import annotations

import socket

_HANDSHAKE = bytes.fromhex("6060b01700000405") + bytes(12)  # Bolt 5.4
_HELLO = b"\xb1\x01\xa1\x8auser_agent\x87sandbox"
_LOGON = b"\xb1\x6a\xa1\x86scheme\x84none"
_PULL = b"\xb1\x3f\xa1\x81n\xff"


def answers(port: int) -> bool:
    """Whether something on this machine's port speaks Bolt."""
    try:
        with socket.create_connection(("127.0.0.1", port), 0.5) as connection:
            connection.settimeout(2)
            connection.sendall(_HANDSHAKE)
            return len(connection.recv(4)) == 4
    except OSError:
        return False


def warm(port: int, statements: tuple[str, ...]) -> None:
    """Run a few statements, so that what they load is in the archive of classes.

    It helps later starts; that it fails does no harm.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.settimeout(20)
            connection.sendall(_HANDSHAKE)
            connection.recv(4)
            for message in (_HELLO, _LOGON):
                _send(connection, message)
                connection.recv(65536)
            for statement in statements:
                text = statement.encode()
                run = b"\xb3\x10\xd0" + bytes([len(text)]) + text + b"\xa0\xa0"
                _send(connection, run)
                _send(connection, _PULL)
                connection.recv(65536)
                connection.recv(65536)
    except OSError:
        return


def _send(connection: socket.socket, message: bytes) -> None:
    connection.sendall(len(message).to_bytes(2, "big") + message + b"\0\0")
