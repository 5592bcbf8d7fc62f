//! The list of announcements, the page of one, and the comparison with the record.

use serde_json::json;

use super::{NASTY, holds, lacks, page, whole};
use crate::support::Api;
use crate::support::records::{signed_mou, with};

on_both!(with_demo: what_goyang_announced);
on_both!(new: what_was_announced_and_not_recorded, nobody_sees_an_internal_announcement);

async fn what_goyang_announced(api: Api) {
    let text = whole(page(&api, "/announcements").await, "ko");
    holds(
        &text,
        &[
            "K-바이오 랩허브 구축사업 업무협약",
            "미확인",
            "announcements.csv",
            "./reconciliation\"",
        ],
    );
    let id = api.find("/announcements?q=%ED%98%91%ED%9A%8C").await;
    let path = format!("/announcements/{id}");
    let text = whole(page(&api, &path).await, "ko");
    holds(
        &text,
        &[
            "한국바이오의약품협회와",
            "2021.\u{a0}4.\u{a0}19.",
            "<bdi>지난 16일</bdi>",
            "준공: 2024년까지",
            "rel=\"noreferrer external\"",
            &format!("../api/v1/announcements/{id}"),
        ],
    );
    // Readers see no proposals, which are no facts.
    lacks(&text, &["어느 기록을 다룹니까?"]);
    let text = whole(page(&api, &format!("{path}?lang=en")).await, "en");
    holds(&text, &["Announced on", "Completion: by 2024"]);
    let text = whole(page(&api, "/reconciliation").await, "ko");
    holds(
        &text,
        &[
            "확인 필요",
            "발표되지 않음",
            "연도별 현황",
            "부서별 현황",
            "2021",
            "reconciliation.csv?municipality_id=0178",
        ],
    );
    let text = whole(
        page(&api, "/reconciliation?lang=en&finding=differs").await,
        "en",
    );
    holds(&text, &["Nothing matches", "Figures by year"]);
    let found = whole(
        page(&api, "/find?q=%EB%9E%A9%ED%97%88%EB%B8%8C").await,
        "ko",
    );
    holds(&found, &["announcements/0178"]);
    let text = whole(page(&api, "/announcements?q=zzz&lang=en").await, "en");
    holds(&text, &["No announcement matches"]);
    page(&api, "/announcements?kind=x").await.expect(400);
}

async fn what_was_announced_and_not_recorded(api: Api) {
    let text = whole(page(&api, "/reconciliation").await, "ko");
    holds(&text, &["아직 기록된 발표가 없습니다."]);
    let city = api.municipality().await;
    let told = |more| {
        let base = json!({"municipality_id": city, "kind": "signing", "title": {"ko": NASTY}});
        with(base, more)
    };
    let all = json!({"announced_on": {"edtf": "2024-05-21"}, "happened_on": {"edtf": "2024-05-19"},
        "publisher": NASTY, "url": "https://city.example/?a=1&b=2", "text": {"ko": format!("첫 줄\n{NASTY}")},
        "parties": [{"name": NASTY}], "amount": {"amount": 1_000_000_000, "currency": "KRW"}});
    let made = api.create("/announcements", &told(all)).await;
    let path = format!("/announcements/{}", made.id());
    let text = whole(page(&api, &path).await, "ko");
    holds(
        &text,
        &["&lt;script&gt;", "<p><bdi>첫 줄</bdi></p>", "10억 원"],
    );
    let text = whole(page(&api, "/reconciliation").await, "ko");
    holds(
        &text,
        &["등록되지 않음", &format!("./announcements/{}", made.id())],
    );
    let partner = api.organization("가온대학교").await;
    let more = json!({"lead_department": NASTY, "title": {"ko": "스마트도시 업무협약"}});
    let signed = signed_mou(&[&city, &partner], "2024-05-20", more);
    let agreement = api.create("/agreements", &signed).await;
    let confirm = json!({"agreement_id": agreement.id()});
    api.act(&format!("{path}/confirm"), &confirm).await;
    let text = whole(page(&api, "/reconciliation").await, "ko");
    holds(
        &text,
        &[
            "발표와 다름",
            "날짜: 발표",
            &format!("./agreements/{}", agreement.id()),
        ],
    );
    let text = whole(page(&api, &path).await, "ko");
    holds(
        &text,
        &["다루는 기록", &format!("../agreements/{}", agreement.id())],
    );
    let text = whole(page(&api, "/announcements").await, "ko");
    holds(
        &text,
        &[
            "&lt;script&gt;",
            &format!("./agreements/{}", agreement.id()),
        ],
    );
    // Of several municipalities, the reader says which.
    let other = api.other_municipality().await;
    api.create(
        "/announcements",
        &with(told(json!({})), json!({"municipality_id": other})),
    )
    .await;
    let text = whole(page(&api, "/reconciliation").await, "ko");
    holds(
        &text,
        &[
            "어느 지방자치단체입니까?",
            &format!("municipality_id={other}"),
        ],
    );
    let text = whole(
        page(&api, &format!("/reconciliation?municipality_id={other}")).await,
        "ko",
    );
    holds(&text, &["등록되지 않음"]);
    let nobody = "0178d7fa-2c00-7000-8000-00000000ffff";
    page(&api, &format!("/reconciliation?municipality_id={nobody}"))
        .await
        .expect(404);
}

async fn nobody_sees_an_internal_announcement(api: Api) {
    let city = api.municipality().await;
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "내부 소식"}, "visibility": "internal"});
    let made = api.create("/announcements", &new).await;
    page(&api, &format!("/announcements/{}", made.id()))
        .await
        .expect(404);
    lacks(
        &whole(page(&api, "/announcements").await, "ko"),
        &["내부 소식"],
    );
    let text = whole(page(&api, "/reconciliation").await, "ko");
    holds(&text, &["아직 기록된 발표가 없습니다."]);
}
