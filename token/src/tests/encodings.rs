//! Other ways to write the same token down: none is accepted. Header and claims are written so before they are signed,
//! so that nothing but their form is wrong.

use super::*;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE};

/// JSON of this length modulo 3, which is how many bits its last character leaves unused.
fn padded(json: &Value, remainder: usize) -> String {
    let mut text = json.to_string();
    while text.len() % 3 != remainder {
        text.push(' ');
    }
    text
}

/// The base64url character with the next value.
fn next_character(character: char) -> char {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_A";
    let at = ALPHABET.find(character).unwrap();
    ALPHABET[at + 1..].chars().next().unwrap()
}

/// Other texts that some decoder takes for the same bytes.
fn other_forms(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let text = encode(bytes);
    let (front, back) = text.split_at(text.len() / 2);
    let mut forms = vec![
        ("a line break", format!("{front}\n{back}")),
        ("CR LF", format!("{front}\r\n{back}")),
        ("a space within", format!("{front} {back}")),
        ("a space before", format!(" {text}")),
        ("a space after", format!("{text} ")),
        ("a tab", format!("{text}\t")),
        ("NUL", format!("{text}\0")),
        ("percent-encoding", format!("%{:02X}{}", text.as_bytes()[0], &text[1..])),
        ("an equals sign too many", format!("{text}=")),
        ("padding within", format!("{front}=={back}")),
        ("full-width letters", text.replacen('e', "\u{ff45}", 1)),
    ];
    let standard = BASE64_STANDARD_NO_PAD.encode(bytes);
    if standard != text {
        forms.push(("the standard alphabet", standard));
        forms.push(("the standard alphabet with padding", BASE64_STANDARD.encode(bytes)));
    }
    if !bytes.len().is_multiple_of(3) {
        forms.push(("padding", BASE64_URL_SAFE.encode(bytes)));
        let last = text.chars().last().unwrap();
        forms.push((
            "unused bits that are set",
            format!("{}{}", &text[..text.len() - 1], next_character(last)),
        ));
    }
    forms.retain(|(_, form)| *form != text);
    forms
}

#[test]
fn header_and_claims_have_one_form() {
    let ours = Issuer::ours();
    // `>` and `?` in a claim give characters that the two alphabets write differently.
    let claims = with(&claims(), "email", "?>?>?>~~@localhost");
    for remainder in 0..3 {
        let (header, payload) = (padded(&ours.header(), remainder), padded(&claims, remainder));
        assert!(ours.verify(&ours.sign(&header, &payload)).is_ok(), "the form that is ours");
        for (form, text) in other_forms(header.as_bytes()) {
            let token = ours.sign_text(&format!("{text}.{}", encode(&payload)));
            ours.refuses(&token, TokenRefusal::Form, format!("header: {form}"));
        }
        let forms = other_forms(payload.as_bytes());
        assert!(forms.iter().any(|(form, _)| *form == "the standard alphabet"), "{forms:?}");
        for (form, text) in forms {
            let token = ours.sign_text(&format!("{}.{text}", encode(&header)));
            ours.refuses(&token, TokenRefusal::Form, format!("claims: {form}"));
        }
    }
}

#[test]
fn a_signature_has_one_form() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    let [head, body, signature] = parts(&token);
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let forms = other_forms(&bytes);
    assert!(forms.iter().any(|(form, _)| *form == "unused bits that are set"), "{forms:?}");
    for (form, text) in forms {
        ours.refuses(&format!("{head}.{body}.{text}"), TokenRefusal::Form, form);
    }
}

#[test]
fn a_token_is_three_parts_and_nothing_around_them() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    let [head, body, signature] = parts(&token);
    for other in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "....".into(),
        head.into(),
        format!("{head}.{body}"),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{head}.{signature}"),
        format!("{body}.{head}.{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{token}.{token}"),
        format!("{token},{token}"),
        format!("{token} {token}"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("{token}\n"),
        format!("{token}\0"),
        format!("{token};"),
        token.replace('.', "%2E"),
        token.replace('.', "%2e"),
        token.replace('.', "\u{ff0e}"),
        token.replace('.', ".."),
        token.replace('.', "~"),
    ] {
        assert!(ours.verify(&other).is_err(), "{other:?}");
    }
}

#[test]
fn a_jws_in_json_is_refused() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    let [head, body, signature] = parts(&token);
    for json in [
        // RFC 7515 section 7.2.2, flattened, and 7.2.1, general.
        json!({"payload": body, "protected": head, "signature": signature}),
        json!({"payload": body, "signatures": [{"protected": head, "signature": signature}]}),
        json!({"payload": body, "header": ours.header(), "signature": signature}),
        json!({"token": token}),
        json!([token]),
        json!(token),
    ] {
        let text = json.to_string();
        assert!(ours.verify(&text).is_err(), "{text}");
        assert!(ours.verify(&encode(&text)).is_err(), "{text} in base64url");
    }
}

#[test]
fn a_token_of_five_parts_is_refused_though_we_signed_it() {
    let ours = Issuer::ours();
    let [head, body] = [encode(ours.header().to_string()), encode(claims().to_string())];
    ours.refuses(&ours.sign_text(&format!("{head}.{body}.AAAA.AAAA")), TokenRefusal::Form, "five parts");
    ours.refuses(&ours.sign_text(&format!("{head}.{body}.{body}")), TokenRefusal::Form, "four parts");
    ours.refuses(&ours.sign_text(&format!("{head}..{body}.")), TokenRefusal::Form, "empty parts");
    ours.refuses(&ours.sign_text(&head), TokenRefusal::Form, "two parts");
    // RFC 7516 section 7.1: an encrypted token.
    let encrypted = json!({"alg": "dir", "enc": "A128GCM", "kid": ours.kid()}).to_string();
    let jwe = format!("{}..AAAA.{body}.AAAA", encode(encrypted));
    ours.refuses(&jwe, TokenRefusal::Header, "a JWE");
}

#[test]
fn a_token_within_a_token_is_refused() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    ours.refuses(&ours.sign(ours.header().to_string(), &token), TokenRefusal::Claims, "nested");
    let header = with(&ours.header(), "cty", "JWT").to_string();
    ours.refuses(&ours.sign(header, &token), TokenRefusal::Header, "nested and said so");
}

#[test]
fn no_token_of_more_than_4096_bytes_is_read() {
    let ours = Issuer::ours();
    let (mut accepted, mut refused) = (0, 0);
    for filler in 2500..2900 {
        let token = ours.claiming(&with(&claims(), "note", "x".repeat(filler)));
        let outcome = ours.verify(&token).map(|_| ());
        if token.len() <= 4096 {
            assert_eq!(outcome, Ok(()), "{} bytes", token.len());
            accepted = accepted.max(token.len());
        } else {
            assert_eq!(outcome, Err(TokenRefusal::Form), "{} bytes", token.len());
            refused = token.len();
        }
    }
    assert!(accepted >= 4095 && refused > 4096, "{accepted} and {refused} bytes");
    for long in ["x".repeat(64 * 1024), ".".repeat(64 * 1024), "x.".repeat(32 * 1024)] {
        ours.refuses(&long, TokenRefusal::Form, "64 kB");
    }
    let long = ours.claiming(&with(&claims(), "note", "x".repeat(48 * 1024)));
    assert!(long.len() > 64 * 1024);
    ours.refuses(&long, TokenRefusal::Form, "64 kB that we signed");
}

/// Settings allow issuers and audiences of 255 visible characters, and addresses of 254 bytes.
#[test]
fn the_longest_token_that_we_make_is_read() {
    let mut ours = Issuer::ours();
    (ours.rules.issuer, ours.rules.audience) = ("\"".repeat(255), "\\".repeat(255));
    let kid: keyset::Kid = "\"".repeat(keyset::Kid::MAX_LENGTH).parse().unwrap();
    let key = pair(1).public().clone();
    ours.keys = KeySet::new(pair(1), keyset::Jwks::new([keyset::Jwk { kid, key }]).unwrap()).unwrap();
    let (id, email) = ("x".repeat(128), "\"".repeat(254));
    let bearer =
        Bearer { user_id: &id, email: &email, role: Role::Supervisor, organization_id: &id, session_id: &id };
    let token = ours.rules.issue(&ours.keys, TokenType::Refresh, &bearer, &id, at(NOW));
    assert!(ours.verify_at(&token, TokenType::Refresh, NOW).is_ok(), "{} bytes", token.len());
}
