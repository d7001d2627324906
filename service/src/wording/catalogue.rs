//! The words of each language.

use super::{Argument, Language};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static CZECH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Czech));

/// The catalogue as it is written.
pub(super) fn source(language: Language) -> &'static str {
    match language {
        Language::English => include_str!("en.ftl"),
        Language::Czech => include_str!("cs.ftl"),
    }
}

fn bundle(language: Language) -> Bundle {
    // What cannot be read is left out, and so said by its key: tests keep that from happening.
    let resource =
        FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // Marks around arguments would be in the way of programs that look for them, and of terminals.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// The sentence with this key; the key itself where there is none.
pub(super) fn words(language: Language, key: &str, arguments: &[(Cow<'static, str>, Argument)]) -> String {
    let bundle = match language {
        Language::English => &*ENGLISH,
        Language::Czech => &*CZECH,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut filled = FluentArgs::with_capacity(arguments.len());
    for (name, argument) in arguments {
        filled.set(name.as_ref(), value(language, argument));
    }
    bundle.format_pattern(pattern, Some(&filled), &mut Vec::new()).into_owned()
}

fn value(language: Language, argument: &Argument) -> FluentValue<'_> {
    match argument {
        Argument::Text(text) => FluentValue::String(text.as_ref().into()),
        Argument::Number(number) => (*number).into(),
        Argument::Choice(names) => FluentValue::String(choice(language, names).into()),
        Argument::Sentence(sentence) => FluentValue::String(sentence.in_words(language).into()),
    }
}

fn choice(language: Language, names: &[Cow<'static, str>]) -> String {
    match names {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), words(language, "or", &[])),
    }
}
