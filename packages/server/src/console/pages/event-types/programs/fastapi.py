# pip install fastapi uvicorn standardwebhooks
import os

from fastapi import FastAPI, HTTPException, Request, Response
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

app = FastAPI()
webhook = Webhook(os.environ["WEFT_SECRET"])


@app.post("/webhooks", status_code=204)
async def receive(request: Request) -> Response:
    try:
        event = webhook.verify(await request.body(), dict(request.headers))
    except WebhookVerificationError as error:
        raise HTTPException(status_code=400, detail=str(error))
    if event["event_type"] == "sync.completed":
        print(request.headers["webhook-id"], event)
    return Response(status_code=204)

# uvicorn main:app --port 8000
