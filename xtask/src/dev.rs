//! `cargo xtask dev`: the page in a browser against a stand-in, built again when Enter is pressed.
//!
//! The stand-in stays up through all of it, so the CSRs and roots typed into the form stay the same.

use std::fs;
use std::io::BufRead as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use anyhow::Result;

use crate::binaries::{self, Program};
use crate::clippy::Lints;
use crate::services::{Output, Services};
use crate::standin::{self, Ready};
use crate::system::{self, Purpose};
use crate::{demo, run, ui};

const GATEWAY: &str = "csrdesk serve";

/// Runs until Ctrl-C.
pub(crate) fn dev() -> Result<()> {
    let root = run::root()?;
    system::ensure(&[Purpose::Build])?;
    build(&root)?;

    let home = run::target(&root).join("dev");
    let desk = home.join("desk");
    fs::create_dir_all(&desk)?;
    let mut services = Services::new()?;
    let ready = standin::start(&mut services, &Program::Standin.path(&root, false), &home.join("standin"))?;
    println!("\n{}", standin::table(&ready));
    serve(&mut services, &root, &ready, &desk)?;

    let enter = enters();
    loop {
        if let Some(ended) = services.look()? {
            return demo::end(ended);
        }
        if enter.try_recv().is_ok() {
            // A mistake in the code is no reason to leave the loop: what ran before keeps running.
            if let Err(error) = build(&root) {
                eprintln!("{error:#}\nStill serving what was built before.");
                continue;
            }
            services.stop(GATEWAY);
            serve(&mut services, &root, &ready, &desk)?;
        }
    }
}

/// Always the same selection: a smaller one would settle on other features and build the libraries again.
fn build(root: &Path) -> Result<()> {
    ui::build(ui::Profile::Dev(Lints::Quiet))?;
    binaries::build(root, &[Program::Standin, Program::Terminal], false)
}

fn serve(services: &mut Services, root: &Path, ready: &Ready, desk: &Path) -> Result<()> {
    println!("Enter builds again and starts the gateway anew. Ctrl-C stops everything.");
    let mut command = demo::connected(&Program::Terminal.path(root, false), &["serve"], ready, desk);
    services.start(GATEWAY, &mut command, &Output::Shown)
}

/// One message for each line typed; none when there is nobody to type.
fn enters() -> Receiver<()> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if line.is_err() || sender.send(()).is_err() {
                return;
            }
        }
    });
    receiver
}
