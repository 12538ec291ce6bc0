//! `cargo xtask bench`: what a signing costs a person, against the two ways the vendor's page shows, and against the
//! least program that can ask for it.
//!
//! The same call by each of them, as whole processes, interleaved in one run on one machine, so that whatever else
//! happens there happens to all. It reports and never judges: numbers from a busy machine are no test.

mod numbers;
mod record;
mod window;

use std::cell::Cell;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::binaries::{self, Program};
use crate::clippy::Lints;
use crate::services::Services;
use crate::standin::{self, Ready};
use crate::system::{self, Purpose};
use crate::{demo, run, ui};
use numbers::Spread;

const RUNS: usize = 30;
const WARM_UP: usize = 3;
/// Peak memory barely varies.
const MEMORY_RUNS: usize = 5;

/// The vendor's sample, with its placeholders filled in from the environment.
const PYTHON: &str = r#"import os
import requests

url = os.environ["SIGN_URL"]
data = {"INPUT_DATA": os.environ["INPUT_DATA"]}
headers = {"AUTHTOKEN": os.environ["PAM360_AUTHTOKEN"]}
response = requests.post(url, headers=headers, data=data, verify=os.environ["CA_FILE"])
print("Response:", response.text)
"#;

/// One way to make the call.
struct Contender {
    name: &'static str,
    command: Box<dyn Fn() -> Command>,
    times: Vec<Duration>,
}

/// Measures and prints Markdown tables.
pub(crate) fn bench(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["window", rest @ ..] => window::bench(rest),
        ["sign", rest @ ..] => {
            let runs = runs(rest)?;
            let root = run::root()?;
            system::ensure(&[Purpose::Build, Purpose::Bench])?;
            // The page is built into csrdesk, and plays no part in a signing.
            ui::build(ui::Profile::Dev(Lints::Quiet))?;
            binaries::build(&root, &[Program::Standin, Program::Terminal, Program::BareClient], true)?;
            signing(&root, runs)
        }
        _ => {
            let runs = runs(arguments)?;
            let root = run::root()?;
            system::ensure(&[Purpose::Build, Purpose::Window, Purpose::Bench])?;
            let dist = ui::build(ui::Profile::Release)?;
            let programs = [Program::Standin, Program::Terminal, Program::Window, Program::BareClient];
            binaries::build(&root, &programs, true)?;
            signing(&root, runs)?;
            println!("{}", size_table(&root, &dist)?);
            println!("{}", record::table(&root)?);
            Ok(())
        }
    }
}

/// Measures one signing with every contender, and prints a table.
fn signing(root: &Path, runs: usize) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let mut services = Services::new()?;
    let ready =
        standin::start(&mut services, &Program::Standin.path(root, true), &scratch.path().join("standin"))?;
    let mut contenders = contenders(root, &ready, scratch.path())?;
    println!("{runs} rounds of {}", contenders.iter().map(|it| it.name).collect::<Vec<_>>().join(", "));
    for round in 0..WARM_UP + runs {
        for contender in &mut contenders {
            let time = timed(contender.name, &mut (contender.command)())?;
            if round >= WARM_UP {
                contender.times.push(time);
            }
        }
    }
    let memory = contenders
        .iter()
        .map(|it| peak_memory(&it.command, &scratch.path().join("memory")))
        .collect::<Result<Vec<_>>>()?;
    drop(services);

    println!("\n{}", timing_table(&contenders, &memory));
    Ok(())
}

fn runs(arguments: &[&str]) -> Result<usize> {
    match arguments {
        [] => Ok(RUNS),
        ["--runs", count] => {
            let count = count.parse().context("--runs takes a number")?;
            ensure!(count > 0, "--runs takes a number above 0");
            Ok(count)
        }
        _ => bail!("bench takes `sign` or `window`, `--debug` after `window`, and `--runs N`"),
    }
}

/// csrdesk first: the others are compared with it.
fn contenders(root: &Path, ready: &Ready, scratch: &Path) -> Result<Vec<Contender>> {
    let (csr, _) = ready.csrs.first().context("the stand-in has no CSR")?.clone();
    let (root_name, serial) = ready.roots.first().context("the stand-in has no root")?.clone();
    let body = format!(
        r#"{{"operation":{{"Details":{{"signType":"signWithRoot","rootCertificateCommonName":"{root_name}","rootCertificateSerialNumber":"{serial}","Validity":100,"isIntermediate":"false","CSR_ID":"{csr}"}}}}}}"#
    );
    let url = format!("{}/api/pki/restapi/signCSR", ready.url.trim_end_matches('/'));
    let contender = |name, command| Contender { name, command, times: Vec::new() };
    let mut all = Vec::new();

    let (ours, ready_for_us, desk) =
        (Program::Terminal.path(root, true), ready.clone(), scratch.join("desk"));
    // Each in its turn: a CSR that one issuer has signed dozens of times is nobody's common case.
    let requests: Vec<_> = ready
        .csrs
        .iter()
        .flat_map(|(csr, _)| ready.roots.iter().map(move |(name, serial)| (csr, name, serial)))
        .map(|(csr, name, serial)| {
            ["--root-cn", name, "--root-serial", serial, "--csr-id", csr].map(str::to_owned)
        })
        .collect();
    let round = Cell::new(0);
    all.push(contender(
        "csrdesk",
        Box::new(move || {
            let mut command = demo::connected(&ours, &["sign"], &ready_for_us, &desk);
            command
                // Nobody's keychain: it would keep the keys of records that are gone.
                .env("DBUS_SESSION_BUS_ADDRESS", "disabled:")
                .args([
                    "--sign-type",
                    "signWithRoot",
                    "--validity-days",
                    "100",
                    "--json",
                    "--again",
                    "a benchmark",
                ])
                .args(requests.iter().cycle().nth(round.replace(round.get() + 1)).into_iter().flatten());
            command
        }),
    ));

    let (ca, header) = (ready.ca_file.clone(), format!("AUTHTOKEN: {}", ready.token));
    let (curl_url, field) = (url.clone(), format!("INPUT_DATA={body}"));
    all.push(contender(
        "curl",
        Box::new(move || {
            let mut command = Command::new("curl");
            command.args(["-sS", "--fail", "-X", "POST", "--cacert"]).arg(&ca);
            command.args(["-H", &header, "--data-urlencode", &field, &curl_url]);
            command
        }),
    ));

    let environment = [
        ("SIGN_URL", url),
        ("INPUT_DATA", body),
        ("PAM360_AUTHTOKEN", ready.token.clone()),
        ("CA_FILE", ready.ca_file.display().to_string()),
    ];
    let (bare, environment_of_bare) = (Program::BareClient.path(root, true), environment.clone());
    all.push(contender(
        "bare client",
        Box::new(move || {
            let mut command = Command::new(&bare);
            command.envs(environment_of_bare.clone());
            command
        }),
    ));

    if let Some(python) = python_with_requests() {
        let script = scratch.join("sign.py");
        fs::write(&script, PYTHON)?;
        all.push(contender(
            "Python requests",
            Box::new(move || {
                let mut command = Command::new(&python);
                command.arg(&script).envs(environment.clone());
                command
            }),
        ));
    } else {
        println!("python3 with requests is not here: the vendor's Python sample is not measured");
    }
    Ok(all)
}

/// The interpreter itself: a version manager's wrapper would be measured with it.
fn python_with_requests() -> Option<PathBuf> {
    let code = "import sys, requests; print(sys.executable)";
    let path = run::read(Command::new("python3").args(["-c", code])).ok()?;
    Some(PathBuf::from(path.trim()))
}

/// One call as a whole process; an answer that does not say success is no measurement.
fn timed(name: &str, command: &mut Command) -> Result<Duration> {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    let time = start.elapsed();
    let answer = String::from_utf8_lossy(&output.stdout);
    let signed = answer.contains("\"signed\"") || answer.to_lowercase().contains("success");
    if !output.status.success() || !signed {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{name} did not sign ({}): {} {}", output.status, answer.trim(), errors.trim());
    }
    Ok(time)
}

/// Largest resident set in KiB, as GNU time has it from the kernel.
fn peak_memory(command: &dyn Fn() -> Command, file: &Path) -> Result<u64> {
    let mut peaks = Vec::new();
    for _ in 0..MEMORY_RUNS {
        let inner = command();
        let mut outer = Command::new("time");
        outer.args(["-f", "%M", "-o"]).arg(file).arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            if let Some(value) = value {
                outer.env(name, value);
            }
        }
        run::run(outer.stdout(File::create(file.with_extension("out"))?))?;
        let text = fs::read_to_string(file)?;
        peaks.push(text.trim().parse().with_context(|| format!("GNU time said `{}`", text.trim()))?);
    }
    peaks.sort_unstable();
    Ok(peaks[peaks.len() / 2])
}

fn timing_table(contenders: &[Contender], memory: &[u64]) -> String {
    let mut table = String::from(
        "| One signing, whole process | median | 10 to 90 % | peak memory | csrdesk's time to this | aim |\n\
         | --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    let Some(ours) = contenders.first() else { return table };
    for (contender, memory) in contenders.iter().zip(memory) {
        let spread = Spread::of(contender.times.iter().map(|it| it.as_secs_f64() * 1000.0));
        let (ratio, aim) = match contender.name {
            "csrdesk" => (String::new(), ""),
            name => {
                let ratios = ours.times.iter().zip(&contender.times);
                let ratio = Spread::of(ratios.map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()));
                let aim = match name {
                    "curl" => "at most 0.80",
                    "bare client" => "at most 2.20",
                    _ => "at most 0.33",
                };
                (format!("{:.2} ({:.2} to {:.2})", ratio.median, ratio.low, ratio.high), aim)
            }
        };
        let memory = numbers::grouped(*memory);
        table.push_str(&format!(
            "| {} | {:.1} ms | {:.1} to {:.1} ms | {memory} KiB | {ratio} | {aim} |\n",
            contender.name, spread.median, spread.low, spread.high
        ));
    }
    table
}

fn size_table(root: &Path, dist: &Path) -> Result<String> {
    let mut table = String::from("| Size | bytes | gzip | aim |\n| --- | ---: | ---: | --- |\n");
    let wasm = fs::read_dir(dist)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|it| it == "wasm"))
        .context("dist/ has no wasm")?;
    let rows = [
        ("page (wasm, release)", wasm, ""),
        ("csrdesk", Program::Terminal.path(root, true), ""),
        ("csr-desk (window)", Program::Window.path(root, true), ""),
    ];
    for (name, path, aim) in rows {
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let (raw, gzip) = (content.len() as u64, ui::gzip_size(&content)? as u64);
        table.push_str(&format!(
            "| {name} | {} | {} | {aim} |\n",
            numbers::grouped(raw),
            numbers::grouped(gzip)
        ));
    }
    Ok(table)
}
