import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEFT_SECRET"].removeprefix("whsec_"))
TOLERANCE_SECONDS = 300


def is_genuine(headers, body: bytes) -> bool:
    message_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    signatures = headers["webhook-signature"]
    if not (message_id and sent_at and signatures and sent_at.isdigit()):
        return False
    if abs(time.time() - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{sent_at}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, given) for given in signatures.split())


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_genuine(self.headers, body):
            self.send_response(400)
            self.end_headers()
            return
        event = json.loads(body)
        if event["event_type"] == "sync.completed":
            print(self.headers["webhook-id"], event, flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("", 8000), Receiver).serve_forever()
