"""Clients that send half a request, then a byte in a second: PORT COUNT SECONDS KIND."""

import socket
import sys
import time

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n\r\nx="
LONG = b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000000\r\n\r\nx="
# A whole request whose client neither reads on nor closes.
STAYS = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
STARTS = {"head": HEAD, "body": BODY, "long": LONG, "stays": STAYS}


def connected(port: int, kind: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(STARTS[kind])
    return client


def main(port: int, count: int, seconds: float, kind: str) -> None:
    clients = [connected(port, kind) for _ in range(count)]
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1.0)
        for place, client in enumerate(clients):
            try:
                client.sendall(b"a")
            except OSError:  # given up on: another one takes its place
                clients[place] = connected(port, kind)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
