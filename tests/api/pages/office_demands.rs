//! What a policy demands before a signing, and where officers fill it in.

use serde_json::json;

use super::holds;
use super::office::Browser;
use super::office_corrections::{correct, one};
use crate::support::Api;
use crate::support::city::City;

on_both!(new: what_a_policy_demands_has_a_field, what_the_council_has_to_do_is_led_to);

async fn what_a_policy_demands_has_a_field(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let policy = json!({"policies": [{"self_approval": true,
        "required_at_signing": ["public_property", "partner_review"]}]});
    let path = format!("/municipalities/{}", city.id);
    api.patch(&path, "*", &policy).await.expect(200);
    let browser = Browser::as_caller(&city.approver).await;
    let own = format!("/office/agreements/{}", city.agreement);
    let day = [("on", "2026-11-01")];
    for to in ["in_review", "approved"] {
        browser.goes_on(&format!("{own}/steps/{to}"), &day).await;
    }
    let signing = format!("{own}/steps/signed");
    let refused = browser.send(&signing, &day).await.expect(422).text;
    // Each thing that is missing leads to where it is filled in.
    for member in ["public_property", "partner_reviewed_on"] {
        let field = format!("{own}/edit#f-{member}");
        holds(&refused, &[&format!("href=\"../../../..{field}\"")]);
    }
    let text = browser.open(&own).await.expect(200).text;
    holds(&text, &["/edit#f-public_property\"><bdi>적는 곳</bdi></a>"]);
    let facts = [
        ("public_property", "false"),
        ("partner_reviewed_on", "2026. 10. 20."),
    ];
    correct(&browser, &format!("{own}/edit"), &facts).await;
    browser.goes_on(&signing, &day).await;
    let found = one(&city.editor, &city.agreement).await;
    assert_eq!(found["status"], "signed");
    assert_eq!(found["public_property"], false);
}

async fn what_the_council_has_to_do_is_led_to(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let policy = json!({"policies": [{"self_approval": true, "required_at_signing": ["signatories"],
        "prior_consent": {"money": "report"}}]});
    let path = format!("/municipalities/{}", city.id);
    api.patch(&path, "*", &policy).await.expect(200);
    let costs = json!({"financial_obligation": true});
    let agreement = format!("/agreements/{}", city.agreement);
    city.editor.patch(&agreement, "*", &costs).await.expect(200);
    let browser = Browser::as_caller(&city.approver).await;
    let own = format!("/office/agreements/{}", city.agreement);
    let day = [("on", "2026-11-01")];
    for to in ["in_review", "approved"] {
        browser.goes_on(&format!("{own}/steps/{to}"), &day).await;
    }
    // Each party is named by its own warning.
    let text = browser.open(&own).await.expect(200).text;
    holds(
        &text,
        &[
            "<li>기업 4111000000: ",
            "acts/council-actions\"><bdi>적는 곳</bdi></a>",
        ],
    );
    let refused = browser.send(&format!("{own}/steps/signed"), &day).await;
    holds(
        &refused.expect(422).text,
        &["acts/council-actions\">", "signatures-1-signatory"],
    );
}
