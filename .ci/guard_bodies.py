"""One body, two readers: `guard_bodies.py DIRECT GUARDED`. What Express reads as a call of `pay`, the guard must not take for one of `look`, and pass on."""

import base64
import gzip
import http.client
import json
import sys
from urllib.parse import urlsplit


def post(url, body, **headers):
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=20)
    usual = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Accept-Encoding": "gzip, deflate",
        "MCP-Protocol-Version": "2025-06-18",
    }
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", at.path, body, usual | headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(errors="replace")


def call(tool, text):
    params = {"name": tool, "arguments": {"text": text}}
    return json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}).encode()


def shifted(text):
    """UTF-7's way to write any text in letters of ASCII."""
    return "+" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=") + "-"


direct, guarded = sys.argv[1:]
hidden = call("look", shifted('x"}},"params":{"name":"pay","arguments":{"text":"mallory'))
tricks = [
    ("UTF-7", hidden, {"Content_Type": "application/json; charset=utf-7"}, "pay mallory"),
    ("UTF-16", call("look", "a").decode().encode("utf-16"), {"Content_Type": "application/json; charset=utf-16"}, "look a"),
    ("gzip", gzip.compress(call("look", "a")), {"Content_Encoding": "gzip"}, "look a"),
]
for name, body, headers, read in tricks:
    status, text = post(direct, body, **headers)
    assert status == 200 and read in text, f"the server does not read {name}: the trick shows nothing: {status} {text}"
    status, text = post(guarded, body, **headers)
    assert status == 415, f"{name} through the guard: {status} {text}"
for kind in ("application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'):
    status, text = post(guarded, call("look", "a"), Content_Type=kind)
    assert status == 200 and "look a" in text, f"{kind} through the guard: {status} {text}"
status, text = post(guarded, call("pay", "a"))
assert "is denied" in text, text
print(f"Express: {len(tricks)} bodies that it reads otherwise are refused, usual ones pass")
