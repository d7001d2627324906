//! Completion of the plugin's arguments for kubectl, which runs `kubectl_complete-comms` with the words so far and reads
//! candidates and a directive, as cobra's `__complete` prints them.

use std::io::Write;

use clap::{Arg, Command, CommandFactory};
use kube::{ResourceExt, config::Kubeconfig};

use crate::{
    arguments::{Arguments, ClusterChoice},
    cluster::Cluster,
    failure::Failure,
};

/// cobra's directive that no file names are to be offered.
const NO_FILES: &str = ":4";
/// cobra's directive for what the shell does by itself.
const FILES: &str = ":0";

/// What could stand where the cursor is.
#[derive(Debug, PartialEq, Eq)]
enum Candidates {
    /// Words, each with what it means.
    Words(Vec<(String, String)>),
    /// Modules of a namespace.
    Modules,
    /// Contexts of the kubeconfig.
    Contexts,
    /// Namespaces of the cluster that have modules.
    Namespaces,
    /// Files.
    Files,
}

/// Prints what could stand in place of the last of `words`, which may be empty.
pub async fn run(words: &[String], out: &mut impl Write) -> Result<(), Failure> {
    let (candidates, choice) = candidates(words);
    let beginning = words.last().map(String::as_str).unwrap_or_default();
    // `--flag=value` is completed as a whole.
    let (prefix, beginning) = match beginning.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => (format!("{flag}="), value),
        _ => (String::new(), beginning),
    };
    let mut directive = NO_FILES;
    // A cluster that does not answer offers nothing: completion is no place for complaints.
    let found = match candidates {
        Candidates::Words(words) => words,
        Candidates::Modules => {
            modules(&choice, false).await.into_iter().map(|(_, name)| plain(name)).collect()
        }
        Candidates::Namespaces => {
            let mut namespaces: Vec<_> =
                modules(&choice, true).await.into_iter().map(|(namespace, _)| namespace).collect();
            namespaces.dedup();
            namespaces.into_iter().map(plain).collect()
        }
        Candidates::Contexts => contexts(&choice).into_iter().map(plain).collect(),
        Candidates::Files => {
            directive = FILES;
            Vec::new()
        }
    };
    for (word, meaning) in found.iter().filter(|(word, _)| word.starts_with(beginning)) {
        let meaning = if meaning.is_empty() { String::new() } else { format!("\t{meaning}") };
        writeln!(out, "{prefix}{word}{meaning}")?;
    }
    writeln!(out, "{directive}")?;
    Ok(())
}

fn plain(word: String) -> (String, String) {
    (word, String::new())
}

/// What could be in the last word's place, and which cluster the words before it choose. Pure.
fn candidates(words: &[String]) -> (Candidates, ClusterChoice) {
    let mut root = Arguments::command();
    root.build();
    let mut command = &root;
    let mut choice = ClusterChoice::default();
    let mut awaits: Option<&Arg> = None;
    let mut positionals = 0;
    let (last, before) = words.split_last().map_or(("", &[][..]), |(last, before)| (last.as_str(), before));
    for word in before {
        if let Some(flag) = awaits.take() {
            note(flag, word, &mut choice);
        } else if let Some((flag, value)) = word.strip_prefix("--").and_then(|word| word.split_once('=')) {
            if let Some(flag) = long(command, flag) {
                note(flag, value, &mut choice);
            }
        } else if let Some(flag) = flag(command, word) {
            awaits = Some(flag).filter(|flag| takes_value(flag));
        } else if let Some(subcommand) = command.find_subcommand(word) {
            command = subcommand;
        } else if !word.starts_with('-') {
            positionals += 1;
        }
    }
    if let Some(flag) = awaits {
        return (values(flag), choice);
    }
    if let Some((flag, _)) = last.strip_prefix("--").and_then(|word| word.split_once('=')) {
        return (long(command, flag).map_or(Candidates::Words(Vec::new()), values), choice);
    }
    if last.starts_with('-') {
        return (Candidates::Words(flags(command)), choice);
    }
    if command.has_subcommands() {
        return (Candidates::Words(subcommands(command)), choice);
    }
    let positional = command.get_positionals().nth(positionals);
    (positional.map_or(Candidates::Words(Vec::new()), values), choice)
}

fn long<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| arg.get_long() == Some(name))
}

fn flag<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    if let Some(name) = word.strip_prefix("--") {
        return long(command, name);
    }
    let mut letters = word.strip_prefix('-')?.chars();
    let letter = letters.next().filter(|_| letters.next().is_none())?;
    command.get_arguments().find(|arg| arg.get_short() == Some(letter))
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn note(flag: &Arg, value: &str, choice: &mut ClusterChoice) {
    match flag.get_id().as_str() {
        "namespace" => choice.namespace = Some(value.to_owned()),
        "context" => choice.context = Some(value.to_owned()),
        "kubeconfig" => choice.kubeconfig = Some(value.into()),
        _ => {}
    }
}

fn values(arg: &Arg) -> Candidates {
    match arg.get_id().as_str() {
        "name" => Candidates::Modules,
        "namespace" => Candidates::Namespaces,
        "context" => Candidates::Contexts,
        "kubeconfig" => Candidates::Files,
        _ => {
            let meaning = |value: &clap::builder::PossibleValue| {
                value.get_help().map(ToString::to_string).unwrap_or_default()
            };
            let values = arg.get_possible_values();
            Candidates::Words(
                values.iter().map(|value| (value.get_name().to_owned(), meaning(value))).collect(),
            )
        }
    }
}

fn flags(command: &Command) -> Vec<(String, String)> {
    let visible = command.get_arguments().filter(|arg| !arg.is_hide_set());
    visible
        .filter_map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            Some((format!("--{}", arg.get_long()?), help))
        })
        .collect()
}

fn subcommands(command: &Command) -> Vec<(String, String)> {
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set());
    visible
        .map(|command| {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            (command.get_name().to_owned(), about)
        })
        .collect()
}

/// Namespaces and names of modules.
async fn modules(choice: &ClusterChoice, everywhere: bool) -> Vec<(String, String)> {
    let listed = async { Cluster::connect(choice).await?.modules(everywhere).await }.await;
    let modules = listed.unwrap_or_default();
    modules.iter().map(|module| (module.namespace().unwrap_or_default(), module.name_any())).collect()
}

fn contexts(choice: &ClusterChoice) -> Vec<String> {
    let read = match &choice.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let contexts = read.map(|kubeconfig| kubeconfig.contexts).unwrap_or_default();
    contexts.into_iter().map(|context| context.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(words: &[&str]) -> (Candidates, ClusterChoice) {
        candidates(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    fn words(words: &[&str]) -> Vec<String> {
        match at(words).0 {
            Candidates::Words(words) => words.into_iter().map(|(word, _)| word).collect(),
            other => panic!("no words, but {other:?}"),
        }
    }

    #[test]
    fn commands_come_first_and_then_modules() {
        let commands = ["status", "password", "events", "rotate", "revoke", "open", "completion", "help"];
        assert_eq!(words(&[""]), commands);
        assert_eq!(words(&["--context", "a", "st"]), commands);
        assert_eq!(at(&["status", ""]).0, Candidates::Modules);
        assert_eq!(words(&["status", "comms", ""]), Vec::<String>::new(), "one module is enough");
        assert!(words(&["completion", ""]).contains(&"zsh".to_owned()));
    }

    #[test]
    fn flags_and_their_values_are_known() {
        assert!(words(&["events", "--"]).contains(&"--follow".to_owned()));
        assert!(words(&["events", "--"]).contains(&"--namespace".to_owned()));
        assert_eq!(words(&["status", "-o", ""]), ["json", "yaml"]);
        assert_eq!(words(&["status", "--output="]), ["json", "yaml"]);
        assert_eq!(at(&["status", "-n", ""]).0, Candidates::Namespaces);
        assert_eq!(at(&["--context", ""]).0, Candidates::Contexts);
        assert_eq!(at(&["--kubeconfig", ""]).0, Candidates::Files);
    }

    #[test]
    fn modules_are_those_of_the_cluster_and_namespace_that_are_chosen() {
        let (candidates, choice) = at(&["-n", "acme", "open", "--context=prod", "--no-browser", ""]);
        assert_eq!(candidates, Candidates::Modules);
        assert_eq!((choice.namespace.as_deref(), choice.context.as_deref()), (Some("acme"), Some("prod")));
    }
}
