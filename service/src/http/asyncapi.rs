//! `/asyncapi.json`: the document of the events that are published (AsyncAPI 3), made of the types that they are made of.

use super::openapi::schemas;
use crate::domain::event::{Envelope, EventData, examples};
use crate::events::destination::Destination;
use crate::shared::Shared;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use utoipa::{PartialSchema, ToSchema};

const ABOUT: &str = "\
What happens to calls and campaigns, told to other modules. **Delivery**: at least once, in order for each call and \
each campaign (`data.sequence` counts its events from 1), and with an `id` that stays the same however often an event is \
published. Remember the ids that you have handled, and handle none twice. **Changes**: within version 1.x fields and \
types of events are added, and none is removed, renamed or gets another meaning. Ignore fields, types and headers that \
you do not know, and do not refuse a message for them. **Schemas** use only what JSON Schema draft-07 and 2020-12 have \
in common.";

/// The route that serves the document.
pub(super) fn routes(destination: &Destination) -> Router<Arc<Shared>> {
    let document: Arc<str> = document(destination).to_string().into();
    let tag: Arc<str> = tag(&document).into();
    Router::new().route(
        "/asyncapi.json",
        get(async move || {
            let headers = [
                (CONTENT_TYPE, "application/json".to_owned()),
                (CACHE_CONTROL, "no-cache".to_owned()),
                (ETAG, tag.to_string()),
            ];
            (headers, document.to_string())
        }),
    )
}

fn tag(document: &str) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(document.as_bytes())))
}

fn document(destination: &Destination) -> Value {
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    let named = named_schemas();
    for example in examples::envelopes() {
        let Some(event_type) = example["type"].as_str() else { continue };
        let pascal = pascal_case(event_type);
        let key = format!("{}{}", pascal[..1].to_lowercase(), &pascal[1..]);
        let told = &named[&pascal];
        let description = sentences(&told["description"]);
        messages.insert(key.clone(), message(event_type, &pascal, &named, &example));
        channels.insert(
            key.clone(),
            json!({
                "address": format!("comms.{event_type}"),
                "title": event_type,
                "description": format!("{description} The address is the message's routing key."),
                "messages": {&key: {"$ref": format!("#/components/messages/{key}")}},
            }),
        );
        operations.insert(
            format!("publish{pascal}"),
            json!({
                "action": "send",
                "channel": {"$ref": format!("#/channels/{key}")},
                "summary": format!("Publishes `{event_type}`."),
                "messages": [{"$ref": format!("#/channels/{key}/messages/{key}")}],
            }),
        );
    }
    let mut document = json!({
        "asyncapi": "3.0.0",
        "id": "urn:cc-lite:events",
        "info": {
            "title": "Voice by Kraliki: communications, events",
            "version": crate::domain::event::EVENT_VERSION,
            "description": format!("{ABOUT} {}", where_to(destination)),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": "calls"}, {"name": "campaigns"}, {"name": "sentiment"}],
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    });
    if let Destination::Broker(broker) = destination {
        bind(&mut document, broker);
    }
    document
}

/// What is said of where the events go.
fn where_to(destination: &Destination) -> &'static str {
    match destination {
        Destination::Broker(_) => {
            "**Here** they go to the topic exchange that the channels name: bind a durable queue of your own to it, by \
             `comms.#` for all events or by single addresses. What no queue takes is kept and offered again."
        }
        Destination::Host => "**Here** they go wherever the program that has this module in it sends them.",
        Destination::Nowhere => "**Here** none are published, since `ENABLE_EVENTS` is `false`.",
    }
}

/// Says which broker and exchange it is, and how they are used.
fn bind(document: &mut Value, broker: &crate::events::destination::BrokerPlace) {
    document["servers"] = json!({"broker": {
        "host": format!("{}:{}", broker.host, broker.port),
        "protocol": if broker.tls { "amqps" } else { "amqp" },
        "protocolVersion": "0-9-1",
        "pathname": format!("/{}", broker.vhost.replace('/', "%2f")),
        "description": "RabbitMQ. Get a user of your own for it.",
        "security": [{"type": "userPassword", "description": "A user of the broker."}],
    }});
    for (_, channel) in document["channels"].as_object_mut().into_iter().flatten() {
        channel["servers"] = json!([{"$ref": "#/servers/broker"}]);
        channel["bindings"] = json!({"amqp": {
            "is": "routingKey",
            "exchange": {
                "name": broker.exchange, "type": "topic", "durable": true, "autoDelete": false, "vhost": broker.vhost,
            },
            "bindingVersion": "0.3.0",
        }});
    }
    for (_, operation) in document["operations"].as_object_mut().into_iter().flatten() {
        // Persistent; and returned where no queue takes it.
        operation["bindings"] = json!({"amqp": {
            "deliveryMode": 2, "mandatory": true, "timestamp": true, "bindingVersion": "0.3.0",
        }});
    }
}

fn message(event_type: &str, name: &str, named: &Map<String, Value>, example: &Value) -> Value {
    let mut headers = headers(event_type);
    let example_headers = headers["examples"][0].take();
    json!({
        "name": name,
        "title": event_type,
        "summary": sentences(&named[name]["description"]),
        "contentType": "application/json",
        "headers": headers,
        "payload": payload(event_type, name, named),
        "bindings": {"amqp": {"messageType": event_type, "bindingVersion": "0.3.0"}},
        "examples": [{"name": event_type, "headers": example_headers, "payload": example}],
    })
}

/// The envelope with what this type of event has in it.
fn payload(event_type: &str, name: &str, named: &Map<String, Value>) -> Value {
    let mut named = named.clone();
    // What any event may hold becomes what this one does.
    named.insert(schema_name::<EventData>(), named[name].clone());
    let mut payload = named[&schema_name::<Envelope<'static>>()].clone();
    inline(&mut payload, &named);
    payload["properties"]["type"]["const"] = json!(event_type);
    payload["properties"]["data"]["description"] = json!(sentences(&named[name]["description"]));
    payload
}

/// AMQP's properties of the message.
fn headers(event_type: &str) -> Value {
    json!({
        "type": "object",
        "description": "AMQP's properties of the message (class `basic`), by their names there.",
        "required": ["message_id", "type", "content_type", "app_id", "delivery_mode", "timestamp"],
        "properties": {
            "message_id": {"type": "string", "format": "uuid", "description": "The event's `id`: tell repetitions by it."},
            "type": {"type": "string", "const": event_type, "description": "The event's `type`."},
            "content_type": {"type": "string", "const": "application/json", "description": "The body is JSON in UTF-8."},
            "app_id": {"type": "string", "const": "cc-lite", "description": "The program that published it."},
            "delivery_mode": {"type": "integer", "const": 2, "description": "Persistent: it survives a restart of the broker."},
            "timestamp": {"type": "integer", "description": "The event's `timestamp`, in whole seconds since 1970."},
        },
        "examples": [{
            "message_id": "019c8a2e-6f10-7000-8000-000000000001", "type": event_type,
            "content_type": "application/json", "app_id": "cc-lite", "delivery_mode": 2, "timestamp": 1_770_000_000,
        }],
    })
}

/// Every schema that an event is made of, by name.
fn named_schemas() -> Map<String, Value> {
    let mut list = Vec::new();
    <Envelope<'static> as ToSchema>::schemas(&mut list);
    list.push((schema_name::<Envelope<'static>>(), <Envelope<'static> as PartialSchema>::schema()));
    list.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default())).collect()
}

fn schema_name<T: ToSchema>() -> String {
    T::name().into_owned()
}

/// Puts schemas where they are referred to: words beside a reference mean nothing in draft-07.
fn inline(schema: &mut Value, named: &Map<String, Value>) {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    if let Some(meant) = name.and_then(|name| named.get(name)) {
        let own = schema["description"].take();
        *schema = meant.clone();
        if own.is_string() {
            schema["description"] = own;
        }
    }
    schemas::merge(schema, named);
    schemas::require_what_may_be_null(schema);
    if schema["description"].is_string() {
        schema["description"] = json!(sentences(&schema["description"]));
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(|property| inline(property, named));
    }
    if let Some(object) = schema.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
}

/// A text of several lines as one.
fn sentences(text: &Value) -> String {
    text.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `call.started` as `CallStarted`, which is the name of what it holds.
fn pascal_case(event_type: &str) -> String {
    let words = event_type.split('.');
    words.flat_map(|word| [word[..1].to_uppercase(), word[1..].to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::destination::BrokerPlace;

    /// Every field has a description, to any depth; names of the fields that have none.
    fn undescribed(schema: &Value, path: &str, found: &mut Vec<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}.{name}");
            if property["description"].as_str().unwrap_or_default().is_empty() {
                found.push(path.clone());
            }
            undescribed(property, &path, found);
        }
    }

    fn broker() -> Destination {
        Destination::Broker(BrokerPlace {
            host: "broker.example".to_owned(),
            port: 5671,
            tls: true,
            vhost: "/".to_owned(),
            exchange: "ocelot.events".to_owned(),
        })
    }

    #[test]
    fn every_field_is_described_and_nothing_is_referred_to_that_stands_elsewhere() {
        let document = document(&broker());
        let messages = document["components"]["messages"].as_object().unwrap();
        assert_eq!(messages.len(), 5);
        for (name, message) in messages {
            let mut found = Vec::new();
            undescribed(&message["payload"], name, &mut found);
            undescribed(&message["headers"], name, &mut found);
            assert_eq!(found, Vec::<String>::new());
            let payload = message["payload"].to_string();
            assert!(!payload.contains("$ref") && !payload.contains("allOf"), "{payload}");
            assert!(!payload.contains("\"additionalProperties\":false"), "additions are let in: {payload}");
            let data = &message["payload"]["properties"]["data"];
            assert_eq!(
                data["required"].as_array().unwrap().len(),
                data["properties"].as_object().unwrap().len(),
                "an event holds all of its fields: {data}"
            );
        }
        assert_eq!(document["servers"]["broker"]["pathname"], "/%2f");
        assert_eq!(document["servers"]["broker"]["protocol"], "amqps");
    }

    #[test]
    fn where_nothing_is_published_to_a_broker_none_is_named() {
        for destination in [Destination::Host, Destination::Nowhere] {
            let document = document(&destination);
            assert!(document.get("servers").is_none());
            assert!(!document.to_string().contains("\"exchange\""));
        }
    }
}
