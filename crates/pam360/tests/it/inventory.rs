//! Looking at what the server has, in each shape that clients have seen.

use domain::{ErrorCode, OperationName, SerialNumber};
use standin::ListShape;

use crate::support::{PATIENT, World, token};

#[tokio::test]
async fn a_signed_certificate_is_listed_fetched_and_matched_by_its_key() {
    for shape in [ListShape::New, ListShape::Old] {
        let world = World::start(|it| it.list_shape(shape)).await;
        world.sign(302, PATIENT).await.unwrap();
        let issued = world.standin.issued().pop().unwrap();
        let serial = SerialNumber::parse(&issued.serial_hex).unwrap();

        let session = async || world.endpoint().connect(PATIENT).await.unwrap();
        let listed = session().await.list(&world.token(), None, PATIENT).await.unwrap();
        let row = listed.iter().find(|it| it.serial_number.as_ref() == Some(&serial)).unwrap();
        assert_eq!(row.common_name.as_deref(), Some(issued.common_name.as_str()));
        assert_eq!(row.issuer.as_deref(), Some(issued.issuer_common_name.as_str()));

        let fetched =
            session().await.fetch(&issued.common_name, &serial, &world.token(), None, PATIENT).await;
        let fetched = fetched.unwrap();
        assert_eq!(fetched.issuer_common_name.as_deref(), Some(issued.issuer_common_name.as_str()));
        let csr = session().await.csr("302", &world.token(), None, PATIENT).await.unwrap();
        assert_eq!(fetched.public_key, csr.public_key);
        assert!(!fetched.is_ca);
    }
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_the_servers_words() {
    let world = World::start(|it| it).await;
    let session = async || world.endpoint().connect(PATIENT).await.unwrap();
    let serial = SerialNumber::parse("1").unwrap();
    let refusal = session().await.fetch("nobody", &serial, &world.token(), None, PATIENT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::ServerRefused);
    let refusal = session().await.csr("77", &world.token(), None, PATIENT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::ServerRefused);
    let refusal = session().await.list(&token("WRONG"), None, PATIENT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::NotAuthorized);
    assert_eq!(world.standin.sign_posts(), 0);
}

#[tokio::test]
async fn csrs_are_listed_by_the_operation_that_the_person_knows() {
    let world = World::start(|it| it.csr_list_operation("getMyCSRs")).await;
    let session = async || world.endpoint().connect(PATIENT).await.unwrap();
    let operation = |name| OperationName::parse(name).unwrap().unwrap();
    let rows =
        session().await.list_csrs(&operation("getMyCSRs"), &world.token(), None, PATIENT).await.unwrap();
    let ids: Vec<_> = world.standin.csrs().iter().map(|it| Some(it.id.to_string())).collect();
    assert_eq!(rows.iter().map(|it| it.csr_id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(rows[0].common_name.as_deref(), Some(world.standin.csrs()[0].common_name.as_str()));
    let unknown = session().await.list_csrs(&operation("getCSRList"), &world.token(), None, PATIENT).await;
    assert!(matches!(unknown.unwrap_err().code, ErrorCode::ServerRefused | ErrorCode::AnswerNotRecognized));
    let wrong = session().await.list_csrs(&operation("getMyCSRs"), &token("WRONG"), None, PATIENT).await;
    assert_eq!(wrong.unwrap_err().code, ErrorCode::NotAuthorized);
    assert_eq!(world.standin.sign_posts(), 0);
}
