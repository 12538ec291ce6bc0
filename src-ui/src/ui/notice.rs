//! Notices: something to know, to think about, or to put right.

use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something failed.
    Bad,
    /// Think first.
    Warning,
    /// Good to know.
    Info,
    /// It went well.
    Good,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Bad => "notice notice--bad",
            Self::Warning => "notice notice--warning",
            Self::Info => "notice notice--info",
            Self::Good => "notice notice--good",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Bad => Icon::Cross,
            Self::Warning => Icon::Warning,
            Self::Info => Icon::Info,
            Self::Good => Icon::Check,
        }
    }
}

/// A notice with its heading and what belongs to it. `alert` makes it heard at once.
#[component]
pub(crate) fn Notice(
    tone: Tone,
    #[prop(into)] title: String,
    #[prop(optional)] alert: bool,
    #[prop(optional)] test_id: Option<&'static str>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class=tone.class() role=alert.then_some("alert") data-testid=test_id>
            <Glyph icon=tone.icon() />
            <div class="notice-body">
                <p class="notice-title">{title}</p>
                {children.map(|it| it())}
            </div>
        </div>
    }
}
