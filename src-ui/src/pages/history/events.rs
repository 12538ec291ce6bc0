//! The events an entry is made of.

use domain::{Event, visible};
use leptos::prelude::*;

use crate::ui::disclosure::Disclosure;
use crate::words::history;

/// All of them, oldest first.
#[component]
pub(super) fn Events(events: RwSignal<Vec<Event>>) -> impl IntoView {
    let row = |event: Event| {
        let title = history::event_title(event.seq, &visible(&event.kind));
        view! {
            <li data-testid="event" data-kind=event.kind>
                <strong>{title}</strong>
                " "
                <span class="muted">{event.at.rfc3339()}</span>
                {(!event.origin.is_unknown())
                    .then(|| view! { <span class="event-origin" data-testid="event-origin">{event.origin.says()}</span> })}
                <code>{visible(&event.hash)}</code>
            </li>
        }
    };
    view! {
        <Disclosure summary=history::EVENTS>
            <p class="muted">{history::EVENTS_TEXT}</p>
            <ol class="events">{move || events.get().into_iter().map(row).collect_view()}</ol>
        </Disclosure>
    }
}
