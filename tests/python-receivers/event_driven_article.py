# The receiver that the platform's article on event-driven pipelines shows, with its comments left out.
from fastapi import FastAPI, Request, Response

app = FastAPI()

@app.post("/webhooks/airweave")
async def handle_webhook(request: Request):
    payload = await request.json()
    event_type = payload["event_type"]

    if event_type == "sync.completed":
        collection_id = payload["collection_readable_id"]
        source_type = payload["source_type"]
        await on_sync_completed(collection_id, source_type)

    elif event_type == "sync.failed":
        await on_sync_failed(payload)

    return Response(status_code=200)


# Added for the test: the article leaves these two to its readers.
async def on_sync_completed(collection_id, source_type):
    print(f"completed: {collection_id} from {source_type}")


async def on_sync_failed(payload):
    print(f"failed: {payload['collection_readable_id']} with {payload['error']}")
