//! One entry of the record with all its facts, and what a person can add to it.

use desk::Failure;
use desk::commands::entry::{OneEntry, Request, Response};
use desk::commands::look_for::Recorded;
use desk::commands::status;
use domain::{BaseUrl, Entry, Event, Verdict};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::asked::AskedFacts;
use super::decision::{AgainCard, DecisionCard, EarlierDecisions};
use super::events::Events;
use super::note::NoteCard;
use super::record::Record;
use super::settle::SettleCard;
use crate::drafts::{DecisionDraft, Drafts};
use crate::host::{self, Asked};
use crate::parts::certificates::{Certificates, Reported};
use crate::parts::environment::ProductionBar;
use crate::parts::failure::FailureNotice;
use crate::parts::outcome as mark;
use crate::parts::seen::SeenDetails;
use crate::state::DeskState;
use crate::turns::Turns;
use crate::ui::disclosure::Disclosure;
use crate::ui::focus;
use crate::ui::heading::Heading;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::live::Announcer;
use crate::ui::notice::{Notice, Tone};
use crate::words::{history, outcome, settle, visible_lines};

/// What takes the focus when the form that had it is gone.
const HEADING: &str = "#main h1";
const FORM_FOCUSED: &str = "[data-testid='settle'] :focus";

/// The entry that is open.
#[derive(Clone, Copy)]
pub(super) struct Opened {
    /// Its number.
    pub(super) number: u64,
    /// The entry as it stands; none before the first answer.
    pub(super) entry: RwSignal<Option<Entry>>,
    /// What it is made of.
    pub(super) events: RwSignal<Vec<Event>>,
    /// Whether the person says to have looked in PAM360's console, on this visit to the entry.
    pub(super) console: RwSignal<bool>,
    /// Whether a decision of this page is being recorded.
    pub(super) deciding: RwSignal<bool>,
    /// Why the last decision of this page was refused, if somebody else had decided before.
    pub(super) decided_meanwhile: RwSignal<Option<Failure>>,
    failure: RwSignal<Option<Failure>>,
    turns: Turns,
    announcer: Announcer,
    record: Record,
    drafts: Drafts,
}

impl Opened {
    /// What was typed about entries.
    pub(super) fn drafts(self) -> Drafts {
        self.drafts
    }

    /// Changes the draft of the decision, which is made over the one that the page shows.
    pub(super) fn change_decision(self, change: impl FnOnce(&mut DecisionDraft)) {
        let recorded = self.entry.with_untracked(|it| it.as_ref().and_then(|it| it.decision.clone()));
        self.drafts.change(self.number, |it| it.decision.change_over(recorded.as_ref(), change));
    }

    /// The entry as it stands now, with every event.
    pub(super) fn read(self) {
        self.read_for(Asked::ByAPerson);
    }

    /// The same because a signing started or ended, or somebody decided: the page asks by itself.
    fn read_again(self) {
        self.read_for(Asked::ByThePage);
    }

    fn read_for(self, asked: Asked) {
        spawn_local(self.ask(asked));
    }

    async fn ask(self, asked: Asked) {
        // The page may be gone by now.
        let Some(turns) = self.turns.if_there() else { return };
        let turn = turns.ask();
        let answer = host::call_for::<OneEntry>(&Request { entry: self.number }, asked).await;
        if !self.turns.if_there().is_some_and(|it| it.take(turn)) {
            return;
        }
        match answer {
            Ok(Response { entry, events }) => {
                let _ = self.failure.try_set(None);
                let _ = self.events.try_set(events);
                self.took(entry);
            }
            Err(failure) => {
                let _ = self.failure.try_set(Some(failure));
            }
        }
    }

    /// A command has changed the entry; its events are asked for.
    pub(super) fn changed(self, entry: Entry) {
        // What was asked before may be answered with the entry as it was.
        if let Some(turns) = self.turns.if_there() {
            turns.drop_asked();
        }
        self.took(entry);
        self.read();
    }

    /// The `seq` of the last event that the page shows; 0 for none.
    pub(super) fn seen(self) -> u64 {
        self.events.with_untracked(|it| it.last().map_or(0, |it| it.seq))
    }

    /// The intent of the signing that the page shows: its number may belong to another one by now.
    pub(super) fn intent(self) -> Option<String> {
        self.entry.with_untracked(|it| it.as_ref().map(|it| it.intent.clone()))
    }

    /// A decision was refused because somebody else had decided: the page shows that decision. The typed reason stays.
    pub(super) async fn was_decided_meanwhile(self, failure: Failure) {
        self.ask(Asked::ByAPerson).await;
        self.announcer.show_warning(failure.code.what());
        if self.decided_meanwhile.try_set(Some(failure)).is_none() {
            focus::soon(HEADING);
        }
    }

    /// Somebody else has decided: what was chosen here was chosen without knowing it.
    fn somebody_decided(self) {
        let _ = self.console.try_set(false);
        self.announcer.warn(settle::SOMEBODY_DECIDED);
        // The form gives way to another one.
        if document().query_selector(FORM_FOCUSED).ok().flatten().is_some() {
            focus::soon(HEADING);
        }
    }

    fn took(self, entry: Entry) {
        let news = |before: &Entry| before.intent == entry.intent && before.decision != entry.decision;
        let decided = self.entry.try_with_untracked(|it| it.as_ref().is_some_and(news)) == Some(true);
        let deciding = self.deciding.try_get_untracked() == Some(true);
        self.record.replace(&entry);
        if self.drafts.opened(self.number, &entry.intent) {
            let _ = self.console.try_set(false);
        }
        // The draft may be from before the page was loaded again, or another page was open.
        let mut outdated = false;
        self.drafts.change(self.number, |it| {
            it.note.read(&entry.note);
            it.ticket.read(&entry.ticket);
            outdated = !deciding && it.decision.recorded(entry.decision.as_ref());
        });
        if outdated || decided && !deciding {
            self.somebody_decided();
        }
        if self.entry.try_with_untracked(|it| it.as_ref() != Some(&entry)) == Some(true) {
            self.entry.set(Some(entry));
        }
    }
}

/// The screen.
#[component]
pub(super) fn EntryDetail(number: u64, record: Record) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let opened = Opened {
        number,
        entry: RwSignal::new(None),
        events: RwSignal::new(Vec::new()),
        console: RwSignal::new(false),
        deciding: RwSignal::new(false),
        decided_meanwhile: RwSignal::new(None),
        failure: RwSignal::new(None),
        turns: Turns::new(),
        announcer: state.announcer,
        record,
        drafts: state.drafts,
    };
    opened.read();
    read_when_something_changed(state, opened);
    let entry = opened.entry;
    let in_progress = Memo::new(move |_| {
        entry.with(|it| it.iter().filter(|it| it.is_in_progress()).map(|it| it.entry).collect())
    });
    record.watch(in_progress, Some(number), move || opened.read_again());
    // By its intent: when another signing has the number, nothing of what was found and chosen for the former one stays.
    let of = move |is: fn(&Entry) -> bool| {
        Memo::new(move |_| entry.with(|it| it.as_ref().filter(|it| is(it)).map(|it| it.intent.clone())))
    };
    let unsettled = of(Entry::is_unsettled);
    let resolved = of(|it| it.decision.is_some() && it.ending.outcome == domain::Outcome::Unknown);
    let signing = of(|_| true);
    let production =
        Signal::derive(move || entry.with(|it| it.as_ref().and_then(|it| state.production_at(&it.server))));
    let waiting = move || signing.with(Option::is_none) && opened.failure.with(Option::is_none);
    view! {
        <div class="screen" data-testid="screen-entry">
            <Heading text=history::entry_title(number)>
                <a class="back" href=move || record.href()>
                    <Glyph icon=Icon::Back />
                    {history::BACK}
                </a>
            </Heading>
            <ProductionBar place=production />
            {move || waiting().then(|| view! { <p class="muted">{history::LOADING}</p> })}
            {move || opened.failure.get().map(|failure| view! { <FailureNotice failure /> })}
            {move || opened.decided_meanwhile.get().map(|failure| view! { <FailureNotice failure /> })}
            {move || entry.get().map(|entry| view! { <OutcomeCard entry /> })}
            {move || resolved.get().map(|_| view! { <Contradicted opened /> })}
            {move || unsettled.get().map(|_| view! { <SettleCard opened /> })}
            {move || entry.get().map(|entry| view! { <EntryFacts entry events=opened.events /> })}
            {move || resolved.get().map(|_| view! { <Correction opened /> })}
            {move || signing.get().map(|_| view! { <NoteCard opened /> })}
            {move || entry.get().map(|it| view! { <SeenDetails ending=it.ending_now() intent=it.intent open=true /> })}
            {move || signing.get().map(|_| view! { <Events events=opened.events /> })}
        </div>
    }
}

/// Reads the entry again when the desk says that a signing was resolved, started or ended, here or in another program.
fn read_when_something_changed(state: DeskState, opened: Opened) {
    let now = Memo::new(move |_| {
        let stands =
            |it: &status::Response| (it.unsettled, it.running.iter().map(|it| it.entry).collect::<Vec<_>>());
        state.status.with(|it| it.as_ref().map(stands))
    });
    Effect::new(move |before: Option<Option<(u64, Vec<u64>)>>| {
        let now = now.get();
        if before.flatten().is_some_and(|it| Some(&it) != now.as_ref()) {
            opened.read_again();
        }
        now
    });
}

#[component]
fn OutcomeCard(entry: Entry) -> impl IntoView {
    let (state, code) = (entry.state(), entry.code());
    let decided = code != entry.ending.code;
    let resolution = entry.resolution().map(Verdict::words);
    let request = &entry.request;
    let (class, icon) = mark::look(state, request.intermediate);
    let title = outcome::entry_heading(&entry);
    view! {
        <div class=class data-testid="outcome" data-outcome=state.as_str()>
            <Glyph icon />
            <div class="outcome-body">
                <h2>{title}</h2>
                {resolution.map(|it| view! { <p class="strong" data-testid="resolution">{it}</p> })}
                <p class="outcome-what">
                    {code.what()} " " {code.next_of_signing()} {BaseUrl::port_advice(&entry.server, code)}
                    {(!decided).then(|| entry.ending.wait())}
                </p>
                {entry
                    .ending
                    .server_message
                    .filter(|it| !it.is_empty() && !decided)
                    .map(|it| {
                        view! {
                            <figure class="quote">
                                <figcaption>{outcome::SERVER_WORDS}</figcaption>
                                <blockquote>{visible_lines(&it)}</blockquote>
                            </figure>
                        }
                    })}
                <p class="outcome-record">
                    <span>
                        {outcome::CODE} <code data-testid="outcome-code">{code.as_str()}</code>
                    </span>
                </p>
            </div>
        </div>
    }
}

/// That the last search contradicts the decision: before its details, because the heading says what the decision says.
#[component]
fn Contradicted(opened: Opened) -> impl IntoView {
    let contradicted = Memo::new(move |_| {
        let search = opened.events.with(|it| Recorded::last(it));
        let decision = opened.entry.with(|it| it.as_ref().and_then(|it| it.decision.clone()));
        search.zip(decision).is_some_and(|(search, decision)| search.response.contradicts(&decision.verdict))
    });
    view! {
        {move || {
            contradicted
                .get()
                .then(|| {
                    view! {
                        <Notice tone=Tone::Warning title=settle::DECISION_CONTRADICTED test_id="decision-contradicted">
                            <p>{settle::DECISION_CONTRADICTED_NEXT}</p>
                        </Notice>
                    }
                })
        }}
    }
}

/// What a decision was based on, and the way to another one.
#[component]
fn Correction(opened: Opened) -> impl IntoView {
    // What was typed there and is not recorded is in sight again.
    let open = untrack(|| opened.drafts.of(opened.number, |it| it.decision != DecisionDraft::default()));
    view! {
        <Disclosure summary=settle::CORRECTION open>
            <SettleCard opened resolved=true />
        </Disclosure>
    }
}

#[component]
fn EntryFacts(entry: Entry, events: RwSignal<Vec<Event>>) -> impl IntoView {
    view! {
        <DecisionCard entry=entry.clone() />
        <EarlierDecisions events />
        <Certificates
            certificates=entry.certificates()
            message=entry.ending.server_message.clone()
            found_by_person=entry.code() == domain::ErrorCode::FoundByPerson
        />
        <Reported certificates=entry.reported() />
        <AgainCard again=entry.again.clone() />
        <AskedFacts entry />
    }
}
