//! Which entries to show.

use domain::Outcome;
use leptos::prelude::*;

use super::query::Part;
use super::record::Record;
use crate::ui::button::{Button, Weight};
use crate::ui::choice::CheckBox;
use crate::ui::line::LineField;
use crate::words::{history, outcome};

/// The fields of the question. What is typed is asked after a pause, what is chosen at once.
#[component]
pub(super) fn FilterBar(record: Record) -> impl IntoView {
    let field = move |part: Part, id: &'static str, label: &'static str, kind: &'static str| {
        let value = Signal::derive(move || record.draft.with(|it| it.get(part).to_owned()));
        let on_input = Callback::new(move |text| {
            record.draft.update(|it| it.set(part, text));
            record.ask_soon();
        });
        let code = matches!(part, Part::Serial | Part::Server);
        view! { <LineField id label value on_input kind code /> }
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
                {field(Part::Text, "filter-text", history::FILTER_TEXT, "text")}
                {field(Part::Serial, "filter-serial", history::FILTER_SERIAL, "text")}
                <OutcomeSelect record /> {field(Part::Server, "filter-server", history::SERVER, "text")}
                {field(Part::From, "filter-from", history::FILTER_FROM, "date")}
                {field(Part::To, "filter-to", history::FILTER_TO, "date")}
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
        record.draft.set(super::query::Query::default());
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
    let option = move |it: Option<Outcome>| {
        let value = it.map_or("", Outcome::as_str);
        let chosen = move || record.draft.with(|it| it.get(Part::Outcome) == value);
        view! {
            <option value=value prop:selected=chosen>
                {it.map_or(history::FILTER_ANY, outcome::badge)}
            </option>
        }
    };
    view! {
        <div class="field field--alone">
            <div class="field-head">
                <label for="filter-outcome">{history::OUTCOME}</label>
            </div>
            <div class="field-body">
                <select
                    id="filter-outcome"
                    data-testid="filter-outcome"
                    on:change:target=move |event| {
                        record.draft.update(|it| it.set(Part::Outcome, event.target().value()));
                        record.ask(false);
                    }
                >
                    {option(None)}
                    {Outcome::ALL.iter().map(|it| option(Some(*it))).collect_view()}
                </select>
            </div>
        </div>
    }
}
