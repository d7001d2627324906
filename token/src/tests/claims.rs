//! Claims that are missing, of another type, there twice, or not ours.

use super::*;

#[test]
fn every_claim_is_required() {
    let ours = Issuer::ours();
    assert_eq!(claims().as_object().unwrap().len(), 12);
    for name in claims().as_object().unwrap().keys() {
        let token = ours.claiming(&without(&claims(), name));
        ours.refuses(&token, TokenRefusal::Claims, format!("no {name}"));
        let mut renamed = without(&claims(), name);
        renamed[name.to_ascii_uppercase()] = claims()[name].clone();
        ours.refuses(&ours.claiming(&renamed), TokenRefusal::Claims, format!("{name} in upper case"));
    }
}

#[test]
fn every_claim_has_its_type() {
    let ours = Issuer::ours();
    for (name, right) in claims().as_object().unwrap() {
        let text = right.as_str().map_or_else(|| right.to_string(), str::to_owned);
        for wrong in [
            json!(null),
            json!(true),
            json!(1.5),
            json!({}),
            json!([]),
            json!([right]),
            json!([right, "more"]),
            json!({"value": right}),
            // What a deserializer may take for the name of one of a few.
            json!({(text.clone()): null}),
            // A number for a text, and a text for a number.
            if right.is_string() { json!(1) } else { json!(text) },
        ] {
            let token = ours.claiming(&with(&claims(), name, wrong.clone()));
            ours.refuses(&token, TokenRefusal::Claims, format!("{name} = {wrong}"));
        }
    }
}

#[test]
fn no_claim_is_there_twice() {
    let ours = Issuer::ours();
    let whole = claims().to_string();
    let front = whole.strip_suffix('}').unwrap();
    for (name, value) in claims().as_object().unwrap() {
        let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
        for (again, value) in [(name, value), (&escaped, value), (name, &json!(null))] {
            let token = ours.sign(ours.header().to_string(), format!(r#"{front},"{again}":{value}}}"#));
            ours.refuses(&token, TokenRefusal::Claims, format!("{again} = {value} again"));
        }
    }
}

#[test]
fn a_token_of_another_issuer_audience_or_type_is_refused() {
    let ours = Issuer::ours();
    for (name, right) in [("iss", "cc-lite"), ("aud", "voice"), ("type", "access")] {
        let almost = [
            String::new(),
            "someone".to_owned(),
            right.to_ascii_uppercase(),
            format!("{right} "),
            format!(" {right}"),
            format!("{right}\0"),
            format!("{right}/"),
            format!("{right},someone"),
            format!("https://{right}"),
            right[1..].to_owned(),
            right[..right.len() - 1].to_owned(),
        ];
        for wrong in almost.into_iter().map(Value::from).chain([
            json!([right]),
            json!([right, "someone"]),
            json!(["someone", right]),
            json!([]),
            json!({(right): true}),
        ]) {
            let token = ours.claiming(&with(&claims(), name, wrong.clone()));
            ours.refuses(&token, TokenRefusal::Claims, format!("{name} = {wrong}"));
        }
    }
    for other in ["refresh", "id", "Bearer"] {
        ours.refuses(&ours.claiming(&with(&claims(), "type", other)), TokenRefusal::Claims, other);
    }
}

#[test]
fn a_role_is_one_of_three() {
    let ours = Issuer::ours();
    for role in Role::ALL {
        let verified = ours.verify(&ours.claiming(&with(&claims(), "role", role.as_str())));
        assert_eq!(verified.map(|claims| claims.role), Ok(role));
    }
    for wrong in ["", "root", "Admin", "ADMIN", "admin ", "admin,agent", "superadmin"] {
        ours.refuses(&ours.claiming(&with(&claims(), "role", wrong)), TokenRefusal::Claims, wrong);
    }
}

#[test]
fn ids_are_short_and_visible() {
    let ours = Issuer::ours();
    for name in ["sub", "org", "sid", "jti"] {
        let token = ours.claiming(&with(&claims(), name, "x".repeat(128)));
        assert!(ours.verify(&token).is_ok(), "{name} of 128 characters");
        for wrong in ["", " ", "a b", "a\n", "a\0", "../x", "a/b", "' OR 1=1 --", "ž", &"x".repeat(129)] {
            let token = ours.claiming(&with(&claims(), name, wrong));
            ours.refuses(&token, TokenRefusal::Claims, format!("{name} = {wrong:?}"));
        }
    }
}

/// RFC 7519 section 4: so that a later release may say more.
#[test]
fn claims_that_mean_nothing_here_change_nothing() {
    let ours = Issuer::ours();
    let more = with(&with(&claims(), "scope", "everything"), "admin", json!({"sub": "root", "exp": [0]}));
    assert_eq!(serde_json::to_value(ours.verify(&ours.claiming(&more)).unwrap()).unwrap(), claims());
}

#[test]
fn claims_that_are_no_json_object_are_refused() {
    let ours = Issuer::ours();
    let whole = claims().to_string();
    let order = ["sub", "email", "role", "org", "sid", "type", "exp", "iat", "nbf", "iss", "aud", "jti"];
    let in_order = Value::from_iter(order.map(|name| claims()[name].clone())).to_string();
    for payload in [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "1".to_owned(),
        format!("{whole:?}"),
        // What a deserializer may take for the object: its members in order.
        in_order,
        format!("[{whole}]"),
        format!("{whole}x"),
        format!("{whole}{whole}"),
        format!("\u{feff}{whole}"),
        format!("{whole}\0"),
        whole[..whole.len() - 1].to_owned(),
        whole.replace('"', "'"),
        whole.replace("\"u1\"", "\"\\ud800\""),
        whole.replace("\"u1\"", "\"u\t1\""),
        format!("// claims\n{whole}"),
        "[".repeat(2000),
    ] {
        let token = ours.sign(ours.header().to_string(), &payload);
        ours.refuses(&token, TokenRefusal::Claims, &payload);
    }
}

#[test]
fn claims_are_utf_8_also_where_nobody_looks() {
    let ours = Issuer::ours();
    let whole = claims().to_string();
    let front = whole.strip_suffix('}').unwrap().as_bytes();
    for bytes in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"] {
        let payload = [front, b",\"note\":\"", bytes, b"\"}"].concat();
        let token = ours.sign(ours.header().to_string(), payload);
        ours.refuses(&token, TokenRefusal::Claims, format!("{bytes:x?}"));
    }
}
