"""Drives Weft through Svix' SDK for Python. It reads a step as JSON, and prints its results as JSON."""

import base64
import json
import sys
from datetime import datetime, timedelta, timezone

import standardwebhooks
from svix.api import (
    ApplicationIn,
    ApplicationListOptions,
    ApplicationPatch,
    EndpointGetStatsOptions,
    EndpointIn,
    EndpointListOptions,
    EndpointPatch,
    EndpointSecretRotateIn,
    EventExampleIn,
    EventTypeIn,
    MessageAttemptListByEndpointOptions,
    MessageAttemptListByMsgOptions,
    MessageIn,
    MessageListOptions,
    RecoverIn,
    Svix,
    SvixOptions,
)
from svix.exceptions import HttpError
from svix.webhooks import Webhook, WebhookVerificationError


def publish(svix, step):
    """Creates an application with an endpoint, and publishes messages to it."""
    app = svix.application.create(ApplicationIn(name="Python", uid=step["uid"]))
    again = svix.application.get_or_create(ApplicationIn(name="Another", uid=step["uid"]))
    patched = svix.application.patch(app.id, ApplicationPatch(metadata={"language": "python"}))
    svix.event_type.create(EventTypeIn(name=step["event_type"], description="A test"))
    endpoint = svix.endpoint.create(
        step["uid"],
        EndpointIn(url=step["receiver"], uid="own", event_types=[step["event_type"]]),
    )
    changed = svix.endpoint.patch(app.id, "own", EndpointPatch(description="Changed"))
    messages = [
        svix.message.create(
            app.id,
            MessageIn(event_type=step["event_type"], event_id=f"event-{n}", payload={"n": n}),
        ).id
        for n in range(5)
    ]
    refused = None
    try:
        svix.message.create(app.id, MessageIn(event_type=step["event_type"], event_id="event-0", payload={}))
    except HttpError as error:
        refused = [error.status_code, error.code]
    return {
        "app": app.id,
        "isSame": again.id == app.id,
        "metadata": patched.metadata,
        "endpoint": endpoint.id,
        "description": changed.description,
        "eventTypes": changed.event_types,
        "secret": svix.endpoint.get_secret(app.id, "own").key,
        "messages": messages,
        "refused": refused,
    }


def read(svix, step):
    """Reads the messages and attempts of the application, page by page."""
    app, endpoint = step["app"], step["endpoint"]
    since = datetime.now(timezone.utc) - timedelta(hours=1)

    def every(list_page, options):
        found = []
        while True:
            page = list_page(options)
            found.extend(page.data)
            if page.done:
                return found
            options.iterator = page.iterator

    messages = every(lambda options: svix.message.list(app, options), MessageListOptions(limit=2))
    later = every(lambda options: svix.message.list(app, options), MessageListOptions(limit=2, after=since))
    attempts = every(
        lambda options: svix.message_attempt.list_by_endpoint(app, endpoint, options),
        MessageAttemptListByEndpointOptions(limit=2, with_content=True),
    )
    by_message = svix.message_attempt.list_by_msg(app, "event-0", MessageAttemptListByMsgOptions(limit=5)).data
    one = svix.message_attempt.get(app, by_message[0].msg_id, by_message[0].id)
    stats = svix.endpoint.get_stats(app, endpoint, EndpointGetStatsOptions())
    attempt_stats = svix.endpoint.get_attempt_stats(app, endpoint)
    applications = svix.application.list(ApplicationListOptions(exclude_apps_with_no_endpoints=True))
    endpoints = svix.endpoint.list(app, EndpointListOptions(limit=5))
    task = svix.endpoint.recover(app, endpoint, RecoverIn(since=since))
    example = svix.endpoint.send_example(app, endpoint, EventExampleIn(event_type="svix.ping"))
    svix.message_attempt.resend(app, "event-0", "own")
    svix.endpoint.rotate_secret(app, endpoint, EndpointSecretRotateIn())
    return {
        "messages": [message.id for message in messages],
        "later": sorted(message.id for message in later),
        "attempts": [[attempt.msg_id, int(attempt.status), attempt.response_status_code] for attempt in attempts],
        "isSame": one.id == by_message[0].id,
        "stats": [stats.success, stats.fail],
        "attemptStats": [attempt_stats.success, attempt_stats.fail, attempt_stats.canceled],
        "applications": [application.id for application in applications.data],
        "endpoints": [listed.id for listed in endpoints.data],
        "task": task.task,
        "example": example.event_type,
    }


def verify(svix, step):
    """Verifies deliveries with both libraries; a changed body verifies with neither."""
    return [
        [
            verifies(library(step["secret"]), base64.b64decode(delivery["body"]) + changed, delivery["headers"])
            for library in (Webhook, standardwebhooks.Webhook)
            for changed in (b"", b" ")
        ]
        for delivery in step["deliveries"]
    ]


def verifies(webhook, body, headers):
    try:
        webhook.verify(body, headers)
        return True
    except (WebhookVerificationError, standardwebhooks.WebhookVerificationError):
        return False


step = json.load(sys.stdin)
client = Svix(step["token"], SvixOptions(server_url=step["server"]))
print(json.dumps({"publish": publish, "read": read, "verify": verify}[step["step"]](client, step)))
