//! What stands on every answer, and what never does.

use gateway::CONTENT_SECURITY_POLICY;

use crate::target::Target;

#[tokio::test]
async fn every_answer_is_protected_whatever_it_says() {
    let target = Target::new().await;
    let launch = target.send(&target.visit(&target.launch)).await;
    let session = launch.session();
    let call = target.call(&session).target("/api/status").body("{}");
    let answers = [
        (200, launch),
        (200, target.send(&call).await),
        (400, target.send(&call.clone().body("{")).await),
        (401, target.send(&target.visit("/")).await),
        (401, target.send(&call.clone().without("cookie")).await),
        (403, target.send(&call.clone().with("origin", "null")).await),
        (404, target.send(&target.visit("/nothing").with("cookie", &session.cookie)).await),
        (404, target.send(&call.clone().target("/api/nothing")).await),
        (405, target.send(&call.clone().method("PUT")).await),
        (405, target.send(&call.clone().method("GET")).await),
        (421, target.send(&call.clone().with("host", "attacker.example")).await),
    ];
    let policy = CONTENT_SECURITY_POLICY.to_lowercase();
    for (status, answer) in answers {
        assert_eq!(answer.status, status, "{answer:?}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("content-security-policy", policy.as_str()),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("origin-agent-cluster", "?1"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "deny"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer:?}");
        }
        assert!(answer.header("permissions-policy").is_some_and(|it| it.contains("camera=()")));
        for never in ["access-control-", "strict-transport-security", "\nserver:", "x-powered-by"] {
            assert!(!answer.head.contains(never), "{answer:?}");
        }
    }
}
