//! One Tauri command for each row of the command list, made from the list itself. `automatic` says that the page made the
//! call by itself.

use desk::{Desk, Failure, for_each_command};
use tauri::State;
use tauri::ipc::Invoke;

macro_rules! hand_on {
    ($($name:ident $kind:ident $marker:ident;)+) => {
        $(#[tauri::command]
        async fn $name(
            desk: State<'_, Desk>,
            request: desk::commands::$name::Request,
            automatic: Option<bool>,
        ) -> Result<desk::commands::$name::Response, Failure> {
            desk.touch(stringify!($name), automatic.unwrap_or_default());
            desk.$name(request).await.inspect_err(|it| it.log(stringify!($name)))
        })+

        /// Every command, for the window to call.
        pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($name),+]
        }
    };
}
for_each_command!(hand_on);
