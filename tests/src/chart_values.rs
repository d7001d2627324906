//! The table of values in the chart's README, made of `values.yaml` and the descriptions in it.
//!
//! The descriptions are written as helm-docs has them, which editors know: `# -- ` begins one, comment lines go on with
//! it, and `# @default -- ` says what the default is where the value itself does not.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Before the table.
const BEGIN: &str = "<!-- values: written by `make values` from values.yaml -->\n";
/// After it.
const END: &str = "<!-- end of values -->\n";

/// What is written about one value.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Description {
    text: String,
    default: Option<String>,
}

/// The chart's README with the table of values as `values.yaml` has them. Fails where a value is not described, or where
/// the README has no place for the table.
pub fn readme(readme: &str, values: &str) -> Result<String> {
    let (before, rest) =
        readme.split_once(BEGIN).with_context(|| format!("the README has no line {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("the README has no line {END}"))?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", table(values)?))
}

fn table(values: &str) -> Result<String> {
    let tree: Value = serde_saphyr::from_str(values).context("values.yaml is no YAML")?;
    let described = descriptions(values)?;
    let mut table = "| value | default | meaning |\n|---|---|---|\n".to_owned();
    for (_, path) in keys(values) {
        let Some(Description { text, default }) = described.get(&path) else { continue };
        let value = tree.pointer(&format!("/{}", path.replace('.', "/"))).context("a path of values.yaml")?;
        let default = default.clone().unwrap_or_else(|| format!("`{}`", shown(value)));
        writeln!(table, "| `{path}` | {} | {} |", cell(&default), cell(text))?;
    }
    let undescribed = undescribed(&tree, &described);
    ensure!(
        undescribed.is_empty(),
        "values.yaml says nothing of {}: write a comment `# -- …` above each",
        undescribed.join(", ")
    );
    Ok(table)
}

/// Values that no description covers, neither their own nor one of what they are in.
fn undescribed(tree: &Value, described: &BTreeMap<String, Description>) -> Vec<String> {
    fn walk(path: &str, value: &Value, described: &BTreeMap<String, Description>, missing: &mut Vec<String>) {
        if described.contains_key(path) {
            return;
        }
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    walk(&path, value, described, missing);
                }
            }
            _ => missing.push(path.to_owned()),
        }
    }
    let mut missing = Vec::new();
    walk("", tree, described, &mut missing);
    missing
}

/// Each key's line and path. Keys are recognised by their indentation, so `values.yaml` keeps to block style where it
/// describes.
fn keys(values: &str) -> Vec<(usize, String)> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut keys = Vec::new();
    for (number, line) in values.lines().enumerate() {
        let text = line.trim_start();
        let Some((name, _)) = text.split_once(':').filter(|(name, _)| is_name(name)) else { continue };
        let indentation = line.len() - text.len();
        open.retain(|(outer, _)| *outer < indentation);
        open.push((indentation, name));
        keys.push((number, open.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(".")));
    }
    keys
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What the comments right above keys say.
fn descriptions(values: &str) -> Result<BTreeMap<String, Description>> {
    let lines: Vec<&str> = values.lines().collect();
    let mut all = BTreeMap::new();
    for (number, path) in keys(values) {
        let above = lines[..number].iter().rev().map(|line| line.trim_start());
        let mut comments: Vec<&str> = above.map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
        comments.reverse();
        let Some(first) = comments.iter().position(|line| line.starts_with("-- ")) else { continue };
        let mut description = Description::default();
        for line in &comments[first..] {
            if let Some(default) = line.strip_prefix("@default -- ") {
                description.default = Some(default.to_owned());
            } else {
                let line = line.trim_start_matches("-- ");
                let space = if description.text.is_empty() { "" } else { " " };
                write!(description.text, "{space}{line}")?;
            }
        }
        all.insert(path, description);
    }
    Ok(all)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        other => other.to_string(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::readme;
    use crate::product::repository;

    const PLACE: &str = "# a\n\n<!-- values: written by `make values` from values.yaml -->\nold\n<!-- end of values -->\n\nb\n";

    #[test]
    fn values_stand_in_their_order_with_their_defaults_and_meanings() {
        let values = "# A word.\n\nimage:\n  # -- Where it is,\n  # or was.\n  repository: a\n  # -- Its tag.\n  # @default -- the chart's\n  tag: \"\"\n# -- What it asks for: `a|b`.\nresources:\n  cpu: 1\n# -- None.\nlabels: {}\n";
        let expected = "# a\n\n<!-- values: written by `make values` from values.yaml -->\n| value | default | meaning |\n|---|---|---|\n\
                        | `image.repository` | `a` | Where it is, or was. |\n\
                        | `image.tag` | the chart's | Its tag. |\n\
                        | `resources` | `{\"cpu\":1}` | What it asks for: `a\\|b`. |\n\
                        | `labels` | `{}` | None. |\n\
                        <!-- end of values -->\n\nb\n";
        assert_eq!(readme(PLACE, values).expect("a table"), expected);
    }

    #[test]
    fn a_value_without_a_description_is_named() {
        let error = readme(PLACE, "a:\n  # -- Said.\n  b: 1\n  c: 2\n").expect_err("c has none").to_string();
        assert_eq!(error, "values.yaml says nothing of a.c: write a comment `# -- …` above each");
    }

    #[test]
    fn the_schema_has_the_values_that_there_are_and_no_others() {
        fn paths(schema: &Value, at: &Value, path: &str, all: &mut Vec<String>) {
            let at = match at["$ref"].as_str() {
                Some(reference) => {
                    schema.pointer(reference.trim_start_matches('#')).expect("a definition of the schema")
                }
                None => at,
            };
            match at["properties"].as_object() {
                Some(properties) => {
                    for (name, inner) in properties {
                        paths(schema, inner, &format!("{path}.{name}"), all);
                    }
                }
                None => all.push(path.trim_start_matches('.').to_owned()),
            }
        }
        let chart = repository().join("charts/comms-operator");
        let schema: Value = serde_json::from_str(
            &fs::read_to_string(chart.join("values.schema.json")).expect("the schema can be read"),
        )
        .expect("the schema is JSON");
        let values: Value = serde_saphyr::from_str(
            &fs::read_to_string(chart.join("values.yaml")).expect("the values can be read"),
        )
        .expect("the values are YAML");
        let mut known = Vec::new();
        paths(&schema, &schema, "", &mut known);
        // Helm's own, and a field that the operand's image has no use for.
        known.retain(|path| path != "global" && path != "operand.image.pullPolicy");
        let missing: Vec<_> = known
            .iter()
            .filter(|path| values.pointer(&format!("/{}", path.replace('.', "/"))).is_none())
            .collect();
        assert!(missing.is_empty(), "values.yaml lacks {missing:?}, which values.schema.json has");
        // The other way round is what `additionalProperties: false` is for: helm lint reads the values by the schema.
    }
}
