"""Calls every method of Airweave's Python SDK. The test passes the base URL, an API key and a receiver's URL as JSON."""

import inspect
import json
import sys
import time

from airweave import AirweaveSDK
from airweave.core.api_error import ApiError

given = json.load(sys.stdin)
client = AirweaveSDK(base_url=given["url"], api_key=given["key"])
called = set()


class Recorded:
    """A resource of the SDK that records which of its methods were called."""

    def __init__(self, name, resource):
        self._name, self._resource = name, resource

    def __getattr__(self, method):
        called.add(f"{self._name}.{method}")
        return getattr(self._resource, method)


resources = {
    "webhooks": client.webhooks,
    "collections": client.collections,
    "collections.search": client.collections.search,
    "source_connections": client.source_connections,
    "sources": client.sources,
}
webhooks, collections, search, connections, sources = (Recorded(name, one) for name, one in resources.items())


def status_of(call):
    try:
        call()
    except ApiError as error:
        return error.status_code
    return 200


def until(condition):
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError("The condition was not met in 20 seconds.")


collection = collections.create(name="Documents")
readable_id = collection.readable_id
names = [one.name for one in collections.list(limit=10)]
renamed = collections.update(readable_id, name="Papers")
assert collections.get(readable_id).name == renamed.name == "Papers"
assert "stub" in [one.short_name for one in sources.list()]
assert sources.get("stub").short_name == "stub"

types = ["sync.pending", "sync.cancelling", "search.completed"]
subscription = webhooks.create_subscription(url=given["receiver"], event_types=types)
assert [one.id for one in webhooks.get_subscriptions()] == [subscription.id]
assert webhooks.get_subscription(subscription.id, include_secret=True).secret is not None
assert webhooks.patch_subscription(subscription.id, disabled=True).disabled is True
assert webhooks.patch_subscription(subscription.id, disabled=False).disabled is False

connection = connections.create(
    short_name="stub",
    readable_collection_id=readable_id,
    config={"entity_count": 12},
    authentication={"credentials": {"stub_key": "k"}},
    sync_immediately=False,
)
job = connections.run(connection.id, force_full_sync=True)
until(lambda: connections.get_source_connection_jobs(connection.id)[0].status == "completed")
assert connections.get(connection.id).status == "active"
assert [one.id for one in connections.list(collection=readable_id)] == [connection.id]
assert connections.update(connection.id, name="Renamed").name == "Renamed"
cancelled = status_of(lambda: connections.cancel_job(connection.id, job.id))

query = given["query"]
source = {"field": "airweave_system_metadata.source_name", "operator": "equals", "value": "stub"}
found = {
    "instant": search.instant(readable_id, query=query, retrieval_strategy="keyword", limit=3, offset=0),
    "classic": search.classic(readable_id, query=query, filter=[{"conditions": [source]}], limit=3),
}
agentic = status_of(lambda: search.agentic(readable_id, query=query))
streamed = [event.type for event in search.stream_agentic(readable_id, query=query)]

messages = webhooks.get_messages(event_types=["search.completed"])
message = webhooks.get_message(messages[0].id, include_attempts=True)
recovery = webhooks.recover_failed_messages(subscription.id, since=message.timestamp)
webhooks.delete_subscription(subscription.id)
connections.delete(connection.id)
collections.delete(readable_id)


def methods_of(resource):
    return [name for name, _ in inspect.getmembers(type(resource), inspect.isfunction) if not name.startswith("_")]


methods = {f"{name}.{method}" for name, resource in resources.items() for method in methods_of(resource)}
json.dump(
    {
        "names": names,
        "cancelled": cancelled,
        "agentic": agentic,
        "streamed": streamed,
        "found": {tier: [one.airweave_system_metadata.source_name for one in reply.results] for tier, reply in found.items()},
        "tiers": sorted(one.payload["tier"] for one in messages),
        "recovery": recovery.id,
        "uncalled": sorted(methods - called),
    },
    sys.stdout,
)
