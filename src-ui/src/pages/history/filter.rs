//! Which entries to show.

use domain::State;
use leptos::prelude::*;

use super::query::{Part, Query};
use super::record::Record;
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::date::DateLine;
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
    let field = move |part: Part, id: &'static str, label: &'static str| {
        let (value, on_input) = bound(part);
        let code = matches!(part, Part::Serial | Part::Server);
        view! { <LineField id label value on_input code /> }
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
            <div class="filter-fields">
                {field(Part::Text, "filter-text", history::FILTER_TEXT)}
                {field(Part::Serial, "filter-serial", history::FILTER_SERIAL)} <OutcomeSelect record />
                {field(Part::Server, "filter-server", history::SERVER)}
                {date(Part::From, "filter-from", history::FILTER_FROM)}
                {date(Part::To, "filter-to", history::FILTER_TO)}
            </div>
            <div class="row">
                <CheckBox
                    id="filter-unsettled"
                    label=history::FILTER_UNSETTLED
                    checked=unsettled
                    on_change=switch
                />
                {move || record.is_part().then(|| view! { <ClearButton record /> })}
            </div>
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
