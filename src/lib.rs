//! saishin

pub mod domain;
pub mod widget;
