//! Where exports go: standard output, devices and links.

use std::path::Path;
use std::process::{Output, Stdio};

use e2e::program;
use e2e::world::World;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn in_folder(world: &World, arguments: &[&str]) -> Vec<String> {
    let data_dir = world.data_dir().display().to_string();
    arguments.iter().copied().chain(["--data-dir", &data_dir]).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_export_to_a_dash_is_standard_output() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let add = ["connections", "add", "--name", "One", "--server", world.standin.url()];
    assert!(program::csrdesk(None, in_folder(&world, &add)).await.status.success());
    let here = tempfile::tempdir().unwrap();
    let evidence = here.path().join("e.zip");
    for (arguments, begins, says) in [
        (
            &["history", "--csv", "-"][..],
            &b"\xef\xbb\xbfentry,outcome"[..],
            "1 entry written to standard output",
        ),
        (&["history", "--json"], b"[{", ""),
        (&["export-journal", "-"], b"{", "events written to standard output"),
        (&["evidence", "1", "-"], b"PK", "Evidence of entry 1 written to standard output"),
        (&["connections", "export", "-"], b"{", "Written to standard output"),
    ] {
        let run = async |to: Stdio| {
            let mut command = program::terminal(None);
            command.args(in_folder(&world, arguments)).current_dir(here.path());
            command.stdin(Stdio::null()).stdout(to).stderr(Stdio::piped());
            command.spawn().unwrap().wait_with_output().await.unwrap()
        };
        let output = run(Stdio::piped()).await;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.starts_with(begins), "{arguments:?}: {output:?}");
        assert!(said(&output).contains(says), "{arguments:?}: {}", said(&output));
        if arguments[0] == "evidence" {
            std::fs::write(&evidence, &output.stdout).unwrap();
            let checked = program::csrdesk(None, ["verify-evidence", &evidence.display().to_string()]).await;
            assert_eq!(checked.status.code(), Some(0), "{checked:?}");
            std::fs::remove_file(&evidence).unwrap();
        }
        assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0, "{arguments:?} made a file");

        // A disk that is full is said; the exit code is not 0.
        let full = run(std::fs::File::options().write(true).open("/dev/full").unwrap().into()).await;
        assert_eq!(full.status.code(), Some(1), "{arguments:?}: {}", said(&full));
        assert!(said(&full).contains("could not be written to standard output"), "{}", said(&full));
    }
    // A part of an export is none, whoever closed the pipe; of a list, it is what was wanted.
    for (arguments, code) in [
        (&["history", "--csv", "-"][..], 0),
        (&["export-journal", "-"], 1),
        (&["evidence", "1", "-"], 1),
        (&["connections", "export", "-"], 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program::terminal(None);
        command.args(in_folder(&world, arguments)).stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert_eq!(said(&output).contains("The export is not complete."), code == 1, "{}", said(&output));
    }
}

#[tokio::test]
async fn an_export_leaves_a_device_and_a_link_what_they_are() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let world = World::new().await;
    world.sign(301, &[]).await;
    let (link, file) = (world.path("link"), world.path("linked"));
    std::fs::write(&file, "old").unwrap();
    symlink(&file, &link).unwrap();
    // A link to a device as well: as root, replacing what it leads to would damage the computer.
    let null = world.path("null");
    symlink("/dev/null", &null).unwrap();
    for path in [Path::new("/dev/null"), &null, &link] {
        let name = path.display().to_string();
        for arguments in [
            &["history", "--csv", &name][..],
            &["export-journal", &name],
            &["evidence", "1", &name],
            &["connections", "export", &name],
        ] {
            let output = program::csrdesk(None, in_folder(&world, arguments)).await;
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
            assert!(Path::new("/dev/null").metadata().unwrap().file_type().is_char_device());
            assert!(
                path == Path::new("/dev/null") || path.symlink_metadata().unwrap().is_symlink(),
                "{arguments:?}"
            );
        }
    }
    assert_ne!(std::fs::read(&file).unwrap(), b"old");
}

#[tokio::test]
async fn evidence_is_not_written_to_a_terminal() {
    let world = World::new().await;
    world.sign(301, &[]).await;
    let words: Vec<String> = in_folder(&world, &["evidence", "1", "-"]).iter().map(program::quoted).collect();
    let line = format!("{} {}", program::quoted(program::built("csrdesk").display()), words.join(" "));
    let mut command = tokio::process::Command::new("script");
    program::isolate(&mut command).args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
    let output = command.output().await.expect("script is part of util-linux");
    let text = program::unwrapped(&String::from_utf8_lossy(&output.stdout));
    assert!(text.contains("standard output is a terminal") && !text.contains("PK"), "{text}");
    assert_eq!(output.status.code(), Some(1), "{text}");
}
