//! A field of one line with words of the page's own: it is no field of a request, so it has no name on the wire.

use domain::{Change, typed};
use leptos::prelude::*;

use crate::ui::field::Remarks;
use crate::ui::icon::{Glyph, Icon};

/// The most characters of a line.
const MOST: u32 = 500;

/// The frame of a field with words of the page's own: its label, and below it the rest.
#[component]
pub(super) fn LineFrame(
    id: &'static str,
    label: &'static str,
    /// Whether its value is a problem.
    #[prop(optional, into)]
    invalid: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="field field--alone" class:field--problem=move || invalid.get()>
            <div class="field-head">
                <label for=id>{label}</label>
            </div>
            <div class="field-body">{children()}</div>
        </div>
    }
}

/// What a person types into an input, and whether they have left it since: the remarks about a value wait for that.
#[derive(Clone, Copy)]
pub(super) struct Typing {
    on_input: Callback<String>,
    left: RwSignal<bool>,
}

impl Typing {
    pub(super) fn new(on_input: Callback<String>) -> Self {
        // What came with the address of the page was not typed here: there is nothing to wait for.
        Self { on_input, left: RwSignal::new(true) }
    }

    /// The input holds another text.
    pub(super) fn typed(self, text: String) {
        self.left.set(false);
        self.on_input.run(text);
    }

    /// The input was left. A field that is removed while it has the focus is left after its page is gone.
    pub(super) fn leave(self) {
        let _ = self.left.try_set(true);
    }

    /// Whether it was left since something was typed.
    pub(super) fn is_left(self) -> Signal<bool> {
        self.left.into()
    }
}

/// Label, input, what it means, and the remarks about what was typed.
#[component]
pub(crate) fn LineField(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] meaning: &'static str,
    #[prop(into)] value: Signal<String>,
    on_input: Callback<String>,
    #[prop(optional)] on_leave: Option<Callback<()>>,
    /// What Enter does, where the field is in no form: the same as the button that stands below it.
    #[prop(optional)]
    on_enter: Option<Callback<()>>,
    #[prop(optional)] required: bool,
    #[prop(optional)] code: bool,
    /// The remarks about the value; without it those about free text.
    #[prop(optional)]
    changes: Option<Signal<Vec<Change>>>,
    /// What is wrong with the value, if anything; without it nothing can be.
    #[prop(optional)]
    problem: Option<Signal<Option<&'static str>>>,
    /// What is good to know of the value, if anything.
    #[prop(optional)]
    note: Option<Signal<Option<&'static str>>>,
) -> impl IntoView {
    let meaning_id = (!meaning.is_empty()).then(|| [id, "-meaning"].concat());
    let remarks_id = [id, "-remarks"].concat();
    let problem_id = [id, "-problem"].concat();
    let note_id = [id, "-note"].concat();
    let described_by =
        [meaning_id.as_deref().unwrap_or_default(), " ", &remarks_id, " ", &problem_id, " ", &note_id]
            .concat();
    let wrong = move || problem.and_then(|it| it.get());
    let invalid = Signal::derive(move || wrong().is_some());
    let changes =
        changes.unwrap_or_else(|| Signal::derive(move || value.with(|text| typed::name_changes(text))));
    let typing = Typing::new(on_input);
    view! {
        <LineFrame id label invalid>
            <input
                type="text"
                id=id
                data-testid=id
                class:input--code=code
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                maxlength=MOST.to_string()
                aria-invalid=move || invalid.get().then_some("true")
                aria-required=required.then_some("true")
                aria-describedby=described_by
                prop:value=move || value.get()
                on:input:target=move |event| typing.typed(event.target().value())
                on:keydown=move |event| {
                    // Enter that ends the composition of a character is no Enter.
                    if let Some(action) = on_enter.filter(|_| event.key() == "Enter" && !event.is_composing()) {
                        event.prevent_default();
                        action.run(());
                    }
                }
                on:blur=move |_| {
                    typing.leave();
                    if let Some(action) = on_leave {
                        action.try_run(());
                    }
                }
            />
            {move || {
                wrong()
                    .map(|words| {
                        view! {
                            <p class="field-problem" id=problem_id.clone() role="status">
                                <Glyph icon=Icon::Warning />
                                <span>{words}</span>
                            </p>
                        }
                    })
            }}
            {move || {
                note.and_then(|it| it.get())
                    .map(|words| view! { <p class="field-meaning" id=note_id.clone() role="status">{words}</p> })
            }}
            <Remarks id=remarks_id changes left=typing.is_left() />
            {meaning_id.map(|id| view! { <p class="field-meaning" id=id>{meaning}</p> })}
        </LineFrame>
    }
}
