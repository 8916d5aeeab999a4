//! saishin
