//! How the desk stands, what a person prefers, and the lock that follows from it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::{Finding, HistoryFilter, OpenFinding, Timestamp};
use tokio::time::Instant;

use super::{Desk, Shared, blocking};
use crate::Failure;
use crate::commands::{Preferences, RunningSigning, quick_status, set_preferences, status};

/// How long a status waits for a keychain that has not answered yet.
pub(super) const KEYCHAIN_PATIENCE: Duration = Duration::from_millis(400);
/// How often it is looked whether nothing was done for long.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// In which of these rounds it is looked whether a removed connection can be forgotten for good: every five minutes.
const FORGET_EVERY: u32 = 30;

/// What the record says about how things stand; nothing before it was asked.
#[derive(Default)]
struct Record {
    /// Why it cannot be written.
    problem: Option<String>,
    /// The signings that are in progress.
    running: Vec<RunningSigning>,
    /// How many wait for somebody to look.
    unsettled: u64,
    /// What a person has to acknowledge before anything is signed.
    findings: Vec<OpenFinding>,
    /// What a person acknowledged.
    acknowledged: Vec<Finding>,
}

impl Desk {
    /// What the desk holds.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn status(&self, _: status::Request) -> Result<status::Response, Failure> {
        let desk = self.clone();
        let record = blocking(move || {
            let counted = desk.journal().and_then(|journal| {
                let running = desk.running_signings(&journal)?;
                let numbers = running.iter().map(|it| it.entry).collect();
                let waiting = HistoryFilter { unsettled: true, running: numbers, ..HistoryFilter::default() };
                Ok((running, journal.count(&waiting)?, journal.findings()?))
            });
            match counted {
                Ok((running, unsettled, found)) => {
                    let (open, acknowledged): (Vec<_>, Vec<_>) =
                        found.into_iter().partition(|it| it.acknowledged.is_none());
                    let findings = open.into_iter().map(|it| it.finding).collect();
                    Record { problem: None, running, unsettled, findings, acknowledged }
                }
                Err(error) => Record { problem: Some(error.to_string()), ..Record::default() },
            }
        })
        .await?;
        let key_answer = async {
            if record.problem.is_none() {
                self.key_answer().await;
            }
        };
        tokio::join!(key_answer, self.keychain_answer());
        let now = self.shared.host.now();
        Ok(self.standing(record, now))
    }

    /// What the desk holds, as far as it is known without the disk and the keychain.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn quick_status(&self, _: quick_status::Request) -> Result<status::Response, Failure> {
        Ok(self.standing(Record::default(), self.shared.host.now()))
    }

    fn standing(&self, record: Record, now: Timestamp) -> status::Response {
        self.lock_if_idle(now);
        let session = self.session();
        status::Response {
            connection: session.current().map(|it| session.shown(it)),
            locked: session.locked,
            keychain: session.keychain,
            preferences: session.preferences,
            data_dir: self.shared.data_dir.display().to_string(),
            journal_problem: record.problem.or_else(|| self.shared.journal.problem()),
            journal_notes: self.shared.journal.notes(),
            journal_remark: self.shared.journal.remark(),
            running: record.running,
            unsettled: record.unsettled,
            findings: record.findings,
            acknowledged: record.acknowledged,
            stopping: self.shared.stopping.load(Ordering::SeqCst),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now,
        }
    }

    /// Changes what is preferred.
    ///
    /// # Errors
    /// None that is foreseen: what cannot be kept for the next start counts for this session.
    pub async fn set_preferences(
        &self,
        request: set_preferences::Request,
    ) -> Result<set_preferences::Response, Failure> {
        let mut preferences = request.preferences;
        preferences.lock_after_minutes = preferences.lock_after_minutes.min(Preferences::MAX_LOCK_MINUTES);
        self.shared.host.log_level(preferences.log_level);
        let changed = self.change_settings(move |it| it.preferences = preferences).await?;
        let mut session = self.session();
        session.preferences = preferences;
        session.preferences_unsaved = changed.is_err();
        Ok(set_preferences::Response { preferences })
    }

    /// Notes that a command came. Unless the page made the call by itself ([`crate::is_automatic`]), a person did something.
    pub fn touch(&self, command: &str, automatic: bool) {
        let now = self.shared.host.now();
        // A call that comes too late finds the lock closed, also an automatic one.
        self.lock_if_idle(now);
        if crate::is_automatic(command, automatic) {
            tracing::trace!(command, "asked by the page itself");
            return;
        }
        tracing::debug!(command, "asked");
        self.session().touched(now);
    }

    /// Takes the secrets out of the memory when nothing was done for as long as is preferred.
    fn lock_if_idle(&self, now: Timestamp) {
        let mut session = self.session();
        let limit = Duration::from_secs(u64::from(session.preferences.lock_after_minutes) * 60);
        let could_read = !session.locked && session.current().is_some_and(|it| it.kept().next().is_some());
        if !limit.is_zero() && (session.secrets.any() || could_read) && session.idle(now) >= limit {
            session.lock();
            tracing::info!("locked: nothing was done for as long as is preferred");
        }
    }

    /// Looks now and then whether it is time to lock, for as long as the desk lives.
    pub fn watch_idle(&self) {
        let shared: Weak<Shared> = Arc::downgrade(&self.shared);
        tokio::spawn(async move {
            let mut next = tokio::time::interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
            for round in 1_u32.. {
                next.tick().await;
                let Some(shared) = shared.upgrade() else { return };
                let desk = Self { shared };
                let now = desk.shared.host.now();
                desk.lock_if_idle(now);
                if round % FORGET_EVERY == 0 {
                    // What could not be forgotten now is tried again.
                    let _ = desk.forget_removed(now).await;
                }
            }
        });
    }

    /// Locks whenever the screen does, where the system tells it. For programs that stay.
    pub fn watch_screen(&self) {
        let shared: Weak<Shared> = Arc::downgrade(&self.shared);
        secrets::on_screen_lock(move || {
            if let Some(shared) = shared.upgrade() {
                Self { shared }.session().lock();
                tracing::info!("locked: the screen was locked");
            }
        });
    }

    /// Waits a moment for the first answer of the keychain, and asks for it if nobody has: a keychain that hangs must not
    /// keep the page from learning the rest. The question goes on when the wait is over.
    async fn keychain_answer(&self) {
        if self.shared.keychain_answered.initialized() {
            return;
        }
        let desk = self.clone();
        let asking = tokio::spawn(async move {
            desk.shared.keychain_answered.get_or_init(|| desk.probe_keychain()).await;
        });
        let _ = tokio::time::timeout(KEYCHAIN_PATIENCE, asking).await;
    }
}
