//! Which entries to show.

use domain::{Field, State, typed};
use leptos::prelude::*;

use super::query::{Part, Query};
use super::record::Record;
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::date::DateLine;
use crate::ui::disclosure::Disclosure;
use crate::ui::field::{remarks_about, without_token};
use crate::ui::line::LineField;
use crate::ui::select::Select;
use crate::words::{history, outcome};

/// The fields of the question. What is typed is asked after a pause, what is chosen at once.
#[component]
pub(super) fn FilterBar(record: Record) -> impl IntoView {
    let bound = move |part: Part| {
        let value = Signal::derive(move || record.draft.with(|it| it.get(part).to_owned()));
        let on_input = Callback::new(move |text| {
            record.draft.update(|it| it.set(part, text));
            record.ask_soon();
        });
        (value, on_input)
    };
    let text = move || {
        let (value, on_input) = bound(Part::Text);
        view! { <LineField id="filter-text" label=history::FILTER_TEXT value on_input /> }
    };
    let serial = move || {
        let (value, on_input) = bound(Part::Serial);
        // What cannot be a serial number has no remarks: it is a problem.
        let changes = Signal::derive(move || {
            if record.serial_is_wrong() { Vec::new() } else { value.with(|it| typed::code_changes(it)) }
        });
        let problem = Signal::derive(move || record.serial_is_wrong().then_some(history::SERIAL_WRONG));
        let note = Signal::derive(move || record.serial_note());
        view! {
            <LineField id="filter-serial" label=history::FILTER_SERIAL value on_input code=true changes problem note />
        }
    };
    let server = move || {
        let (value, set) = bound(Part::Server);
        let token_dropped = RwSignal::new(false);
        let on_input = Callback::new(move |text| {
            token_dropped.set(false);
            set.run(text);
        });
        // A pasted URL with a token in it does not stay on the screen.
        let on_leave = Callback::new(move |()| {
            if let Some(address) = value.try_with_untracked(|it| without_token(it)).flatten() {
                let _ = token_dropped.try_set(true);
                set.try_run(address);
            }
        });
        let changes = remarks_about(Field::Server, value, token_dropped.into());
        view! { <LineField id="filter-server" label=history::SERVER value on_input on_leave code=true changes /> }
    };
    let date = move |part: Part, id: &'static str, label: &'static str| {
        let (value, on_input) = bound(part);
        view! { <DateLine id label value on_input /> }
    };
    let unsettled = Signal::derive(move || record.draft.with(|it| it.is_on(Part::Unsettled)));
    let switch = Callback::new(move |on| {
        record.draft.update(|it| it.switch(Part::Unsettled, on));
        record.ask(false);
    });
    // What came with the address and is in there has to be seen.
    let more = record.draft.with_untracked(|it| {
        [Part::Server, Part::From, Part::To].into_iter().any(|part| !it.get(part).is_empty())
    });
    view! {
        <form
            class="card filter"
            role="search"
            aria-label=history::FILTER
            on:submit=move |event| {
                event.prevent_default();
                record.ask(false);
            }
        >
            <div class="filter-line">
                {text()} {serial()} <OutcomeSelect record />
                <div class="filter-beside">
                    <CheckBox
                        id="filter-unsettled"
                        label=history::FILTER_UNSETTLED
                        checked=unsettled
                        on_change=switch
                    />
                    {move || record.is_part().then(|| view! { <ClearButton record /> })}
                </div>
            </div>
            <Disclosure summary=history::FILTER_MORE open=more>
                <div class="filter-fields">
                    {server()}
                    {date(Part::From, "filter-from", history::FILTER_FROM)}
                    {date(Part::To, "filter-to", history::FILTER_TO)}
                </div>
            </Disclosure>
        </form>
    }
}

/// Shows the whole record again.
#[component]
pub(super) fn ClearButton(record: Record) -> impl IntoView {
    let clear = Callback::new(move |()| {
        record.draft.update(Query::clear);
        record.ask(false);
        crate::ui::focus::id("filter-text");
    });
    view! {
        <Button weight=Weight::Quiet on_click=clear test_id="filter-clear">
            {history::FILTER_CLEAR}
        </Button>
    }
}

#[component]
fn OutcomeSelect(record: Record) -> impl IntoView {
    let known = State::ALL.iter().map(|it| (it.as_str().to_owned(), outcome::state(*it).to_owned()));
    let any = (String::new(), history::FILTER_ANY.to_owned());
    let choose = Callback::new(move |value| {
        record.draft.update(|it| it.set(Part::Outcome, value));
        record.ask(false);
    });
    view! {
        <Select
            id="filter-outcome"
            label=history::OUTCOME
            options=std::iter::once(any).chain(known).collect()
            chosen=Signal::derive(move || record.draft.with(|it| it.get(Part::Outcome).to_owned()))
            on_choose=choose
        />
    }
}
