//! Parts that several pages share, and that know the words of the field: problems, outcomes, certificates.

pub(crate) mod banner_call;
pub(crate) mod certificates;
pub(crate) mod closing;
pub(crate) mod entry_links;
pub(crate) mod environment;
pub(crate) mod expiry;
pub(crate) mod exported;
pub(crate) mod failure;
pub(crate) mod findings;
pub(crate) mod lock;
pub(crate) mod note;
pub(crate) mod outcome;
pub(crate) mod problems;
pub(crate) mod record_notes;
pub(crate) mod request_facts;
pub(crate) mod seen;
pub(crate) mod time;
pub(crate) mod token_again;
pub(crate) mod token_rejected;
pub(crate) mod unsaved;
pub(crate) mod verified;
