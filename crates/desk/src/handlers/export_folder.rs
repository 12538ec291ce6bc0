//! Opening the folder of the exports in the file manager. Owns that it is this folder and no other, and only after this
//! session has written a file into it.

use std::path::Path;
use std::sync::atomic::Ordering;

use domain::ErrorCode;

use super::export::EXPORT_FOLDER;
use super::{Desk, blocking};
use crate::Failure;
use crate::commands::open_export_folder::{Request, Response};

/// Opens a folder in the file manager, or says why not.
pub type OpenFolder = fn(&Path) -> Result<(), String>;

impl Desk {
    /// Lets [`Desk::open_export_folder`] open its folder. For a program on the person's own desktop; asked once.
    pub fn open_folders_with(&self, open: OpenFolder) {
        // The first one stays.
        let _ = self.shared.open_folder.set(open);
    }

    /// Opens the folder of the exports.
    ///
    /// # Errors
    /// [`ErrorCode::FolderNotOpened`]: nothing was exported in this session, the program has no desktop, or the system
    /// could not open it.
    pub async fn open_export_folder(&self, _: Request) -> Result<Response, Failure> {
        let refuse = |why: &str| Err(Failure::because(ErrorCode::FolderNotOpened, why));
        let Some(open) = self.shared.open_folder.get().copied() else {
            return refuse("This program has no desktop to open a folder on.");
        };
        if !self.shared.exported.load(Ordering::SeqCst) {
            return refuse("Nothing was exported in this session.");
        }
        let folder = self.shared.data_dir.join(EXPORT_FOLDER);
        blocking(move || open(&folder))
            .await?
            .map(|()| Response {})
            .map_err(|why| Failure::because(ErrorCode::FolderNotOpened, why))
    }
}
