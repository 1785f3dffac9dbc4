"""Lists the tools and resources of an MCP server and calls a tool, with the client of FastMCP. Prints JSON."""

import asyncio
import json
import sys

from fastmcp import Client


async def main(url: str) -> None:
    async with Client(url) as client:
        tools = await client.list_tools()
        resources = await client.list_resources()
        result = await client.call_tool("list_collections", {})
        print(
            json.dumps(
                {
                    "tools": [tool.name for tool in tools],
                    "resources": len(resources),
                    "result": result.structured_content,
                }
            )
        )


asyncio.run(main(sys.argv[1]))
