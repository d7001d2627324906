//! Schemas as they are published: what the types' own cannot say.

use serde_json::{Map, Value, json};

/// Puts the schemas of a document in order.
pub(super) fn tidy(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let given = schemas.clone();
    for (name, schema) in schemas.iter_mut() {
        merge(schema, &given);
        if let Some(item) = name.strip_prefix("Page_") {
            // A list's items are named, so that whoever generates code gets one type for them.
            schema["properties"]["items"]["items"] = json!({"$ref": format!("#/components/schemas/{item}")});
        }
        if name.ends_with("Answer") || name.starts_with("Page_") {
            require_what_may_be_null(schema);
        }
    }
}

/// Makes one object of a schema and those that it takes in: they refuse each other's fields otherwise.
pub(in crate::http) fn merge(schema: &mut Value, given: &Map<String, Value>) {
    let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else { return };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in &parts {
        let name = part["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        // What is taken in may itself have taken something in.
        let mut part = name.and_then(|name| given.get(name)).unwrap_or(part).clone();
        merge(&mut part, given);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    let description = schema["description"].take();
    *schema = json!({"type": "object", "properties": properties, "required": required});
    if !description.is_null() {
        schema["description"] = description;
    }
}

/// Answers hold all of their fields, null where there is nothing.
pub(in crate::http) fn require_what_may_be_null(schema: &mut Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, property) in properties {
        if may_be_null(property) && !required.iter().any(|known| known == name) {
            required.push(Value::from(name.as_str()));
        }
    }
    schema["required"] = Value::from(required);
}

fn may_be_null(schema: &Value) -> bool {
    let is_null = |schema: &Value| {
        schema["type"] == "null"
            || schema["type"].as_array().is_some_and(|types| types.iter().any(|one| one == "null"))
    };
    is_null(schema)
        || ["oneOf", "anyOf"].iter().filter_map(|key| schema[*key].as_array()).flatten().any(is_null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_object_that_names_all_that_is_in_it() {
        let mut document = json!({"components": {"schemas": {
            "Details": {"type": "object", "additionalProperties": false, "required": ["to"],
                "properties": {"to": {"type": "string"}, "note": {"type": ["string", "null"]}}},
            "CallAnswer": {"description": "A call.", "allOf": [
                {"$ref": "#/components/schemas/Details"},
                {"type": "object", "required": ["id"], "properties": {
                    "id": {"type": "string"}, "once": {"type": "string"}}},
            ]},
            "Page_CallAnswer": {"type": "object", "required": ["items"], "properties": {
                "items": {"type": "array", "items": {"type": "object"}},
                "next_cursor": {"oneOf": [{"type": "null"}, {"type": "string"}]}}},
        }}});
        tidy(&mut document);
        let schemas = &document["components"]["schemas"];
        assert_eq!(
            schemas["CallAnswer"],
            json!({"type": "object", "description": "A call.", "required": ["to", "id", "note"], "properties": {
                "to": {"type": "string"}, "note": {"type": ["string", "null"]}, "id": {"type": "string"},
                "once": {"type": "string"}}})
        );
        let page = &schemas["Page_CallAnswer"];
        assert_eq!(page["properties"]["items"]["items"]["$ref"], "#/components/schemas/CallAnswer");
        assert_eq!(page["required"], json!(["items", "next_cursor"]));
        assert_eq!(schemas["Details"]["required"], json!(["to"]));
    }
}
