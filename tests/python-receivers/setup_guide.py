# The receiver that the platform's setup guide shows, with its layout restored and its comments left out. Nothing is added.
import hmac
import hashlib
import base64
from fastapi import FastAPI, Request, HTTPException

app = FastAPI()

SIGNING_SECRET = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8"


def verify_signature(payload: bytes, headers: dict) -> bool:
    msg_id = headers.get("svix-id")
    timestamp = headers.get("svix-timestamp")
    signatures = headers.get("svix-signature", "")

    if not msg_id or not timestamp or not signatures:
        return False

    secret = SIGNING_SECRET
    if secret.startswith("whsec_"):
        secret = secret[6:]
    secret_bytes = base64.b64decode(secret)

    signed_content = f"{msg_id}.{timestamp}.{payload.decode('utf-8')}"

    expected = hmac.new(
        secret_bytes,
        signed_content.encode('utf-8'),
        hashlib.sha256
    ).digest()
    expected_b64 = base64.b64encode(expected).decode('utf-8')

    for sig in signatures.split(" "):
        parts = sig.split(",", 1)
        if len(parts) == 2 and parts[0] == "v1":
            if hmac.compare_digest(expected_b64, parts[1]):
                return True

    return False


@app.post("/webhooks/airweave")
async def receive_webhook(request: Request):
    payload = await request.body()
    headers = dict(request.headers)

    if not verify_signature(payload, headers):
        raise HTTPException(status_code=401, detail="Invalid signature")

    event = await request.json()
    event_type = event.get("event_type")

    if event_type == "sync.completed":
        print(f"Sync completed: {event['collection_name']}")
        print(f"  Inserted: {event['entities_inserted']}")
        print(f"  Updated: {event['entities_updated']}")

    elif event_type == "sync.failed":
        print(f"Sync failed: {event['collection_name']}")
        print(f"  Error: {event['error']}")

    return {"status": "ok"}
