# Serves the FastAPI program that is named on a free port of the loopback, and prints the port.
import importlib
import socket
import sys

import uvicorn

program = importlib.import_module(sys.argv[1])
listener = socket.create_server(("127.0.0.1", 0))
print(f"port {listener.getsockname()[1]}")
uvicorn.Server(uvicorn.Config(program.app, log_level="warning")).run(sockets=[listener])
