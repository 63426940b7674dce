"""A real MCP client over Streamable HTTP (PyPI `mcp`): `guard_http_client.py URL MODE`, MODE `legacy` (sessions) or `2026-07-28` (none).

Does the same things whatever stands before the server, several at once, and prints what it got, a JSON line each.
"""

import asyncio
import json
import re
import sys

from mcp import Client

url, mode = sys.argv[1], sys.argv[2]


async def step(name, doing):
    try:
        result = await asyncio.wait_for(doing, 30)
        text = result.model_dump_json(by_alias=True, exclude_none=True)
    except Exception as error:  # an error is a result too
        text = f"{type(error).__name__}: {error}"
    return json.dumps({"step": name, "result": re.sub(r"[0-9a-f]{32}", "ID", text)})


async def agent(number):
    out = []
    async with Client(url, mode=mode, raise_exceptions=False) as client:
        out.append(json.dumps({"step": "version", "result": client.protocol_version}))
        out.append(await step("tools", client.list_tools()))
        for n in range(3):
            out.append(await step("add", client.call_tool("add", {"a": n, "b": number})))
        out.append(await step("bad arguments", client.call_tool("add", {"a": "x"})))
        out.append(await step("fail", client.call_tool("fail", {"why": "h\u00e9"})))
        progress = []

        async def on_progress(at, of, message):
            progress.append([at, of])

        out.append(await step("count", client.call_tool("count", {"to": 3}, progress_callback=on_progress)))
        out.append(json.dumps({"step": "progress", "result": progress}))
        out.append(await step("pay", client.call_tool("pay", {"to": "me"})))
        out.append(await step("resources", client.list_resources()))
        out.append(await step("read", client.read_resource("note://today")))
        out.append(await step("prompt", client.get_prompt("greet", {"name": "Ada"})))
    return out


async def main():
    for lines in await asyncio.gather(*(agent(number) for number in range(4))):
        print("\n".join(lines))


asyncio.run(main())
