"""A server that answers one call on the stream of another, once that is taken up again, and PyPI's `mcp` as its client, which takes whatever answer comes there for
that to the call whose stream it was: `serve PORT`, and `ask URL`, which prints what each call has come to."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import anyio

# By the id of an event: what is said to who takes the stream up behind it.
LATER = {}
PAID = threading.Event()


def event(number, message):
    return f"id: {number}\ndata: {json.dumps(message) if message else ''}\n\n"


def said(number, text):
    return {"jsonrpc": "2.0", "id": number, "result": {"content": [{"type": "text", "text": text}]}}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    looked = None

    def log_message(self, *_):
        pass

    def say(self, status, kind="", body="", session=""):
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Mcp-Session-Id", session)]:
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_DELETE(self):
        self.say(200)

    def do_GET(self):
        after = self.headers.get("Last-Event-ID")
        if after not in LATER:
            return self.say(405)
        # The call that looks has its answer once the other one has had it on its own stream.
        if after == "look":
            PAID.wait(20)
            time.sleep(1)
        else:
            PAID.set()
        self.say(200, "text/event-stream", LATER[after])

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number, method, params = asked.get("id"), asked.get("method"), asked.get("params", {})
        if number is None:
            return self.say(202)
        if method == "tools/call":
            name = params["name"]
            own = event(name, said(number, f"the answer to {name}"))
            if name == "look":
                Server.looked = own
            LATER[name] = own if name == "look" else Server.looked + own
            return self.say(200, "text/event-stream", f"retry: 50\n{event(name, None)}")
        schema = {"type": "object", "properties": {}}
        result = {"tools": [{"name": name, "inputSchema": schema} for name in ("look", "pay")]}
        if method == "initialize":
            result = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "swaps", "version": "1"}}
        answer = json.dumps({"jsonrpc": "2.0", "id": number, "result": result})
        self.say(200, "application/json", answer, "one" if method == "initialize" else "")


async def ask(url):
    from mcp.client.session import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with streamable_http_client(url) as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        await session.list_tools()

        async def call(name, after):
            await anyio.sleep(after)
            with anyio.move_on_after(15) as waiting:
                print(name, "has", (await session.call_tool(name, {})).content[0].text, flush=True)
            if waiting.cancelled_caught:
                print(name, "waits for ever", flush=True)

        async with anyio.create_task_group() as calls:
            calls.start_soon(call, "look", 0)
            calls.start_soon(call, "pay", 0.5)


if sys.argv[1] == "serve":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Server).serve_forever()
else:
    anyio.run(ask, sys.argv[2])
