//! Keeps this process's memory, and with it every secret, out of core dumps and from other programs of the same user.

use std::io;

/// Takes core dumps away from this process, and on Linux makes it one that is not dumpable (prctl(2), `PR_SET_DUMPABLE`):
/// other programs of the same user can then neither trace it nor read its memory and its environment. The first thing that
/// a program with secrets does. Does nothing on Windows, where a process has no core dump unless somebody set one up.
///
/// # Errors
/// The system refuses.
pub fn keep_out_of_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Hard as well as soft, so that nothing in this process raises it again. Programs that this one starts inherit it.
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    }
    // Also where the system hands dumps to a program of its own, which does not ask for the limit.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
