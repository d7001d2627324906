//! The plugin on a real API server with the real operator, and without nodes.

mod commands;
mod failures;
mod keys;
mod scene;
mod with_kubectl;
