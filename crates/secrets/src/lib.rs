//! Secrets, held so that they cannot be shown, logged, serialized or left behind in memory; and the keychain that keeps
//! them between sessions.
//!
//! Owns the types, their redaction, and the one way to the operating system's keychain. Never implements `Serialize` for
//! anything that holds a secret (invariant 1): it can come in, and leave only where it is used.

#[cfg(not(target_family = "wasm"))]
mod dumps;
pub mod keychain;
mod passphrase;
#[cfg(not(target_family = "wasm"))]
mod screen;
mod spelled;
mod token;

#[cfg(not(target_family = "wasm"))]
pub use dumps::keep_out_of_dumps;
pub use keychain::{Keychain, KeychainError};
pub use passphrase::Passphrase;
#[cfg(not(target_family = "wasm"))]
pub use screen::on_screen_lock;
pub use token::AuthToken;

/// An allocator that overwrites what Rust code gives back, so that no copy of a secret stays behind there, whichever library
/// made it. Each program that holds secrets has it as its global allocator. Code in C has an allocator of its own.
#[cfg(not(target_family = "wasm"))]
pub type WipedMemory = zeroizing_alloc::ZeroAlloc<std::alloc::System>;

/// The system's allocator, wiped.
#[cfg(not(target_family = "wasm"))]
pub const WIPED_MEMORY: WipedMemory = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// What stands where a secret would.
pub const REDACTED: &str = "‹redacted›";
