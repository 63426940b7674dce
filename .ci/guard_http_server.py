"""An MCP server over Streamable HTTP (PyPI `mcp`): `guard_http_server.py PORT stream|json|stateless`."""

import sys

from mcp.server.mcpserver import Context, MCPServer
from pydantic import BaseModel

server = MCPServer("web")
port, kind = int(sys.argv[1]), sys.argv[2]


class Name(BaseModel):
    name: str


@server.tool()
def add(a: float, b: float) -> float:
    """Adds."""
    return a + b


@server.tool()
def fail(why: str) -> str:
    """Fails."""
    raise ValueError(why)


@server.tool()
async def count(to: int, ctx: Context) -> str:
    """Counts, and says how far it is."""
    for at in range(to):
        await ctx.report_progress(at + 1, to)
    return "counted"


@server.tool()
def pay(to: str) -> str:
    """Pays."""
    return f"paid {to}"


@server.resource("note://today")
def today() -> str:
    return "h\u00e9llo"


@server.prompt()
def greet(name: str) -> str:
    return f"Greet {name}."


server.run(
    transport="streamable-http",
    port=port,
    json_response=kind == "json",
    stateless_http=kind == "stateless",
)
