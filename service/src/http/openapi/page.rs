//! The page at `/docs`: the document of the API, to be read by people. No script, nothing from elsewhere.

use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2330;\
background:#fff}code,pre{font:14px/1.4 ui-monospace,monospace;background:#f2f4f8;border-radius:4px;padding:.1rem .3rem}\
summary{cursor:pointer;padding:.4rem 0}details{border-bottom:1px solid #d8dde6}b.method{display:inline-block;width:4.5rem;\
text-transform:uppercase;font-size:13px}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;\
padding:.3rem .6rem;border-top:1px solid #e4e8ef}@media(prefers-color-scheme:dark){body{color:#e6e9f0;background:#14171f}\
code,pre{background:#232836}details,td,th{border-color:#343b4d}a{color:#8ab4ff}}";

/// The page of this document.
pub(super) fn page(document: &Value) -> String {
    let info = &document["info"];
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>\
         <p>{description}</p><p>Version {version} · <a href=\"openapi.json\">openapi.json</a> · events: \
         <a href=\"asyncapi.json\">asyncapi.json</a></p>",
        title = text(&info["title"]),
        description = prose(&info["description"]),
        version = text(&info["version"]),
    );
    for tag in document["tags"].as_array().into_iter().flatten() {
        let operations = operations(document, tag["name"].as_str().unwrap_or_default());
        if !operations.is_empty() {
            let _ = write!(
                page,
                "<h2>{}</h2><p>{}</p>{operations}",
                text(&tag["name"]),
                prose(&tag["description"])
            );
        }
    }
    page.push_str("<h2>Shapes</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(
            page,
            "<details id=\"{name}\"><summary><code>{name}</code> {}</summary>{}</details>",
            prose(&schema["description"]),
            fields(schema),
            name = escaped(name),
        );
    }
    page.push_str("</main></body></html>");
    page
}

fn operations(document: &Value, tag: &str) -> String {
    let mut list = String::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation["tags"][0] == tag {
                let _ = write!(
                    list,
                    "<details><summary><b class=\"method\">{}</b> <code>{}</code> {}</summary><p>{}</p>{}{}{}</details>",
                    escaped(method),
                    escaped(path),
                    text(&operation["summary"]),
                    prose(&operation["description"]),
                    parameters(operation),
                    body(operation),
                    answers(operation),
                );
            }
        }
    }
    list
}

fn parameters(operation: &Value) -> String {
    let rows: String =
        operation["parameters"].as_array().into_iter().flatten().fold(String::new(), |mut rows, one| {
            let _ = write!(
                rows,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                text(&one["name"]),
                text(&one["in"]),
                shape(&one["schema"]),
                prose(&one["description"]),
            );
            rows
        });
    if rows.is_empty() {
        rows
    } else {
        format!("<table><tr><th>parameter<th>in<th>is<th></tr>{rows}</table>")
    }
}

fn body(operation: &Value) -> String {
    let mut text = String::new();
    for (media_type, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
        let _ =
            write!(text, "<p>Body: <code>{}</code> {}</p>", escaped(media_type), shape(&content["schema"]));
    }
    text
}

fn answers(operation: &Value) -> String {
    let mut rows = String::new();
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        if answer.get("$ref").is_some() {
            continue;
        }
        let shapes: Vec<String> = answer["content"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(media_type, content)| {
                format!("<code>{}</code> {}", escaped(media_type), shape(&content["schema"]))
            })
            .collect();
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(status),
            prose(&answer["description"]),
            shapes.join("<br>")
        );
    }
    let errors: Vec<&str> = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, answer)| answer.get("$ref").is_some())
        .map(|(status, _)| status.as_str())
        .collect();
    format!(
        "<table>{rows}<tr><td>{}</td><td>An error, and what to do next.</td><td><a href=\"#Problem\">Problem</a></td></tr></table>",
        escaped(&errors.join(", "))
    )
}

fn fields(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", text(value))).collect();
        return format!("<p>One of {}</p>", values.join(", "));
    }
    let parts = schema["allOf"].as_array().map_or_else(|| vec![schema], |parts| parts.iter().collect());
    let mut rows = String::new();
    for part in parts {
        if part.get("$ref").is_some() {
            let _ = write!(rows, "<tr><td>…</td><td>{}</td><td>and its fields</td></tr>", shape(part));
        }
        let required = part["required"].as_array();
        for (name, field) in part["properties"].as_object().into_iter().flatten() {
            let is_required = required.is_some_and(|names| names.iter().any(|one| one == name));
            let _ = write!(
                rows,
                "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(name),
                if is_required { "" } else { " (optional)" },
                shape(field),
                prose(&field["description"]),
            );
        }
    }
    format!("<table>{rows}</table>")
}

/// What a value looks like, in a few words.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return format!("<a href=\"#{0}\">{0}</a>", escaped(name));
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[key].as_array() {
            return choices.iter().map(shape).collect::<Vec<_>>().join(" or ");
        }
    }
    if schema["type"] == "array" {
        return format!("list of {}", shape(&schema["items"]));
    }
    match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" or "),
        one => text(one),
    }
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

/// Text in which backquotes mark code.
fn prose(value: &Value) -> String {
    let text = text(value);
    let parts: Vec<&str> = text.split('`').collect();
    let mut html = String::new();
    for (place, part) in parts.iter().enumerate() {
        if place % 2 == 1 && place + 1 < parts.len() {
            let _ = write!(html, "<code>{part}</code>");
        } else {
            html.push_str(part);
        }
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_document_says_is_shown_and_never_taken_for_markup() {
        let document = json!({
            "info": {"title": "T", "description": "a `<b>` c", "version": "1"},
            "tags": [{"name": "calls", "description": ""}],
            "paths": {"/calls": {"post": {"tags": ["calls"], "summary": "<script>", "responses": {
                "201": {"description": "made", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/C"}}}},
                "409": {"$ref": "#/components/responses/Problem"},
            }}}},
            "components": {"schemas": {"C": {"required": ["id"], "properties": {"id": {"type": "string"}}}}},
        });
        let page = page(&document);
        assert!(page.contains("a <code>&lt;b&gt;</code> c") && page.contains("&lt;script&gt;"), "{page}");
        assert!(page.contains("<a href=\"#C\">C</a>") && page.contains("<td>409</td>"), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
}
