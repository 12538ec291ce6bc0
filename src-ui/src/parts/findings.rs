//! What was found out about the history, and blocks signing until a person acknowledges it: above every page.

use desk::Failure;
use desk::commands::acknowledge::{self, Acknowledge};
use domain::{Finding, OpenFinding, WhyOpen, visible};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::host;
use crate::parts::failure::FailureNotice;
use crate::route::Page;
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::line::LineField;
use crate::ui::live::Announcer;
use crate::ui::notice::{Notice, Tone};
use crate::words::{history, shell};

/// The id of what was found out, as the page History shows it.
const FOUND: &str = "findings-found";

/// The findings with the reason and the button on the page History, the way there on the other pages.
#[component]
pub(crate) fn FindingsNotice(page: Memo<Page>) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let findings = Memo::new(move |_| {
        state.status.with(|it| it.as_ref().map(|it| it.findings.clone()).unwrap_or_default())
    });
    // Above what is read again with each status, so that a reason that is being typed stays.
    let reason = RwSignal::new(String::new());
    move || {
        // Read here: what stands in the notice is made without following anything.
        let (found, here) = (findings.get(), page.get() == Page::History);
        (!found.is_empty()).then(|| {
            view! {
                <div class="stack banner" data-testid="findings">
                    <Notice tone=Tone::Bad title=history::FINDINGS_TITLE>
                        {if here {
                            view! { <Findings state found reason /> }.into_any()
                        } else {
                            view! {
                                <p>
                                    <a href=Page::History.href() on:click=move |_| focus::on_arrival(FOUND)>
                                        {shell::RECORD_NOTES_LINK}
                                    </a>
                                </p>
                            }
                                .into_any()
                        }}
                    </Notice>
                </div>
            }
        })
    }
}

#[component]
fn Findings(state: DeskState, found: Vec<OpenFinding>, reason: RwSignal<String>) -> impl IntoView {
    let announcer = Announcer::here();
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let seen: Vec<u64> = found.iter().map(|it| it.seq).collect();
    let press = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        let request = acknowledge::Request { seen: seen.clone(), reason: reason.get_untracked() };
        busy.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = host::call::<Acknowledge>(&request).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(_) => {
                    announcer.say(history::FINDINGS_ACKNOWLEDGED);
                    reason.set(String::new());
                    focus::soon("#main h1");
                }
                Err(it) => {
                    let _ = failure.try_set(Some(it));
                }
            }
            // After a refusal too: the findings may be other ones now.
            state.refresh();
        });
    });
    view! {
        <ul id=FOUND tabindex="-1">{found.iter().map(|it| view! { <li>{visible(&it.says())}</li> }).collect_view()}</ul>
        <p>{history::FINDINGS_NEXT}</p>
        <LineField
            id="findings-reason"
            label=history::FINDINGS_REASON
            meaning=history::FINDINGS_REASON_MEANING
            value=Signal::derive(move || reason.get())
            on_input=Callback::new(move |text| reason.set(text))
            on_enter=press
        />
        <div class="row">
            <Button weight=Weight::Danger test_id="button-acknowledge" busy on_click=press>
                {history::ACKNOWLEDGE}
            </Button>
        </div>
        {move || failure.get().map(|failure| view! { <FailureNotice failure /> })}
    }
}

/// What was acknowledged, for as long as the history lasts: the check for an earlier signing cannot know what is missing.
#[component]
pub(crate) fn MayBeMissing() -> impl IntoView {
    let state = expect_context::<DeskState>();
    // Another key that took over leaves nothing out.
    let leaves_out = |it: &&Finding| !matches!(it.finding.why, WhyOpen::KeyReplaced { .. });
    let missing = Memo::new(move |_| {
        state.status.with(|it| {
            let all = it.iter().flat_map(|it| &it.acknowledged);
            all.filter(leaves_out).cloned().collect::<Vec<_>>()
        })
    });
    let row = |it: Finding| {
        let acknowledged =
            it.acknowledged.map(|by| history::acknowledged(&by.at.date_time(), &visible(&by.reason)));
        view! { <li>{visible(&it.finding.says())} " " {acknowledged}</li> }
    };
    move || {
        let missing = missing.get();
        (!missing.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Warning title=history::MAY_BE_MISSING test_id="may-be-missing">
                    <ul>{missing.into_iter().map(row).collect_view()}</ul>
                    <p>{history::MAY_BE_MISSING_NEXT}</p>
                </Notice>
            }
        })
    }
}
