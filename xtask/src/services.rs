//! Programs that run beside one another: started, watched, waited for, and stopped however xtask ends.
//!
//! One thread owns every child and reaps it, so a process id is never signalled after its process is gone. Waiting is
//! always for an event: a signal to us, the end of a child, a condition that came true.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::run;

/// How often children are looked at between signals.
const LOOK: Duration = Duration::from_millis(50);
/// How long a child has to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);
/// A Ctrl-C reaches our children directly and may end them before it is noticed here.
const SIGNAL_LAG: Duration = Duration::from_millis(300);

/// Where a child's output goes.
pub(crate) enum Output<'a> {
    /// To our own terminal.
    Shown,
    /// To a file, shown if the child ends badly.
    Log(&'a Path),
}

struct Service {
    name: String,
    child: Child,
    log: Option<PathBuf>,
}

/// What ended the wait.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Ctrl-C, SIGTERM or SIGHUP came.
    Interrupted,
    /// A child ended.
    Child { name: String, status: ExitStatus },
}

/// All children of one task. Dropping it stops them, the last started first.
pub(crate) struct Services {
    interrupts: Receiver<()>,
    running: Vec<Service>,
}

impl Services {
    /// Takes over Ctrl-C, SIGTERM and SIGHUP; once per process.
    pub(crate) fn new() -> Result<Self> {
        let (sender, interrupts) = channel();
        ctrlc::set_handler(move || {
            // The receiver is gone only when everything is stopped already.
            let _ = sender.send(());
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(Self { interrupts, running: Vec::new() })
    }

    /// Starts a program under a name for people.
    pub(crate) fn start(&mut self, name: &str, command: &mut Command, output: &Output<'_>) -> Result<()> {
        let log = match output {
            Output::Shown => None,
            Output::Log(path) => {
                let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
                command.stdout(file.try_clone()?).stderr(file);
                Some((*path).to_owned())
            }
        };
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        self.running.push(Service { name: name.to_owned(), child, log });
        Ok(())
    }

    /// Waits until `condition` gives something; the end of any child or a signal ends the wait as an error.
    pub(crate) fn wait_for<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut condition: impl FnMut() -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = condition() {
                return Ok(found);
            }
            match self.look()? {
                Some(Ended::Interrupted) => bail!("interrupted while waiting for {what}"),
                Some(Ended::Child { name, status }) => {
                    bail!("{name} ended ({status}) while waiting for {what}")
                }
                None if Instant::now() > deadline => bail!("waited {limit:?} for {what} in vain"),
                None => {}
            }
        }
    }

    /// Waits until a child ends or a signal comes. A child that ended badly has its log shown.
    pub(crate) fn wait(&mut self) -> Result<Ended> {
        loop {
            if let Some(ended) = self.look()? {
                return Ok(ended);
            }
        }
    }

    /// Stops the child of this name, if it runs.
    pub(crate) fn stop(&mut self, name: &str) {
        if let Some(index) = self.running.iter().position(|service| service.name == name) {
            let mut service = self.running.remove(index);
            service.stop(&self.interrupts);
        }
    }

    /// One look at signals and children.
    pub(crate) fn look(&mut self) -> Result<Option<Ended>> {
        if self.interrupted_within(LOOK)? {
            return Ok(Some(Ended::Interrupted));
        }
        for index in 0..self.running.len() {
            let Some(status) = self.running[index].child.try_wait()? else { continue };
            let service = self.running.remove(index);
            if self.interrupted_within(SIGNAL_LAG)? {
                return Ok(Some(Ended::Interrupted));
            }
            if !status.success() {
                service.show_log();
            }
            return Ok(Some(Ended::Child { name: service.name, status }));
        }
        Ok(None)
    }

    fn interrupted_within(&self, time: Duration) -> Result<bool> {
        match self.interrupts.recv_timeout(time) {
            Ok(()) => Ok(true),
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(anyhow!("signals are no longer listened for")),
        }
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        while let Some(mut service) = self.running.pop() {
            service.stop(&self.interrupts);
        }
    }
}

impl Service {
    /// Asks it to end, then makes it.
    fn stop(&mut self, interrupts: &Receiver<()>) {
        self.ask_to_end();
        let deadline = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            // A second Ctrl-C means: at once.
            if interrupts.recv_timeout(LOOK).is_ok() {
                break;
            }
        }
        // It may have ended meanwhile; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    #[cfg(unix)]
    fn ask_to_end(&self) {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(id) = id {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
    }

    #[cfg(not(unix))]
    fn ask_to_end(&mut self) {
        let _ = self.child.kill();
    }

    fn show_log(&self) {
        let Some(path) = &self.log else { return };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        eprintln!("--- the last words of {}, from {}", self.name, path.display());
        for line in run::last_lines(&text, 40) {
            eprintln!("{line}");
        }
        eprintln!("---");
    }
}
