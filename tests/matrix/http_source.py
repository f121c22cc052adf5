# SPDX-License-Identifier: Apache-2.0
"""A web server that sends a file in two parts."""
import socket

from mount import DEADLINE_S


class HttpSource:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(DEADLINE_S)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/f"
        self.connection = None

    def offer(self, content):
        """Waits for a request and sends the first part."""
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(DEADLINE_S)
        request = b""
        while b"\r\n\r\n" not in request:
            request += self.connection.recv(4096)
        self.connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + content)

    def complete(self, content):
        """Sends the rest."""
        self.connection.sendall(content)
        self.connection.close()

    def end(self):
        self.listener.close()
        if self.connection:
            self.connection.close()
