//! What can be done with the record as a whole: hand it out, and check it.

use desk::Failure;
use desk::commands::export;
use desk::commands::verify_journal::{self, VerifyJournal};
use domain::{HistoryFilter, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::FilesTold;
use super::query::Query;
use super::record::Record;
use crate::clock;
use crate::host;
use crate::parts::exported::{self, ExportNotice};
use crate::parts::failure::FailureNotice;
use crate::parts::verified::{self, VerificationNotice};
use crate::state::DeskState;
use crate::ui::button::Button;
use crate::ui::live::Announcer;
use crate::words::history;

/// What came of the last thing that was done.
#[derive(Clone)]
enum Told {
    Exported(export::Response),
    /// When, and what it found.
    Verified(Timestamp, verify_journal::Response),
    Failed(Failure),
}

#[derive(Clone, Copy)]
struct Desk {
    busy: RwSignal<bool>,
    told: RwSignal<Option<Told>>,
    announcer: Announcer,
}

impl Desk {
    fn begin(self) {
        self.busy.set(true);
        self.told.set(None);
    }

    fn end(self, told: Result<Told, Failure>) {
        // The page may be gone by now.
        if self.busy.try_set(false).is_some() {
            return;
        }
        // The notice beside the buttons shows the same words.
        self.announcer.hear(match &told {
            Ok(Told::Verified(_, it)) => verified::verdict(it),
            Ok(Told::Exported(it)) => exported::title(it),
            Ok(Told::Failed(failure)) | Err(failure) => failure.code.what(),
        });
        self.told.set(Some(told.unwrap_or_else(Told::Failed)));
    }

    fn export(self, request: export::Request) {
        self.begin();
        spawn_local(async move {
            self.end(exported::export(&request).await.map(Told::Exported));
        });
    }

    fn verify(self) {
        self.begin();
        spawn_local(async move {
            let answer = host::call::<VerifyJournal>(&verify_journal::Request {}).await;
            self.end(answer.map(|it| Told::Verified(clock::now(), it)));
        });
    }
}

/// The buttons, and what came of them.
#[component]
pub(super) fn Tools(record: Record, children: Children) -> impl IntoView {
    let desk = Desk { busy: RwSignal::new(false), told: RwSignal::new(None), announcer: Announcer::here() };
    // A verdict is about the history that was checked: it goes with the first sign of another one.
    let state = expect_context::<DeskState>();
    let checked =
        Memo::new(move |_| (state.status.with(|it| it.as_ref().map(FilesTold::from)), record.total.get()));
    Effect::new(move |before: Option<_>| {
        let now = checked.get();
        if before.is_some_and(|it| it != now)
            && desk.told.with_untracked(|it| matches!(it, Some(Told::Verified(..))))
        {
            desk.told.set(None);
        }
        now
    });
    let export = move |of: fn(HistoryFilter) -> export::Request| {
        Callback::new(move |()| desk.export(of(record.draft.with_untracked(Query::filter))))
    };
    // An export of nothing is of no use to anybody.
    let some = Memo::new(move |_| record.total.get() > 0);
    let exports = move || {
        view! {
            <Button
                test_id="button-export-csv"
                busy=desk.busy
                on_click=export(|filter| export::Request::Csv { filter })
            >
                {history::EXPORT_CSV}
            </Button>
            <Button
                test_id="button-export-json"
                busy=desk.busy
                on_click=export(|filter| export::Request::JsonLines { filter })
            >
                {history::EXPORT_JSON}
            </Button>
        }
    };
    view! {
        <div class="row tools">
            {children()}
            {move || some.get().then(exports)}
            <Button test_id="button-verify" busy=desk.busy on_click=Callback::new(move |()| desk.verify())>
                {move || if desk.busy.get() { history::WORKING } else { history::VERIFY }}
            </Button>
        </div>
        {move || {
            desk.told
                .get()
                .map(|told| match told {
                    Told::Exported(response) => view! { <ExportNotice response /> }.into_any(),
                    Told::Verified(at, response) => view! { <VerificationNotice at response /> }.into_any(),
                    Told::Failed(failure) => view! { <FailureNotice failure /> }.into_any(),
                })
        }}
    }
}
