//! Attacks with tokens over HTTP, byte for byte as they would come over the wire. Every token here differs in one thing
//! from one that is accepted, and is signed with the service's own key unless that is the attack.

mod stage;
mod wire;

use crate::fixture::{Database, Plan};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use cc_lite::clock::Clock;
use keyset::KeySet;
use serde_json::{Value, json};
use stage::{Stage, encode, with};
use wire::{ask, ask_with, exchange};

const MISSING: &str = r#"Bearer realm="cc-lite""#;
const INVALID: &str = r#"Bearer realm="cc-lite", error="invalid_token""#;
const UNREADABLE: &str = r#"Bearer realm="cc-lite", error="invalid_request""#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_attack_passes_and_no_answer_tells_which_check_refused_it() {
    let stage = Stage::set().await;
    let accepted = ask_with(&stage.service, &stage.sign(&stage.header(), &stage.claims)).await;
    assert_eq!(accepted.status, 200, "what the attacks start from: {accepted:?}");

    let refused = ask_with(&stage.service, "x").await;
    assert_eq!(refused.refusal(), ("token-invalid".to_owned(), INVALID));
    let attacks = stage.attacks();
    assert!(attacks.len() > 60, "{}", attacks.len());
    for (attack, token) in attacks {
        let seen = ask_with(&stage.service, &token).await;
        assert_eq!(seen, refused, "{attack}");
    }
    let accepted = ask_with(&stage.service, stage.token("access_token")).await;
    assert_eq!(accepted.status, 200, "the service goes on: {accepted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_told_so_only_when_nothing_else_is_wrong_with_it() {
    let stage = Stage::set().await;
    let now = stage.service.clock.now().as_second();
    let expired = with(&with(&with(&stage.claims, "exp", now - 5), "iat", now - 905), "nbf", now - 905);
    let seen = ask_with(&stage.service, &stage.sign(&stage.header(), &expired)).await;
    assert_eq!(seen.refusal(), ("token-expired".to_owned(), INVALID));
    let almost = with(&expired, "exp", now - 4);
    assert_eq!(ask_with(&stage.service, &stage.sign(&stage.header(), &almost)).await.status, 200);

    let invalid = ("token-invalid".to_owned(), INVALID);
    let other_audience = stage.sign(&stage.header(), &with(&expired, "aud", "someone"));
    assert_eq!(ask_with(&stage.service, &other_audience).await.refusal(), invalid);
    let theirs = KeySet::of_pair(keyset::KeyPair::generate(&mut rand::rng()));
    let input = format!("{}.{}", encode(stage.header().to_string()), encode(expired.to_string()));
    let forged = format!("{input}.{}", encode(theirs.sign(input.as_bytes())));
    assert_eq!(ask_with(&stage.service, &forged).await.refusal(), invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_one_way_to_bring_a_token() {
    let stage = Stage::set().await;
    let token = stage.token("access_token");
    let line = |text: &str| text.replace("TOKEN", token).into_bytes();
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let seen = ask(&stage.service, &[&line(&format!("Authorization: {scheme} TOKEN"))]).await;
        assert_eq!(seen.status, 200, "schemes have no case (RFC 9110 section 11.1): {scheme}");
    }
    let seen = ask(&stage.service, &[&line("aUTHORIZATION:  Bearer TOKEN  ")]).await;
    assert_eq!(
        seen.status, 200,
        "neither have names of headers, and space around a value is none of it: {seen:?}"
    );

    let cases: &[(&[&str], &str, &str)] = &[
        // Nothing was brought, so there is nothing to call wrong (RFC 6750 section 3.1).
        (&[], "token-missing", MISSING),
        (&["Authorization: Basic YWRtaW46eA=="], "token-missing", MISSING),
        (&["Authorization: Token TOKEN"], "token-missing", MISSING),
        (&["Authorization: Bearer: TOKEN"], "token-missing", MISSING),
        (&["Authorization: TOKEN Bearer"], "token-missing", MISSING),
        (&["X-Authorization: Bearer TOKEN"], "token-missing", MISSING),
        (&["Proxy-Authorization: Bearer TOKEN"], "token-missing", MISSING),
        (&["Cookie: access_token=TOKEN; Authorization=Bearer TOKEN"], "token-missing", MISSING),
        (&["Authorization: Bearer"], "token-invalid", UNREADABLE),
        (&["Authorization: Bearer "], "token-invalid", UNREADABLE),
        (&["Authorization:"], "token-invalid", UNREADABLE),
        (&["Authorization: TOKEN"], "token-invalid", UNREADABLE),
        (&["Authorization: Bearer\tTOKEN"], "token-invalid", UNREADABLE),
        (&["Authorization: BearerTOKEN"], "token-invalid", UNREADABLE),
        (&["Authorization: Bearer TOKEN", "Authorization: Bearer TOKEN"], "token-invalid", UNREADABLE),
        (&["Authorization: Bearer TOKEN", "authorization: Bearer x"], "token-invalid", UNREADABLE),
        (&["Authorization: Basic YTpi", "Authorization: Bearer TOKEN"], "token-invalid", UNREADABLE),
        (&["Authorization: Bearer TOKEN, Bearer TOKEN"], "token-invalid", INVALID),
        (&["Authorization: Bearer TOKEN, Basic YTpi"], "token-invalid", INVALID),
        (&["Authorization: Bearer x, Bearer TOKEN"], "token-invalid", INVALID),
        (&["Authorization: Bearer  TOKEN"], "token-invalid", INVALID),
        (&["Authorization: Bearer \tTOKEN"], "token-invalid", INVALID),
        (&["Authorization: Bearer access_token=TOKEN"], "token-invalid", INVALID),
        (&["Authorization: Bearer realm=\"cc-lite\""], "token-invalid", INVALID),
    ];
    for (lines, kind, challenge) in cases {
        let sent: Vec<Vec<u8>> = lines.iter().map(|text| line(text)).collect();
        let sent: Vec<&[u8]> = sent.iter().map(Vec::as_slice).collect();
        let seen = ask(&stage.service, &sent).await;
        assert_eq!(seen.refusal(), ((*kind).to_owned(), *challenge), "{lines:?}");
    }
    let bytes = [b"Authorization: Bearer \xff\xfe", token.as_bytes()].concat();
    let seen = ask(&stage.service, &[&bytes]).await;
    assert_eq!(seen.refusal(), ("token-invalid".to_owned(), UNREADABLE), "bytes beyond ASCII");
}

/// RFC 6750 sections 2.2 and 2.3 have a token in the body or the address as well; addresses end up in logs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_the_address_or_the_body_is_none() {
    let stage = Stage::set().await;
    let token = stage.token("access_token");
    let form = format!("access_token={token}");
    let head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let requests = [
        format!("GET /auth/me?{form} {head}\r\n"),
        format!(
            "GET /auth/me {head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    ];
    for request in requests {
        let seen = exchange(&stage.service, request.as_bytes()).await;
        assert_eq!(seen.refusal(), ("token-missing".to_owned(), MISSING), "{request}");
    }
}

/// The service takes heads of 32 KiB; hyper reads about 400 kB, and what is larger never comes to the service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_is_too_large_is_answered_and_the_service_goes_on() {
    let stage = Stage::set().await;
    for (length, status) in [(31 * 1024, 401), (33 * 1024, 431), (1024 * 1024, 431), (8 * 1024 * 1024, 431)] {
        let seen = ask_with(&stage.service, &"x".repeat(length)).await;
        assert_eq!(seen.status, status, "{length} bytes of token: {:?}", seen.headers);
        if status == 401 {
            assert_eq!(seen.refusal(), ("token-invalid".to_owned(), INVALID));
        }
        let accepted = ask_with(&stage.service, stage.token("access_token")).await;
        assert_eq!(accepted.status, 200, "after {length} bytes of token: {accepted:?}");
    }
    let many: Vec<Vec<u8>> = (0..200).map(|at| format!("X-Filler-{at}: Bearer x").into_bytes()).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    assert_eq!(ask(&stage.service, &many).await.status, 431, "200 headers");
    assert_eq!(ask_with(&stage.service, stage.token("access_token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refresh_tokens_are_looked_at_as_closely() {
    let stage = Stage::set().await;
    let refresh = async |token: &str| {
        let answer = stage.service.post("/auth/refresh", &json!({"refresh_token": token})).await;
        (answer.status, answer.text)
    };
    let refused = refresh("x").await;
    assert_eq!(refused.0, 401);
    assert!(refused.1.contains("urn:cc-lite:problem:token-invalid"), "{}", refused.1);
    let payload = stage.token("refresh_token").split('.').nth(1).unwrap();
    let payload: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let body = encode(payload.to_string());
    let none = encode(with(&stage.header(), "alg", "none").to_string());
    for (attack, token) in [
        ("an access token", stage.token("access_token").to_owned()),
        ("alg none", format!("{none}.{body}.")),
        ("an unknown kid", stage.sign(&with(&stage.header(), "kid", "unknown"), &payload)),
        ("a jwk", stage.sign(&with(&stage.header(), "jwk", json!({"kty": "OKP"})), &payload)),
        ("another audience", stage.sign(&stage.header(), &with(&payload, "aud", "someone"))),
        ("padding", format!("{}=", stage.token("refresh_token"))),
        ("too long", stage.sign(&stage.header(), &with(&payload, "note", "x".repeat(40 * 1024)))),
    ] {
        assert_eq!(refresh(&token).await, refused, "{attack}");
    }
    assert_eq!(refresh(&stage.sign(&stage.header(), &payload)).await.0, 200, "what the attacks start from");
}

/// Anybody can sign for a key of small order, so no set with one is served with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weak_key_among_the_accepted_ones_refuses_the_start() {
    let plan = Plan::standalone(Database::Sqlite).await;
    let folder = plan.folder().join("keys");
    let keys = keyset::directory::load_or_generate(&folder, &mut rand::rng()).unwrap();
    let mut jwks = serde_json::to_value(keys.jwks()).unwrap();
    let weak =
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "weak", "x": encode([&[1_u8][..], &[0; 31]].concat())});
    jwks["keys"].as_array_mut().unwrap().push(weak);
    std::fs::write(folder.join(keyset::JWKS_JSON), jwks.to_string()).unwrap();
    let refused =
        cc_lite::CommsModule::builder().settings(plan.settings()).build().await.unwrap_err().to_string();
    assert!(refused.contains("key 2 of the JWK set is refused: the public key is weak"), "{refused}");
}
