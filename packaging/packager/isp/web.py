"""The internet's web server: tells everybody from which address they are seen.

Run as a program, `python web.py PORT`; imports nothing of the project.
"""

import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(BaseHTTPRequestHandler):
    """One line for every GET: who asks."""

    def do_GET(self) -> None:
        """The client's address; IPv4 without the prefix of mapped addresses."""
        seen = str(self.client_address[0]).removeprefix("::ffff:")
        body = f"hello {seen}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """On IPv6 and IPv4."""

    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self) -> None:
        """One socket for both, whatever the machine's default is."""
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()


if __name__ == "__main__":
    Server(("::", int(sys.argv[1])), Answer).serve_forever()
