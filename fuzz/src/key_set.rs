//! The reading of a key directory's or Secret's files. Input: the private key's file, the public key's and the JWK set's,
//! with a NUL byte between each; fewer of them are missing files, and an empty public key is that of the private one.

use crate::{KEYS, Seed, pair};
use keyset::{JWKS_JSON, Jwk, Jwks, KeyPair, KeySet, PRIVATE_PEM, PUBLIC_PEM};
use std::{collections::BTreeMap, sync::LazyLock};

/// Checks one input.
pub fn check(input: &[u8]) {
    let names = [PRIVATE_PEM, PUBLIC_PEM, JWKS_JSON];
    let mut files: BTreeMap<String, Vec<u8>> = names
        .iter()
        .zip(input.splitn(3, |byte| *byte == 0))
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    // No mutation finds the public half of another private one.
    if files.get(PUBLIC_PEM).is_some_and(Vec::is_empty)
        && let Ok(signing) = str::from_utf8(&files[PRIVATE_PEM]).map(KeyPair::from_pem)
        && let Ok(signing) = signing
    {
        files.insert(PUBLIC_PEM.to_owned(), signing.public().to_pem().into_bytes());
    }
    let from_parts = parts(&files).map(|(private, public, jwks)| KeySet::from_parts(private, public, jwks));
    match KeySet::from_secret_data(&files) {
        Ok(set) => {
            check_set(&set, &files);
            let from_parts = from_parts.expect("all parts are text").expect("the same parts are accepted");
            assert_eq!(from_parts.set_sha256(), set.set_sha256());
        }
        Err(error) => {
            if let Some(from_parts) = from_parts {
                assert_eq!(from_parts.expect_err("the same parts are refused"), error);
            }
            check_message(&error.to_string(), &files);
        }
    }
}

/// The parts as text, where all that have to be there are.
fn parts(files: &BTreeMap<String, Vec<u8>>) -> Option<(&str, &str, Option<&str>)> {
    let text = |name: &str| files.get(name).map(|bytes| str::from_utf8(bytes).ok());
    let jwks = match text(JWKS_JSON) {
        Some(jwks) => Some(jwks?),
        None => None,
    };
    Some((text(PRIVATE_PEM)??, text(PUBLIC_PEM)??, jwks))
}

/// What is accepted signs what it verifies, and written it reads back as the same set, in one form.
fn check_set(set: &KeySet, files: &BTreeMap<String, Vec<u8>>) {
    let kid = set.signing_kid();
    let verifier = set.verifier(kid.as_str()).expect("the signing key is accepted");
    let signature = set.sign(b"message");
    assert_eq!(verifier.verify(b"message", &signature), Ok(()));
    assert!(verifier.verify(b"another", &signature).is_err());
    for (kid, key) in set.jwks().iter() {
        assert_eq!(set.verifier(kid.as_str()), Some(key));
        assert!(key == verifier || key.verify(b"message", &signature).is_err());
    }

    let written = set.to_secret_data();
    let back = KeySet::from_secret_data(&written).expect("what was written is accepted");
    assert_eq!(back.set_sha256(), set.set_sha256());
    assert_eq!(back.jwks(), set.jwks());
    assert_eq!(back.signing_kid(), kid);
    assert_eq!(back.sign(b"message"), signature);
    assert_eq!(back.to_secret_data(), written);
    if !files.contains_key(JWKS_JSON) {
        assert_eq!(set.jwks().iter().len(), 1);
        assert_eq!(*kid, verifier.thumbprint());
    }
    check_message(&format!("{set:?}"), files);
}

/// No message repeats a part of a private key: twelve characters of it are not there by chance.
fn check_message(message: &str, files: &BTreeMap<String, Vec<u8>>) {
    assert!(!message.is_empty());
    let has = |text: &[u8], part: &[u8]| text.windows(part.len()).any(|window| window == part);
    for part in SECRETS.iter().flat_map(|secret| secret.as_bytes().windows(12)) {
        if has(message.as_bytes(), part) {
            // An input may have it in its public files as well, such as in a kid.
            let told = [PUBLIC_PEM, JWKS_JSON]
                .iter()
                .any(|name| files.get(*name).is_some_and(|file| has(file, part)));
            assert!(told, "a part of the private key is in {message:?}");
        }
    }
}

/// The secret part of the test keys' files: the first 22 characters are the same for every key.
static SECRETS: LazyLock<[String; 2]> = LazyLock::new(|| {
    [1, 2].map(|seed| {
        let pem = pair(seed).to_pem();
        pem.lines().nth(1).and_then(|line| line.get(22..)).expect("a line of base64").to_owned()
    })
});

/// Files that are accepted, and some that are nearly so.
pub fn seeds() -> Vec<Seed> {
    let (first, second) = (pair(1), pair(2));
    let (private, public) = (first.to_pem().to_string(), first.public().to_pem());
    let jwks = KEYS.jwks().to_json();
    let foreign =
        Jwks::new([Jwk { kid: "k2".parse().expect("a kid"), key: second.public().clone() }]).expect("a key");
    let crlf = |text: &str| text.replace('\n', "\r\n");
    [
        ("pair", vec![private.clone(), public.clone()]),
        ("set", vec![private.clone(), public.clone(), jwks.clone()]),
        ("derived", vec![private.clone(), String::new(), jwks.clone()]),
        ("derived_pair", vec![second.to_pem().to_string(), String::new()]),
        ("private_alone", vec![private.clone()]),
        ("two_pairs", vec![private.clone(), second.public().to_pem()]),
        ("foreign_set", vec![private.clone(), public.clone(), foreign.to_json()]),
        ("crlf", vec![crlf(&private), crlf(&public)]),
        ("empty_set", vec![private.clone(), public.clone(), r#"{"keys":[]}"#.to_owned()]),
        ("version_2", vec![VERSION_2.to_owned(), String::new()]),
        ("label", vec![private.replace("PRIVATE", "RSA PRIVATE"), public]),
    ]
    .into_iter()
    .map(|(name, files)| (name.to_owned(), files.join("\0").into_bytes()))
    .collect()
}

/// The private key of RFC 8410 section 10.3 with attributes and the public half: PKCS#8 version 2.
const VERSION_2: &str = "-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
";
