//! The languages, and which of them a request asks for.

tokio::task_local! {
    static LANGUAGE: Language;
}

/// A language that people are told things in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// What is said where no language is asked for.
    #[default]
    English,
    /// Čeština.
    Czech,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Czech];

    /// Its tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Czech => "cs",
        }
    }

    /// The one that is liked best of those that `Accept-Language` names (RFC 9110 section 12.5.4, lookup as in RFC 4647
    /// section 3.4), English if it names none. There may be several headers of that name.
    pub fn accepted<'a>(headers: impl Iterator<Item = &'a str>) -> Self {
        let mut best = (0, Self::default());
        for range in headers.flat_map(|value| value.split(',')) {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let Some(language) = Self::of_range(tag.trim()) else { continue };
            // Of equal weights the first one counts.
            if let Some(weight) = thousandths(weight.trim()).filter(|weight| *weight > best.0) {
                best = (weight, language);
            }
        }
        best.1
    }

    fn of_range(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        if primary == "*" {
            return Some(Self::default());
        }
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// A weight such as `q=0.8`.
fn thousandths(parameter: &str) -> Option<u16> {
    let (name, number) = parameter.split_once('=')?;
    let weight: f32 = number.trim().parse().ok()?;
    let fits = name.trim().eq_ignore_ascii_case("q") && (0.0..=1.0).contains(&weight);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 1")]
    fits.then_some((weight * 1000.0) as u16)
}

/// Does `work` for somebody who reads `language`.
pub async fn in_language<T>(language: Language, work: impl Future<Output = T>) -> T {
    LANGUAGE.scope(language, work).await
}

/// The language of whoever is being answered; English where nobody is.
pub fn current() -> Language {
    LANGUAGE.try_with(|language| *language).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{Czech, English};

    #[test]
    fn the_language_is_the_one_liked_best_of_those_there_are() {
        for (value, expected) in [
            ("cs", Czech),
            ("CS-cz", Czech),
            ("cs-CZ,cs;q=0.9,en;q=0.8", Czech),
            ("en, cs", English),
            ("en;q=0.5, cs;q=0.7", Czech),
            ("de, sk;q=0.9, cs;q=0.1", Czech),
            ("de", English),
            ("*", English),
            ("cs;q=0", English),
            ("cs;q=0.5, *;q=0.4", Czech),
            ("cs;q=2", English),
            ("cs;level=1", English),
            (";;,,cs-", Czech),
            ("csx", English),
            ("", English),
        ] {
            assert_eq!(Language::accepted([value].into_iter()), expected, "Accept-Language: {value}");
        }
        assert_eq!(Language::accepted(std::iter::empty()), English);
        assert_eq!(Language::accepted(["de", "cs"].into_iter()), Czech, "two headers are one list");
    }
}
