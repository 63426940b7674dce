"""One MCP server of a suite, as a command: `guard_dojo_relay.py SOCKET SUITE SPEC`.

Hands its own standard streams to a fork of the process that `guard_dojo.py serve SOCKET` keeps (which has the suites loaded), and ends when it ends:
a server that starts in milliseconds, with an environment of its own.
"""

import json
import socket
import sys

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    socket.send_fds(server, [json.dumps(sys.argv[2:]).encode()], [0, 1])
    server.recv(1)
