//! Key files of OpenSSL, read and written.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use keyset::{KeyPair, KeySet, PrivateKeyError, PublicKey};

use crate::pair;

/// Made with `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` (3.0.19).
const OPENSSL_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEILtZ/o9MUZ8LuKhnKpWOVh/7YVHCRckn/iFttiNYbp0Q
-----END PRIVATE KEY-----
";
const OPENSSL_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAL9lhNp6MzJ/eCndFvdqm8eXPa1Sd1/hnjWeuTeqvYmE=
-----END PUBLIC KEY-----
";
/// The private key of RFC 8410 section 10.3 with attributes and the public half: PKCS#8 version 2.
const VERSION_2: &str = "-----BEGIN PRIVATE KEY-----
MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
Z9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PRIVATE KEY-----
";
/// Its public half, RFC 8410 section 10.1.
const VERSION_2_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
";

#[test]
fn openssls_files_are_read_and_written_byte_for_byte() {
    let pair = KeyPair::from_pem(OPENSSL_PRIVATE).unwrap();
    assert_eq!(pair.to_pem().as_str(), OPENSSL_PRIVATE);
    assert_eq!(pair.public().to_pem(), OPENSSL_PUBLIC);
    assert!(KeySet::from_parts(OPENSSL_PRIVATE, OPENSSL_PUBLIC, None).is_ok());
}

#[test]
fn pkcs8_version_2_is_read() {
    let pair = KeyPair::from_pem(VERSION_2).unwrap();
    assert_eq!(pair.public(), &PublicKey::from_pem(VERSION_2_PUBLIC).unwrap());
}

#[test]
fn a_version_2_document_with_anothers_public_half_is_refused() {
    let mixed = VERSION_2.replace("Z9w7lshQhqowtrbLDFw4rXAxZuE=", "Z9w7lshQhqowtrbLDFw4rXAxZuI=");
    assert_eq!(KeyPair::from_pem(&mixed).unwrap_err(), PrivateKeyError::OtherPublicHalf);
}

/// Runs `openssl` in `dir`; `None` where it is not installed, which the tests above stand in for.
fn openssl(dir: &Path, args: &[&str]) -> Option<String> {
    let output = match Command::new("openssl").args(args).current_dir(dir).stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("not shown here: openssl is not installed");
            return None;
        }
        Err(error) => panic!("openssl could not be run: {error}"),
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {args:?} failed: {stderr}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_key_that_openssl_makes_now_signs_what_we_verify() {
    let dir = tempfile::tempdir().unwrap();
    let Some(private) = openssl(dir.path(), &["genpkey", "-algorithm", "ed25519"]) else { return };
    fs::write(dir.path().join("private.pem"), &private).unwrap();
    let public = openssl(dir.path(), &["pkey", "-in", "private.pem", "-pubout"]).unwrap();
    assert!(KeySet::from_parts(&private, &public, None).is_ok());

    fs::write(dir.path().join("message"), "signed by openssl").unwrap();
    let sign = "pkeyutl -sign -rawin -inkey private.pem -in message -out signature";
    openssl(dir.path(), &sign.split(' ').collect::<Vec<_>>()).unwrap();
    let signature = fs::read(dir.path().join("signature")).unwrap();
    assert_eq!(PublicKey::from_pem(&public).unwrap().verify(b"signed by openssl", &signature), Ok(()));
}

#[test]
fn openssl_reads_our_files_and_verifies_what_we_sign() {
    let dir = tempfile::tempdir().unwrap();
    let pair = pair(7);
    fs::write(dir.path().join("private.pem"), pair.to_pem()).unwrap();
    fs::write(dir.path().join("public.pem"), pair.public().to_pem()).unwrap();
    fs::write(dir.path().join("message"), "signed by us").unwrap();
    fs::write(dir.path().join("signature"), pair.sign(b"signed by us")).unwrap();

    let Some(public) = openssl(dir.path(), &["pkey", "-in", "private.pem", "-pubout"]) else { return };
    assert_eq!(public, pair.public().to_pem());
    let verify = "pkeyutl -verify -rawin -pubin -inkey public.pem -in message -sigfile signature";
    let answer = openssl(dir.path(), &verify.split(' ').collect::<Vec<_>>()).unwrap();
    assert_eq!(answer.trim(), "Signature Verified Successfully");
}
