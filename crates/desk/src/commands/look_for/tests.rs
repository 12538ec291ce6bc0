//! What a search says, in words.

use super::*;

fn issued(seconds: i64, evidence: Evidence) -> String {
    let candidate = Candidate {
        certificate: Certificate::default(),
        names: vec!["first.example.test".into(), "b.example.test".into()],
        issuer: None,
        not_before: Some(Timestamp::from_millis(1_795_509_392_000)),
        seconds_after_sending: Some(seconds),
        not_after: None,
        evidence: vec![evidence],
        standing: Standing::Possible,
        is_ca: None,
        may_belong_to: Vec::new(),
        not_compared_with: Vec::new(),
    };
    candidate.words(evidence)
}

#[test]
fn the_last_search_of_an_entry_is_read_from_its_events() {
    let found = |names: &[Standing]| {
        let candidate = |standing: &Standing| Candidate {
            certificate: Certificate::default(),
            names: Vec::new(),
            issuer: None,
            not_before: None,
            seconds_after_sending: None,
            not_after: None,
            evidence: match standing {
                Standing::NoMatch => vec![Evidence::NamesDiffer],
                _ => Vec::new(),
            },
            standing: *standing,
            is_ca: None,
            may_belong_to: Vec::new(),
            not_compared_with: Vec::new(),
        };
        Response {
            candidates: names.iter().map(candidate).collect(),
            listed: 9,
            ruled_out: 0,
            other_key: 0,
            self_signed: 0,
            not_examined: 0,
            key_unknown: None,
            asked_names: Vec::new(),
        }
    };
    let event = |seq: u64, kind: EventKind, body: String| Event {
        seq,
        kind: kind.as_str().to_owned(),
        at: Timestamp::from_millis(i64::try_from(seq).unwrap()),
        body,
        hash: String::new(),
        origin: domain::Origin::default(),
    };
    let search = |seq, found: &Response| event(seq, EventKind::LookUp, serde_json::to_string(found).unwrap());
    let (none, two) = (found(&[]), found(&[Standing::Possible, Standing::NoMatch, Standing::Possible]));
    let note = event(4, EventKind::Note, "{}".to_owned());
    assert_eq!(Recorded::last(&[]), None);
    assert_eq!(Recorded::last(std::slice::from_ref(&note)), None);
    let last = Recorded::last(&[search(2, &none), search(3, &two), note]).unwrap();
    assert_eq!((last.at.millis(), last.response.words().as_str()), (3, "2 certificates may match."));
    assert_eq!(last.response, two);
    // One that cannot be read hides an earlier one: that one no longer says how things stand.
    let odd = event(5, EventKind::LookUp, r#"{"found":1}"#.to_owned());
    assert_eq!(Recorded::last(&[search(2, &none), odd]), None);
    assert_eq!(none.words(), "No matching certificate was found.");
    assert_eq!(found(&[Standing::Possible]).words(), "One certificate may match.");
    assert_eq!(found(&[Standing::Proof, Standing::Possible]).words(), "The certificate was found.");
}

#[test]
fn the_parts_of_the_count_add_up_and_contradict_nothing() {
    let candidate = |evidence: &[Evidence], seconds: i64| Candidate {
        certificate: Certificate::default(),
        names: Vec::new(),
        issuer: None,
        not_before: None,
        seconds_after_sending: Some(seconds),
        not_after: None,
        evidence: evidence.to_vec(),
        standing: Standing::Possible,
        is_ca: None,
        may_belong_to: Vec::new(),
        not_compared_with: Vec::new(),
    };
    let fits = candidate(&[Evidence::KeyNotCompared], 1);
    let before = candidate(&[Evidence::IssuerDiffers, Evidence::BeganAtAnotherTime], -18_000);
    assert_eq!(before.contradictions(), "another issuer, issued before the request");
    assert_eq!(fits.contradictions(), "");
    let mut found = Response {
        candidates: vec![before.clone(), fits.clone(), before, fits],
        listed: 1_207,
        ruled_out: 3,
        other_key: 2,
        self_signed: 1,
        not_examined: 1_200,
        key_unknown: None,
        asked_names: Vec::new(),
    };
    assert_eq!(found.by_contradiction(), (vec![1, 3], vec![0, 2]));
    assert_eq!(
        found.count_words(),
        "PAM360 lists 1,207 certificates: 2 may match, 2 are contradicted, 2 have another key, 1 is self-signed, \
         1,200 were NOT compared. Of so many, only the likeliest are compared."
    );
    // As an earlier version recorded it: where no CSR was there to compare with, no key was another one.
    (found.other_key, found.self_signed, found.not_examined, found.listed) = (0, 0, 0, 7);
    assert!(found.count_words().ends_with("3 have another key or are self-signed."));
    found.key_unknown = Some(ErrorCode::NotFound);
    assert!(found.count_words().ends_with("2 are contradicted, 3 are self-signed."));
    // Every piece of evidence that contradicts has its reason, and no other has.
    for evidence in [
        Evidence::SameKey,
        Evidence::KeyNotCompared,
        Evidence::NamesMatch,
        Evidence::NamesDiffer,
        Evidence::CommonNameMatches,
        Evidence::NamesNotCompared,
        Evidence::SubjectDiffers,
        Evidence::IssuerMatches,
        Evidence::IssuerDiffers,
        Evidence::IssuerNotStated,
        Evidence::BeganThen,
        Evidence::BeganWithinClockLeeway,
        Evidence::BeganAtAnotherTime,
        Evidence::EndsAsAsked,
        Evidence::EndsAtAnotherTime,
        Evidence::IsACa,
        Evidence::IsNotACa,
        Evidence::SelfIssued,
        Evidence::OnRecord { entry: 2 },
    ] {
        assert_eq!(evidence.contradiction().is_some(), evidence.weight() < 0, "{evidence:?}");
    }
}

#[test]
fn evidence_says_times_and_names() {
    let then = issued(40, Evidence::BeganThen);
    assert_eq!(then, "Issued at 2026-11-24 08:36:32 UTC, 40 s after the request was sent.");
    let before = issued(-18_000, Evidence::BeganAtAnotherTime);
    assert!(before.ends_with("5 h before the request was sent."), "{before}");
    let leeway = issued(-300, Evidence::BeganWithinClockLeeway);
    assert!(leeway.contains("5 min before") && leeway.contains("up to 15 minutes"), "{leeway}");
    assert!(issued(0, Evidence::NamesDiffer).contains("first.example.test, b.example.test"));
    assert_eq!(duration(200_000), "2 days");
    assert_eq!(duration(86_400 * 3_650), "3,650 days");
}
