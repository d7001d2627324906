//! Errors in the language of whoever is answered.

use crate::fixture::{Answer, Database, Plan, Service, User};
use reqwest::Method;
use serde_json::json;

async fn service() -> Service {
    Plan::platform(Database::Sqlite).await.start().await
}

fn czech<'a>(service: &'a Service, role: &str) -> User<'a> {
    service.member("u1", "o1").with("x-user-role", role).with("accept-language", "cs-CZ,cs;q=0.9,en;q=0.8")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_is_told_in_czech_to_whoever_asks_for_it_and_in_english_to_others() {
    let service = service().await;
    let czech = czech(&service, "agent");
    let refused =
        czech.post("/calls", &json!({"direction": "inbound", "from": "x", "to": 5})).await.expect(422);
    assert_eq!(refused.header("content-language"), "cs");
    assert!(refused.headers.get_all("vary").iter().any(|value| value == "accept-language"), "{refused:?}");
    let problem = refused.json();
    assert_eq!(problem["type"], "urn:cc-lite:problem:invalid-field");
    assert_eq!(problem["title"], "Některé pole nevyhovuje");
    assert_eq!(problem["detail"], "Změňte pole, která vyjmenovává `errors`, a zkuste to znovu.");
    assert_eq!(problem["errors"], json!([{"pointer": "#/to", "detail": "Je zde číslo 5, čeká se text."}]));

    let english = service.member("u1", "o1").with("accept-language", "de");
    let refused =
        english.post("/calls", &json!({"direction": "inbound", "from": "x", "to": "y"})).await.expect(422);
    assert_eq!(
        (refused.header("content-language"), refused.json()["title"].as_str()),
        ("en", Some("A field does not fit"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_that_does_not_allow_it_is_told_in_czech_with_names_as_programs_know_them() {
    let service = service().await;
    let user = czech(&service, "agent");
    let call = user.whole_call().await;
    let refused = user.act(&call, "answer").await.expect(409).json();
    assert_eq!(refused["detail"], "Hovor ve stavu completed nedovoluje akci answer: skončil.");
    assert_eq!(refused["current_state"], "completed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_outside_of_the_api_and_what_is_no_method_is_told_in_czech_too() {
    let service = service().await;
    let ask = async |method: Method, path: &str| {
        Answer::of(service.request(method, path).header("accept-language", "cs")).await
    };
    let missing = ask(Method::GET, "/nothing").await.expect(404);
    assert_eq!(
        (missing.header("content-language"), missing.json()["title"].as_str()),
        ("cs", Some("Zde nic není"))
    );
    let wrong = ask(Method::DELETE, "/calls").await.expect(405).json();
    assert_eq!(wrong["detail"], "Použijte některou z metod, které vyjmenovává hlavička Allow.");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_an_import_refused_are_told_in_the_language_of_each_reader() {
    let service = service().await;
    let boss = czech(&service, "supervisor");
    let campaign = json!({"name": "Jaro", "from": "+420601999999", "time_zone": "Europe/Prague"});
    let campaign = boss.post("/campaigns", &campaign).await.expect(201).header("location").to_owned();
    let request = boss.request(Method::POST, &format!("{campaign}/contacts/import"));
    let told = Answer::of(request.header("content-type", "text/csv").body("number,name\nx,\n1,2,3\n"))
        .await
        .expect(201);
    assert_eq!(told.header("content-language"), "cs");
    let path = told.header("location").to_owned();
    let details = |answer: &Answer| -> Vec<String> {
        let answer = answer.json();
        answer["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["detail"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        details(&told),
        ["telefonní číslo ve tvaru E.164, například +420601123456", "2 hodnoty, jako v prvním řádku"]
    );
    let english = service.member("u2", "o1").with("x-user-role", "supervisor");
    assert_eq!(
        details(&english.get(&path).await.expect(200)),
        ["a telephone number in E.164 form, such as +420601123456", "2 values, as in the first line"]
    );
}
