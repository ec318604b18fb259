//! What tests of several rooms share: a [`Server`] on this machine that serves a folder, notes what it is asked, and
//! misbehaves when told. A dev-dependency only.

mod request;
mod server;

pub use request::{Range, Request};
pub use server::{Fault, Headers, Server};
