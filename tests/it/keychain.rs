//! The real keychain: GNOME Keyring on a bus of its own, with folders of its own. Nobody's keychain is touched.

use std::path::Path;
use std::process::Stdio;

use e2e::program::{Group, KEYCHAIN, built, isolate};
use e2e::wait;
use tempfile::TempDir;
use tokio::process::Command;

/// A bus that starts no service by itself: the system's own files would bring a keychain to every bus. Its socket has no
/// path: zbus takes escapes in a path for a part of it, and a folder for temporary files may have a space in its name.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:abstract=csrdesk-NAME</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// A session bus and the folders of a user who exists for one test.
struct Session {
    folder: TempDir,
    address: String,
    _bus: Group,
}

impl Session {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("bus.xml");
        // The folder's name is random, and has letters and digits alone.
        let name = folder.path().file_name().unwrap().display().to_string();
        std::fs::write(&config, BUS.replace("NAME", &name)).unwrap();
        let mut command = Command::new("dbus-daemon");
        command
            .args(["--nofork", "--nosyslog", "--print-address"])
            .arg(format!("--config-file={}", config.display()));
        let (bus, address) = Group::start(command, "unix:").await;
        Self { folder, address, _bus: bus }
    }

    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        isolate(&mut command)
            .env_remove(KEYCHAIN)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", self.folder.path());
        // A desktop's own variables would lead back to its keychain and its screen.
        for variable in ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"] {
            command.env_remove(variable);
        }
        for variable in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            command.env(variable, self.folder.path().join(variable));
        }
        command
    }

    /// GNOME Keyring, with its login keychain unlocked by a password or as it is, as soon as it answers.
    async fn keyring(&self, password: Option<&str>) -> Group {
        let runtime = self.folder.path().join("XDG_RUNTIME_DIR");
        std::fs::create_dir_all(&runtime).unwrap();
        std::fs::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]).stderr(Stdio::null());
        let input = self.folder.path().join("password");
        std::fs::write(&input, password.unwrap_or_default()).unwrap();
        if password.is_some() {
            command.arg("--unlock");
        }
        let daemon = Group::start_reading(command, std::fs::File::open(input).unwrap());
        wait::until("the keyring", async || {
            (!self.says(&["probe"]).await.starts_with("keychain-absent")).then_some(())
        })
        .await;
        daemon
    }

    /// What a call in this session comes to.
    async fn says(&self, call: &[&str]) -> String {
        let output = self.command(env!("CARGO_BIN_EXE_keychain-probe")).args(call).output().await.unwrap();
        assert!(output.status.success(), "{call:?}: {output:?}");
        let line = String::from_utf8(output.stdout).unwrap();
        line.trim_end_matches('\n').to_owned()
    }
}

#[tokio::test]
async fn an_unlocked_keychain_keeps_and_a_locked_one_says_so() {
    let session = Session::new().await;
    let odd = "a/../b 'ü' https://host:8282/?x=y";
    {
        let _keyring = session.keyring(Some("a password")).await;
        assert_eq!(session.says(&["probe"]).await, "ok");
        assert_eq!(session.says(&["read", odd]).await, "none");
        assert_eq!(session.says(&["write", odd, "one"]).await, "ok");
        assert_eq!(session.says(&["write", odd, "zwei ☃"]).await, "ok");
        assert_eq!(session.says(&["read", odd]).await, "text zwei ☃");
        assert_eq!(session.says(&["read", "another"]).await, "none");
        assert_eq!(session.says(&["write", "another", "3"]).await, "ok");
        assert_eq!(session.says(&["delete", "another"]).await, "ok");
        assert_eq!(session.says(&["delete", "another"]).await, "ok");
        assert_eq!(session.says(&["read", "another"]).await, "none");
    }
    {
        let _keyring = session.keyring(None).await;
        let asks_nothing: &[&[&str]] = &[&["probe"], &["read", odd], &["read", "another"]];
        for call in asks_nothing {
            let said = session.says(call).await;
            assert!(said.starts_with("keychain-locked"), "{said}");
        }
        // Nobody is there whom it could ask, which comes back as a question that was dismissed.
        let asks: &[&[&str]] =
            &[&["read-asking", odd], &["write", odd, "new"], &["write", "another", "new"], &["delete", odd]];
        for call in asks {
            let said = session.says(call).await;
            assert!(said.starts_with("keychain-denied"), "{said}");
        }
    }
    let _keyring = session.keyring(Some("a password")).await;
    assert_eq!(session.says(&["read", odd]).await, "text zwei ☃");
}

#[tokio::test]
async fn without_a_keychain_it_says_so_at_once() {
    let session = Session::new().await;
    let calls: &[&[&str]] = &[&["probe"], &["read", "a"], &["write", "a", "b"], &["delete", "a"]];
    for address in [session.address.as_str(), "unix:path=/nonexistent/bus", "disabled:", ""] {
        for call in calls {
            let mut command = session.command(env!("CARGO_BIN_EXE_keychain-probe"));
            let output = command.args(*call).env("DBUS_SESSION_BUS_ADDRESS", address).output().await.unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(said.starts_with("keychain-absent"), "{address} {call:?}: {said}");
        }
    }
}

#[tokio::test]
async fn the_record_keeps_its_key_in_the_real_keychain() {
    let session = Session::new().await;
    let data_dir = session.folder.path().join("desk").display().to_string();
    let csrdesk = async |arguments: &[&str]| {
        let mut command = session.command(built("csrdesk"));
        command.args(arguments).args(["--data-dir", &data_dir]);
        let output = command.stdin(Stdio::null()).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let is_in = |said: &(Option<i32>, String, String), place: &str| {
        assert!(said.0 == Some(0) && said.1.contains(&format!("\"place\":\"{place}\"")), "{said:?}");
    };
    {
        let _keyring = session.keyring(Some("a password")).await;
        is_in(&csrdesk(&["record-key", "--json"]).await, "keychain");
        is_in(&csrdesk(&["record-key", "--json", "--to", "file"]).await, "file");
        is_in(&csrdesk(&["record-key", "--json", "--to", "keychain"]).await, "keychain");
        let (code, said, errors) = csrdesk(&["history"]).await;
        assert!(code == Some(0) && errors.is_empty(), "{said} {errors}");
    }
    // Locked: not asked for reading, asked silently for recording and openly where a person named it, and never replaced.
    {
        let _keyring = session.keyring(None).await;
        let (code, said, errors) = csrdesk(&["history"]).await;
        assert!(code == Some(0) && errors.is_empty(), "{said} {errors}");
        let copy = session.folder.path().join("journal.jsonl");
        let (code, said, errors) = csrdesk(&["export-journal", &copy.display().to_string()]).await;
        assert!(code == Some(1) && errors.contains("Nothing can be recorded"), "{said} {errors}");
        assert!(!copy.exists());
        let (code, said, errors) = csrdesk(&["diagnostics"]).await;
        assert!(code == Some(0) && said.contains("keychain is locked"), "{said} {errors}");
        let (code, said, errors) = csrdesk(&["record-key", "--to", "file"]).await;
        assert!(code == Some(5) && errors.contains("gave no access"), "{said} {errors}");
    }
    let (code, said, errors) = csrdesk(&["history"]).await;
    assert!(code == Some(0) && errors.is_empty(), "{said} {errors}");
    let _keyring = session.keyring(Some("a password")).await;
    is_in(&csrdesk(&["record-key", "--json"]).await, "keychain");
    let (code, said, _) = csrdesk(&["verify-journal"]).await;
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test]
async fn a_screen_that_locks_takes_the_secrets_out_of_memory() {
    let session = Session::new().await;
    let data_dir = session.folder.path().join("desk");
    let mut command = session.command(built("csrdesk"));
    command
        .args(["serve", "--server", "https://127.0.0.1:1", "--data-dir"])
        .arg(&data_dir)
        .env("PAM360_AUTHTOKEN", "TOKEN")
        .env(KEYCHAIN, "absent");
    let (_serving, _) = Group::start(command, "/launch/").await;
    wait::until("the lock", async || {
        // It listens some time after it is ready, and a signal that comes before is for nobody.
        let mut signal = session.command("dbus-send");
        signal.args(["--session", "--type=signal", "/org/freedesktop/ScreenSaver"]);
        signal.args(["org.freedesktop.ScreenSaver.ActiveChanged", "boolean:true"]).status().await.unwrap();
        let log = std::fs::read_to_string(data_dir.join("logs/csrdesk.log")).unwrap_or_default();
        log.contains("the screen was locked").then_some(())
    })
    .await;
}
