//! What somebody searches for: words, phrases in quotes, and beginnings of words. Any text is a query.

use super::words::{Word, words};

/// How many terms of a query count.
const MOST_TERMS: usize = 16;

/// What is searched for: all of the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    terms: Vec<Term>,
}

/// Words that follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The words, folded; at least one.
    pub words: Vec<String>,
    /// Whether the last one is the beginning of a word.
    pub prefix: bool,
}

impl SearchQuery {
    /// Reads what somebody typed; none when there is no word in it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut terms = Vec::new();
        for (position, part) in text.split('"').enumerate() {
            if position % 2 == 1 {
                terms.extend(Term::read(part));
            } else {
                terms.extend(part.split_whitespace().filter_map(Term::read));
            }
        }
        terms.truncate(MOST_TERMS);
        (!terms.is_empty()).then_some(Self { terms })
    }

    /// The terms; at least one.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Where the terms stand in a text: ranges of characters, in order and apart from one another.
    pub fn highlights(&self, text: &str) -> Vec<(usize, usize)> {
        let words = words(text);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for term in &self.terms {
            for window in words.windows(term.words.len()) {
                if let ([first, ..], [.., last]) = (window, window)
                    && term.fits(window)
                {
                    found.push((first.start, last.end));
                }
            }
        }
        found.sort_unstable();
        let mut apart: Vec<(usize, usize)> = Vec::new();
        for (start, end) in found {
            match apart.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => apart.push((start, end)),
            }
        }
        apart
    }
}

impl Term {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim_end();
        let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
        let prefix = text.ends_with('*');
        (!words.is_empty()).then_some(Self { words, prefix })
    }

    fn fits(&self, window: &[Word]) -> bool {
        let last = self.words.len() - 1;
        self.words.iter().zip(window).enumerate().all(|(position, (sought, word))| {
            if self.prefix && position == last {
                word.folded.starts_with(sought)
            } else {
                word.folded == *sought
            }
        })
    }
}

/// A piece of a text around what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The piece.
    pub text: String,
    /// Where it begins in the whole text, in characters.
    pub offset: usize,
    /// What was found in it: ranges of its own characters.
    pub highlights: Vec<(usize, usize)>,
}

/// How many characters a snippet has at most.
const SNIPPET: usize = 200;
/// How many characters stand before what was found first.
const BEFORE: usize = 60;

impl Snippet {
    /// The piece of `text` around what the query finds first.
    pub fn of(text: &str, query: &SearchQuery) -> Self {
        let found = query.highlights(text);
        let characters: Vec<char> = text.chars().collect();
        let first = found.first().map_or(0, |(start, _)| *start);
        let mut start = if characters.len() <= SNIPPET { 0 } else { first.saturating_sub(BEFORE) };
        let end = characters.len().min(start + SNIPPET);
        // Not in the middle of a word.
        if start > 0 {
            let step = characters[start..first].iter().position(|character| character.is_whitespace());
            start += step.map_or(0, |step| step + 1);
        }
        let highlights = found
            .into_iter()
            .filter(|(from, to)| *from >= start && *to <= end)
            .map(|(from, to)| (from - start, to - start))
            .collect();
        Self { text: characters[start..end].iter().collect(), offset: start, highlights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(String, bool)> {
        let terms = SearchQuery::parse(text).map(|query| query.terms).unwrap_or_default();
        terms.into_iter().map(|term| (term.words.join(" "), term.prefix)).collect()
    }

    fn term(words: &str, prefix: bool) -> (String, bool) {
        (words.to_owned(), prefix)
    }

    #[test]
    fn words_phrases_and_beginnings_are_told_apart() {
        assert_eq!(read("Žluťoučký kůň"), [term("zlutoucky", false), term("kun", false)]);
        assert_eq!(read("\"žluťoučký kůň\" slov*"), [term("zlutoucky kun", false), term("slov", true)]);
        assert_eq!(read("don't"), [term("don t", false)]);
        assert_eq!(read("\"dobrý de*\""), [term("dobry de", true)]);
        assert_eq!(
            read("an open \"quote here"),
            [term("an", false), term("open", false), term("quote here", false)]
        );
    }

    #[test]
    fn a_query_without_words_is_none() {
        for text in ["", " ", "*", "\"\"", "-", "( )", "'"] {
            assert_eq!(SearchQuery::parse(text), None, "{text:?}");
        }
        // What other languages of queries mean by these is nothing here.
        assert_eq!(read("NOT a:b"), [term("not", false), term("a b", false)]);
    }

    #[test]
    fn snippets_show_what_was_found() {
        let query = SearchQuery::parse("kun \"zluty pes\"").unwrap();
        let snippet = Snippet::of("Žlutý pes, kůň a kůňka.", &query);
        assert_eq!((snippet.offset, snippet.highlights), (0, vec![(0, 9), (11, 14)]));
        let long = format!("{} kůň {}", "slovo ".repeat(100), "slovo ".repeat(100));
        let snippet = Snippet::of(&long, &query);
        let (start, end) = snippet.highlights[0];
        let shown: String = snippet.text.chars().skip(start).take(end - start).collect();
        assert_eq!(shown, "kůň");
        assert!(snippet.text.starts_with("slovo") && snippet.text.chars().count() <= 200, "{snippet:?}");
        let whole: String = long.chars().skip(snippet.offset).take(snippet.text.chars().count()).collect();
        assert_eq!(whole, snippet.text);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query_and_its_own_words_are_found(query in "\\PC{0,60}", text in "\\PC{0,300}") {
            if let Some(query) = SearchQuery::parse(&query) {
                let length = text.chars().count();
                for (start, end) in query.highlights(&text) {
                    prop_assert!(start < end && end <= length);
                }
                let snippet = Snippet::of(&text, &query);
                let length = snippet.text.chars().count();
                prop_assert!(snippet.highlights.iter().all(|(start, end)| start < end && *end <= length));
            }
            if let Some(query) = SearchQuery::parse(&text.replace(['"', '*'], " ")) {
                prop_assert!(!query.highlights(&text.replace(['"', '*'], " ")).is_empty());
            }
        }
    }
}
