//! saishin: an isotretinoin follow-up visit, walked with one key an item.

// Not in Cargo.toml: tests and benches print and unwrap as they like.
#![cfg_attr(not(test), warn(clippy::print_stdout, clippy::unwrap_used))]

pub mod app;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod domain;
pub mod incoming;
pub mod keys;
pub mod lab;
pub mod ledger;

pub mod note;
pub mod paths;
pub mod review;
pub mod screen;
pub mod seal;
pub mod shown;
pub mod store;
pub mod text;
pub mod widget;
