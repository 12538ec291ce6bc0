//! Which versions of HTTP each server is offered: the connection's choice, and what its server said.
//!
//! A server that required HTTP/1.1 is remembered beside its connection in the file, so that the next program offers it
//! nothing else: a signing that is reset for it is unknown, and must not happen twice.

use domain::HttpVersion;
use pam360::HttpOffer;

use super::one_connection::Held;
use super::{Desk, locked};

impl Desk {
    /// What the server of a connection is offered now.
    pub(super) fn http_offer(&self, held: &Held) -> HttpOffer {
        if held.connection.http_version == HttpVersion::Http11Only {
            return HttpOffer::http11_only();
        }
        let mut offers = locked(&self.shared.http_offers);
        let offer = offers.entry((held.id.clone(), held.connection.server.clone())).or_default().clone();
        if held.http11_required {
            offer.remember();
        }
        offer
    }

    /// Whether the server is known to require HTTP/1.1; remembers it in the file when that is new.
    pub(super) async fn learned_http11(&self, held: &Held) -> bool {
        if held.connection.http_version == HttpVersion::Http11Only || !self.http_offer(held).is_http11_only()
        {
            return false;
        }
        if held.is_saved() && !held.http11_required {
            tracing::info!(id = held.id.as_str(), server = %held.connection.server, "the server requires HTTP/1.1");
            let (id, server) = (held.id.clone(), held.connection.server.clone());
            // When it cannot be written, it counts for this session.
            let changed = self
                .change_settings(move |it| {
                    if let Some(stored) = it.stored(&id)
                        && domain::BaseUrl::parse(&stored.form.server).as_ref() == Ok(&server)
                    {
                        stored.http11_required = true;
                    }
                })
                .await;
            if let Ok(Ok(settings)) = changed {
                self.session().take_over(settings);
            }
        }
        true
    }
}
