//! RFC 8037 Appendix A: an Ed25519 key, its JWKs, its thumbprint, and a signature made with it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use keyset::{Jwks, KeyPair};

const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
const SIGNING_INPUT: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// The pair of A.1, brought into the form that is read here (RFC 8410 section 7).
fn appendix_a_pair() -> KeyPair {
    let mut der = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    der.extend(URL_SAFE_NO_PAD.decode(D).unwrap());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
    KeyPair::from_pem(&pem).unwrap()
}

#[test]
fn the_private_key_of_a1_has_the_public_half_of_a2() {
    assert_eq!(URL_SAFE_NO_PAD.encode(appendix_a_pair().public().as_bytes()), X);
}

#[test]
fn the_jwk_of_a2_is_read_and_named_by_the_thumbprint_of_a3() {
    let set = Jwks::from_json(&format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{X}"}}]}}"#)).unwrap();
    let keys: Vec<_> = set.iter().collect();
    assert_eq!(keys, [(&THUMBPRINT.parse().unwrap(), appendix_a_pair().public())]);
}

#[test]
fn the_thumbprint_is_that_of_a3() {
    assert_eq!(appendix_a_pair().public().thumbprint().as_str(), THUMBPRINT);
}

#[test]
fn signing_gives_the_signature_of_a4() {
    let signature = appendix_a_pair().sign(SIGNING_INPUT.as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(signature), SIGNATURE);
}

#[test]
fn the_signature_of_a4_verifies_as_in_a5_and_not_over_another_payload() {
    let pair = appendix_a_pair();
    let signature = URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap();
    assert_eq!(pair.public().verify(SIGNING_INPUT.as_bytes(), &signature), Ok(()));
    let other = SIGNING_INPUT.replace("NTE5", "NDQ4");
    assert_eq!(pair.public().verify(other.as_bytes(), &signature), Err(keyset::InvalidSignature));
}
