//! Buttons. A button that cannot be used has its reason beside it; one that is busy keeps the focus.

use leptos::prelude::*;

/// How much a button weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weight {
    /// The one thing to do here.
    Primary,
    /// The one thing to do, in production.
    Production,
    /// The one thing to do, and it makes a CA.
    Authority,
    /// Another thing to do.
    #[default]
    Plain,
    /// A small thing beside text.
    Quiet,
    /// Leads to removing something.
    Danger,
    /// The one thing to do, and it removes something.
    Destroy,
}

impl Weight {
    fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button--primary",
            Self::Production => "button button--primary button--production",
            Self::Authority => "button button--primary button--authority",
            Self::Plain => "button",
            Self::Quiet => "button button--quiet",
            Self::Danger => "button button--danger",
            Self::Destroy => "button button--primary button--destroy",
        }
    }
}

/// A button that does something on this page. Inside a form, `submit` hands the form in.
///
/// `disabled` is for what a person has to do first. While an action runs the button is `busy`: it ignores clicks and says
/// so to assistive technology, but stays focusable, because a disabled element loses the keyboard focus to the page.
#[component]
pub(crate) fn Button(
    #[prop(optional)] weight: Weight,
    #[prop(optional)] submit: bool,
    #[prop(optional)] test_id: Option<&'static str>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Whether an action runs that this button would start again.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// The element that says why it is disabled.
    #[prop(optional, into)]
    reason_id: Option<String>,
    /// The id of the form that it submits, when it is not inside of it.
    #[prop(optional)]
    form: Option<&'static str>,
    /// Its name for those who do not see what it stands beside; begins with its words.
    #[prop(optional)]
    label: Option<String>,
    #[prop(optional)] on_click: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=weight.class()
            form=form
            data-testid=test_id
            disabled=move || disabled.get()
            aria-disabled=move || busy.get().then_some("true")
            aria-describedby=reason_id
            aria-label=label
            on:click=move |event| {
                if busy.get_untracked() {
                    // Enter in a field clicks the form's button as well: neither submits while an action runs.
                    event.prevent_default();
                } else if let Some(action) = on_click {
                    action.run(());
                }
            }
        >
            {children()}
        </button>
    }
}
