//! Holds the catalogues against each other and against what the sources say.

use super::catalogue::source;
use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The messages of a catalogue with the arguments of each, and the plural forms of each choice.
type Messages = BTreeMap<String, (BTreeSet<String>, Vec<BTreeSet<String>>)>;

fn messages(language: Language) -> Messages {
    let mut messages = Messages::new();
    let mut key = String::new();
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            name.clone_into(&mut key);
            assert!(messages.insert(key.clone(), Default::default()).is_none(), "{key} is there twice");
        }
        let (arguments, forms) = messages.entry(key.clone()).or_default();
        let rest = line.split('$').skip(1);
        arguments.extend(rest.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric()).collect()));
        if line.trim_end().ends_with("->") {
            forms.push(BTreeSet::new());
        }
        let form =
            line.trim_start().trim_start_matches('*').strip_prefix('[').and_then(|rest| rest.split_once(']'));
        if let (Some((form, _)), Some(forms)) = (form, forms.last_mut()) {
            forms.insert(form.to_owned());
        }
    }
    messages.remove("");
    messages
}

/// Every `say!` of the sources: the key, and the names of its arguments.
fn said() -> BTreeSet<(String, BTreeSet<String>)> {
    let mut said = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs".as_ref()) && !is_about_say(&path) {
                let text = std::fs::read_to_string(&path).unwrap();
                said.extend(text.split("say!(").skip(1).map(one));
            }
        }
    }
    said
}

/// Explains or tests it, rather than saying anything.
fn is_about_say(path: &Path) -> bool {
    path.ends_with("wording/mod.rs") || path.ends_with("wording/tests.rs")
}

/// The key and the arguments' names of what stands behind `say!(`.
fn one(text: &str) -> (String, BTreeSet<String>) {
    let text = text.trim_start().trim_start_matches('"');
    let (key, rest) = text.split_once('"').unwrap();
    let (mut depth, mut names, mut word) = (0, BTreeSet::new(), String::new());
    let mut before = ' ';
    for letter in rest.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            '=' if depth == 0 && before == ' ' => {
                names.insert(word.trim().trim_start_matches(',').trim().to_owned());
            }
            ',' if depth == 0 => word.clear(),
            _ => {}
        }
        word.push(letter);
        before = letter;
    }
    (key.to_owned(), names)
}

#[test]
fn every_language_has_the_same_sentences_with_the_same_arguments() {
    let (english, czech) = (messages(Language::English), messages(Language::Czech));
    let arguments = |messages: &Messages| -> BTreeMap<String, BTreeSet<String>> {
        messages.iter().map(|(key, (arguments, _))| (key.clone(), arguments.clone())).collect()
    };
    assert_eq!(arguments(&english), arguments(&czech));
    for (messages, forms) in [(english, &["one", "other"][..]), (czech, &["few", "one", "other"][..])] {
        for (key, (_, choices)) in messages {
            for choice in choices {
                assert!(choice.iter().eq(forms), "{key} has the forms {choice:?}, not {forms:?}");
            }
        }
    }
}

#[test]
fn what_the_sources_say_is_what_the_catalogues_have() {
    let titles = ProblemTitles::all();
    let said: BTreeMap<String, BTreeSet<String>> = said().into_iter().chain(titles).collect();
    let mut catalogue: BTreeMap<String, BTreeSet<String>> =
        messages(Language::English).into_iter().map(|(key, (arguments, _))| (key, arguments)).collect();
    catalogue.remove("or");
    assert_eq!(said, catalogue);
}

/// Titles are said by kind.
struct ProblemTitles;

impl ProblemTitles {
    fn all() -> impl Iterator<Item = (String, BTreeSet<String>)> {
        crate::http::problem::titles().map(|key| (key.to_owned(), BTreeSet::new()))
    }
}

#[test]
fn every_sentence_can_be_read() {
    for language in Language::ALL {
        let resource = fluent_bundle::FluentResource::try_new(source(language).to_owned());
        assert!(resource.is_ok(), "{language:?}: {:?}", resource.err().map(|(_, errors)| errors));
        // One word that is the same as its key.
        for key in messages(language).keys().filter(|key| *key != "or") {
            let words = catalogue::words(language, key, &[]);
            assert!(!words.trim().is_empty() && words != *key, "{key} says nothing");
        }
    }
}

#[test]
fn numbers_decide_on_the_forms_of_words() {
    let words = |language, count: i64| say!("redaction-range", characters = count).in_words(language);
    let tail = |text: String| text.rsplit(',').next().unwrap_or_default().trim().to_owned();
    for (count, english, czech) in [
        (0, "which has 0 characters.", "který má 0 znaků."),
        (1, "which has one character.", "který má jeden znak."),
        (2, "which has 2 characters.", "který má 2 znaky."),
        (4, "which has 4 characters.", "který má 4 znaky."),
        (5, "which has 5 characters.", "který má 5 znaků."),
        (21, "which has 21 characters.", "který má 21 znaků."),
        (4000, "which has 4000 characters.", "který má 4000 znaků."),
    ] {
        assert_eq!(tail(words(Language::English, count)), english);
        assert_eq!(tail(words(Language::Czech, count)), czech);
    }
}

#[test]
fn a_sentence_within_another_and_a_choice_are_in_the_same_language() {
    let allowed = say!("call-can", actions = vec!["start", "answer", "end"]);
    let sentence = say!("call-state", current = "queued", action = "fly", allowed = allowed);
    assert_eq!(sentence.to_string(), "A call that is queued cannot fly: it can start, answer or end.");
    assert_eq!(
        sentence.in_words(Language::Czech),
        "Hovor ve stavu queued nedovoluje akci fly: lze start, answer nebo end."
    );
}

#[test]
fn a_kept_sentence_is_said_in_the_language_of_whoever_reads_it() {
    let sentence = say!("give-values", count = 3_i64);
    let kept: Sentence = serde_json::from_str(&serde_json::to_string(&sentence).unwrap()).unwrap();
    assert_eq!(kept, sentence);
    assert_eq!(kept.in_words(Language::Czech), "3 hodnoty, jako v prvním řádku");
    let unknown: Sentence = serde_json::from_str(r#"{"key":"of-a-later-release","arguments":[]}"#).unwrap();
    assert_eq!(unknown.to_string(), "of-a-later-release");
}
