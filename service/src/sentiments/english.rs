//! The built-in analyser: VADER, a lexicon with rules for English.

use super::analyzer::{AnalyzerError, SentimentAnalyzer};
use crate::domain::millionths;
use crate::domain::sentiment::{Label, Verdict};
use futures::future::BoxFuture;
use std::time::{Duration, Instant};
use vader_sentimental::SentimentIntensityAnalyzer;

/// How much of a text counts, in characters: its rules take the square of the number of words.
const LONGEST: usize = 2000;
/// How long all texts of one analysis may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// From which share of good and of bad words on a text without a clear score is mixed.
const SHARE: f64 = 0.15;
/// Up to which score a text of good and bad words has no clear one, in millionths.
const UNCLEAR: i64 = 300_000;

/// VADER.
#[derive(Debug, Clone, Copy, Default)]
pub struct English;

impl SentimentAnalyzer for English {
    fn method(&self) -> &'static str {
        "vader"
    }

    fn version(&self) -> &'static str {
        "vader-sentimental 0.1"
    }

    fn knows(&self, language: &str) -> bool {
        language.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case("en"))
    }

    fn analyze(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Verdict>, AnalyzerError>> {
        Box::pin(async move {
            let work = tokio::task::spawn_blocking(move || judge_all(&texts, Instant::now() + PATIENCE));
            work.await
                .unwrap_or_else(|_| Err(AnalyzerError::Failed("the analysis was interrupted".to_owned())))
        })
    }
}

fn judge_all(texts: &[String], until: Instant) -> Result<Vec<Verdict>, AnalyzerError> {
    let analyzer = SentimentIntensityAnalyzer::new();
    let judge_in_time = |text: &String| {
        if Instant::now() > until { Err(AnalyzerError::TooLong) } else { Ok(judge(&analyzer, text)) }
    };
    texts.iter().map(judge_in_time).collect()
}

fn judge(analyzer: &SentimentIntensityAnalyzer<'_>, text: &str) -> Verdict {
    let text: String = text.chars().take(LONGEST).collect();
    let found = analyzer.polarity_scores(&text);
    let verdict = Verdict::of_score(millionths(found.compound, -1.0).unwrap_or_default());
    if found.pos >= SHARE && found.neg >= SHARE && verdict.score.abs() <= UNCLEAR {
        return Verdict { label: Label::Mixed, ..verdict };
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What customers say, and what they feel; none of it was used to choose the thresholds above, which are those of
    /// VADER's authors.
    const SAID: [(&str, Label); 40] = [
        ("Thank you so much, you have been wonderful.", Label::Positive),
        ("That's great, it works perfectly now.", Label::Positive),
        ("I really appreciate your help today.", Label::Positive),
        ("Excellent, this is exactly what I wanted.", Label::Positive),
        ("You were very kind and patient with me.", Label::Positive),
        ("I am happy with the new plan.", Label::Positive),
        ("The technician was friendly and quick.", Label::Positive),
        ("Perfect, thanks a lot for sorting that out.", Label::Positive),
        ("I love the new app, good job.", Label::Positive),
        ("That is a fair offer, I am glad I called.", Label::Positive),
        ("Nice, that solved it, you are a star.", Label::Positive),
        ("Best service I have had in years.", Label::Positive),
        ("Wonderful news, thank you.", Label::Positive),
        ("I'm very satisfied with how you handled it.", Label::Positive),
        ("This is terrible, I have been waiting for two hours.", Label::Negative),
        ("I am really angry about this bill.", Label::Negative),
        ("Your service is awful and nobody helps me.", Label::Negative),
        ("I want to complain about the rude technician.", Label::Negative),
        ("This is the worst company I have dealt with.", Label::Negative),
        ("I am so disappointed, it failed again.", Label::Negative),
        ("That is unacceptable, I hate calling here.", Label::Negative),
        ("The internet does not work and I am frustrated.", Label::Negative),
        ("You lied to me and I lost money.", Label::Negative),
        ("It's a scam, I will sue you.", Label::Negative),
        ("I'm not happy with this at all.", Label::Negative),
        ("The package arrived broken and damaged.", Label::Negative),
        ("Stop wasting my time, this is ridiculous.", Label::Negative),
        ("I have a serious problem and no one cares.", Label::Negative),
        ("My contract number is four five six.", Label::Neutral),
        ("I am calling about my invoice from March.", Label::Neutral),
        ("The address is 12 Station Road.", Label::Neutral),
        ("Can you tell me when the shop opens?", Label::Neutral),
        ("Yes, that is my date of birth.", Label::Neutral),
        ("I moved in on the first of May.", Label::Neutral),
        ("It is the one with the blue cover.", Label::Neutral),
        ("My name is Jan Novak.", Label::Neutral),
        ("I will pay by bank transfer on Monday.", Label::Neutral),
        ("The router is in the hall.", Label::Neutral),
        ("Could you repeat the reference number?", Label::Neutral),
        ("I have two lines on this account.", Label::Neutral),
    ];

    #[test]
    fn it_tells_what_customers_feel_in_four_of_five_cases() {
        let analyzer = SentimentIntensityAnalyzer::new();
        let wrong: Vec<String> = SAID
            .iter()
            .map(|(text, label)| (text, *label, judge(&analyzer, text)))
            .filter(|(_, label, verdict)| verdict.label != *label)
            .map(|(text, label, verdict)| format!("{text} is {label:?}, but was judged {verdict:?}"))
            .collect();
        println!("{} of {} are right", SAID.len() - wrong.len(), SAID.len());
        assert!(wrong.len() * 5 <= SAID.len(), "{wrong:#?}");
    }

    #[tokio::test]
    async fn verdicts_come_in_the_order_of_the_texts_and_are_consistent() {
        let texts = ["great", "awful", "the hall", "", "\u{2588}\u{2588}", "good and bad", "!!!???"];
        let verdicts = English.analyze(texts.map(str::to_owned).to_vec()).await.unwrap();
        let labels: Vec<Label> = verdicts.iter().take(3).map(|verdict| verdict.label).collect();
        assert_eq!(labels, [Label::Positive, Label::Negative, Label::Neutral]);
        assert_eq!(verdicts.len(), texts.len());
        assert!(verdicts.iter().all(Verdict::is_consistent), "{verdicts:?}");
    }

    #[test]
    fn it_takes_no_longer_than_it_may() {
        let texts = vec!["good ".repeat(4000); 3];
        assert_eq!(judge_all(&texts, Instant::now()).unwrap_err(), AnalyzerError::TooLong);
    }

    #[test]
    fn it_knows_english_alone() {
        for (language, known) in [("en", true), ("en-GB", true), ("EN", true), ("cs", false), ("enm", false)]
        {
            assert_eq!(English.knows(language), known, "{language}");
        }
    }
}
