//! The commands about connections: making, changing, using, removing them.
//!
//! Each change goes into the file first, so that what the page shows is what the next start finds; where the file cannot
//! be written, the change counts for this session and says so. What was trusted, and when, goes on record.

use std::time::Duration;

use domain::{CaChoice, ConnectionId, ErrorCode, Field, Fingerprint, Problem, Timestamp, typed};
use journal::Plain;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::account::Kept;
use super::one_connection::{Held, Standing, new_id, without_ca_text};
use super::settings::{self, MAX_CONNECTIONS, Settings, Stored};
use super::trust::NotReady;
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::{
    Shown, connections, duplicate_connection, remove_connection, restore_connection, save_connection,
    use_connection,
};

/// How long a removed connection can come back.
const UNDO_FOR: Duration = Duration::from_secs(15 * 60);

impl Desk {
    /// Every connection.
    ///
    /// # Errors
    /// None that is foreseen.
    pub async fn connections(&self, _: connections::Request) -> Result<connections::Response, Failure> {
        self.follow_the_file().await?;
        let now = self.shared.host.now();
        let session = self.session();
        let removed = || session.removed.iter().filter(|(_, _, at)| !is_over(*at, now));
        Ok(connections::Response {
            connections: session.held.iter().map(|it| session.shown(it)).collect(),
            in_use: session.in_use.clone(),
            removed: removed().map(|(id, name, _)| (id.clone(), name.clone())).collect(),
            restorable_until: removed()
                .filter_map(|(id, _, at)| Some((id.clone(), end_of_undo((*at)?))))
                .collect(),
        })
    }

    /// Makes or changes a connection. Secrets that belong to another server or proxy are forgotten.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidInput`] with all problems, those of the files included; [`ErrorCode::NoSuchConnection`].
    pub async fn save_connection(
        &self,
        request: save_connection::Request,
    ) -> Result<save_connection::Response, Failure> {
        self.follow_the_file().await?;
        let save_connection::Request { id, mut form, use_it } = request;
        let before = match &id {
            Some(id) => Some(self.session().meant(Some(id)).map_err(Failure::new)?.clone()),
            None => None,
        };
        let unnamed = typed::name(&form.name).is_empty();
        let new = before.is_none();
        keep_chosen_ca(&mut form.ca, before.as_ref());
        let mut connection = form.check().map_err(Failure::invalid)?;
        let id = id.unwrap_or_else(new_id);
        let name = self.free_name(&connection.name, &id);
        if name == connection.name {
            // Free.
        } else if unnamed && !new {
            connection.name = name;
        } else {
            // A new one without a name is called like its server: a second one of that name is most often a second try.
            let problem = Problem::new(Field::ConnectionName, ErrorCode::ConnectionNameTaken);
            return Err(Failure::invalid(vec![problem]));
        }
        let mut held = Held::saved(id.clone(), connection);
        self.check_files(&held).await?;
        let moved = before.as_ref().map(|it| it.moved_by(&held.connection)).unwrap_or_default();
        let token_forgotten = self.forget_in_memory(before.as_ref(), &moved);
        if let Some(known) = self.session().get(&id) {
            held.token_kept = known.token_kept.filter(|_| !moved.contains(&Kept::Token));
            held.token_rejected = known.token_rejected.filter(|_| !moved.contains(&Kept::Token));
            held.secrets_kept.clone_from(&known.secrets_kept);
            held.secrets_kept.retain(|it| !moved.contains(&Kept::Other(*it)));
            held.secrets_since.clone_from(&known.secrets_since);
            held.secrets_since.retain(|it, _| !moved.contains(&Kept::Other(*it)));
            held.earlier.clone_from(&known.earlier);
            held.http11_required = known.http11_required && known.connection.server == held.connection.server;
        }
        let use_it = use_it || self.is_alone(&id);
        let action = if before.is_some() { "changed" } else { "added" };
        let (shown, not_saved) = self.keep(held, use_it, action).await?;
        // Not before the file leads elsewhere: until then the next start wants them. One that stays behind is bound to the
        // old address, so nothing can send it to the new one.
        if let (None, Some(before)) = (not_saved, before) {
            self.delete_kept(&before, &moved).await;
        }
        Ok(save_connection::Response { shown, token_forgotten, not_saved })
    }

    /// Whether there is no connection but this one, and none in use. Then there is nothing to choose.
    fn is_alone(&self, id: &ConnectionId) -> bool {
        let session = self.session();
        session.in_use.is_none() && session.held.iter().all(|it| it.id == *id)
    }

    /// Works with another connection from now on.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`].
    pub async fn use_connection(
        &self,
        request: use_connection::Request,
    ) -> Result<use_connection::Response, Failure> {
        self.follow_the_file().await?;
        let shown = {
            let mut session = self.session();
            let held = session.meant(Some(&request.id)).map_err(Failure::new)?.clone();
            session.use_now(held.id.clone());
            session.shown(&held)
        };
        let changed = self.change_settings(move |it| it.in_use = Some(request.id)).await?;
        Ok(use_connection::Response { shown, not_saved: not_saved(&changed) })
    }

    /// Makes a connection like another one, without its secrets and the day on which its token expires.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`] or [`ErrorCode::TooManyConnections`].
    pub async fn duplicate_connection(
        &self,
        request: duplicate_connection::Request,
    ) -> Result<duplicate_connection::Response, Failure> {
        self.follow_the_file().await?;
        let id = new_id();
        let mut connection =
            self.session().meant(Some(&request.id)).map_err(Failure::new)?.connection.clone();
        connection.name = self.free_name(&connection.name, &id);
        connection.token_expires = None;
        let held = Held::saved(id, connection);
        let (shown, not_saved) = self.keep(held, false, "added").await?;
        Ok(duplicate_connection::Response { shown, not_saved })
    }

    /// Removes a connection; it can come back for 15 minutes, with what the keychain holds of it.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`]; [`ErrorCode::ConnectionIsSigning`] while a signing with it is in progress, or
    /// [`ErrorCode::ConnectionMayBeSigning`]; the journal's refusal when that cannot be found out.
    pub async fn remove_connection(
        &self,
        request: remove_connection::Request,
    ) -> Result<remove_connection::Response, Failure> {
        self.follow_the_file().await?;
        let id = request.id;
        let held = self.session().meant(Some(&id)).map_err(Failure::new)?.clone();
        self.not_signing_with(&held).await?;
        let now = self.shared.host.now();
        let was_in_use = self.session().in_use.as_ref() == Some(&id);
        let stored = Stored { removed_at: Some(now), was_in_use, ..held.stored() };
        let changed = self.change_settings(move |it| it.remove(stored)).await?;
        // A connection that the next start finds again was not removed.
        let settings = changed.map_err(|error| Failure::because(ErrorCode::SettingsUnwritable, error))?;
        {
            let mut session = self.session();
            if session.in_use.as_ref() == Some(&id) {
                session.in_use = None;
            }
            session.held.retain(|it| it.id != id);
            session.take_over(settings);
        }
        self.record_change("removed", &held).await;
        self.forget_removed(now).await?;
        Ok(remove_connection::Response {})
    }

    /// Brings a removed connection back to its place. It is in use again if it was, and no other one is by now.
    ///
    /// # Errors
    /// [`ErrorCode::NoSuchConnection`]: it was not removed, or too long ago.
    pub async fn restore_connection(
        &self,
        request: restore_connection::Request,
    ) -> Result<restore_connection::Response, Failure> {
        self.follow_the_file().await?;
        let now = self.shared.host.now();
        let mut removed = self.settings().await?.unwrap_or_default().removed;
        removed.retain(|it| !is_over(it.removed_at, now));
        let place = removed.iter().position(|it| it.id == request.id);
        let stored = place.map(|it| removed.swap_remove(it));
        let stored = stored.ok_or_else(|| Failure::new(ErrorCode::NoSuchConnection))?;
        // The only one there is, is in use, unless the one that was can still come back.
        let nothing_to_choose = self.is_alone(&stored.id) && !removed.iter().any(|it| it.was_in_use);
        let use_it = self.session().in_use.is_none() && (stored.was_in_use || nothing_to_choose);
        let mut held = Held::of(stored).ok_or_else(|| Failure::new(ErrorCode::NoSuchConnection))?;
        held.connection.name = self.free_name(&held.connection.name, &held.id);
        let (shown, not_saved) = self.keep(held, use_it, "restored").await?;
        Ok(restore_connection::Response { shown, not_saved })
    }

    /// Puts a connection into the file and into the session, and on record.
    pub(super) async fn keep(
        &self,
        held: Held,
        use_it: bool,
        action: &'static str,
    ) -> Result<(Shown, Option<ErrorCode>), Failure> {
        let known = self.session().get(&held.id).is_some();
        if !known && self.session().held.len() >= MAX_CONNECTIONS {
            return Err(Failure::new(ErrorCode::TooManyConnections));
        }
        let (stored, id) = (held.stored(), held.id.clone());
        let changed = self
            .change_settings(move |it| {
                if use_it {
                    it.in_use = Some(stored.id.clone());
                }
                it.put(stored);
            })
            .await?;
        let shown = {
            let mut session = self.session();
            session.held.retain(|it| it.id != id);
            match &changed {
                Ok(settings) => session.take_over(settings.clone()),
                Err(_) => session.held.push(Held { standing: Standing::Unsaved, ..held.clone() }),
            }
            if use_it {
                session.use_now(id.clone());
            }
            session.get(&id).map(|it| session.shown(it)).ok_or_else(|| Failure::new(ErrorCode::Internal))?
        };
        self.record_change(action, &held).await;
        Ok((shown, not_saved(&changed)))
    }

    /// Changes the file, and says why it could not be changed.
    pub(super) async fn change_settings(
        &self,
        edit: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<std::io::Result<Settings>, Failure> {
        let folder = self.shared.data_dir.clone();
        let changed = blocking(move || settings::change(&folder, edit)).await?;
        self.session().unwritable = changed.as_ref().err().map(ToString::to_string);
        Ok(changed)
    }

    /// What the file holds; none when it cannot be read.
    async fn settings(&self) -> Result<Option<Settings>, Failure> {
        let folder = self.shared.data_dir.clone();
        blocking(move || settings::read(&folder)).await
    }

    /// Other programs on the same data folder may have changed it. While it cannot be read, what is held stays.
    pub(super) async fn follow_the_file(&self) -> Result<(), Failure> {
        if let Some(settings) = self.settings().await? {
            self.session().take_over(settings);
        }
        Ok(())
    }

    /// What was trusted, and when, belongs to the story of a signing. A record that cannot be written says so itself.
    async fn record_change(&self, action: &'static str, held: &Held) {
        self.record_about(action, held, None).await;
    }

    /// Records that a person typed another fingerprint than the one that the server presented; the connection is as before.
    pub(super) async fn record_comparison(
        &self,
        action: &'static str,
        held: &Held,
        typed: Fingerprint,
        presented: Fingerprint,
    ) {
        self.record_about(action, held, Some(json!({ "typed": typed, "presented": presented }))).await;
    }

    async fn record_about(&self, action: &'static str, held: &Held, compared: Option<Value>) {
        tracing::info!(action, id = held.id.as_str(), server = %held.connection.server, "connection");
        let at = self.shared.host.now();
        let connection = without_ca_text(held.connection.clone());
        // A name says little about what was trusted; the content's hash can be compared.
        let ca_sha256 = match &held.connection.ca {
            CaChoice::Pem { text, .. } => {
                Some(Fingerprint::from_bytes(Sha256::digest(text.as_bytes()).into()))
            }
            CaChoice::File { .. } | CaChoice::Exact { .. } | CaChoice::System => None,
        };
        let mut body = json!({
            "action": action,
            "id": held.id,
            "server": connection.server,
            "organization": connection.organization,
            "ca": connection.ca,
            "ca_content_sha256": ca_sha256,
            "connection": connection,
        });
        if let (Some(compared), Some(body)) = (compared, body.as_object_mut()) {
            body.insert("compared".to_owned(), compared);
        }
        let desk = self.clone();
        let record =
            move || desk.journal_to_record().and_then(|it| it.record(Plain::ConnectionChanged, at, &body));
        let _ = blocking(record).await;
    }

    /// The name, or one like it that no other connection has.
    pub(super) fn free_name(&self, wanted: &str, id: &ConnectionId) -> String {
        let session = self.session();
        let taken = |name: &str| {
            let same = |it: &&Held| it.id != *id && it.connection.name.to_lowercase() == name.to_lowercase();
            session.held.iter().any(|it| same(&it))
        };
        let numbered = (2..).map(|number| {
            let end = format!(" ({number})");
            let room = 80 - end.chars().count();
            wanted.chars().take(room).collect::<String>() + &end
        });
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        names.find(|it| !taken(it)).unwrap_or_else(|| wanted.to_owned())
    }

    /// What its files say against a connection. A passphrase may still come.
    async fn check_files(&self, held: &Held) -> Result<(), Failure> {
        match self.endpoint(held).await {
            Err(NotReady { field: Some(field), code, detail, .. }) if field != Field::ClientPassphrase => {
                Err(Failure::invalid(vec![Problem::because(field, code, detail)]))
            }
            _ => Ok(()),
        }
    }

    /// Forgets removed connections for good, and what the keychain holds of them, once they cannot come back.
    pub(super) async fn forget_removed(&self, now: Timestamp) -> Result<(), Failure> {
        if self.session().removed.is_empty() {
            return Ok(());
        }
        let mut over = self.settings().await?.unwrap_or_default().removed;
        over.retain(|it| is_over(it.removed_at, now));
        if over.is_empty() {
            return Ok(());
        }
        let mut still_kept = Vec::new();
        for held in over.iter().cloned().filter_map(Held::of) {
            if !self.delete_kept(&held, &Kept::ALL).await {
                still_kept.push(held.id);
            }
        }
        let gone: Vec<_> = over.into_iter().map(|it| it.id).filter(|it| !still_kept.contains(it)).collect();
        let changed = self.change_settings(move |it| it.removed.retain(|it| !gone.contains(&it.id))).await?;
        if let Ok(settings) = changed {
            self.session().take_over(settings);
        }
        Ok(())
    }
}

/// Until when a connection that was removed at a time can come back.
fn end_of_undo(removed_at: Timestamp) -> Timestamp {
    let limit = i64::try_from(UNDO_FOR.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(removed_at.millis().saturating_add(limit))
}

/// Whether a removed connection can no longer come back. A clock that was set back by more than the time for it does not
/// keep it for ever.
fn is_over(removed_at: Option<Timestamp>, now: Timestamp) -> bool {
    let limit = i64::try_from(UNDO_FOR.as_millis()).unwrap_or(i64::MAX);
    removed_at.is_none_or(|at| !(-limit..limit).contains(&now.millis().saturating_sub(at.millis())))
}

/// A page that was told a chosen CA by name only sends that name back with no text: it means the one held.
pub(super) fn keep_chosen_ca(ca: &mut CaChoice, before: Option<&Held>) {
    if let CaChoice::Pem { name, text } = ca
        && text.is_empty()
        && let Some(CaChoice::Pem { name: held_name, text: held }) = before.map(|it| &it.connection.ca)
        && held_name == name
    {
        held.clone_into(text);
    }
}

pub(super) fn not_saved(changed: &std::io::Result<Settings>) -> Option<ErrorCode> {
    changed.as_ref().err().map(|_| ErrorCode::SettingsUnwritable)
}
