//! Contents of files that officers erase on pages.

use super::office::{Browser, changed, fields_of};
use super::{holds, lacks, whole};
use crate::support::Api;
use crate::support::city::City;

on_both!(new: the_content_of_a_file_is_erased_with_a_reason, nobody_else_erases);

/// The records of a municipality that have a file: path, page with the link, and the file.
fn filed(city: &City) -> Vec<(String, String, String)> {
    let named = |name: &str| city.named(name).to_owned();
    let agreement = format!("/agreements/{}", city.agreement);
    let reported = format!("/agreements/{}", named("reported agreement"));
    let commitment = named("reported commitment");
    vec![
        (
            format!("{agreement}/documents/{}", named("{document_id}")),
            format!("{agreement}/parts"),
            named("file of documents"),
        ),
        (
            format!("{agreement}/council-actions/{}", named("{action_id}")),
            agreement,
            named("file of council-actions"),
        ),
        (
            format!(
                "{reported}/commitments/{commitment}/reports/{}",
                named("{report_id}")
            ),
            format!("{reported}/parts"),
            named("file of reports"),
        ),
        (
            format!("/meetings/{}", named("meetings")),
            format!("/working-groups/{}", named("working-groups")),
            named("file of meetings"),
        ),
        (
            format!("/milestones/{}", named("milestones")),
            format!("/projects/{}", named("projects")),
            named("file of milestones"),
        ),
    ]
}

async fn the_content_of_a_file_is_erased_with_a_reason(api: Api) {
    let city = City::new(&api, "4111000000").await.with_report().await;
    // After a signing, that is for the approver.
    let browser = Browser::as_caller(&city.approver).await;
    for (record, page, file) in filed(&city) {
        let content = format!("{record}/files/{file}");
        city.approver.get(&content).await.expect(200);
        let path = format!("/office{record}/files/erasure");
        let led = browser.open(&format!("/office{page}")).await.expect(200);
        holds(
            &led.text,
            &["파일 내용 삭제", &format!("office{record}/files/erasure\"")],
        );
        let asked = whole(browser.open(&path).await, "ko");
        holds(&asked, &["되살릴 수 없습니다", "백업", "(전문, ", &file]);
        let form = fields_of(&asked);
        let nothing = browser.send(&path, &changed(&form, &[])).await.expect(422);
        holds(&nothing.text, &["f-erased-error1", "f-reason-error1"]);
        let long = "가".repeat(1001);
        let long = [("erased", file.as_str()), ("reason", long.as_str())];
        let long = browser.send(&path, &changed(&form, &long)).await;
        holds(&long.expect(422).text, &["f-reason-error1", "selected"]);
        city.approver.get(&content).await.expect(200);
        let why = [("erased", file.as_str()), ("reason", "주민등록번호 포함")];
        browser.goes_on(&path, &changed(&form, &why)).await;
        city.approver.get(&content).await.expect(404);
        // Sent again, it finds nothing to erase, and nobody is led to it.
        browser.send(&path, &changed(&form, &why)).await.expect(404);
        let led = browser.open(&format!("/office{page}")).await.expect(200);
        lacks(&led.text, &[&format!("office{record}/files/erasure\"")]);
        let empty = browser.open(&path).await.expect(200).text;
        lacks(&empty, &["<p class=\"send\">"]);
    }
    let english = format!(
        "/office/meetings/{}/files/erasure?lang=en",
        city.named("meetings")
    );
    holds(
        &whole(browser.open(&english).await, "en"),
        &["cannot be brought back", "Erase the content of a file?"],
    );
}

async fn nobody_else_erases(api: Api) {
    let city = City::new(&api, "4111000000").await.with_report().await;
    let other = City::new(&api, "4113000000").await;
    for (caller, status) in [(&city.viewer, 403), (&other.editor, 404)] {
        let browser = Browser::as_caller(caller).await;
        for (record, _, file) in filed(&city) {
            let path = format!("/office{record}/files/erasure");
            browser.open(&path).await.expect(status);
            let why = [("erased", file.as_str()), ("reason", "x"), ("tag", "x")];
            browser.send(&path, &why).await.expect(status);
            let content = format!("{record}/files/{file}");
            city.editor.get(&content).await.expect(200);
        }
    }
}
