//! When the screen locks, so that secrets can leave the memory then.
//!
//! Owns how a system tells it. Refuses to own what follows. Where no system's way is known here (macOS, Windows), or no
//! session bus is there, nothing is ever told: the lock after idle time remains.

/// Calls `locked` whenever the screen locks, on a thread of its own, until the program ends.
#[cfg(target_os = "linux")]
pub fn on_screen_lock(locked: impl Fn() + Send + 'static) {
    let listen = move || {
        // Without a bus, or when it goes away, there is nothing to listen to.
        let _ = linux::listen(&locked);
    };
    let _ = std::thread::Builder::new().name("screen lock".to_owned()).spawn(listen);
}

/// Nothing is known about the screen of this system.
#[cfg(not(target_os = "linux"))]
pub fn on_screen_lock(_: impl Fn() + Send + 'static) {}

#[cfg(target_os = "linux")]
mod linux {
    use zbus::blocking::{Connection, MessageIterator};
    use zbus::message::Type;
    use zbus::{MatchRule, Message};

    /// Some desktops say it under a name of their own, KDE and others under the common one.
    const SCREEN_SAVERS: [&str; 5] = [
        "org.freedesktop.ScreenSaver",
        "org.gnome.ScreenSaver",
        "org.cinnamon.ScreenSaver",
        "org.mate.ScreenSaver",
        "org.xfce.ScreenSaver",
    ];

    /// Anybody on the bus can say it: the worst that comes of it is a lock.
    pub(super) fn listen(locked: &impl Fn()) -> zbus::Result<()> {
        let bus = Connection::session()?;
        let rule = MatchRule::builder().msg_type(Type::Signal).member("ActiveChanged")?.build();
        for message in MessageIterator::for_match_rule(rule, &bus, None)? {
            if says_locked(&message?) {
                locked();
            }
        }
        Ok(())
    }

    fn says_locked(message: &Message) -> bool {
        let header = message.header();
        let speaks = header.interface().is_some_and(|it| SCREEN_SAVERS.contains(&it.as_str()));
        // A screen that is unlocked says false.
        speaks && message.body().deserialize::<bool>().unwrap_or_default()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_a_screen_that_locks_says_so() {
            let signal = |interface: &str, active: bool| {
                let message = Message::signal("/org/freedesktop/ScreenSaver", interface, "ActiveChanged");
                says_locked(&message.unwrap().build(&active).unwrap())
            };
            assert!(signal("org.freedesktop.ScreenSaver", true) && signal("org.gnome.ScreenSaver", true));
            assert!(!signal("org.gnome.ScreenSaver", false) && !signal("org.example.Other", true));
            let odd = Message::signal("/x", "org.gnome.ScreenSaver", "ActiveChanged").unwrap();
            assert!(!says_locked(&odd.build(&"true").unwrap()));
        }
    }
}
