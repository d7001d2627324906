//! Headers that name another algorithm, another key, or something to be understood.

use super::*;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Every spelling of `none` in upper and lower case.
fn spellings_of_none() -> impl Iterator<Item = String> {
    (0..16_u32).map(|upper| {
        let letter = |(at, letter): (usize, char)| {
            if upper >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
        };
        "none".chars().enumerate().map(letter).collect()
    })
}

#[test]
fn both_names_of_the_algorithm_are_accepted() {
    let ours = Issuer::ours();
    for alg in ["EdDSA", "Ed25519"] {
        let token = ours.sign(with(&ours.header(), "alg", alg).to_string(), claims().to_string());
        assert!(ours.verify(&token).is_ok(), "{alg}");
    }
}

#[test]
fn no_other_algorithm_is_even_when_the_signature_is_ours() {
    let ours = Issuer::ours();
    let others = [
        "",
        " EdDSA",
        "EdDSA ",
        "EDDSA",
        "eddsa",
        "ed25519",
        "ED25519",
        "Ed448",
        "Ed25519ph",
        "HS256",
        "HS384",
        "HS512",
        "RS256",
        "PS256",
        "ES256",
        "ES256K",
        "dir",
        "A128KW",
        "ECDH-ES",
        "EdDSA\0",
        "EdDS\u{410}",
    ];
    for alg in others.into_iter().map(str::to_owned).chain(spellings_of_none()) {
        let token = ours.sign(with(&ours.header(), "alg", alg.clone()).to_string(), claims().to_string());
        ours.refuses(&token, TokenRefusal::Header, &alg);
        let [head, body, _] = parts(&token);
        ours.refuses(&format!("{head}.{body}."), TokenRefusal::Header, format!("unsigned {alg}"));
    }
    for alg in [json!(null), json!(8), json!(["EdDSA"]), json!({"EdDSA": null}), json!(true)] {
        let token = ours.sign(with(&ours.header(), "alg", alg.clone()).to_string(), claims().to_string());
        ours.refuses(&token, TokenRefusal::Header, alg);
    }
}

#[test]
fn a_token_of_ours_without_its_signature_is_refused() {
    let ours = Issuer::ours();
    let token = ours.issue(TokenType::Access);
    let [head, body, _] = parts(&token);
    ours.refuses(&format!("{head}.{body}."), TokenRefusal::Signature, "an empty signature");
}

/// RFC 2104; `block` is the hash's block length in bytes.
fn hmac<D: Digest>(block: usize, key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut padded = if key.len() > block { D::digest(key).to_vec() } else { key.to_vec() };
    padded.resize(block, 0);
    let keyed = |pad: u8| D::new().chain_update(padded.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>());
    let inner = keyed(0x36).chain_update(message).finalize();
    keyed(0x5c).chain_update(inner).finalize().to_vec()
}

#[test]
fn the_hmac_of_the_attack_is_that_of_rfc_4231() {
    let mac = hmac::<Sha256>(64, b"Jefe", b"what do ya want for nothing?");
    assert_eq!(
        (mac.len(), &mac[..4], &mac[28..]),
        (32, &[0x5b, 0xdc, 0xc1, 0x46][..], &[0x64, 0xec, 0x38, 0x43][..])
    );
}

/// Who takes the public key for a shared secret would accept these (RFC 8725 section 2.1).
#[test]
fn a_mac_made_with_the_public_key_as_its_secret_is_refused() {
    let ours = Issuer::ours();
    let public = ours.keys.verifier(ours.kid()).unwrap();
    let pem = public.to_pem();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let jwks = ours.keys.jwks().to_json();
    let jwk = serde_json::from_str::<Value>(&jwks).unwrap()["keys"][0].to_string();
    let x = encode(public.as_bytes());
    let secrets: [(&str, Vec<u8>); 8] = [
        ("PEM", pem.clone().into_bytes()),
        ("PEM without its last line break", pem.trim_end().as_bytes().to_vec()),
        ("SPKI DER", base64::prelude::BASE64_STANDARD.decode(der).unwrap()),
        ("raw", public.as_bytes().to_vec()),
        ("x of the JWK", x.into_bytes()),
        ("JWK", jwk.into_bytes()),
        ("JWK set", jwks.into_bytes()),
        ("nothing", Vec::new()),
    ];
    for (form, secret) in secrets {
        for (alg, expected) in [
            ("HS256", TokenRefusal::Header),
            ("HS384", TokenRefusal::Header),
            ("HS512", TokenRefusal::Header),
            // Under our own algorithm's name; a MAC of HS512 is as long as a signature.
            ("EdDSA", TokenRefusal::Signature),
        ] {
            let header = with(&ours.header(), "alg", alg).to_string();
            let input = format!("{}.{}", encode(header), encode(claims().to_string()));
            let mac = match alg {
                "HS256" => hmac::<Sha256>(64, &secret, input.as_bytes()),
                "HS384" => hmac::<Sha384>(128, &secret, input.as_bytes()),
                _ => hmac::<Sha512>(128, &secret, input.as_bytes()),
            };
            ours.refuses(&format!("{input}.{}", encode(mac)), expected, format!("{alg} with {form}"));
        }
    }
}

#[test]
fn a_key_that_comes_with_the_token_is_never_used() {
    let (ours, theirs) = (Issuer::ours(), Issuer::other());
    let their_set: Value = serde_json::from_str(&theirs.keys.jwks().to_json()).unwrap();
    let their_jwk = &their_set["keys"][0];
    for kid in [ours.kid(), theirs.kid()] {
        for (name, value) in [
            ("jwk", their_jwk.clone()),
            ("jku", json!("https://example.com/jwks.json")),
            ("jku", json!("data:application/json,{}")),
            ("x5u", json!("https://example.com/chain.pem")),
            ("x5c", json!([base64::prelude::BASE64_STANDARD.encode([0x30; 200])])),
        ] {
            let header = with(&with(&ours.header(), "kid", kid), name, value).to_string();
            let token = theirs.sign(header, claims().to_string());
            ours.refuses(&token, TokenRefusal::Header, format!("{name} under the kid {kid}"));
        }
    }
    let header = json!({"alg": "EdDSA", "typ": "JWT", "jwk": their_jwk}).to_string();
    ours.refuses(&theirs.sign(header, claims().to_string()), TokenRefusal::Header, "a jwk instead of a kid");
}

#[test]
fn a_header_that_says_anything_more_is_refused_though_we_signed_it() {
    let ours = Issuer::ours();
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!(["urn:example:unknown"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("b64", json!(true)),
        ("b64", json!(false)),
        ("jwk", json!({"kty": "OKP"})),
        ("jku", json!("")),
        ("x5u", json!("")),
        ("x5c", json!([])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
        ("cty", json!("JWT")),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("epk", json!({})),
        ("nonce", json!("n")),
        ("url", json!("https://example.com")),
        ("iss", json!("cc-lite")),
        ("Alg", json!("none")),
        ("", json!(1)),
    ] {
        let token = ours.sign(with(&ours.header(), name, value.clone()).to_string(), claims().to_string());
        ours.refuses(&token, TokenRefusal::Header, format!("{name}: {value}"));
    }
}

/// RFC 7797: the payload stands in the token as it is, and `crit` says so.
#[test]
fn an_unencoded_payload_is_refused() {
    let ours = Issuer::ours();
    let payload = claims().to_string();
    assert!(!payload.contains('.'));
    for extension in [json!({"b64": false}), json!({"b64": false, "crit": ["b64"]})] {
        let mut header = ours.header();
        header.as_object_mut().unwrap().extend(extension.as_object().unwrap().clone());
        let token = ours.sign_text(&format!("{}.{payload}", encode(header.to_string())));
        ours.refuses(&token, TokenRefusal::Header, &extension);
        let encoded = ours.sign(header.to_string(), &payload);
        ours.refuses(&encoded, TokenRefusal::Header, extension);
    }
    let unsaid = ours.sign_text(&format!("{}.{payload}", encode(ours.header().to_string())));
    ours.refuses(&unsaid, TokenRefusal::Form, "not said");
}

#[test]
fn every_parameter_is_required_typed_and_there_once() {
    let ours = Issuer::ours();
    let body = claims().to_string();
    let whole = ours.header();
    for name in ["alg", "typ", "kid"] {
        let token = ours.sign(without(&whole, name).to_string(), &body);
        ours.refuses(&token, TokenRefusal::Header, format!("no {name}"));
        for wrong in
            [json!(null), json!(1), json!([whole[name]]), json!({(whole[name].as_str().unwrap()): null})]
        {
            let token = ours.sign(with(&whole, name, wrong.clone()).to_string(), &body);
            ours.refuses(&token, TokenRefusal::Header, format!("{name}: {wrong}"));
        }
        let text = whole.to_string();
        let front = text.strip_suffix('}').unwrap();
        let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
        for again in [name, &escaped] {
            let token = ours.sign(format!(r#"{front},"{again}":{}}}"#, whole[name]), &body);
            ours.refuses(&token, TokenRefusal::Header, format!("{again} twice"));
        }
    }
    for typ in ["", "jwt", "at+jwt", "application/jwt", "JOSE", "JWT "] {
        let token = ours.sign(with(&whole, "typ", typ).to_string(), &body);
        ours.refuses(&token, TokenRefusal::Header, format!("typ {typ:?}"));
    }
}

#[test]
fn a_kid_is_looked_up_byte_for_byte_and_nothing_else_is_done_with_it() {
    let (ours, theirs) = (Issuer::ours(), Issuer::other());
    let body = claims().to_string();
    let own = ours.kid();
    let unknown = [
        String::new(),
        theirs.kid().to_owned(),
        own.to_ascii_lowercase(),
        format!("{own} "),
        format!("{own}\0"),
        own[1..].to_owned(),
        "../../../../dev/null".to_owned(),
        "/etc/passwd".to_owned(),
        "file:///proc/self/environ".to_owned(),
        "' OR 1=1 --".to_owned(),
        "'; DROP TABLE users; --".to_owned(),
        "$(id)".to_owned(),
        "${jndi:ldap://example.com}".to_owned(),
        "%s%s%n".to_owned(),
        "*".to_owned(),
        "ed25519_public.pem".to_owned(),
        "😀".to_owned(),
        "x".repeat(2000),
    ];
    for kid in unknown {
        let header = with(&ours.header(), "kid", kid.clone()).to_string();
        ours.refuses(&ours.sign(&header, &body), TokenRefusal::Key, &kid);
        ours.refuses(&theirs.sign(&header, &body), TokenRefusal::Key, &kid);
    }
    let long = with(&ours.header(), "kid", "x".repeat(10_000)).to_string();
    ours.refuses(&ours.sign(long, &body), TokenRefusal::Form, "a kid of 10 kB");
}

#[test]
fn a_header_that_is_no_json_object_is_refused() {
    let ours = Issuer::ours();
    let kid = ours.kid();
    let whole = ours.header().to_string();
    for header in [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
        // What a deserializer may take for the object: its members in order.
        format!(r#"["EdDSA","JWT","{kid}"]"#),
        format!("[{whole}]"),
        format!("{whole}x"),
        format!("{whole}{whole}"),
        format!("\u{feff}{whole}"),
        whole.replace(',', ",,"),
        whole.replace('"', "'"),
        "[".repeat(2000),
    ] {
        ours.refuses(&ours.sign(&header, claims().to_string()), TokenRefusal::Header, &header);
    }
    let not_utf8 = [whole.trim_end_matches('}').as_bytes(), b",\"\xff\":1}"].concat();
    ours.refuses(&ours.sign(not_utf8, claims().to_string()), TokenRefusal::Header, "not UTF-8");
}
