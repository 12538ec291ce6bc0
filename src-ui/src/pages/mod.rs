//! The pages, one for each entry of the navigation.

pub(crate) mod connection;
pub(crate) mod history;
pub(crate) mod sign;
