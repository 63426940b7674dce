"""The server that npm's `@modelcontextprotocol/conformance` asks for, over Streamable HTTP (PyPI `mcp`): `guard_conformance_server.py PORT`.

Its tools, resources and prompts are those of the suite's scenarios up to 2025-11-25, and of 2026-07-28 those that ask the client for something.
"""

import asyncio
import base64
import json
import sys

import mcp.types as types
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.streamable_http import EventMessage, EventStore
from pydantic import BaseModel, Field

server = MCPServer("conformance")
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="


class Events(EventStore):
    """Events of streams, so that one that broke off can be taken up again."""

    def __init__(self):
        self.events = []

    async def store_event(self, stream_id, message):
        self.events.append((stream_id, message))
        return str(len(self.events))

    async def replay_events_after(self, last_event_id, send_callback):
        after = int(last_event_id)
        if not 0 < after <= len(self.events):
            return None
        stream = self.events[after - 1][0]
        for at, (other, message) in enumerate(self.events[after:], after + 1):
            if other == stream and message is not None:
                await send_callback(EventMessage(message, str(at)))
        return stream


def text(words):
    return types.TextContent(type="text", text=words)


def image():
    return types.ImageContent(type="image", data=PNG, mime_type="image/png")


def embedded(uri, kind, words):
    resource = types.TextResourceContents(uri=uri, mime_type=kind, text=words)
    return types.EmbeddedResource(type="resource", resource=resource)


@server.tool()
def test_simple_text() -> str:
    """Text."""
    return "This is a simple text response for testing."


@server.tool(structured_output=False)
def test_image_content():
    """An image."""
    return [image()]


@server.tool(structured_output=False)
def test_audio_content():
    """Sound."""
    return [types.AudioContent(type="audio", data=WAV, mime_type="audio/wav")]


@server.tool(structured_output=False)
def test_embedded_resource():
    """A resource within an answer."""
    return [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")]


@server.tool(structured_output=False)
def test_multiple_content_types():
    """Text, image and resource."""
    return [text("Multiple content types test:"), image(), embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')]


@server.tool()
async def test_tool_with_logging(ctx: Context) -> str:
    """Log messages on the way."""
    for words in ["Tool execution started", "Tool processing data", "Tool execution completed"]:
        await ctx.info(words)
        await asyncio.sleep(0.05)
    return "done"


@server.tool()
async def test_tool_with_progress(ctx: Context) -> str:
    """Progress on the way."""
    for at in [0, 50, 100]:
        await ctx.report_progress(at, 100, f"Completed step {at} of 100")
        await asyncio.sleep(0.05)
    return "done"


@server.tool()
def test_error_handling() -> str:
    """Fails."""
    raise RuntimeError("This tool intentionally returns an error for testing")


@server.tool()
async def test_sampling(prompt: str, ctx: Context) -> str:
    """Asks the client's model."""
    message = types.SamplingMessage(role="user", content=text(prompt))
    result = await ctx.session.create_message(messages=[message], max_tokens=100)
    return f"LLM response: {result.content.text}"


class Response(BaseModel):
    response: str = Field(description="User's response")


class Defaults(BaseModel):
    name: str = Field(default="John Doe")
    age: int = Field(default=30)
    score: float = Field(default=95.5)
    status: str = Field(default="active", json_schema_extra={"enum": ["active", "inactive", "pending"]})
    verified: bool = Field(default=True)


def titled(*pairs):
    return [{"const": const, "title": title} for const, title in pairs]


class Enums(BaseModel):
    untitledSingle: str = Field(json_schema_extra={"enum": ["option1", "option2", "option3"]})
    titledSingle: str = Field(json_schema_extra={"oneOf": titled(("value1", "First Option"), ("value2", "Second Option"))})
    legacyEnum: str = Field(json_schema_extra={"enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]})
    untitledMulti: list[str] = Field(json_schema_extra={"items": {"type": "string", "enum": ["option1", "option2"]}})
    titledMulti: list[str] = Field(json_schema_extra={"items": {"anyOf": titled(("value1", "First Choice"), ("value2", "Second Choice"))}})


async def asked(ctx, words, schema):
    result = await ctx.elicit(message=words, schema=schema)
    content = result.data.model_dump_json() if result.action == "accept" else "{}"
    return f"action={result.action}, content={content}"


@server.tool()
async def test_elicitation(message: str, ctx: Context) -> str:
    """Asks the person."""
    return await asked(ctx, message, Response)


@server.tool()
async def test_elicitation_sep1034_defaults(ctx: Context) -> str:
    """Asks the person, with defaults."""
    return await asked(ctx, "Please review and update the form fields with defaults", Defaults)


@server.tool()
async def test_elicitation_sep1330_enums(ctx: Context) -> str:
    """Asks the person to choose."""
    return await asked(ctx, "Please select options from the enum fields", Enums)


@server.tool()
async def test_reconnection(ctx: Context) -> str:
    """Closes its stream and goes on."""
    await ctx.close_sse_stream()
    await asyncio.sleep(0.2)
    return "Reconnection test completed"


def wants(name, ask):
    """A tool of 2026-07-28 that is called again with what the client was asked for."""

    async def tool(ctx: Context):
        given = (ctx.input_responses or {}).get(name)
        if given is None:
            return types.InputRequiredResult(input_requests={name: ask})
        return types.CallToolResult(content=[text(f"got {json.dumps(given, default=str)}")])

    return tool


elicit = types.ElicitRequest(params=types.ElicitRequestFormParams(message="What is your name?", requested_schema=Response.model_json_schema()))
sample = types.CreateMessageRequest(params=types.CreateMessageRequestParams(messages=[types.SamplingMessage(role="user", content=text("Hello"))], max_tokens=100))
for name, ask in {"elicitation": elicit, "sampling": sample, "list_roots": types.ListRootsRequest()}.items():
    server.add_tool(wants(name, ask), name=f"test_input_required_result_{name}", structured_output=False)


@server.resource("test://static-text", mime_type="text/plain")
def static_text() -> str:
    return "This is the content of the static text resource."


@server.resource("test://static-binary", mime_type="image/png")
def static_binary() -> bytes:
    return base64.b64decode(PNG)


@server.resource("test://template/{id}/data", mime_type="application/json")
def template(id: str) -> str:
    return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})


@server.resource("test://watched-resource", mime_type="text/plain")
def watched() -> str:
    return "Watched resource content"


@server.prompt()
def test_simple_prompt() -> str:
    return "This is a simple prompt for testing."


@server.prompt()
def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


@server.prompt()
def test_prompt_with_embedded_resource(resourceUri: str):
    return [embedded(resourceUri, "text/plain", "Embedded resource content for testing."), text("Please process the embedded resource above.")]


@server.prompt()
def test_prompt_with_image():
    return [image(), text("Please analyze the image above.")]


@server.completion()
async def complete(ref, argument, context):
    return types.Completion(values=[], total=0, has_more=False)


server.run(transport="streamable-http", port=int(sys.argv[1]), event_store=Events(), retry_interval=100)
