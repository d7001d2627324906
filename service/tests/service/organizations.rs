//! `cc-lite org create`, beside a running service and without one.

use crate::fixture::{Database, PASSWORD, Plan};
use crate::program::{command, ending};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_is_added_while_the_service_runs() {
    for database in [Database::Sqlite, Database::Postgres] {
        let plan = Plan::standalone(database).await;
        let service = plan.start().await;
        let url = plan.arguments.database_url.as_deref().unwrap();
        let create = |arguments: &[&str]| {
            let mut create = command(plan.folder(), &[("DATABASE_URL", url)]);
            create.args(["org", "create"]).args(arguments);
            create
        };
        let output = create(&["acme", "--admin-email", "Boss@Acme.example"]).output().await.unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told} {}", String::from_utf8_lossy(&output.stderr));
        assert!(
            told.contains("Organisation acme was added, with the administrator boss@acme.example."),
            "{told}"
        );
        let password = told.lines().find_map(|line| line.strip_prefix("    ")).expect("a password").trim();
        let tokens = service.try_login("boss@acme.example", password).await.expect(200).json();
        let boss = service.bearer(tokens["access_token"].as_str().unwrap());
        assert_eq!(boss.get("/auth/me").await.expect(200).json()["organization_id"], json!("acme"));

        let again = ending(create(&["acme", "--admin-email", "b@acme.example"])).await;
        assert_eq!(
            again,
            (Some(1), "There is an organisation `acme` already: give another id.\n".to_owned())
        );
        let taken = ending(create(&["other", "--admin-email", "boss@acme.example"])).await;
        assert_eq!(
            taken,
            (
                Some(1),
                "boss@acme.example has an account already: give another address with --admin-email.\n"
                    .to_owned()
            )
        );
        ending(create(&["other", "--admin-email", "b@other.example"])).await.0.expect("an exit code");
    }
}

#[tokio::test]
async fn a_given_password_is_taken_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
    let mut create = command(folder.path(), &[]);
    create.args(["org", "create", "acme", "--admin-email", "a@b", "--admin-password-file", "password"]);
    let output = create.output().await.unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("was added") && !told.contains(PASSWORD) && !told.contains("password"), "{told}");
}

#[tokio::test]
async fn what_does_not_fit_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, settings, code, sentence) in [
        (
            &["org", "create", "a b", "--admin-email", "a@b"][..],
            &[][..],
            1,
            "`a b` cannot be an organisation's id",
        ),
        (&["org", "create", "acme", "--admin-email", "nobody"], &[], 1, "`nobody` is not an address of mail"),
        (
            &["org", "create", "acme", "--admin-email", "a@b", "--admin-password-file", "none"],
            &[],
            1,
            "The password file `none` cannot be read",
        ),
        (&["org", "create", "acme"], &[], 2, "--admin-email <ADMIN_EMAIL> is missing"),
        (&["org", "destroy"], &[], 2, "`destroy` is not a command of cc-lite"),
        (
            &["org", "create", "acme", "--admin-email", "a@b"],
            &[("CC_LITE_MODE", "platform")],
            1,
            "In platform mode organisations are the gateway's",
        ),
    ] {
        let mut create = command(folder.path(), settings);
        create.args(arguments);
        let (seen, error) = ending(create).await;
        assert_eq!(seen, Some(code), "{arguments:?}: {error}");
        assert!(error.starts_with(sentence) && error.lines().count() == 1, "{arguments:?}: {error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}
