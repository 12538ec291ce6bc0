//! The icons: drawn here, so that nothing is fetched. All are decoration; the words stand beside them.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Done well.
    Check,
    /// Said no.
    Cross,
    /// Not known.
    Question,
    /// Stopped before it left.
    Stop,
    /// Think first.
    Warning,
    /// Good to know.
    Info,
    /// On its way.
    Running,
    /// Not tried.
    Dash,
    /// Two sheets.
    Copy,
    /// A server.
    Server,
    /// A sun.
    Sun,
    /// A moon.
    Moon,
    /// A screen.
    Screen,
    /// Backwards.
    Back,
    /// The product's mark: a seal.
    Seal,
    /// An empty book.
    Book,
    /// What others rely on.
    Shield,
    /// One on top of the other.
    Layers,
    /// An experiment.
    Flask,
    /// A closed lock.
    Lock,
    /// Three lines.
    Menu,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Check => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm-4 9.2 2.8 2.8L16.2 9.4",
            Self::Cross => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9 9l6 6m0-6-6 6",
            Self::Question => {
                "M12 2.5 21.5 12 12 21.5 2.5 12ZM9.8 9.8a2.3 2.3 0 1 1 3.3 2.1c-.8.4-1.1.9-1.1 1.7M12 16.3v.01"
            }
            Self::Stop => "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3ZM8 12h8",
            Self::Warning => "M12 3.5 22 20.5H2ZM12 10v4.5M12 17.5v.01",
            Self::Info => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 11v5.2M12 7.8v.01",
            Self::Running => "M12 3a9 9 0 1 1-8.5 6",
            Self::Dash => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM8.5 12h7",
            Self::Copy => "M9 9h11v11H9ZM15 9V4H4v11h5",
            Self::Server => "M4 4h16v6.5H4ZM4 13.5h16V20H4ZM7.5 7.2v.01M7.5 16.8v.01M11 7.2h5.5M11 16.8h5.5",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::Moon => "M20 14.2A8.2 8.2 0 0 1 9.8 4 8.2 8.2 0 1 0 20 14.2Z",
            Self::Screen => "M3 4.5h18v12H3ZM8.5 20.5h7M12 16.5v4",
            Self::Back => "M20 12H4.5M11 5.5 4.5 12l6.5 6.5",
            Self::Seal => {
                "M12 2.5l2.4 1.9 3-.3 1 2.9 2.7 1.5-.6 3 .6 3-2.7 1.5-1 2.9-3-.3-2.4 1.9-2.4-1.9-3 .3-1-2.9-2.7-1.5.6-3-.6-3 2.7-1.5 1-2.9 3 .3ZM8.2 11.7l2.7 2.7 5-5.2"
            }
            Self::Shield => {
                "M12 2.5 20 5.5V11c0 5-3.3 8.7-8 10.5C7.3 19.7 4 16 4 11V5.5ZM12 7.5v6M12 16.5v.01"
            }
            Self::Layers => "M12 3.5 21 8.5 12 13.5 3 8.5ZM4 13l8 4.5 8-4.5M4 17l8 4.5 8-4.5",
            Self::Flask => {
                "M9 3h6M10 3v6L4.5 18.5a1.7 1.7 0 0 0 1.5 2.5h12a1.7 1.7 0 0 0 1.5-2.5L14 9V3M7.5 15h9"
            }
            Self::Menu => "M4 6.5h16M4 12h16M4 17.5h16",
            Self::Lock => "M5.5 10.5h13V20h-13ZM8 10.5V8a4 4 0 0 1 8 0v2.5",
            Self::Book => {
                "M12 6.5C9.5 4.7 6.5 4.5 3.5 5v13.5c3-.5 6-.3 8.5 1.5 2.5-1.8 5.5-2 8.5-1.5V5c-3-.5-6-.3-8.5 1.5ZM12 6.5V20"
            }
        }
    }
}

/// Draws an icon in the colour of the text around it.
#[component]
pub(crate) fn Glyph(icon: Icon) -> impl IntoView {
    let class = if icon == Icon::Running { "icon icon--running" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
}
