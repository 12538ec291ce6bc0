//! Who signed: recorded, shown and exported, and the token as a fingerprint that says nothing about it.

use domain::Origin;
use secrets::Keychain;
use standin::Fault;

use super::evidence::{check, evidence_of, unpacked};
use super::*;
use crate::commands::{annotate, export, history, look_for, review};
use crate::{UsedIn, row};

/// The frozen clock, and a person at a computer.
struct Person(&'static str);

impl Host for Person {
    fn now(&self) -> Timestamp {
        Frozen.now()
    }

    fn surroundings(&self) -> Surroundings {
        Frozen.surroundings()
    }

    fn keychain(&self) -> Keychain {
        Frozen.keychain()
    }

    fn origin(&self) -> Origin {
        Origin {
            computer: "ca-desk".into(),
            host: "test".into(),
            program: "csrdesk 0.1.0".into(),
            token: None,
            user: self.0.into(),
        }
    }
}

/// The same world with a person at the desk, who has the world's token.
async fn with(person: &'static str, world: World) -> World {
    let desk = Desk::new(Person(person), world.desk.data_dir().to_owned());
    let world = World { desk, ..world };
    world.save(world.connection()).await.unwrap();
    provide(&world, world.standin.token()).await;
    world
}

async fn provide(world: &World, token: &str) {
    world.desk.dispatch("provide_token", json!({ "token": token })).await.unwrap();
}

/// The fingerprints of the tokens in the events of an entry.
async fn tokens(world: &World, entry: u64) -> Vec<Option<String>> {
    let read = world.desk.entry(crate::commands::entry::Request { entry }).await.unwrap();
    read.events.into_iter().map(|it| it.origin.token).collect()
}

#[tokio::test]
async fn two_tokens_have_two_fingerprints_and_none_is_in_any_file() {
    let other_token = "7C9E6679-7425-40DE-944B-E07FC1F90AE7";
    let world = with("anna", World::connected().await).await;
    let own = world.standin.token().to_owned();
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    provide(&world, other_token).await;
    // It is not the server's, so it is refused; the history says that it was used.
    world.desk.sign(world.signing("b", 302)).await.unwrap();
    provide(&world, &own).await;
    world.standin.fault_next(Fault::SignThen500, 1);
    world.desk.sign(world.signing("c", 303)).await.unwrap();
    world.desk.look_for(look_for::Request { entry: 3, intent: None }).await.unwrap();
    let note =
        annotate::Request { entry: 3, note: "seen".into(), ticket: String::new(), seen: None, intent: None };
    world.desk.annotate(note).await.unwrap();
    let first = tokens(&world, 1).await;
    let (second, third) = (tokens(&world, 2).await, tokens(&world, 3).await);
    let fingerprint = first[0].clone().unwrap();
    assert_eq!(fingerprint.len(), 16);
    assert!(first.iter().all(|it| it.as_ref() == Some(&fingerprint)), "{first:?}");
    assert!(second.iter().all(|it| it.is_some() && *it != first[0]), "{second:?}");
    // Intent, request, outcome and search used it; the note did not.
    assert_eq!(third[..4], vec![Some(fingerprint.clone()); 4]);
    assert_eq!(third[4..], [None]);
    let (evidence, _) = evidence_of(&world, 1).await;
    assert_eq!(tokens(&world, 1).await.last().unwrap().as_ref(), Some(&fingerprint));
    // In another journal, the same token has another fingerprint.
    let elsewhere = with("anna", World::connected().await).await;
    provide(&elsewhere, other_token).await;
    elsewhere.desk.sign(elsewhere.signing("a", 301)).await.unwrap();
    assert_ne!(tokens(&elsewhere, 1).await[0], second[0]);

    world.desk.export(export::Request::Journal).await.unwrap();
    world.desk.export(export::Request::Csv { filter: Default::default() }).await.unwrap();
    for token in [own.as_str(), other_token] {
        for folder in [world.desk.data_dir().to_owned(), world.desk.data_dir().join("exports")] {
            for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let Ok(bytes) = std::fs::read(file.path()) else { continue };
                let found = bytes.windows(token.len()).any(|it| it.eq_ignore_ascii_case(token.as_bytes()));
                assert!(!found, "{}", file.path().display());
            }
        }
        assert!(!unpacked(&evidence).iter().any(|it| String::from_utf8_lossy(&it.1).contains(token)));
    }
}

#[tokio::test]
async fn who_signed_is_shown_searched_exported_and_in_evidence() {
    let world = with("anna", World::connected().await).await;
    world.desk.sign(world.signing("a", 301)).await.unwrap();
    let entry = world.history().await.remove(0);
    assert_eq!(entry.origin.who(), "anna on ca-desk");
    assert!(
        entry.origin.how().starts_with("test, csrdesk 0.1.0, token fingerprint "),
        "{}",
        entry.origin.how()
    );
    let row = row(&entry);
    for (column, value) in
        [("user", "anna"), ("computer", "ca-desk"), ("host", "test"), ("program", "csrdesk 0.1.0")]
    {
        assert_eq!(row[column], json!(value));
    }
    assert_eq!(row["token_fingerprint"], json!(entry.origin.token));
    let found = async |text: &str| {
        let filter = domain::HistoryFilter { text: text.into(), ..Default::default() };
        world.desk.history(history::Request { filter, ..Default::default() }).await.unwrap().total
    };
    assert_eq!((found("anna").await, found("berta").await), (1, 0));
    let written = world.desk.export(export::Request::Csv { filter: Default::default() }).await.unwrap();
    let csv = std::fs::read_to_string(&written.path).unwrap();
    let token = entry.origin.token.clone().unwrap();
    assert!(
        csv.contains(",user,computer,host,program,token_fingerprint\r\n")
            && csv.contains(",anna,ca-desk,test,"),
        "{csv}"
    );
    assert!(csv.contains(&token), "{csv}");
    let review = world.desk.review(review::Request { form: world.form(301) }).await.unwrap();
    assert!(
        review.before[0].words().ends_with(", started by anna on ca-desk"),
        "{}",
        review.before[0].words()
    );

    let (bytes, _) = evidence_of(&world, 1).await;
    let checked = check(&bytes).unwrap();
    assert!(checked.holds && checked.entry.origin == entry.origin, "{checked:#?}");
    let files = unpacked(&bytes);
    let readme = String::from_utf8_lossy(&files.iter().find(|it| it.0 == "README.txt").unwrap().1);
    assert!(
        readme.contains("intent          anna on ca-desk, test, csrdesk 0.1.0, token fingerprint "),
        "{readme}"
    );
}

#[test]
fn the_system_names_the_user_and_the_computer_whatever_the_environment_says() {
    let origin = SystemHost { used_in: UsedIn::Browser }.origin();
    assert_eq!(origin.host, "browser");
    assert!(origin.program.starts_with("csrdesk "), "{origin:?}");
    #[cfg(unix)]
    {
        let asked = std::process::Command::new("id").arg("-un").output().unwrap();
        // Where the user has no name, none is recorded.
        let name = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
        assert_eq!(origin.user, if asked.status.success() { name } else { String::new() });
    }
    assert!(!origin.computer.is_empty());
    assert_eq!(SystemHost { used_in: UsedIn::Window }.origin().host, "window");
    assert_eq!(SystemHost::default().origin().host, "terminal");
}
