//! Which metrics the chart's alerts and its dashboard ask for.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Result, ensure};

use crate::product::repository;

/// Fails where alerts or dashboard ask for a metric that begins with `prefix` and that a program does not give, whose
/// metrics are `text` in the `OpenMetrics` form.
pub fn are_given(prefix: &str, text: &str) -> Result<()> {
    let given = given(text);
    for file in ["alerts.yaml", "dashboard.json"] {
        let path = repository().join("charts/comms-operator/files").join(file);
        let asked = asked(prefix, &fs::read_to_string(path)?);
        ensure!(!asked.is_empty(), "{file} asks for no {prefix}…: correct the prefix");
        let unknown: Vec<_> = asked.difference(&given).collect();
        ensure!(unknown.is_empty(), "{file} asks for {unknown:?}, and there are {given:?}");
    }
    Ok(())
}

fn asked(prefix: &str, text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with(prefix)).map(ToOwned::to_owned).collect()
}

/// The names of all samples, also of those metrics that have none yet.
fn given(text: &str) -> BTreeSet<String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    let samples = types.flat_map(|(name, type_)| {
        let ends: &[&str] = match type_ {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        ends.iter().map(move |end| format!("{name}{end}"))
    });
    samples.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::given;

    #[test]
    fn samples_are_named_by_the_type_of_their_metric() {
        let text =
            "# TYPE a counter\na_total 1\n# HELP b B.\n# TYPE b histogram\n# TYPE c gauge\nc 1\n# EOF\n";
        let expected = ["a_total", "b_bucket", "b_count", "b_sum", "c"].map(ToOwned::to_owned);
        assert_eq!(given(text), BTreeSet::from(expected));
    }
}
