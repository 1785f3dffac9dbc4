"""Serves one event with the package mcp-webhook-events, on a free port of loopback. Prints the port."""

import socket
import sys

import uvicorn
from mcp.server import MCPServer
from mcp_webhook_events import EventDefinition, McpEvents, SafeHttp

server = MCPServer("third server")
events = McpEvents(
    server,
    store=sys.argv[1],
    definitions=[
        EventDefinition(
            name="sync.completed",
            description="A sync completed.",
            input_schema={
                "type": "object",
                "properties": {"source_type": {"type": "string"}},
                "additionalProperties": False,
            },
            payload_schema={"type": "object", "properties": {"source_type": {"type": "string"}}},
        )
    ],
    principal=lambda context: "someone",
    http=SafeHttp(allow_insecure_for_tests=True),
)
events.install()

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
# Connections wait until the server accepts them.
listener.listen()
print(f"port {listener.getsockname()[1]}", flush=True)
app = server.streamable_http_app(stateless_http=True, json_response=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
