"""A real MCP client (PyPI `mcp`) against a server: `guard_client.py WHAT DIRECTORY COMMAND...|URL`, WHAT one of everything, filesystem, memory;
or `good`, forty sessions that list a directory of reports and read some, or `hijacked`, one that then does what a report says.

Does the same things whatever stands before the server, and prints what it got, a JSON line each: run it with and without the guard and compare.
"""

import asyncio
import json
import re
import sys

import mcp.types as types
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

what, directory, command = sys.argv[1], sys.argv[2], sys.argv[3:]


def show(step, result):
    text = result.model_dump_json(by_alias=True, exclude_none=True) if hasattr(result, "model_dump_json") else json.dumps(result)
    # What differs between any two runs of one server.
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z|\d{1,2}:\d\d:\d\d [AP]M|\w{3} \w{3} \d\d? \d{4}[^\"\\]*", "TIME", text)
    text = re.sub(r'PATH[^,}]*|"?(?:PPID|_|SHLVL|PWD|OLDPWD)[^,}]*', "", text) if step == "get-env" else text
    text = re.sub(r"elicitationId[^,]*|[0-9a-f]{8}-[0-9a-f-]{27}", "ID", text)
    print(json.dumps({"step": step, "result": text}), flush=True)


async def step(name, doing):
    try:
        show(name, await asyncio.wait_for(doing, 30))
    except Exception as error:  # an error is a result too
        show(name, {"error": type(error).__name__, "message": str(error)})


async def sampling(context, params):
    return types.CreateMessageResult(role="assistant", content=types.TextContent(type="text", text="sampled"), model="none")


async def elicitation(context, params):
    return types.ElicitResult(action="accept", content={"name": "Ada", "check": True})


async def roots(context):
    return types.ListRootsResult(roots=[types.Root(uri=f"file://{directory}")])


async def everything(session):
    for name, arguments in [
        ("echo", {"message": "h\u00e9llo \U0001f600 \\ \" \n\t"}),
        ("get-sum", {"a": 1.5, "b": 2}),
        ("get-sum", {"a": "x"}),
        ("get-structured-content", {"location": "New York"}),
        ("get-annotated-message", {"messageType": "error", "includeImage": True}),
        ("get-tiny-image", {}),
        ("get-resource-links", {"count": 3}),
        ("get-resource-reference", {"resourceType": "Text", "resourceId": 1}),
        ("trigger-sampling-request", {"prompt": "say", "maxTokens": 10}),
        ("trigger-elicitation-request", {}),
        ("get-roots-list", {}),
        ("no-such-tool", {}),
    ]:
        await step(name, session.call_tool(name, arguments))
    progress = []

    async def on_progress(at, of, message):
        progress.append([at, of])

    await step("long", session.call_tool("trigger-long-running-operation", {"duration": 1, "steps": 4}, progress_callback=on_progress))
    show("progress", progress)
    await step("resources", session.list_resources())
    await step("templates", session.list_resource_templates())
    await step("read", session.read_resource("demo://resource/dynamic/text/1"))
    await step("read missing", session.read_resource("demo://nowhere"))
    await step("prompts", session.list_prompts())
    await step("prompt", session.get_prompt("args-prompt", {"city": "Bern"}))
    await step("ping", session.send_ping())


async def filesystem(session):
    for name, arguments in [
        ("write_file", {"path": f"{directory}/b.txt", "content": "one\ntwo\n"}),
        ("read_text_file", {"path": f"{directory}/b.txt"}),
        ("edit_file", {"path": f"{directory}/b.txt", "edits": [{"oldText": "one", "newText": "1"}]}),
        ("list_directory", {"path": directory}),
        ("search_files", {"path": directory, "pattern": "*.txt"}),
        ("read_text_file", {"path": "/etc/passwd"}),
        ("move_file", {"source": f"{directory}/b.txt", "destination": f"{directory}/c.txt"}),
    ]:
        await step(name, session.call_tool(name, arguments))


async def memory(session):
    for name, arguments in [
        ("create_entities", {"entities": [{"name": "Ada", "entityType": "person", "observations": ["counts"]}]}),
        ("create_relations", {"relations": [{"from": "Ada", "to": "Ada", "relationType": "knows"}]}),
        ("read_graph", {}),
        ("search_nodes", {"query": "count"}),
        ("delete_entities", {"entityNames": ["Ada"]}),
        ("read_graph", {}),
    ]:
        await step(name, session.call_tool(name, arguments))


async def good(session, number=0):
    await step("list", session.call_tool("list_directory", {"path": directory}))
    for report in range(1 + number % 2):
        await step("read", session.call_tool("read_text_file", {"path": f"{directory}/report-{(number + report) % 4}.txt"}))


async def hijacked(session):
    await step("list", session.call_tool("list_directory", {"path": directory}))
    await step("read", session.call_tool("read_text_file", {"path": f"{directory}/report-9.txt"}))
    move = {"source": f"{directory}/report-1.txt", "destination": f"{directory}/gone.txt"}
    await step("move", session.call_tool("move_file", move))


async def sessions():
    for first in range(0, 40, 8):
        await asyncio.gather(*(one_session(number) for number in range(first, first + 8)))


async def one_session(number):
    async with stdio_client(StdioServerParameters(command=command[0], args=command[1:])) as (read, write, *_):
        async with ClientSession(read, write) as session:
            await session.initialize()
            await good(session, number)


async def main():
    if what == "good":
        return await sessions()
    if command[0].startswith("http"):
        transport = streamable_http_client(command[0])
    else:
        transport = stdio_client(StdioServerParameters(command=command[0], args=command[1:]))
    async with transport as (read, write, *_):
        options = {"sampling_callback": sampling, "elicitation_callback": elicitation}
        if what == "everything":
            options["list_roots_callback"] = roots
        async with ClientSession(read, write, **options) as session:
            await step("initialize", session.initialize())
            await asyncio.sleep(0.5)
            await step("tools", session.list_tools())
            await {"everything": everything, "filesystem": filesystem, "memory": memory, "hijacked": hijacked}[what](session)


asyncio.run(main())
