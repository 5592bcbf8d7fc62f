//! Agreements that officers record from their papers on pages.

use serde_json::{Value, json};

use super::office::{Browser, changed, fields_of};
use super::{NASTY, holds, lacks, whole};
use crate::file_texts::{docx, protected_docx, protected_pdf};
use crate::support::Api;
use crate::support::city::City;

on_both!(new:
    a_paper_fills_the_form_of_an_agreement, the_form_says_what_the_paper_says, a_refused_form_keeps_the_places,
    what_cannot_be_read_is_said_at_the_file, a_paper_fills_the_form_of_a_renewal, a_scan_leaves_the_form_empty, nobody_reads_for_another_city);

const NEW: &str = "/office/agreements/new";
const PAPER: &str = "/office/agreements/paper";

/// The paragraphs of a paper, whose term is stated by some articles.
fn paper(term: &str) -> Vec<u8> {
    let text = format!(
        "돌봄 확대를 위한 업무협약서\n\
         수원시(시장 이재준, 이하 “갑”이라 한다)와 기업 4111000000(이하 “을”이라 한다), 새로운의료재단(이하 “병”)은 다음과 같이 협약한다.\n\
         제1조(목적) 이 협약은 돌봄의 확대를 목적으로 한다.\n\
         제2조(역할) ① “갑”은 장소를 제공한다.\n\
         ② “을”과 “병”은 인력을 양성한다.\n\
         {term}\n\
         제9조(효력) 이 협약은 법적 구속력이 없다.\n\
         체결일: 2021년 4월 16일(금)"
    );
    docx(&text.lines().collect::<Vec<_>>())
}

const TERM: &str = "제3조(협약 기간) ① 이 협약의 유효기간은 체결일로부터 2년으로 한다.\n\
    ② 만료 1개월 전까지 이의가 없으면 1년씩 자동 연장한다.";

/// Reads a paper into the form of an agreement.
async fn read(browser: &Browser, city: &City, paper: Vec<u8>) -> String {
    let path = format!("{PAPER}?municipality={}", city.id);
    let sent = browser.upload(&path, &[], ("협약서.docx", &paper)).await;
    whole(sent, "ko")
}

/// Sends the form of a page as it is shown, but for some fields.
async fn record(browser: &Browser, form: &str, changes: &[(&str, &str)]) -> String {
    browser
        .goes_on(NEW, &changed(&fields_of(form), changes))
        .await
}

/// The agreement that a page shows once it is recorded.
async fn recorded(api: &Api, page: &str) -> Value {
    let before = page.split("/documents/new\"").next().unwrap();
    let id = before.rsplit('/').next().unwrap();
    api.read(&format!("/agreements/{id}")).await.body
}

async fn a_paper_fills_the_form_of_an_agreement(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let desk = browser.open("/office").await.expect(200).text;
    holds(&desk, &["office/agreements/paper\""]);
    let new = browser.open(NEW).await.expect(200).text;
    holds(
        &new,
        &[&format!("agreements/paper?municipality={}", city.id)],
    );
    let form = whole(browser.open(PAPER).await, "ko");
    holds(
        &form,
        &[
            "multipart/form-data",
            "수원시",
            &format!("paper?municipality={}\"", city.id),
        ],
    );

    let before = city.editor.read("/agreements").await.items().len();
    let text = read(&browser, &city, paper(TERM)).await;
    assert_eq!(city.editor.read("/agreements").await.items().len(), before);
    holds(
        &text,
        &[
            "아직 아무것도 기록하지 않았고",
            "문서의 글을 모두 읽었습니다",
            "action=\"../../office/agreements/new\"",
            "value=\"돌봄 확대를 위한 업무협약\"",
            "문서, 1번째 문단: <q><bdi>돌봄 확대를 위한 업무협약서</bdi></q>",
            "문서, 5번째 문단: <q><bdi>② “을”과 “병”은 인력을 양성한다.</bdi></q>",
            "문서, 9번째 문단: <q><bdi>체결일: 2021년 4월 16일(금)</bdi></q>",
            "value=\"새로운의료재단\"",
        ],
    );
    // Each sentence stands once beside the field that it fills.
    assert_eq!(
        text.matches("체결일로부터 2년으로 한다.</bdi></q>").count(),
        1
    );

    let page = record(&browser, &text, &[]).await;
    holds(
        &page,
        &["읽은 파일은 보관하지 않았습니다", "/documents/new\""],
    );
    let made = recorded(&city.editor, &page).await;
    assert_eq!(made["status"], "signed");
    assert_eq!(made["title"]["ko"], "돌봄 확대를 위한 업무협약");
    assert_eq!(made["parties"][0]["organization"]["id"], json!(city.id));
    assert_eq!(made["parties"][0]["role"], "lead");
    let third = made["parties"][2]["organization"]["id"].as_str().unwrap();
    let third = api.read(&format!("/organizations/{third}")).await.body;
    assert_eq!(third["kind"], "hospital");
    assert_eq!(made["documents"], json!([]));
    // In English, Korean texts stay Korean ones.
    let path = format!("{PAPER}?lang=en&municipality={}", city.id);
    let sent = browser.upload(&path, &[], ("a.docx", &paper(TERM))).await;
    let text = whole(sent, "en");
    holds(
        &text,
        &[
            "name=\"title/ko\"",
            "The paper, paragraph 9: <q><bdi lang=\"ko\">체결일",
            "Nothing is recorded yet",
        ],
    );
}

/// What the form records is what the API proposes.
async fn the_form_says_what_the_paper_says(api: Api) {
    const MEMBERS: [&str; 10] = [
        "title",
        "kind",
        "status",
        "purpose",
        "signed_on",
        "effective_from",
        "effective_until",
        "auto_renews",
        "renewal",
        "legally_binding",
    ];
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    for term in [
        TERM,
        "제3조(유효기간) 2025년 4월 1일부터 2028년 3월 31일까지로 한다.",
        "제3조(유효 기간) 본 협약의 유효기간은 2024. 1. 1.부터 2025. 12. 31.까지 2년으로 한다.",
        "제3조(기간) 협약기간은 체결일부터 2027년 12월 31일까지로 한다.",
        "제3조(협약의 효력) ① 본 협약은 양 기관의 대표자가 서명한 날부터 효력이 발생하며, 유효기간은 서명일로부터 3년으로 한다.",
        "제3조(협약기간) 협약기간은 체결일로부터 2026년 12월 31일까지로 하되, 협약 만료 1개월 전까지 별도의 의사표시가 없을 경우 1년 단위로 자동 연장되는 것으로 한다.",
        "제3조(유효기간) ① 유효기간은 체결일로부터 2년으로 한다.\n② 자동 연장되지 아니하며, 연장은 합의로 한다.",
        "제3조(유효기간) 이 협약은 일방이 3개월 전까지 해지를 통보할 때까지 유효하다.",
        "제3조(유효기간) 이 협약은 무기한 유효하다.",
    ] {
        let path = format!("/imports/paper?municipality_id={}", city.id);
        let paper = paper(term);
        let sent = city.editor.send("POST", &path, &[], Some(paper.clone()));
        let proposed = sent.await.expect(200).body;
        let made = city.editor.create("/agreements", &proposed["body"]).await;
        let form = read(&browser, &city, paper).await;
        for place in proposed["places"].as_array().unwrap() {
            let place = place["text"].as_str().unwrap();
            holds(&form, &[&format!("<q><bdi>{place}</bdi></q>")]);
        }
        let page = record(&browser, &form, &[]).await;
        let (made, typed) = (&made.body, recorded(&city.editor, &page).await);
        assert_ne!(made["id"], typed["id"]);
        for member in MEMBERS {
            let [mut one, mut other] = [made[member].clone(), typed[member].clone()];
            for date in [&mut one, &mut other] {
                // The words of a form can be others.
                if let Some(date) = date.as_object_mut() {
                    date.remove("as_stated");
                }
            }
            assert_eq!(one, other, "{member}: {term}");
        }
        let each = |one: &Value, list: &str, members: [&str; 2]| -> Vec<Value> {
            let items = one[list].as_array().unwrap().iter();
            items
                .map(|item| json!([item[members[0]], item[members[1]]]))
                .collect()
        };
        for (list, members) in [
            ("commitments", ["text", "owed_by"]),
            ("parties", ["organization", "signatory"]),
        ] {
            assert_eq!(each(made, list, members), each(&typed, list, members));
        }
    }
}

async fn a_refused_form_keeps_the_places(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let text = read(&browser, &city, paper(TERM)).await;
    let fields = fields_of(&text);
    let wrong = changed(
        &fields,
        &[
            ("parties/1/organization", ""),
            ("signed_on", "2021년 2월 30일"),
        ],
    );
    let text = browser.send(NEW, &wrong).await.expect(422).text;
    holds(
        &text,
        &[
            "f-signed_on-error1",
            "아직 아무것도 기록하지 않았고",
            "<q><bdi>체결일: 2021년 4월 16일(금)</bdi></q>",
            "data-read-from-file",
        ],
    );
    // The party that was removed took its place with it.
    assert_eq!(text.matches("f-parties-1-organization-paper1\"").count(), 2);
    lacks(&text, &["f-parties-2-organization-paper1"]);
    let more = changed(&fields, &[("more", "parties")]);
    let text = browser.send(NEW, &more).await.expect(200).text;
    holds(&text, &["f-parties-3-organization", "f-signed_on-paper1"]);
    // A field that somebody made up says nothing, and breaks nothing.
    let made_up = [
        ("municipality", city.id.as_str()),
        ("paper", NASTY),
        ("title/ko/paper", NASTY),
    ];
    let text = browser.send(NEW, &made_up).await.expect(422).text;
    lacks(&text, &["<script>", "data-read-from-file", "<q>"]);
}

async fn what_cannot_be_read_is_said_at_the_file(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("{PAPER}?municipality={}", city.id);
    let large = vec![b' '; usize::try_from(api.state.max_import).unwrap() + 1];
    for (bytes, said) in [
        (&b""[..], "파일에 내용이 없습니다"),
        (b"MZ", "받을 수 있는 형식의 파일이 아닙니다"),
        (b"%PDF-1.7 and nothing else", "손상되었거나"),
        (&protected_docx(), "암호가 걸린 파일입니다"),
        (&protected_pdf(), "암호가 걸린 파일입니다"),
        (&large, "파일이 너무 큽니다"),
    ] {
        let sent = browser.upload(&path, &[], ("협약서.pdf", bytes)).await;
        let text = sent.expect(422).text;
        holds(
            &text,
            &[
                "id=\"file-error1\"",
                said,
                "aria-invalid=\"true\"",
                &format!("paper?municipality={}\"", city.id),
            ],
        );
    }
    let english = format!("{path}&lang=en");
    let protected = protected_pdf();
    let sent = browser.upload(&english, &[], ("a.pdf", &protected));
    holds(
        &sent.await.expect(422).text,
        &["protected by a password", "Nothing is recorded yet"],
    );
}

/// The form of a renewal takes what the paper says, and the rest from the agreement before.
async fn a_paper_fills_the_form_of_a_renewal(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let new = json!({"municipality_id": city.id, "kind": "mou", "title": {"ko": "옛 협약"}, "status": "signed",
        "signed_on": {"edtf": "2019-04-16"}, "lead_department": "돌봄과",
        "parties": [{"organization_id": city.id, "role": "lead"}, {"organization_id": city.partner}]});
    let old = city
        .editor
        .create("/agreements", &new)
        .await
        .id()
        .to_owned();
    let renewal = format!("{NEW}?municipality={}&supersedes_id={old}", city.id);
    let form = browser.open(&renewal).await.expect(200).text;
    let way = format!(
        "agreements/paper?municipality={}&amp;supersedes_id={old}\"",
        city.id
    );
    holds(&form, &[&way]);
    let path = format!("{PAPER}?municipality={}&supersedes_id={old}", city.id);
    whole(browser.open(&path).await, "ko");
    let file = ("협약서.docx", &paper(TERM)[..]);
    let text = whole(browser.upload(&path, &[], file).await, "ko");
    holds(
        &text,
        &[
            "갱신·변경 협약 기록",
            "옛 협약",
            "value=\"돌봄 확대를 위한 업무협약\"",
            "value=\"돌봄과\"",
            "value=\"새로운의료재단\"",
            "아직 아무것도 기록하지 않았고",
        ],
    );
    let page = record(&browser, &text, &[]).await;
    let made = recorded(&city.editor, &page).await;
    assert_eq!(made["supersedes"]["id"], json!(old));
    assert_eq!(made["lead_department"], "돌봄과");
    assert_eq!(made["parties"].as_array().unwrap().len(), 3);
    let before = city.editor.read(&format!("/agreements/{old}")).await;
    assert_eq!(before.body["status"], "superseded");
}

async fn a_scan_leaves_the_form_empty(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let scan = read(&browser, &city, b"\x89PNG\r\n\x1a\n".to_vec()).await;
    holds(&scan, &["이 파일에는 글이 없어", "value=\"수원시\""]);
    lacks(&scan, &["<q>"]);
    let other = docx(&["회의 자료", "다음 회의는 2021년 4월 16일이다."]);
    let other = read(&browser, &city, other).await;
    holds(
        &other,
        &["협약의 내용을 찾지 못했습니다", "value=\"수원시\""],
    );
    holds(&other, &["name=\"signed_on\" value=\"\""]);
    lacks(&other, &["<q>"]);
}

async fn nobody_reads_for_another_city(api: Api) {
    let own = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let path = format!("{PAPER}?municipality={}", own.id);
    let file = ("협약서.docx", &paper(TERM)[..]);
    let stranger = Browser::as_caller(&other.editor).await;
    let refused = stranger.upload(&path, &[], file).await.expect(403).text;
    holds(&refused, &["role=\"alert\"", "type=\"file\""]);
    lacks(&refused, &["돌봄 확대"]);
    let viewer = Browser::as_caller(&own.viewer).await;
    viewer.open(PAPER).await.expect(403);
    viewer.upload(&path, &[], file).await.expect(403);
    // Who works for several chooses first.
    let both = json!({"name": "both", "role": "editor", "municipality_ids": [own.id, other.id]});
    let both = Browser::as_caller(&api.caller(both).await).await;
    let choice = both.open(PAPER).await.expect(200).text;
    holds(&choice, &[&format!("paper?municipality={}\"", other.id)]);
    let sent = both.upload(PAPER, &[], file).await.expect(303);
    assert!(sent.headers["location"].ends_with("office/agreements/paper"));
}
