//! `password`: the first administrator's password, where the module says that it is.

use std::io::Write;

use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use serde::Serialize;

use crate::{
    arguments::Password,
    cluster::{Cluster, EDIT},
    failure::Failure,
    module::{Module, ModuleExt, SecretEntry},
};

/// The address of the first administrator of a module that says nothing else.
const USUAL_EMAIL: &str = "admin@localhost";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials {
    email: String,
    password: String,
    secret: SecretEntry,
}

/// Prints the password alone, or with what belongs to it in a form for programs.
pub async fn run(cluster: &Cluster, asked: &Password, out: &mut impl Write) -> Result<(), Failure> {
    let module = cluster.module(asked.name.as_deref()).await?;
    let place = place(&module)?;
    let secret = cluster
        .api::<Secret>()
        .get_opt(&place.name)
        .await
        .map_err(|error| Failure::of_call(error, EDIT))?
        .ok_or_else(|| {
            Failure::Absent(format!(
                "Secret {}, which holds the password of {}, is not there: kubectl comms status {} tells more",
                place.name,
                module.name_any(),
                module.name_any()
            ))
        })?;
    let password = entry(&secret, &place.key).ok_or_else(|| {
        Failure::Absent(format!("Secret {} has no text under {}: restore it", place.name, place.key))
    })?;
    match asked.output {
        None => writeln!(out, "{password}")?,
        Some(format) => {
            let email = module.spec_text("/auth/admin/email").map(ToOwned::to_owned);
            let email = email.or_else(|| entry(&secret, "email")).unwrap_or_else(|| USUAL_EMAIL.into());
            format.write(&Credentials { email, password, secret: place }, out)?;
        }
    }
    Ok(())
}

fn place(module: &Module) -> Result<SecretEntry, Failure> {
    let name = module.name_any();
    if module.spec_text("/mode") == Some("Platform") {
        return Err(Failure::Absent(format!(
            "{name} is in Platform mode and has no accounts of its own: people sign in at the platform's gateway"
        )));
    }
    module.password_entry().ok_or_else(|| {
        Failure::Absent(format!(
            "the operator has not said where the password of {name} is yet: kubectl comms status {name} tells how it is"
        ))
    })
}

/// An entry of a Secret, where it is text.
fn entry(secret: &Secret, key: &str) -> Option<String> {
    let value = secret.data.as_ref()?.get(key)?;
    String::from_utf8(value.0.clone()).ok().filter(|text| !text.is_empty())
}
