//! A restart serves the same world.

use standin::Standin;

use crate::tools::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_serves_the_same_world() {
    let mut desk = Desk::open().await;
    desk.signed(&desk.order(301));
    let before =
        (desk.standin.token().to_owned(), desk.standin.roots(), desk.standin.csrs(), desk.standin.issued());
    let ca = std::fs::read(desk.standin.ca_file()).unwrap();
    let data_dir = desk.standin.data_dir().to_owned();
    let again = Standin::builder(data_dir.clone()).start().await.unwrap();
    let old = std::mem::replace(&mut desk.standin, again);
    old.stop().await;
    let after =
        (desk.standin.token().to_owned(), desk.standin.roots(), desk.standin.csrs(), desk.standin.issued());
    assert_eq!(before, after);
    assert_eq!(ca, std::fs::read(desk.standin.ca_file()).unwrap());
    assert_eq!(desk.standin.sign_posts(), 0, "counters start anew");
    let certificate = desk.signed(&desk.order(301));
    assert_eq!(desk.standin.issued()[1].certificate_id, 310);
    assert!(desk.verifies_under(&certificate, "Example Root R1"));
    desk.standin.stop().await;

    let renamed = Standin::builder(data_dir).token("NEW-TOKEN").start().await.unwrap();
    assert_eq!(renamed.token(), "NEW-TOKEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_stand_in_closes_its_port() {
    let desk = Desk::open().await;
    let address = desk.standin.address();
    assert!(tokio::net::TcpStream::connect(address).await.is_ok());
    drop(desk.standin);
    // The abort takes effect at the task's next step; a connect that still succeeds meets a closing socket.
    tokio::time::timeout(std::time::Duration::from_secs(5), async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the port closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unseeded_world_is_empty() {
    let desk = Desk::open_with(|builder| builder.seed(false)).await;
    assert!(desk.standin.csrs().is_empty() && desk.standin.roots().is_empty());
    assert_eq!(desk.standin.organizations(), ["Default", "Research"]);
}

/// What a signing answered is there again after a crash, without a word from the program that crashed.
#[tokio::test(flavor = "multi_thread")]
async fn signings_and_imports_outlive_a_crash() {
    let desk = Desk::open().await;
    let csr = desk.file("new.csr", &desk.standin.csr_pem(301).unwrap());
    desk.call("importCSR", &["-F", &format!("CSR=@{}", csr.display())]);
    for id in [301, 305, 302] {
        desk.signed(&desk.order(id));
    }
    let before = (desk.standin.csrs(), desk.standin.issued());
    let changes = desk.standin.data_dir().join("changes.jsonl");
    let state = desk.standin.data_dir().join("state.json");
    let (lines, snapshot) = (std::fs::read_to_string(&changes).unwrap(), std::fs::read(&state).unwrap());
    assert_eq!(lines.lines().count(), 4);
    // As a crash leaves it: nothing was stopped, and the last line is half there.
    let half = &lines[..lines.len() - 20];
    let crashed = desk.dir.path().join("crashed");
    let mut copy = std::process::Command::new("cp");
    assert!(crate::tools::run(copy.arg("-r").arg(desk.standin.data_dir()).arg(&crashed)).status.success());
    std::fs::write(crashed.join("changes.jsonl"), half).unwrap();
    let again = Standin::builder(&crashed).start().await.unwrap();
    assert_eq!((again.csrs(), again.issued()), (before.0.clone(), before.1[..2].to_vec()));
    assert!(!crashed.join("changes.jsonl").exists(), "both files became one");
    drop(again);
    // A crash between writing the state and beginning the changes again: every line is known already.
    std::fs::write(crashed.join("changes.jsonl"), &lines).unwrap();
    let again = Standin::builder(&crashed).start().await.unwrap();
    assert_eq!((again.csrs(), again.issued()), before);
    drop(again);
    // The number of the line that somebody edited.
    std::fs::write(crashed.join("changes.jsonl"), lines.replacen("issued", "lost", 1)).unwrap();
    let refused = Standin::builder(&crashed).start().await.err().unwrap().to_string();
    assert!(refused.contains("changes.jsonl") && refused.contains("line 2"), "{refused}");
    assert_eq!(std::fs::read(&state).unwrap(), snapshot, "a signing does not write the whole state");
}
