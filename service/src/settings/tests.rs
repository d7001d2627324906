use super::*;
use crate::command::CommandLine;
use secrecy::ExposeSecret;
use std::path::PathBuf;

fn check(change: impl FnOnce(&mut Arguments)) -> Result<Settings, String> {
    let mut arguments = Arguments::default();
    change(&mut arguments);
    Settings::check(&arguments).map_err(|error| error.to_string())
}

fn refusal(change: impl FnOnce(&mut Arguments)) -> String {
    check(change).map(|_| ()).unwrap_err()
}

#[test]
fn nothing_given_is_a_standalone_service_on_port_3018() {
    let settings = check(|_| {}).unwrap();
    assert_eq!((settings.port, settings.management_port, settings.base_path.as_str()), (3018, 9018, ""));
    let IdentitySettings::Standalone(standalone) = settings.identity else { panic!("expected standalone") };
    assert_eq!(standalone.keys_dir, PathBuf::from(".keys"));
    assert_eq!(standalone.access_token_ttl, Duration::from_mins(15));
    assert_eq!(standalone.refresh_token_ttl, Duration::from_hours(168));
    assert_eq!((standalone.issuer.as_str(), standalone.audience.as_str()), ("cc-lite", "cc-lite"));
    assert_eq!(
        (standalone.organization_id.as_str(), standalone.admin_email.as_str()),
        ("default", "admin@localhost")
    );
    assert!(standalone.admin_password.is_none());
    assert!(
        matches!(settings.database, DatabaseSettings::Sqlite { file } if file == Path::new("cc-lite.db"))
    );
    assert!(settings.events.enabled);
    assert_eq!(settings.events.broker.url().expose_secret(), "amqp://127.0.0.1:5672");
    assert_eq!(settings.events.exchange, "ocelot.events");
    assert_eq!(settings.events.retention, Duration::from_hours(24));
    assert_eq!(settings.traces, None);
}

#[test]
fn an_empty_value_counts_as_not_given() {
    let settings = check(|a| {
        a.port = Some(String::new());
        a.rabbitmq_url = Some(String::new());
        a.public_url = Some(String::new());
    })
    .unwrap();
    assert_eq!(settings.port, 3018);
    assert_eq!(settings.traces, None);
}

#[test]
fn platform_mode_lives_under_the_platforms_path() {
    let settings = check(|a| a.mode = Some("platform".into())).unwrap();
    assert_eq!(settings.base_path, "/api/communications");
    let IdentitySettings::Platform(gateway) = settings.identity else { panic!("expected platform") };
    assert!(gateway.loopback_only());
}

#[test]
fn a_gateway_secret_or_trust_opens_the_port_to_others() {
    let gateway = |change: fn(&mut Arguments)| match check(|a| {
        a.mode = Some("platform".into());
        change(a);
    }) {
        Ok(Settings { identity: IdentitySettings::Platform(gateway), .. }) => gateway,
        other => panic!("expected platform mode, got {other:?}"),
    };
    let secret = gateway(|a| a.gateway_secret = Some("0123456789abcdef,fedcba9876543210".into()));
    assert!(!secret.loopback_only());
    assert_eq!(
        secret.secrets.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(),
        ["0123456789abcdef", "fedcba9876543210"]
    );
    assert!(!gateway(|a| a.gateway_trust_everyone = Some("true".into())).loopback_only());
}

#[test]
fn each_bad_value_gives_one_sentence_that_names_the_setting() {
    type Change = fn(&mut Arguments);
    let cases: [(Change, &str); 20] = [
        (|a| a.port = Some("x".into()), "CC_LITE_PORT is `x`"),
        (|a| a.management_port = Some("70000".into()), "CC_LITE_MANAGEMENT_PORT is `70000`"),
        (
            |a| a.management_port = Some("3018".into()),
            "CC_LITE_PORT and CC_LITE_MANAGEMENT_PORT are the same",
        ),
        (|a| a.mode = Some("both".into()), "CC_LITE_MODE is `both`"),
        (|a| a.base_path = Some("api".into()), "CC_LITE_BASE_PATH is `api`"),
        (|a| a.database_url = Some("mysql://x".into()), "DATABASE_URL has a value"),
        (|a| a.database_ca_file = Some("/no/such".into()), "DATABASE_CA_FILE names `/no/such`"),
        (|a| a.enable_events = Some("yes".into()), "ENABLE_EVENTS is `yes`"),
        (|a| a.rabbitmq_url = Some("http://x".into()), "RABBITMQ_URL has a value"),
        (|a| a.rabbitmq_ca_file = Some("/dev/null".into()), "RABBITMQ_CA_FILE is `/dev/null`"),
        (|a| a.events_exchange = Some("amq.x".into()), "EVENTS_EXCHANGE is `amq.x`"),
        (|a| a.events_retention = Some("1d".into()), "EVENTS_RETENTION is `1d`"),
        (|a| a.events_backlog_limit = Some("50%".into()), "EVENTS_BACKLOG_LIMIT is `50%`"),
        (|a| a.access_token_ttl = Some("0s".into()), "CC_LITE_ACCESS_TOKEN_TTL is `0s`"),
        (|a| a.refresh_token_ttl = Some("5m".into()), "CC_LITE_REFRESH_TOKEN_TTL is shorter"),
        (|a| a.org_id = Some("a b".into()), "CC_LITE_ORG_ID is `a b`"),
        (|a| a.admin_email = Some("me".into()), "CC_LITE_ADMIN_EMAIL is `me`"),
        (|a| a.admin_password = Some("short".into()), "CC_LITE_ADMIN_PASSWORD has a value"),
        (|a| a.gateway_secret = Some("0123456789abcdef".into()), "CC_LITE_GATEWAY_SECRET and"),
        (|a| a.rust_log = Some("cc_lite=loud".into()), "RUST_LOG is `cc_lite=loud`"),
    ];
    for (change, beginning) in cases {
        let sentence = refusal(change);
        assert!(sentence.starts_with(beginning), "expected `{beginning}…`, got `{sentence}`");
        assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn addresses_and_durations_are_checked() {
    let endpoint =
        check(|a| a.otel_exporter_otlp_endpoint = Some("http://127.0.0.1:4318".into())).unwrap().traces;
    assert_eq!(endpoint, Some("http://127.0.0.1:4318".parse().unwrap()));
    for (name, sentence) in [
        ("CC_LITE_PUBLIC_URL", refusal(|a| a.public_url = Some("ftp://x".into()))),
        ("CC_LITE_STALE_CALL_TIMEOUT", refusal(|a| a.stale_call_timeout = Some("soon".into()))),
        ("CC_LITE_VERIFIER_CACHE_TTL", refusal(|a| a.verifier_cache_ttl = Some("1s".into()))),
        ("CC_LITE_DRAIN_DELAY", refusal(|a| a.drain_delay = Some("11m".into()))),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", refusal(|a| a.otel_exporter_otlp_endpoint = Some("x".into()))),
    ] {
        assert!(sentence.starts_with(name), "{sentence}");
    }
}

#[test]
fn agents_voices_are_judged_only_where_the_deployment_says_so() {
    assert!(!check(|_| {}).unwrap().allow_agent_audio_sentiment);
    assert!(
        check(|a| a.allow_agent_audio_sentiment = Some("true".into())).unwrap().allow_agent_audio_sentiment
    );
    let sentence = refusal(|a| a.allow_agent_audio_sentiment = Some("yes".into()));
    assert!(sentence.starts_with("CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT is `yes`"), "{sentence}");
}

#[test]
fn secrets_may_come_from_files_and_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("uri");
    let write = |content: &str| std::fs::write(&path, content).unwrap();
    let from_file = |a: &mut Arguments| a.rabbitmq_url_file = Some(path.display().to_string());
    write("amqp://user:hush@broker:5672/%2f\n");
    assert_eq!(
        check(from_file).unwrap().events.broker.url().expose_secret(),
        "amqp://user:hush@broker:5672/%2f"
    );
    write("amqp://user:hush@broker:port");
    let refused = refusal(from_file);
    assert!(
        refused.starts_with("RABBITMQ_URL has a value that does not fit") && !refused.contains("hush"),
        "{refused}"
    );
    write("\n");
    assert!(refusal(from_file).contains("a file that is not empty"));
    let twice = refusal(|a| {
        from_file(a);
        a.rabbitmq_url = Some("amqp://127.0.0.1".into());
    });
    assert_eq!(twice, "RABBITMQ_URL and RABBITMQ_URL_FILE are both set: keep one of them.");
    let missing = refusal(|a| a.database_url_file = Some("/no/such".into()));
    assert!(missing.starts_with("DATABASE_URL_FILE names `/no/such`, which cannot be read"), "{missing}");
    let shown = format!("{:?}", check(|a| a.admin_password = Some("hush-hush".into())).unwrap());
    assert!(!shown.contains("hush-hush"), "{shown}");
    let given = Arguments { admin_password: Some("hush-hush".into()), ..Arguments::default() };
    assert_eq!(format!("{given:?}"), "Arguments { .. }");
}

#[test]
fn a_command_line_that_cannot_be_read_gives_one_sentence() {
    let read = |line: &[&str]| match CommandLine::read(line.iter().map(Into::into)).map(|line| line.arguments)
    {
        Ok(arguments) => format!("{:?}", arguments.port),
        Err(NoArguments::Asked(text)) => format!("asked: {}", text.lines().next().unwrap_or_default()),
        Err(NoArguments::Unreadable(sentence)) => sentence,
    };
    assert_eq!(read(&["cc-lite", "--port", "3019"]), "Some(\"3019\")");
    assert_eq!(read(&["cc-lite", "--cc-lite-port=3020"]), "Some(\"3020\")");
    assert_eq!(
        read(&["cc-lite", "--prot=hush"]),
        "`--prot` is not a setting of cc-lite: `cc-lite --help` lists them all."
    );
    assert!(read(&["cc-lite", "--port"]).contains("lacks a value"));
    assert!(read(&["cc-lite", "--port", "1", "--port", "2"]).contains("more than once"));
    assert!(read(&["cc-lite", "--version"]).starts_with("asked: cc-lite "));
}

#[test]
fn twilios_accounts_need_an_address_and_an_organisation() {
    let sid = "AC0123456789abcdef0123456789abcdef";
    let accounts = |value: &str| {
        let value = value.to_owned();
        move |a: &mut Arguments| {
            a.twilio_accounts = Some(value);
            a.public_url = Some("https://voice.example.com".into());
        }
    };
    let both = format!("{sid}:0123456789abcdef\n{sid}:fedcba9876543210:north");
    let twilio = check(accounts(&both)).unwrap().twilio.unwrap();
    let organizations: Vec<&str> =
        twilio.accounts.iter().map(|account| account.organization_id.as_str()).collect();
    assert_eq!(organizations, ["default", "north"]);
    let alone = refusal(|a| a.twilio_accounts = Some(format!("{sid}:0123456789abcdef")));
    assert!(alone.starts_with("CC_LITE_TWILIO_ACCOUNTS is set, but CC_LITE_PUBLIC_URL is not"), "{alone}");
    for bad in [format!("{sid}:short"), "AC1:0123456789abcdef".into(), format!("{sid}:0123456789abcdef:a b")]
    {
        let sentence = refusal(accounts(&bad));
        assert!(sentence.starts_with("CC_LITE_TWILIO_ACCOUNTS has a value"), "{sentence}");
        assert!(!sentence.contains("0123456789abcdef"), "{sentence}");
    }
}

#[test]
fn help_names_every_setting_of_the_contract() {
    let Err(NoArguments::Asked(help)) = CommandLine::read(["cc-lite", "--help"].map(Into::into)) else {
        panic!("expected help");
    };
    for name in [
        "CC_LITE_PORT",
        "CC_LITE_MANAGEMENT_PORT",
        "CC_LITE_MODE",
        "CC_LITE_BASE_PATH",
        "CC_LITE_KEYS_DIR",
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "ENABLE_EVENTS",
        "RABBITMQ_URL",
        "RABBITMQ_URL_FILE",
        "EVENTS_EXCHANGE",
        "EVENTS_RETENTION",
        "EVENTS_BACKLOG_LIMIT",
        "CC_LITE_ACCESS_TOKEN_TTL",
        "CC_LITE_REFRESH_TOKEN_TTL",
        "CC_LITE_VERIFIER_CACHE_TTL",
        "CC_LITE_ISSUER",
        "CC_LITE_AUDIENCE",
        "CC_LITE_ORG_ID",
        "CC_LITE_ADMIN_EMAIL",
        "CC_LITE_ADMIN_PASSWORD",
        "CC_LITE_ADMIN_PASSWORD_FILE",
        "CC_LITE_GATEWAY_SECRET",
        "CC_LITE_GATEWAY_SECRET_FILE",
        "CC_LITE_GATEWAY_TRUST_EVERYONE",
        "CC_LITE_PUBLIC_URL",
        "CC_LITE_RATE_LIMIT",
        "CC_LITE_TRUSTED_PROXIES",
        "CC_LITE_TWILIO_ACCOUNTS",
        "CC_LITE_TWILIO_ACCOUNTS_FILE",
        "CC_LITE_CORS_ORIGINS",
        "CC_LITE_STALE_CALL_TIMEOUT",
        "CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT",
        "RABBITMQ_CA_FILE",
        "DATABASE_CA_FILE",
        "RUST_LOG",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ] {
        assert!(help.contains(&format!("[env: {name}]")), "--help lacks {name}");
    }
}
