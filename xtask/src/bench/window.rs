//! `cargo xtask bench window`: how long until the window can be used, and its memory, beside a hello-world window of the same
//! make and beside XCA.
//!
//! `--debug` takes debug builds of the two programs with the release builds of their pages: a quick check of the bench itself.
//! It prints no verdict on the aims, which are about what ships.
//!
//! Whole programs in turn, each on an X screen of its own, in one run on one machine. Usable means: the page's primary button
//! is drawn in its colour, which it has only once the program behind the page has answered. For XCA, which has no such mark:
//! drawn to the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::numbers::{self, Spread};
use crate::binaries::{self, Program};
use crate::system::{self, Purpose};
use crate::{run, ui};

/// Sources of the hello window, its page, and the probe.
const FIXTURE: &str = "xtask/fixtures/window";
/// The accent of the light theme, `--accent`; the hello window's button has it too.
const ACCENT: &str = "0b5a70";
/// Fewer pixels than either button has, and more than anything else in that colour.
const PIXELS: &str = "2000";
const WARM_UP: usize = 2;
const TIME_AIM: f64 = 1.3;
const MEMORY_AIM: f64 = 1.15;
/// Every contender draws without a graphics card, which a virtual screen lacks, and asks no session bus.
const SCREEN: [(&str, &str); 6] = [
    ("DBUS_SESSION_BUS_ADDRESS", "disabled:"),
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    ("NO_AT_BRIDGE", "1"),
    ("QT_QPA_PLATFORM", "xcb"),
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
];

/// A program that shows a window.
struct Contender {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    /// What the probe looks for.
    colour: &'static str,
    seen: Vec<Seen>,
}

/// What the probe saw.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    usable_ms: f64,
    pss_kib: f64,
}

/// Measures and prints a Markdown table.
pub(super) fn bench(arguments: &[&str]) -> Result<()> {
    let (release, arguments) = match arguments {
        ["--debug", rest @ ..] => (false, rest),
        all => (true, all),
    };
    let runs = super::runs(arguments)?;
    ensure!(cfg!(target_os = "linux"), "the probe speaks X11 and reads /proc: Linux only");
    let root = run::root()?;
    system::ensure(&[Purpose::Build, Purpose::Window, Purpose::WindowBench])?;
    let probe = build_fixture(&root, release)?;
    ui::build(ui::Profile::Release)?;
    binaries::build(&root, &[Program::Window], release)?;

    let scratch = tempfile::tempdir()?;
    let mut contenders = contenders(&root, scratch.path(), release);
    let builds = if release { "release builds" } else { "debug builds with release pages" };
    println!(
        "{builds}, {runs} rounds of {}",
        contenders.iter().map(|it| it.name).collect::<Vec<_>>().join(", ")
    );
    for round in 0..WARM_UP + runs {
        for contender in &mut contenders {
            let seen = watch(&probe, contender, scratch.path())
                .with_context(|| format!("{} in round {}", contender.name, round + 1))?;
            if round >= WARM_UP {
                contender.seen.push(seen);
            }
        }
    }
    println!("\n{}", table(&contenders, release));
    Ok(())
}

/// csr-desk first: it is compared with the others. With a connection and a token from its options, the button to review is
/// ready to be pressed; nothing answers at that address, and nothing is sent.
fn contenders(root: &Path, scratch: &Path, release: bool) -> Vec<Contender> {
    let folder = |name: &str| scratch.join(name).display().to_string();
    let contender =
        |name, program, arguments, colour| Contender { name, program, arguments, colour, seen: Vec::new() };
    let ours = ["--server", "https://127.0.0.1:1", "--data-dir", &folder("desk")].map(str::to_owned);
    vec![
        contender("csr-desk", Program::Window.path(root, release), ours.into(), ACCENT),
        contender(
            "hello window",
            fixture_program(root, "hello-window", release),
            vec![folder("hello")],
            ACCENT,
        ),
        contender("XCA", PathBuf::from("xca"), Vec::new(), "-"),
    ]
}

/// Builds the hello window and the probe, from a copy in the target folder, and returns the probe. Cargo takes the versions of
/// our lock file and adds what the probe needs beyond.
fn build_fixture(root: &Path, release: bool) -> Result<PathBuf> {
    let target = run::target(root);
    let folder = target.join("bench-window");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    ui::copy_tree(&root.join(FIXTURE), &folder)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    fs::create_dir_all(folder.join("hello/icons"))?;
    fs::copy(root.join("src-tauri/icons/icon.png"), folder.join("hello/icons/icon.png"))?;
    let cargo = |arguments: &[&str]| {
        let mut cargo = run::cargo(root);
        cargo.current_dir(&folder).arg("build").args(arguments);
        cargo
    };
    let ui_target = target.join("ui");
    ui::ensure_target(root)?;
    run::run(
        cargo(&[
            "--package",
            "hello-page",
            "--target",
            ui::TARGET,
            "--profile",
            "wasm-release",
            "--target-dir",
        ])
        .arg(&ui_target),
    )?;
    let compiled = ui_target.join(ui::TARGET).join("wasm-release/hello-page.wasm");
    ui::plain_release(root, &compiled, "hello", &folder.join("page"), &folder.join("dist"))?;
    let mut programs = cargo(&["--package", "hello-window", "--package", "window-probe", "--target-dir"]);
    programs.arg(&target);
    if release {
        programs.arg("--release");
        // As our own release is built, so that Cargo can share what both are made of.
        run::without_machine_paths(&mut programs, root, "build")?;
    }
    run::run(&mut programs)?;
    Ok(fixture_program(root, "window-probe", release))
}

/// Where Cargo puts a program of the fixture.
fn fixture_program(root: &Path, name: &str, release: bool) -> PathBuf {
    run::target(root).join(if release { "release" } else { "debug" }).join(name)
}

/// One start on a screen that nobody sees.
fn watch(probe: &Path, contender: &Contender, scratch: &Path) -> Result<Seen> {
    let mut command = Command::new("xvfb-run");
    command.args(["-a", "-s", "-screen 0 1440x900x24"]).arg(probe).args([contender.colour, PIXELS]);
    command.arg(&contender.program).args(&contender.arguments).envs(SCREEN);
    // Taken by the program when it starts, and of no use to anybody.
    command.env("PAM360_AUTHTOKEN", "a-token-for-the-benchmark");
    let home = scratch.join("home");
    for name in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
        command.env(name, home.join(name));
    }
    fs::create_dir_all(&home)?;
    command.env("HOME", &home);
    parse(&run::read(&mut command)?)
}

/// `mapped 1 usable 2 quiet 3 pss 4`.
fn parse(line: &str) -> Result<Seen> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let number = |name: &str| -> Result<f64> {
        let at = words
            .iter()
            .position(|it| *it == name)
            .with_context(|| format!("the probe said no {name}: {line}"))?;
        let word = words.get(at + 1).with_context(|| format!("{name} has no number"))?;
        word.parse().with_context(|| format!("{name} is no number: {word}"))
    };
    Ok(Seen { usable_ms: number("usable")?, pss_kib: number("pss")? })
}

fn table(contenders: &[Contender], release: bool) -> String {
    let mut table = String::from(
        "| The window, from its start | usable after | 10 to 90 % | csr-desk's time to this | memory | csr-desk's memory to this | aims |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
    );
    let Some(ours) = contenders.first() else { return table };
    for contender in contenders {
        let times = Spread::of(contender.seen.iter().map(|it| it.usable_ms));
        let memory = Spread::of(contender.seen.iter().map(|it| it.pss_kib));
        let ratios = |of: fn(&Seen) -> f64| {
            Spread::of(ours.seen.iter().zip(&contender.seen).map(|(ours, other)| of(ours) / of(other)))
        };
        let (time, size) = (ratios(|it| it.usable_ms), ratios(|it| it.pss_kib));
        let (time_words, size_words, aims) = match contender.name {
            "csr-desk" => (String::new(), String::new(), String::new()),
            name => {
                let aims = match name {
                    "hello window" if release => aims(time.median, size.median),
                    "hello window" => "not judged: debug builds".to_owned(),
                    _ => String::new(),
                };
                (
                    format!("{:.2} ({:.2} to {:.2})", time.median, time.low, time.high),
                    format!("{:.2} ({:.2} to {:.2})", size.median, size.low, size.high),
                    aims,
                )
            }
        };
        table.push_str(&format!(
            "| {} | {:.0} ms | {:.0} to {:.0} ms | {time_words} | {} KiB | {size_words} | {aims} |\n",
            contender.name,
            times.median,
            times.low,
            times.high,
            numbers::grouped(memory.median as u64),
        ));
    }
    table
}

fn aims(time: f64, memory: f64) -> String {
    let met = |value: f64, aim: f64| if value <= aim { "met" } else { "missed" };
    format!(
        "time at most {TIME_AIM}: {}; memory at most {MEMORY_AIM}: {}",
        met(time, TIME_AIM),
        met(memory, MEMORY_AIM)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probe_s_line_is_read_by_its_names() {
        let seen = parse("mapped 101.0 usable 476.5 quiet 500.1 pss 201234\n").unwrap();
        assert_eq!(seen, Seen { usable_ms: 476.5, pss_kib: 201_234.0 });
        assert!(parse("mapped 1 usable x quiet 2 pss 3").is_err());
        assert!(parse("mapped 1 usable").is_err() && parse("").is_err());
    }

    #[test]
    fn ratios_are_of_rounds_and_judged_against_the_aims() {
        let contender = |name, usable_ms, pss_kib| Contender {
            name,
            program: PathBuf::new(),
            arguments: Vec::new(),
            colour: ACCENT,
            seen: vec![Seen { usable_ms, pss_kib }; 3],
        };
        let both = [contender("csr-desk", 390.0, 120.0), contender("hello window", 300.0, 100.0)];
        let table = table(&both, true);
        assert!(table.contains("| 1.30 (1.30 to 1.30) | 100 KiB | 1.20 (1.20 to 1.20) |"), "{table}");
        assert!(table.contains("time at most 1.3: met; memory at most 1.15: missed"), "{table}");
        let debug = super::table(&both, false);
        assert!(debug.contains("not judged: debug builds") && !debug.contains("met"), "{debug}");
    }

    /// A comparison with other versions would compare those.
    #[test]
    fn the_fixture_has_the_repository_s_versions_and_profiles() {
        let root = run::root().unwrap();
        let ours = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let read = |path: &str| fs::read_to_string(root.join(FIXTURE).join(path)).unwrap();
        let theirs = [read("Cargo.toml"), read("hello/Cargo.toml"), read("page/Cargo.toml")].concat();
        for name in ["tauri", "tauri-build", "leptos", "wasm-bindgen"] {
            let line = |text: &str| {
                text.lines().find(|it| it.starts_with(&format!("{name} = "))).map(str::to_owned).unwrap()
            };
            assert_eq!(line(&ours), line(&theirs));
        }
        let profiles = [
            "[profile.dev]",
            "[profile.dev.package.\"*\"]",
            "[profile.dev.build-override]",
            "[profile.release]",
            "[profile.wasm-release]",
        ];
        for profile in profiles {
            let settings = |text: &str| -> Vec<String> {
                let (_, rest) = text.split_once(profile).unwrap();
                let lines = rest.lines().skip(1).take_while(|it| !it.starts_with('['));
                lines.filter(|it| !it.is_empty() && !it.starts_with('#')).map(str::to_owned).collect()
            };
            assert_eq!(settings(&ours), settings(&theirs));
        }
        // Tauri adds its own `script-src` where there is none, and that one blocks WebAssembly: the window stays blank.
        let policy = |text: &str| {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            json["app"]["security"]["csp"].as_str().unwrap().to_owned()
        };
        let window = fs::read_to_string(root.join("src-tauri/tauri.conf.json")).unwrap();
        assert_eq!(policy(&read("hello/tauri.conf.json")), policy(&window));
        let style = read("page/hello.css");
        let tokens = fs::read_to_string(root.join("src-ui/styles/10-tokens.css")).unwrap();
        assert!(
            style.contains(&format!("background: #{ACCENT};"))
                && tokens.contains(&format!("--accent: #{ACCENT};"))
        );
    }
}
