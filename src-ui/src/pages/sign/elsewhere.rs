//! Above the form: the signings of this connection that this page did not begin, and how they ended.

use desk::commands::RunningSigning;
use domain::State;
use leptos::prelude::*;

use crate::parts::outcome as mark;
use crate::parts::time::Moment;
use crate::route::{Page, entry_href, signing_href};
use crate::running::{Elsewhere, Stage};
use crate::state::DeskState;
use crate::ui::button::{Button, Weight};
use crate::ui::focus;
use crate::ui::notice::{Notice, Tone};
use crate::words::{history, outcome, sign};

/// So many are shown, the latest; the history has all of them.
const SHOWN: usize = 3;

/// One notice for each, or for each of one CSR.
#[component]
pub(super) fn SigningsElsewhere(
    /// The CSR id; none for all CSRs.
    #[prop(optional_no_strip)]
    of_csr: Option<String>,
) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let all = Memo::new(move |_| {
        let mut all = state.elsewhere_here();
        all.retain(|it| of_csr.as_ref().is_none_or(|of| *of == it.signing.csr_id));
        all
    });
    // One that began a moment ago is shown now, and not only when the desk is asked next.
    if state.status.with_untracked(Option::is_some) {
        state.refresh();
        state.check_unknown();
    }
    move || {
        let all = all.get();
        let more = all.len().saturating_sub(SHOWN);
        let shown = all.into_iter().skip(more).map(|it| view! { <One it /> });
        (shown.len() > 0).then(|| {
            view! {
                <div class="stack" data-testid="signings-elsewhere">
                    {shown.collect_view()}
                    {(more > 0)
                        .then(|| {
                            view! {
                                <p>
                                    {sign::more_elsewhere(more)}
                                    <a href=Page::History.href()>{history::TITLE}</a>
                                </p>
                            }
                        })}
                </div>
            }
        })
    }
}

#[component]
fn One(it: Elsewhere) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let Elsewhere { signing, stage } = it;
    let RunningSigning { entry, intent, at, csr_id, issuer, .. } = signing;
    let issuer = issuer.map(|it| sign::issuer(&domain::visible(&it)));
    let Stage::Ended { outcome, words } = stage else {
        return view! {
            <Notice tone=Tone::Info title=outcome::state_heading(State::InProgress, &csr_id) test_id="signing-running">
                <p>{issuer} {sign::STARTED} <Moment at /> "."</p>
                <p>
                    <a href=signing_href(&intent)>{sign::SHOW_SIGNING}</a>
                </p>
            </Notice>
        }
        .into_any();
    };
    let tone = mark::tone(outcome);
    let dismiss = Callback::new(move |()| {
        state.dismiss_elsewhere(&intent);
        focus::soon("#main h1");
    });
    view! {
        <Notice tone title=words test_id="signing-over">
            <p>{issuer} {sign::STARTED} <Moment at /> "."</p>
            <div class="row">
                <a href=entry_href(entry)>{history::entry_title(entry)}</a>
                <Button weight=Weight::Quiet on_click=dismiss test_id="button-dismiss-signing" label=sign::dismiss(entry)>
                    {sign::DISMISS}
                </Button>
            </div>
        </Notice>
    }
    .into_any()
}

/// Above the form of the connection in use: the signing that this page began with another one, and that is still running.
#[component]
pub(super) fn SigningWithAnother() -> impl IntoView {
    let state = expect_context::<DeskState>();
    let running = Memo::new(move |_| {
        let subject = state.running_elsewhere()?;
        let with = state.place_of(&subject).map(|it| sign::with_place(&it, true));
        Some((subject.intent.clone(), subject.request.csr_id.to_string(), subject.began, with))
    });
    move || {
        let (intent, csr_id, began, with) = running.get()?;
        Some(view! {
            <Notice
                tone=Tone::Info
                title=outcome::state_heading(State::InProgress, &csr_id)
                test_id="signing-with-another"
            >
                <p>{with.map(|it| view! { <bdi>{it}</bdi> ". " })} {sign::STARTED} <Moment at=began /> "."</p>
                <p>
                    <a href=signing_href(&intent)>{sign::SHOW_SIGNING}</a>
                </p>
            </Notice>
        })
    }
}
