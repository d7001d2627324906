//! The restricted Pod Security profile, as far as a pod template can leave it.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>. Where the profile depends on the version of
//! Kubernetes, the stricter one counts.

use k8s_openapi::api::core::v1::{
    Container, Lifecycle, LifecycleHandler, PodSpec, PodTemplateSpec, Probe, Volume,
};
use serde_json::Value;

/// Kernel parameters that concern the pod alone.
const SAFE_SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_syncookies",
];
/// `SELinux` types of containers.
const SELINUX_TYPES: [&str; 5] =
    ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
/// Where a volume may come from.
const VOLUME_SOURCES: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// What leaves the profile, one sentence each.
pub(super) fn violations(template: &PodTemplateSpec) -> Vec<String> {
    let Some(spec) = &template.spec else { return Vec::new() };
    let mut found = Vec::new();
    of_pod(spec, &mut found);
    spec.volumes.iter().flatten().for_each(|volume| of_volume(volume, &mut found));
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    containers.for_each(|container| of_container(container, spec, &mut found));
    let annotations = template.metadata.iter().flat_map(|metadata| metadata.annotations.iter().flatten());
    for (annotation, profile) in annotations {
        let armour = annotation.starts_with("container.apparmor.security.beta.kubernetes.io/");
        if armour && !matches!(profile.as_str(), "runtime/default" | "") && !profile.starts_with("localhost/")
        {
            found.push(format!("annotation {annotation} is {profile}"));
        }
    }
    found
}

fn of_pod(spec: &PodSpec, found: &mut Vec<String>) {
    for (field, set) in
        [("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc)]
    {
        if set == Some(true) {
            found.push(format!("{field} is true"));
        }
    }
    let Some(security) = &spec.security_context else { return };
    if let Some(sysctl) =
        security.sysctls.iter().flatten().find(|sysctl| !SAFE_SYSCTLS.contains(&sysctl.name.as_str()))
    {
        found.push(format!("sysctl {} is not a safe one", sysctl.name));
    }
    let context = json(security);
    of_context(&context, "securityContext", found);
}

/// What a pod's and a container's security contexts have in common.
fn of_context(context: &Value, place: &str, found: &mut Vec<String>) {
    if context.pointer("/windowsOptions/hostProcess") == Some(&Value::Bool(true)) {
        found.push(format!("{place}.windowsOptions.hostProcess is true"));
    }
    if context["runAsUser"] == 0 {
        found.push(format!("{place}.runAsUser is 0"));
    }
    if context["runAsNonRoot"] == false {
        found.push(format!("{place}.runAsNonRoot is false"));
    }
    for profile in ["seccompProfile", "appArmorProfile"] {
        if context[profile]["type"] == "Unconfined" {
            found.push(format!("{place}.{profile} is Unconfined"));
        }
    }
    let selinux = &context["seLinuxOptions"];
    let text = |field: &str| selinux[field].as_str().unwrap_or_default().to_owned();
    if !SELINUX_TYPES.contains(&text("type").as_str()) || !text("user").is_empty() || !text("role").is_empty()
    {
        found.push(format!("{place}.seLinuxOptions sets more than a container's type"));
    }
}

fn of_volume(volume: &Volume, found: &mut Vec<String>) {
    let written = json(volume);
    let sources = written.as_object().into_iter().flatten().map(|(field, _)| field.as_str());
    for source in sources.filter(|source| *source != "name" && !VOLUME_SOURCES.contains(source)) {
        found.push(format!("volume {} is a {source}", volume.name));
    }
}

fn of_container(container: &Container, pod: &PodSpec, found: &mut Vec<String>) {
    let name = &container.name;
    let context = json(&container.security_context);
    let place = format!("container {name}'s securityContext");
    of_context(&context, &place, found);
    if context["privileged"] == true {
        found.push(format!("{place}.privileged is true"));
    }
    if context["allowPrivilegeEscalation"] != false {
        found.push(format!("{place}.allowPrivilegeEscalation is not false"));
    }
    let list = |field: &str| context["capabilities"][field].as_array().cloned().unwrap_or_default();
    if !list("drop").contains(&Value::from("ALL")) {
        found.push(format!("{place}.capabilities.drop lacks ALL"));
    }
    if list("add").iter().any(|capability| capability != "NET_BIND_SERVICE") {
        found.push(format!("{place}.capabilities.add has more than NET_BIND_SERVICE"));
    }
    let mount = context["procMount"].as_str().unwrap_or("Default");
    if mount != "Default" {
        found.push(format!("{place}.procMount is {mount}"));
    }
    let of_pod = json(&pod.security_context);
    if context["runAsNonRoot"].is_null() && of_pod["runAsNonRoot"] != true {
        found.push(format!("{place}.runAsNonRoot is not true, nor is the pod's"));
    }
    if context["seccompProfile"].is_null() && of_pod["seccompProfile"].is_null() {
        found.push(format!("{place}.seccompProfile is not set, nor is the pod's"));
    }
    if container.ports.iter().flatten().any(|port| port.host_port.is_some_and(|port| port != 0)) {
        found.push(format!("container {name} has a hostPort"));
    }
    let probes = [&container.liveness_probe, &container.readiness_probe, &container.startup_probe];
    let elsewhere = probes.into_iter().flatten().any(probes_a_host)
        || container.lifecycle.as_ref().is_some_and(|Lifecycle { post_start, pre_stop, .. }| {
            [post_start, pre_stop].into_iter().flatten().any(calls_a_host)
        });
    if elsewhere {
        found.push(format!("a probe or lifecycle hook of container {name} names a host"));
    }
}

fn probes_a_host(probe: &Probe) -> bool {
    let http = probe.http_get.as_ref().and_then(|action| action.host.as_deref());
    let tcp = probe.tcp_socket.as_ref().and_then(|action| action.host.as_deref());
    http.or(tcp).is_some_and(|host| !host.is_empty())
}

fn calls_a_host(hook: &LifecycleHandler) -> bool {
    let http = hook.http_get.as_ref().and_then(|action| action.host.as_deref());
    let tcp = hook.tcp_socket.as_ref().and_then(|action| action.host.as_deref());
    http.or(tcp).is_some_and(|host| !host.is_empty())
}

fn json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
