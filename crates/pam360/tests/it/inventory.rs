//! Looking at what the server has, in each shape that clients have seen.

use domain::{ErrorCode, SerialNumber};
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
