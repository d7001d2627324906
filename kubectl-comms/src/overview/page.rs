//! Overviews for people: one module on a page, several in a table.

use std::io::Write;

use jiff::Timestamp;

use crate::{age::age, failure::Failure, output::table};

use super::{Overview, Volume};

/// Characters of a key's id that tell it from others.
const SHORT_KID: usize = 8;

/// One module.
pub(super) fn page(overview: &Overview, now: Timestamp, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "CommsModule {}/{}", overview.namespace, overview.name)?;
    writeln!(out)?;
    let facts = [
        ("State", Some(state(overview))),
        ("Mode", Some(overview.mode.clone())),
        ("Address", overview.url.clone()),
        ("Image", overview.image.clone()),
        ("Database", database(overview)),
        (
            "Administrator",
            overview
                .password_secret
                .as_ref()
                .map(|entry| format!("Secret {}, entry {}", entry.name, entry.key)),
        ),
        ("Next key", overview.next_rotation.map(|time| time.to_string())),
        ("Age", Some(age(overview.created_at, now))),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            writeln!(out, "  {name:<15}{fact}")?;
        }
    }
    if !overview.conditions.is_empty() {
        writeln!(out, "\nConditions")?;
        let rows = overview.conditions.iter().map(|condition| {
            [
                condition.type_.clone(),
                condition.status.clone(),
                condition.reason.clone(),
                age(condition.last_transition_time, now),
                condition.message.clone(),
            ]
        });
        let heads = ["TYPE", "STATUS", "REASON", "SINCE", "MESSAGE"];
        table("  ", heads, &rows.collect::<Vec<_>>(), out)?;
    }
    if !overview.keys.is_empty() {
        writeln!(out, "\nKeys")?;
        let rows = overview
            .keys
            .iter()
            .map(|key| {
                let taken_up = key.acknowledged.clone().unwrap_or_else(|| "-".into());
                let goes_at = key.remove_at.map_or_else(|| "-".to_owned(), |time| time.to_string());
                [key.kid.clone(), key.phase.clone(), age(key.created_at, now), taken_up, goes_at]
            })
            .collect::<Vec<_>>();
        table("  ", ["KID", "PHASE", "AGE", "PODS", "GOES AT"], &rows, out)?;
    }
    if !overview.pods.is_empty() {
        writeln!(out, "\nPods")?;
        let rows = overview.pods.iter().map(|pod| {
            [
                pod.name.clone(),
                pod.ready.clone(),
                pod.status.clone(),
                pod.restarts.to_string(),
                age(pod.created_at, now),
                pod.node.clone().unwrap_or_else(|| "-".into()),
            ]
        });
        let heads = ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "NODE"];
        table("  ", heads, &rows.collect::<Vec<_>>(), out)?;
    }
    lines("Not read", &overview.unread, out)?;
    lines("Next", &overview.next, out)
}

/// Several modules, and what those that are not ready say.
pub(super) fn list(overviews: &[Overview], now: Timestamp, out: &mut impl Write) -> Result<(), Failure> {
    let rows = overviews.iter().map(|overview| {
        let reason = |type_: &str| {
            overview.condition(type_).map_or_else(|| "-".to_owned(), |condition| condition.reason.clone())
        };
        let kid = overview.keys.iter().find(|key| key.phase == "Active").map(|key| key.kid.as_str());
        [
            overview.namespace.clone(),
            overview.name.clone(),
            overview.mode.clone(),
            if overview.ready { "True" } else { "False" }.to_owned(),
            reason("Ready"),
            format!("{}/{}", overview.ready_replicas, overview.replicas),
            kid.map_or_else(|| "-".to_owned(), |kid| kid.chars().take(SHORT_KID).collect()),
            reason("EventsReady"),
            age(overview.created_at, now),
        ]
    });
    let heads = ["NAMESPACE", "NAME", "MODE", "READY", "REASON", "PODS", "KEY", "EVENTS", "AGE"];
    table("", heads, &rows.collect::<Vec<_>>(), out)?;
    for overview in overviews.iter().filter(|overview| !overview.ready) {
        writeln!(out, "\n{}/{}: {}", overview.namespace, overview.name, message(overview))?;
        for next in &overview.next {
            writeln!(out, "  {next}")?;
        }
    }
    Ok(())
}

fn lines(head: &str, lines: &[String], out: &mut impl Write) -> Result<(), Failure> {
    if !lines.is_empty() {
        writeln!(out, "\n{head}")?;
    }
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

fn state(overview: &Overview) -> String {
    let state = match (overview.deleting, overview.ready) {
        (true, _) => "Being deleted",
        (false, true) => "Ready",
        (false, false) => "Not ready",
    };
    format!("{state}: {}", message(overview))
}

fn message(overview: &Overview) -> String {
    match overview.condition("Ready") {
        Some(condition) if overview.observed => condition.message.clone(),
        _ => "The operator has said nothing about the newest spec yet.".to_owned(),
    }
}

fn database(overview: &Overview) -> Option<String> {
    let database = overview.database.as_deref()?;
    let Some(Volume { name, phase, size, storage_class }) = &overview.volume else {
        return Some(database.to_owned());
    };
    let more = [Some(phase), size.as_ref(), storage_class.as_ref()];
    let more = more.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    Some(format!("{database}, on volume {name} ({more})"))
}

#[cfg(test)]
mod tests {
    use super::{super::advice::tests::overview, *};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn shown(write: impl FnOnce(&mut Vec<u8>) -> Result<(), Failure>) -> String {
        let mut out = Vec::new();
        write(&mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_page_has_everything_about_one_module() {
        let mut module = overview(&[("Ready", "True", "Serving"), ("EventsReady", "False", "NotConfigured")]);
        module.volume = Some(Volume {
            name: "comms-data".into(),
            phase: "Bound".into(),
            size: Some("1Gi".into()),
            storage_class: Some("local".into()),
        });
        module.unread.push("pods: you may not".into());
        insta::assert_snapshot!(shown(|out| page(&module, at("2026-02-02T03:00:00Z"), out)), @r"
        CommsModule acme/comms

          State          Ready: Serving it is.
          Mode           Standalone
          Address        http://comms.acme.svc:3018/
          Image          cc-lite:1
          Database       Embedded, on volume comms-data (Bound, 1Gi, local)
          Administrator  Secret comms-admin, entry password
          Age            27h

        Conditions
          TYPE          STATUS   REASON          SINCE   MESSAGE
          Ready         True     Serving         60m     Serving it is.
          EventsReady   False    NotConfigured   60m     NotConfigured it is.

        Keys
          KID                                           PHASE    AGE   PODS   GOES AT
          kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k   Active   27h   -      -

        Not read
          pods: you may not

        Next
          Nothing is published: set spec.events.rabbitmq to have other modules hear of calls.
          Read its API: kubectl comms -n acme open comms
          First administrator's password: kubectl comms -n acme password comms
        ");
    }

    #[test]
    fn a_list_has_a_line_for_each_and_says_what_is_wrong_with_which() {
        let ready = overview(&[("Ready", "True", "Serving"), ("EventsReady", "True", "Connected")]);
        let mut held = overview(&[("Ready", "False", "SecretNotFound")]);
        held.name = "other".into();
        held.ready_replicas = 0;
        insta::assert_snapshot!(shown(|out| list(&[ready, held], at("2026-02-02T03:00:00Z"), out)), @r"
        NAMESPACE   NAME    MODE         READY   REASON           PODS   KEY        EVENTS      AGE
        acme        comms   Standalone   True    Serving          1/1    kPrK_qmx   Connected   27h
        acme        other   Standalone   False   SecretNotFound   0/1    kPrK_qmx   -           27h

        acme/other: SecretNotFound it is.
          Do what the message of Ready says; the operator goes on by itself.
        ");
    }
}
