"""`misgoal guard watch` at a terminal: `guard_watch.py PATH_TO_MISGOAL`. A held call of a live session is shown, approved with keys and made; another is
denied; the terminal is given back however the view ends. Needs nothing but python's own library."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

MISGOAL = os.path.realpath(sys.argv[1])

SERVER = '''
import json, sys
tool = {"name": "pay", "description": "Pays.", "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}}}}
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message: continue
    method = message["method"]
    if method == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "till", "version": "1"}}
    elif method == "tools/list":
        result = {"tools": [tool]}
    else:
        result = {"content": [{"type": "text", "text": "paid " + message["params"]["arguments"]["to"]}]}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
'''

POLICY = '@id("see") permit (principal, action == Action::"tools/list", resource);\n' \
    '@id("pay-asks") permit (principal, action == Action::"pay", resource) when { context.approved };\n'


class Screen:
    """A process at a terminal of its own, and all that it has written to it."""

    def __init__(self, *arguments, ignoring=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
        self.slave = slave
        self.before = termios.tcgetattr(slave)
        environment = {**os.environ, "TERM": "xterm-256color"}
        deaf = (lambda: signal.signal(ignoring, signal.SIG_IGN)) if ignoring else None
        self.process = subprocess.Popen([MISGOAL, *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment, preexec_fn=deaf)
        self.written = ""

    def take(self, seconds):
        end = time.monotonic() + seconds
        while select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
            self.written += os.read(self.master, 65536).decode("utf-8", "replace")

    def wait_for(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text()):
            assert time.monotonic() < end, f"no {pattern!r} on the screen:\n{self.text()}"
            self.take(0.1)

    def text(self):
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", " ", self.written)

    def press(self, keys):
        self.written = ""
        os.write(self.master, keys.encode())

    def ended(self, code):
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            self.take(0.1)
        assert self.process.poll() == code, self.process.poll()
        self.take(0.2)
        assert "\x1b[?1049l" in self.written and "\x1b[?25h" in self.written, repr(self.written[-200:])
        assert termios.tcgetattr(self.slave) == self.before, "the terminal is not as it was"


with tempfile.TemporaryDirectory() as room:
    os.chdir(room)
    open("server.py", "w").write(SERVER)
    server = [sys.executable, "server.py"]
    subprocess.run([MISGOAL, "--quiet", "guard", "init", "--directory", "g", "--", *server], check=True, stdout=subprocess.DEVNULL)
    open("g/policy.cedar", "w").write(POLICY)
    config = open("g/guard.toml").read().replace('mode = "log"', 'mode = "enforce"')
    open("g/guard.toml", "w").write(config)
    where = ["--config", "g/guard.toml"]

    # Without a terminal it says what to use.
    refused = subprocess.run([MISGOAL, "guard", "watch", *where], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert refused.returncode == 2 and "guard log --follow" in refused.stderr, refused

    guard = subprocess.Popen([MISGOAL, "--quiet", "guard", "run", *where, "--", *server],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)

    def send(message):
        guard.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")

    def ask(number, method, params):
        send({"id": number, "method": method, "params": params})

    def answer():
        return json.loads(guard.stdout.readline())

    ask(0, "initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "me", "version": "1"}})
    assert "result" in answer()
    send({"method": "notifications/initialized"})
    ask(1, "tools/list", {})
    assert "result" in answer()

    screen = Screen("guard", "watch", *where)
    screen.wait_for("sessions \\(1\\)")
    ask(2, "tools/call", {"name": "pay", "arguments": {"to": "an escape \x1b]0;title\x07 and a mark \u202e"}})
    screen.wait_for("1 waiting")
    screen.wait_for("hold +pay")
    assert "\x1b]0" not in screen.written and "\u202e" not in screen.written
    screen.press("a")
    screen.wait_for("Approve this call, once\\?")
    screen.wait_for("digest +[0-9a-f]{64}")
    screen.press("n")
    screen.wait_for("waiting for a person \\(1\\)")
    screen.press("a")
    screen.wait_for("Approve this call, once\\?")
    screen.press("y")
    assert "paid an escape" in json.dumps(answer())
    screen.wait_for("approved this call of `pay`")
    screen.wait_for("waiting for a person \\(0\\)")

    ask(3, "tools/call", {"name": "pay", "arguments": {"to": "me"}})
    screen.wait_for("1 waiting")
    screen.press("d")
    screen.wait_for("Deny this call\\?")
    screen.press("y")
    assert "a person has denied it" in json.dumps(answer())
    screen.press("\t\t\x1b[A\r")
    screen.take(1)
    screen.press("q")
    screen.take(1)
    screen.press("q")
    screen.ended(0)

    # Told to end, and interrupted: the terminal is given back.
    screen = Screen("guard", "watch", *where)
    screen.wait_for("sessions \\(1\\)")
    screen.process.send_signal(signal.SIGTERM)
    screen.ended(0)
    screen = Screen("guard", "watch", *where)
    screen.wait_for("sessions \\(1\\)")
    screen.press("\x03")
    screen.ended(0)

    # Its terminal goes away, and nobody tells it: it does not read the end for ever.
    screen = Screen("guard", "watch", *where, ignoring=signal.SIGHUP)
    screen.wait_for("sessions \\(1\\)")
    os.close(screen.slave)
    os.close(screen.master)
    assert screen.process.wait(timeout=10) != 0

    guard.stdin.close()
    guard.wait(timeout=20)
    once = subprocess.run([MISGOAL, "guard", "watch", "--once", *where], capture_output=True, text=True, check=True).stdout
    assert "ended" in once and "approved" in once and "denied" in once, once
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", once), repr(once)
    print("watch: a held call was shown, approved and made, another denied; the terminal was given back three times")
