use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::api::{Api, ListParams, PostParams};
use testbed::ApiServer;

#[tokio::test]
async fn two_api_servers_run_side_by_side_and_share_nothing() {
    let (one, other) = tokio::try_join!(ApiServer::start(), ApiServer::start()).expect("both start");
    let namespace = Namespace {
        metadata: kube::core::ObjectMeta { name: Some("only-here".into()), ..Default::default() },
        ..Default::default()
    };
    let namespaces = Api::<Namespace>::all(one.client().await.expect("client"));
    namespaces.create(&PostParams::default(), &namespace).await.expect("created");

    let elsewhere = Api::<Namespace>::all(other.client().await.expect("client"));
    assert_eq!(
        elsewhere.get_opt("only-here").await.expect("answered").map(|found| found.metadata.name),
        None
    );
}

#[tokio::test]
async fn a_user_may_do_only_what_he_was_allowed_and_his_requests_are_counted() {
    let server = ApiServer::start().await.expect("it starts");
    let secrets =
        Api::<Secret>::namespaced(server.client_for("nobody", None).await.expect("client"), "default");

    let refused = secrets.list(&ListParams::default()).await.expect_err("nobody may list Secrets");

    assert!(
        refused.to_string().contains("cannot list resource \"secrets\""),
        "unexpected refusal: {refused}"
    );
    let requests = server.requests_of("nobody").expect("an audit log");
    let seen: Vec<_> = requests.iter().map(|request| (request.verb.as_str(), request.uri.as_str())).collect();
    assert_eq!(seen, [("list", "/api/v1/namespaces/default/secrets?")]);
}
