//! From a command's name and JSON to its answer in JSON, for hosts that carry text.

use domain::ErrorCode;
use serde_json::Value;

use super::Desk;
use crate::commands;
use crate::{Failure, for_each_command};

macro_rules! dispatch {
    ($($name:ident $kind:ident $marker:ident;)+) => {
        impl Desk {
            /// Carries out a command by its name. With `automatic`, the page asks by itself ([`crate::is_automatic`]).
            ///
            /// # Errors
            /// As [`Desk::dispatch`].
            pub async fn dispatch_for(&self, name: &str, request: Value, automatic: bool) -> Result<Value, Failure> {
                self.touch(name, automatic);
                match name {
                    $(stringify!($name) => {
                        let request: commands::$name::Request = serde_json::from_value(request)
                            .map_err(|error| malformed(stringify!($name), &error))?;
                        let response: commands::$name::Response =
                            self.$name(request).await.inspect_err(|it| it.log(name))?;
                        serde_json::to_value(response).map_err(|error| Failure::because(ErrorCode::Internal, error))
                    })+
                    _ => Err(Failure::new(ErrorCode::UnknownCommand)),
                }
            }
        }
    };
}
for_each_command!(dispatch);

impl Desk {
    /// Carries out a command that a person asks for, by its name.
    ///
    /// # Errors
    /// [`ErrorCode::UnknownCommand`], [`ErrorCode::MalformedCall`], or what the command says.
    pub async fn dispatch(&self, name: &str, request: Value) -> Result<Value, Failure> {
        self.dispatch_for(name, request, false).await
    }
}

/// What is wrong with a call. serde's words quote the value they stumble over, which may be a token: only the kind of
/// error and the place are kept.
fn malformed(name: &str, error: &serde_json::Error) -> Failure {
    Failure::because(ErrorCode::MalformedCall, format!("{name}: {:?} error", error.classify()))
}
