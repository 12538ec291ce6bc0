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
