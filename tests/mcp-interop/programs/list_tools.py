"""Lists the tools of an MCP server and calls one, with the official client. Prints JSON."""

import asyncio
import json
import sys

from mcp import Client


async def main(url: str) -> None:
    async with Client(url) as client:
        tools = await client.list_tools()
        result = await client.call_tool("list_collections", {})
        names = [tool.name for tool in tools.tools]
        print(json.dumps({"tools": names, "result": result.structured_content}))


asyncio.run(main(sys.argv[1]))
