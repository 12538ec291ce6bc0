//! Primitives of the page. They know neither routes nor the desk, only how things look, are named and are reached.

pub(crate) mod button;
pub(crate) mod choice;
pub(crate) mod copy;
pub(crate) mod date;
pub(crate) mod disclosure;
pub(crate) mod facts;
pub(crate) mod field;
pub(crate) mod file;
pub(crate) mod focus;
pub(crate) mod heading;
pub(crate) mod icon;
pub(crate) mod line;
pub(crate) mod live;
pub(crate) mod notice;
pub(crate) mod select;
mod toast_place;
