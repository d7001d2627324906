//! Other people's libraries: our tokens in PyJWT and npm's jose, theirs here, and the password hashes of Python's bcrypt.

use crate::fixture::{ADMIN, Answer, PASSWORD, Plan, Service, on_each_database};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection, Row};
use std::path::{Path, PathBuf};
use testbed::command::output_with_input;
use testbed::venv::Venv;
use tokio::process::Command;

/// The scripts that ask the libraries, and the lock files of what they need.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop");
const LOCK_FILES: [(&str, &str); 3] = [
    ("requirements.txt", include_str!("../interop/requirements.txt")),
    ("package.json", include_str!("../interop/package.json")),
    ("package-lock.json", include_str!("../interop/package-lock.json")),
];

/// Somebody else's library for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Library {
    PyJwt,
    Jose,
}

impl Library {
    const ALL: [Self; 2] = [Self::PyJwt, Self::Jose];

    /// Does what `request` says: its answer, or the name that it gives to what it refuses.
    async fn ask(self, request: Value) -> Result<Value, String> {
        let venv = Venv::ready("interop", &LOCK_FILES).await.unwrap();
        let (program, script) = match self {
            Self::PyJwt => (venv.python(), "pyjwt.py"),
            Self::Jose => (venv.node(), "jose.mjs"),
        };
        let mut command = Command::new(program);
        command.current_dir(venv.dir()).arg(Path::new(SCRIPTS).join(script));
        let text = output_with_input(&mut command, request.to_string().as_bytes()).await.unwrap();
        let mut said: Value = serde_json::from_str(&text).unwrap();
        match said["refused"].as_str() {
            Some(refusal) => Err(refusal.to_owned()),
            None => Ok(said["answer"].take()),
        }
    }

    /// The claims of a token that it accepts by what the running service publishes.
    async fn verify(self, service: &Service, token: &str, audience: &str) -> Result<Value, String> {
        self.ask(json!({
            "action": "verify",
            "jwks": format!("{}/.well-known/jwks.json", service.api),
            "token": token,
            "issuer": "cc-lite",
            "audience": audience,
            "required": ["exp", "iat", "nbf", "iss", "aud", "sub", "jti"],
        }))
        .await
    }

    /// Tokens of these claims that it signs with this file's key.
    async fn sign(self, key: &Path, algorithm: &str, kid: &Value, claims: &[Value]) -> Vec<String> {
        let request = json!({
            "action": "sign", "key": key, "algorithm": algorithm, "header": {"kid": kid}, "claims": claims,
        });
        serde_json::from_value(self.ask(request).await.unwrap()).unwrap()
    }
}

/// A service, and what there is to sign a token with as its administrator: the key file, its id, and claims.
struct Signing {
    service: Service,
    key: PathBuf,
    kid: Value,
    claims: Value,
}

impl Signing {
    async fn ready() -> Self {
        let plan = Plan::standalone(crate::fixture::Database::Sqlite).await;
        let service = plan.start().await;
        // The user and the session have to be real ones.
        let token = access_token(&service).await;
        Self {
            key: plan.folder().join("keys/ed25519_private.pem"),
            kid: part(&token, 0)["kid"].take(),
            claims: part(&token, 1),
            service,
        }
    }

    /// The claims with some of them replaced; null leaves one out.
    fn with(&self, changes: &Value) -> Value {
        let mut claims = self.claims.clone();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    async fn me(&self, token: &str) -> Answer {
        let request = self.service.request(Method::GET, "/auth/me");
        Answer::of(request.header("authorization", format!("Bearer {token}"))).await
    }
}

async fn access_token(service: &Service) -> String {
    service.login().await["access_token"].as_str().unwrap().to_owned()
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_tokens_verify_with_pyjwt_and_jose() {
    let service = Plan::standalone(crate::fixture::Database::Sqlite).await.start().await;
    let tokens = service.login().await;
    for library in Library::ALL {
        for name in ["access_token", "refresh_token"] {
            let token = tokens[name].as_str().unwrap();
            let claims = library.verify(&service, token, "cc-lite").await;
            assert_eq!(claims, Ok(part(token, 1)), "{library:?}, {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pyjwt_and_jose_refuse_what_is_not_ours_by_the_published_keys() {
    let plan = Plan::standalone(crate::fixture::Database::Sqlite).await;
    let (service, other) = (plan.start().await, Signing::ready().await);
    let ours = access_token(&service).await;
    let (head, signature) = (ours.split('.').next().unwrap(), ours.rsplit('.').next().unwrap());
    let mut claims = part(&ours, 1);
    claims["role"] = json!("supervisor");
    let changed = format!("{head}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()));
    let foreign = access_token(&other.service).await;
    for (library, audience, signed, unknown) in [
        (Library::PyJwt, "InvalidAudienceError", "InvalidSignatureError", "PyJWKClientError"),
        (
            Library::Jose,
            "ERR_JWT_CLAIM_VALIDATION_FAILED",
            "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
            "ERR_JWKS_NO_MATCHING_KEY",
        ),
    ] {
        let refused = |refusal: &str| Err(refusal.to_owned());
        assert_eq!(library.verify(&service, &ours, "other").await, refused(audience), "{library:?}");
        assert_eq!(library.verify(&service, &changed, "cc-lite").await, refused(signed), "{library:?}");
        assert_eq!(library.verify(&service, &foreign, "cc-lite").await, refused(unknown), "{library:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_pyjwt_and_jose_sign_with_our_key_are_accepted() {
    let ours = Signing::ready().await;
    // RFC 9864's name for the algorithm is one that PyJWT does not know.
    for (library, algorithm) in
        [(Library::PyJwt, "EdDSA"), (Library::Jose, "EdDSA"), (Library::Jose, "Ed25519")]
    {
        let claims = [ours.claims.clone()];
        let token = library.sign(&ours.key, algorithm, &ours.kid, &claims).await.remove(0);
        assert_eq!(part(&token, 0)["alg"], algorithm);
        let me = ours.me(&token).await.expect(200).json();
        assert_eq!(
            (&me["id"], &me["email"]),
            (&ours.claims["sub"], &json!(ADMIN)),
            "{library:?}, {algorithm}"
        );
        let call = ours.service.request(Method::GET, "/calls/no-such-call");
        let call = Answer::of(call.header("authorization", format!("Bearer {token}"))).await;
        assert_eq!(call.expect(404).problem(), "not-found", "{library:?}, {algorithm}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_signed_with_our_key_that_say_something_else_are_refused() {
    let ours = Signing::ready().await;
    let now = ours.claims["iat"].as_i64().unwrap();
    let cases = [
        (json!({"iss": "someone-else"}), "token-invalid"),
        (json!({"iss": null}), "token-invalid"),
        (json!({"aud": "someone-else"}), "token-invalid"),
        (json!({"aud": ["cc-lite", "someone-else"]}), "token-invalid"),
        (json!({"type": "refresh"}), "token-invalid"),
        (json!({"type": null}), "token-invalid"),
        (json!({"sid": null}), "token-invalid"),
        (json!({"role": "root"}), "token-invalid"),
        (json!({"nbf": now + 600}), "token-invalid"),
        (json!({"exp": now + 366 * 24 * 3600}), "token-invalid"),
        (json!({"iat": now - 1200, "nbf": now - 1200, "exp": now - 300}), "token-expired"),
    ];
    let claims: Vec<Value> = cases.iter().map(|(changes, _)| ours.with(changes)).collect();
    for library in Library::ALL {
        let tokens = library.sign(&ours.key, "EdDSA", &ours.kid, &claims).await;
        for ((changes, problem), token) in cases.iter().zip(&tokens) {
            let answer = ours.me(token).await.expect(401);
            assert_eq!(&answer.problem(), problem, "{library:?}, {changes}");
        }
        let ours_alone = [ours.claims.clone()];
        let token = library.sign(&ours.key, "EdDSA", &json!("another-key"), &ours_alone).await.remove(0);
        assert_eq!(ours.me(&token).await.expect(401).problem(), "token-invalid", "{library:?}");
        let token = library.sign(&ours.key, "EdDSA", &ours.kid, &ours_alone).await.remove(0);
        let refreshed =
            ours.service.post("/auth/refresh", &json!({"refresh_token": token})).await.expect(401);
        assert_eq!(refreshed.problem(), "token-invalid", "{library:?}");
    }
}

on_each_database! {
    async fn a_password_hashed_by_python_logs_in(database: Database) {
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let mut connection = AnyConnection::connect(plan.arguments.database_url.as_deref().unwrap()).await.unwrap();
        // The longest password that counts here, and one byte more, which Python's bcrypt takes as well.
        for (number, password, status) in
            [(1, "žluťoučký kůň".to_owned(), 200), (2, "x".repeat(71), 200), (3, "x".repeat(72), 401)]
        {
            let hash = Library::PyJwt.ask(json!({"action": "hash_password", "password": password})).await.unwrap();
            let hash = hash.as_str().unwrap();
            assert!(hash.starts_with("$2b$12$"), "expected a hash of cost 12, got {hash}");
            let email = format!("agent-{number}@example.com");
            sqlx::query(
                "INSERT INTO users (id, organization_id, email, role, password_hash, created_at, updated_at) \
                 VALUES ($1, 'default', $2, 'agent', $3, 0, 0)",
            )
            .bind(format!("agent-{number}"))
            .bind(&email)
            .bind(hash)
            .execute(&mut connection)
            .await
            .unwrap();
            let login = async |password: &str| {
                service.post("/auth/login", &json!({"email": email, "password": password})).await.status
            };
            assert_eq!(login(&password).await, status, "{} bytes", password.len());
            assert_eq!(login(&format!("{}y", &password[..8])).await, 401, "{} bytes", password.len());
        }
    }

    async fn python_reads_our_password_hashes(database: Database) {
        let plan = Plan::standalone(database).await;
        let _service = plan.start().await;
        let mut connection = AnyConnection::connect(plan.arguments.database_url.as_deref().unwrap()).await.unwrap();
        let row = sqlx::query("SELECT password_hash FROM users").fetch_one(&mut connection).await.unwrap();
        let hash: String = row.try_get("password_hash").unwrap();
        for (password, equal) in [(PASSWORD, true), ("wrong horse battery", false)] {
            let request = json!({"action": "check_password", "password": password, "hash": hash});
            assert_eq!(Library::PyJwt.ask(request).await, Ok(json!(equal)), "{password}");
        }
    }
}
