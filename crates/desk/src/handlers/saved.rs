//! The connection that was set last, kept for the next start. No secret can be in it: the types have no place for one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use domain::{Connection, ConnectionForm};

const FILE_NAME: &str = "connection.json";
/// A saved connection holds at most a CA file of 1 MiB and a few names.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// The saved connection; none when there is none or it cannot be used as it stands.
pub(super) fn read(folder: &Path) -> Option<Connection> {
    let path = folder.join(FILE_NAME);
    if fs::metadata(&path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let form: ConnectionForm = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    form.check().ok()
}

/// Saves it so that a crash leaves the old one or the new one.
pub(super) fn write(folder: &Path, connection: &Connection) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let text = serde_json::to_vec_pretty(&ConnectionForm::from(connection.clone()))?;
    let fresh = folder.join(format!("{FILE_NAME}.new"));
    let mut file = fs::File::create(&fresh)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(fresh, folder.join(FILE_NAME))
}
