//! Workspace-level stories: see `tests.rs`.
