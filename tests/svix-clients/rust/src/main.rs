//! Drives Weft through Svix' SDK for Rust. It reads a step as JSON, and prints its results as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::Read;

use base64::{engine::general_purpose::STANDARD, Engine};
use chrono::{Duration, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{json, Value};
use svix::api::*;
use svix::models::*;

type Outcome = Result<Value, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let step: Value = serde_json::from_str(&input)?;
    let options = SvixOptions { server_url: Some(text(&step, "server")), ..SvixOptions::default() };
    let svix = Svix::new(text(&step, "token"), Some(options));
    let results = match step["step"].as_str() {
        Some("publish") => publish(&svix, &step).await?,
        Some("read") => read(&svix, &step).await?,
        _ => verify(&step)?,
    };
    println!("{results}");
    Ok(())
}

fn text(step: &Value, name: &str) -> String {
    step[name].as_str().unwrap_or_default().to_owned()
}

/// Creates an application with an endpoint, and publishes messages to it.
async fn publish(svix: &Svix, step: &Value) -> Outcome {
    let (uid, event_type) = (text(step, "uid"), text(step, "event_type"));
    let named = |name: &str| ApplicationIn { uid: Some(uid.clone()), ..ApplicationIn::new(name.to_owned()) };
    let app = svix.application().create(named("Rust"), None).await?;
    let again = svix.application().get_or_create(named("Another"), None).await?;
    let metadata = BTreeMap::from([("language".to_owned(), "rust".to_owned())]);
    let patch = ApplicationPatch { metadata: Some(metadata), ..ApplicationPatch::new() };
    let patched = svix.application().patch(app.id.clone(), patch).await?;
    svix.event_type().create(EventTypeIn::new(event_type.clone(), "A test".to_owned()), None).await?;
    let endpoint_in = EndpointIn {
        uid: Some("own".to_owned()),
        event_types: Some(BTreeSet::from([event_type.clone()])),
        ..EndpointIn::new(text(step, "receiver"))
    };
    let endpoint = svix.endpoint().create(uid.clone(), endpoint_in, None).await?;
    let patch = EndpointPatch { description: Some("Changed".to_owned()), ..EndpointPatch::new() };
    let changed = svix.endpoint().patch(app.id.clone(), "own".to_owned(), patch).await?;
    let mut messages = Vec::new();
    for n in 0..5 {
        let message = message_of(&event_type, &format!("event-{n}"), json!({ "n": n }));
        messages.push(svix.message().create(app.id.clone(), message, None).await?.id);
    }
    let refused = svix.message().create(app.id.clone(), message_of(&event_type, "event-0", json!({})), None).await;
    let refused = match refused {
        Err(svix::error::Error::Http(error)) => json!([error.status.as_u16(), error.payload.map(|payload| payload.code)]),
        other => json!(format!("{other:?}")),
    };
    Ok(json!({
        "app": app.id,
        "isSame": again.id == app.id,
        "metadata": patched.metadata,
        "endpoint": endpoint.id,
        "description": changed.description,
        "eventTypes": changed.event_types,
        "secret": svix.endpoint().get_secret(app.id.clone(), "own".to_owned()).await?.key,
        "messages": messages,
        "refused": refused,
    }))
}

fn message_of(event_type: &str, event_id: &str, payload: Value) -> MessageIn {
    MessageIn { event_id: Some(event_id.to_owned()), ..MessageIn::new(event_type.to_owned(), payload) }
}

/// Reads the messages and attempts of the application, page by page.
async fn read(svix: &Svix, step: &Value) -> Outcome {
    let (app, endpoint) = (text(step, "app"), text(step, "endpoint"));
    let since = Utc::now() - Duration::hours(1);
    let messages = every_message(svix, &app, MessageListOptions { limit: Some(2), ..Default::default() }).await?;
    let from = MessageListOptions { limit: Some(2), after: Some(since), ..Default::default() };
    let mut later = every_message(svix, &app, from).await?;
    later.sort();
    let mut attempts = Vec::new();
    let mut iterator = None;
    loop {
        let options = MessageAttemptListByEndpointOptions {
            limit: Some(2),
            iterator,
            with_content: Some(true),
            ..Default::default()
        };
        let page = svix.message_attempt().list_by_endpoint(app.clone(), endpoint.clone(), Some(options)).await?;
        let shown = page.data.iter().map(|attempt| json!([attempt.msg_id, attempt.status, attempt.response_status_code]));
        attempts.extend(shown);
        if page.done {
            break;
        }
        iterator = page.iterator;
    }
    let first = "event-0".to_owned();
    let by_message = svix.message_attempt().list_by_msg(app.clone(), first.clone(), None).await?.data;
    let (msg_id, id) = (by_message[0].msg_id.clone(), by_message[0].id.clone());
    let one = svix.message_attempt().get(app.clone(), msg_id, id, None).await?;
    let stats = svix.endpoint().get_stats(app.clone(), endpoint.clone(), None).await?;
    let attempt_stats = svix.endpoint().get_attempt_stats(app.clone(), endpoint.clone(), None).await?;
    let options = ApplicationListOptions { exclude_apps_with_no_endpoints: Some(true), ..Default::default() };
    let applications = svix.application().list(Some(options)).await?.data;
    let endpoints = svix.endpoint().list(app.clone(), None).await?.data;
    let task = svix.endpoint().recover(app.clone(), endpoint.clone(), RecoverIn::new(since), None).await?;
    let ping = EventExampleIn::new("svix.ping".to_owned());
    let example = svix.endpoint().send_example(app.clone(), endpoint.clone(), ping, None).await?;
    svix.message_attempt().resend(app.clone(), first, "own".to_owned(), None).await?;
    svix.endpoint().rotate_secret(app.clone(), endpoint, EndpointSecretRotateIn::new(), None).await?;
    Ok(json!({
        "messages": messages,
        "later": later,
        "attempts": attempts,
        "isSame": one.id == by_message[0].id,
        "stats": [stats.success, stats.fail],
        "attemptStats": [attempt_stats.success, attempt_stats.fail, attempt_stats.canceled],
        "applications": applications.iter().map(|application| &application.id).collect::<Vec<_>>(),
        "endpoints": endpoints.iter().map(|listed| &listed.id).collect::<Vec<_>>(),
        "task": task.task,
        "example": example.event_type,
    }))
}

async fn every_message(svix: &Svix, app: &str, options: MessageListOptions) -> Result<Vec<String>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut iterator = None;
    loop {
        let options = MessageListOptions { limit: options.limit, after: options.after, iterator, ..Default::default() };
        let page = svix.message().list(app.to_owned(), Some(options)).await?;
        found.extend(page.data.into_iter().map(|message| message.id));
        if page.done {
            return Ok(found);
        }
        iterator = page.iterator;
    }
}

/// Verifies deliveries with both libraries; a changed body verifies with neither.
fn verify(step: &Value) -> Outcome {
    let secret = text(step, "secret");
    let ours = svix::webhooks::Webhook::new(&secret)?;
    let standard = standardwebhooks::Webhook::new(&secret)?;
    let mut results = Vec::new();
    for delivery in step["deliveries"].as_array().into_iter().flatten() {
        let body = STANDARD.decode(text(delivery, "body"))?;
        let changed = [body.as_slice(), b" "].concat();
        let mut headers = HeaderMap::new();
        for (name, value) in delivery["headers"].as_object().into_iter().flatten() {
            let value = HeaderValue::from_str(value.as_str().unwrap_or_default())?;
            headers.insert(HeaderName::try_from(name.as_str())?, value);
        }
        results.push(json!([
            ours.verify(&body, &headers).is_ok(),
            ours.verify(&changed, &headers).is_ok(),
            standard.verify(&body, &headers).is_ok(),
            standard.verify(&changed, &headers).is_ok(),
        ]));
    }
    Ok(json!(results))
}
