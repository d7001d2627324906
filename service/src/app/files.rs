//! The wallboard's files, written by `make app`.

use super::File;

#[rustfmt::skip]
pub(super) static FILES: &[File] = &[
    File {
        name: "app-3d92e85533e4.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("dist/app-3d92e85533e4.js"),
        gzip: Some(include_bytes!("dist/app-3d92e85533e4.js.gz")),
    },
    File {
        name: "app-d06b49528463.css",
        media_type: "text/css; charset=utf-8",
        content: include_bytes!("dist/app-d06b49528463.css"),
        gzip: Some(include_bytes!("dist/app-d06b49528463.css.gz")),
    },
    File {
        name: "icon-192.png",
        media_type: "image/png",
        content: include_bytes!("dist/icon-192.png"),
        gzip: None,
    },
    File {
        name: "icon-512.png",
        media_type: "image/png",
        content: include_bytes!("dist/icon-512.png"),
        gzip: None,
    },
    File {
        name: "icon.svg",
        media_type: "image/svg+xml",
        content: include_bytes!("dist/icon.svg"),
        gzip: None,
    },
    File {
        name: "index.html",
        media_type: "text/html; charset=utf-8",
        content: include_bytes!("dist/index.html"),
        gzip: None,
    },
    File {
        name: "licences.txt",
        media_type: "text/plain; charset=utf-8",
        content: include_bytes!("dist/licences.txt"),
        gzip: None,
    },
    File {
        name: "manifest.webmanifest",
        media_type: "application/manifest+json",
        content: include_bytes!("dist/manifest.webmanifest"),
        gzip: None,
    },
    File {
        name: "service-worker.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_bytes!("dist/service-worker.js"),
        gzip: Some(include_bytes!("dist/service-worker.js.gz")),
    },
];
