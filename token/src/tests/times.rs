//! Times at and beyond their edges.

use super::*;

/// What becomes of a token with these claims at this time.
fn outcome(claims: &Value, second: i64) -> Result<(), TokenRefusal> {
    let ours = Issuer::ours();
    let token_type = if claims["type"] == "access" { TokenType::Access } else { TokenType::Refresh };
    ours.verify_at(&ours.claiming(claims), token_type, second).map(|_| ())
}

/// `exp`, `iat` and `nbf`.
fn timed(exp: i64, iat: i64, nbf: i64) -> Value {
    with(&with(&with(&claims(), "exp", exp), "iat", iat), "nbf", nbf)
}

#[test]
fn times_hold_to_the_second_with_five_seconds_of_leeway() {
    for (second, expected) in [
        (NOW - 6, Err(TokenRefusal::NotYet)),
        (NOW - 5, Ok(())),
        (NOW, Ok(())),
        (NOW + 900, Ok(())),
        (NOW + 904, Ok(())),
        (NOW + 905, Err(TokenRefusal::Expired)),
        (NOW + 960, Err(TokenRefusal::Expired)),
    ] {
        assert_eq!(outcome(&claims(), second), expected, "{} s after it was made", second - NOW);
    }
}

#[test]
fn each_of_the_two_beginnings_counts() {
    assert_eq!(outcome(&timed(NOW + 900, NOW, NOW + 5), NOW), Ok(()));
    assert_eq!(outcome(&timed(NOW + 900, NOW, NOW + 6), NOW), Err(TokenRefusal::NotYet));
    assert_eq!(outcome(&timed(NOW + 900, NOW + 5, NOW), NOW), Ok(()));
    assert_eq!(outcome(&timed(NOW + 900, NOW + 6, NOW), NOW), Err(TokenRefusal::NotYet));
}

#[test]
fn a_token_that_was_never_valid_is_refused_at_any_time() {
    for (exp, iat, nbf) in [
        (NOW, NOW, NOW - 1),
        (NOW, NOW - 1, NOW),
        (NOW, NOW + 1, NOW - 1),
        (NOW, NOW - 1, NOW + 1),
        (0, 0, 0),
        (1, 0, 1),
    ] {
        for second in [NOW - 1, NOW, NOW + 1, 0] {
            let seen = outcome(&timed(exp, iat, nbf), second);
            assert_eq!(seen, Err(TokenRefusal::Claims), "exp {exp}, iat {iat}, nbf {nbf} at {second}");
        }
    }
}

#[test]
fn a_life_longer_than_any_setting_allows_is_refused() {
    for (token_type, longest) in [("access", 24 * 3600), ("refresh", 366 * 24 * 3600)] {
        let claims = |life: i64| with(&timed(NOW + life, NOW, NOW), "type", token_type);
        assert_eq!(outcome(&claims(longest), NOW), Ok(()), "{token_type}");
        assert_eq!(outcome(&claims(longest + 1), NOW), Err(TokenRefusal::Claims), "{token_type}");
    }
    // Its beginning does not shorten a life: what counts is when it was made.
    let late = timed(NOW + 25 * 3600, NOW, NOW + 2 * 3600);
    assert_eq!(outcome(&late, NOW + 3 * 3600), Err(TokenRefusal::Claims));
}

#[test]
fn a_time_is_a_whole_number_of_seconds_from_1970_to_2106() {
    let ours = Issuer::ours();
    let whole = claims().to_string();
    for name in ["exp", "iat", "nbf"] {
        let right = claims()[name].to_string();
        for wrong in [
            "-1".to_owned(),
            "-0".to_owned(),
            "18446744073709551615".to_owned(),
            "18446744073709551616".to_owned(),
            "9223372036854775807".to_owned(),
            "-9223372036854775808".to_owned(),
            "4294967296".to_owned(),
            "1e300".to_owned(),
            "1e400".to_owned(),
            "1.76e9".to_owned(),
            format!("{right}.0"),
            format!("{right}.5"),
            format!("{right}e0"),
            format!("+{right}"),
            format!("0{right}"),
            format!("0x{right}"),
            format!("\"{right}\""),
            // Milliseconds.
            format!("{right}000"),
            "NaN".to_owned(),
            "Infinity".to_owned(),
            "\"2025-10-09T08:53:20Z\"".to_owned(),
        ] {
            let field = format!("\"{name}\":");
            let changed = whole.replace(&format!("{field}{right}"), &format!("{field}{wrong}"));
            assert_ne!(changed, whole);
            let token = ours.sign(ours.header().to_string(), changed);
            ours.refuses(&token, TokenRefusal::Claims, format!("{name} = {wrong}"));
        }
    }
}

#[test]
fn the_first_and_the_last_second_are_times_like_others() {
    let last = i64::from(u32::MAX);
    assert_eq!(outcome(&timed(900, 0, 0), 0), Ok(()));
    assert_eq!(outcome(&timed(last, last - 900, 0), last), Ok(()));
    for far in [Timestamp::MIN, Timestamp::MAX] {
        assert!(outcome(&claims(), far.as_second()).is_err(), "{far}");
    }
}

#[test]
fn an_expired_token_says_no_more_when_something_else_is_wrong_too() {
    let long_past = NOW + 10_000;
    assert_eq!(outcome(&claims(), long_past), Err(TokenRefusal::Expired));
    for (name, wrong) in [("iss", "someone"), ("aud", "someone"), ("sub", ""), ("role", "root")] {
        assert_eq!(outcome(&with(&claims(), name, wrong), long_past), Err(TokenRefusal::Claims), "{name}");
    }
    let (ours, theirs) = (Issuer::ours(), Issuer::other());
    let forged = theirs.sign(ours.header().to_string(), claims().to_string());
    assert_eq!(ours.verify_at(&forged, TokenType::Access, long_past), Err(TokenRefusal::Signature));
}
