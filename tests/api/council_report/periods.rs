//! The report to the council: what belongs to a period.

use serde_json::{Value, json};

use crate::support::records::{signed_mou, with};
use crate::support::{Answer, Api};

on_both!(new: all_that_a_period_holds, a_period_has_edges, what_is_wrong_is_named);
on_both!(with_demo: goyang_from_2021_to_2024);

/// A title that would run as a script if the page did not escape it.
pub const SCRIPT: &str = "<script>alert('협약')</script> & \"협약\"";
pub const YEAR: &str = "from=2024-01-01&to=2024-12-31";

/// A city with records for every section of its report on 2024, and the path of that report.
pub struct City {
    pub api: Api,
    pub id: String,
    pub partner: String,
    pub path: String,
    /// The agreement with the title [`SCRIPT`].
    pub script: String,
}

impl City {
    pub async fn new(api: Api) -> Self {
        let id = api.municipality().await;
        let partner = api.organization("협력기업").await;
        let city = Self {
            path: format!("/municipalities/{id}/council-report"),
            script: String::new(),
            api,
            id,
            partner,
        };
        city.filled().await
    }

    pub async fn signed(&self, title: &str, on: &str, more: Value) -> Answer {
        let title = json!({"title": {"ko": title}});
        let new = signed_mou(&[&self.id, &self.partner], on, with(title, more));
        self.api.create("/agreements", &new).await
    }

    async fn step(&self, agreement: &str, body: Value) {
        let path = format!("/agreements/{agreement}/transitions");
        self.api.act(&path, &body).await;
    }

    async fn told(&self, agreement: &Answer, place: usize, body: Value) {
        let commitment = agreement.body["commitments"][place]["id"].as_str().unwrap();
        let path = format!(
            "/agreements/{}/commitments/{commitment}/reports",
            agreement.id()
        );
        self.api.create(&path, &body).await;
    }

    async fn filled(mut self) -> Self {
        let policies = json!({"policies": [{"valid_from": "2023-01-01", "review_interval_months": 12,
            "reference": {"title": "고양시 업무협약 관리 조례", "article": "제7조"},
            "council_report": {"within_days": 30, "on_termination": true}}],
            "officers": [{"title": {"ko": "시장"}, "name": "홍길동", "from": {"edtf": "2022-07-01"}},
                {"title": {"ko": "시장"}, "name": "성춘향", "until": {"edtf": "2022-06-30"}}]});
        let path = format!("/municipalities/{}", self.id);
        self.api.update(&path, "*", &policies).await;
        let until = json!({"edtf": "2030"});
        let promised = json!({"commitments": [{"text": {"ko": "교육 실시"}, "owed_by": [self.partner], "due": {"edtf": "2024-03"}}]});
        let made = self.signed("완료된 협약", "2022-03-01", promised).await;
        let done = json!({"on": {"edtf": "2024-03-01"}, "status": "fulfilled"});
        self.told(&made, 0, done).await;
        let end =
            json!({"to": "completed", "on": {"edtf": "2024-06-30"}, "reason": {"ko": "목적 달성"}});
        self.step(made.id(), end).await;
        let made = self.signed("해지된 협약", "2022-03-02", json!({})).await;
        let end = json!({"to": "terminated", "on": {"edtf": "2024-05-01"}, "reason": {"ko": "당사자 합의"}});
        self.step(made.id(), end).await;
        let old = self.signed("갱신 전 협약", "2021-01-01", json!({})).await;
        let renewal = json!({"supersedes_id": old.id(), "effective_until": until});
        self.signed("갱신 협약", "2024-02-01", renewal).await;
        let lapsing = json!({"effective_until": {"edtf": "2024-07-01"}});
        self.signed("만료된 협약", "2021-07-01", lapsing).await;
        let made = self.signed(SCRIPT, "2024-03-15", json!({"effective_until": until, "lead_department": "전략산업과",
            "commitments": [{"text": {"ko": "늦은 일"}, "due": {"edtf": "2024-06"}}, {"text": {"ko": "모르는 일"}},
                {"text": {"ko": "남은 일"}, "due": {"edtf": "2030"}}]})).await;
        let going_on =
            json!({"on": {"edtf": "2024-10-01"}, "status": "in_progress", "percent": 40});
        self.told(&made, 0, going_on.clone()).await;
        self.told(&made, 2, going_on).await;
        self.script = made.id().to_owned();
        self.signed("점검된 협약", "2023-01-10", json!({"effective_until": until,
            "reviews": [{"on": {"edtf": "2024-02-20"}, "rating": "slow", "findings": {"ko": "후속 협의 부진"}, "improvement_plan": {"ko": "분기별 협의"}}],
            "council_actions": [{"kind": "post_report", "on": {"edtf": "2024-03-05"}, "occasion": "signing",
                "session": "제281회 임시회", "bill_number": "제12호", "result": "noted"}]})).await;
        let secret = json!({"effective_until": until, "visibility": "internal",
            "withholding": {"legal_basis": "정보공개법 제9조", "until": "2027-12-31"}});
        self.signed("비공개 협약", "2024-08-01", secret).await;
        self.signed("날짜 없는 협약", "2024", json!({"signed_on": null}))
            .await;
        let project = json!({"municipality_id": self.id, "kind": "facility", "title": {"ko": "체육관 건립"}, "milestones": [
            {"kind": "completion", "forecasts": [{"target": {"edtf": "2024-06"}, "stated_on": {"edtf": "2023-05-01"}},
                {"target": {"edtf": "2025"}, "stated_on": {"edtf": "2024-04-01"}, "reason_code": "budget", "reason": {"ko": "국비 감액"},
                    "source": {"publisher": "고양신문", "url": "https://news.example/1"}},
                {"target": {"edtf": "2025"}, "stated_on": {"edtf": "2024-06-01"}}]},
            {"kind": "groundbreaking", "forecasts": [{"target": {"edtf": "2024-08"}, "stated_on": {"edtf": "2023"}}],
                "outcomes": [{"kind": "met", "on": {"edtf": "2024-09-09"}}]}]});
        self.api.create("/projects", &project).await;
        self
    }

    pub async fn report(&self, query: &str) -> Value {
        report(&self.api, &self.path, query).await
    }
}

pub async fn report(api: &Api, path: &str, query: &str) -> Value {
    let told = api.read(&format!("{path}?{query}")).await;
    assert_eq!(told.headers["content-type"], "application/json");
    told.body
}

/// The Korean titles on a list of a report.
#[track_caller]
pub fn titles(report: &Value, list: &str) -> Vec<String> {
    let items = report[list].as_array().unwrap().iter();
    let title = |item: &Value| match &item["agreement"] {
        Value::Null => item["title"]["ko"].clone(),
        agreement => agreement["title"]["ko"].clone(),
    };
    items
        .map(|item| title(item).as_str().unwrap().to_owned())
        .collect()
}

/// The number of records that a rate leaves out for a reason.
fn out_of(rate: &Value, reason: &str) -> u64 {
    let out = rate["left_out"].as_array().unwrap().iter();
    let mut out = out.filter(|out| out["reason"] == reason);
    out.next().map_or(0, |out| out["count"].as_u64().unwrap())
}

async fn all_that_a_period_holds(api: Api) {
    let city = City::new(api).await;
    let told = city.report(YEAR).await;
    assert_eq!(told["as_of"], "2024-12-31");
    assert_eq!(told["basis"], "internal");
    assert_eq!(told["officers"].as_array().unwrap().len(), 1);
    assert_eq!(told["officers"][0]["name"], "홍길동");
    assert_eq!(told["ordinances"][0]["title"], "고양시 업무협약 관리 조례");
    let totals = json!({"signed": 5, "completed": 1, "terminated": 1, "superseded": 1,
        "in_force": 4, "not_in_force": 1, "in_force_unknown": 0, "expired": 1});
    assert_eq!(told["totals"], totals);
    assert_eq!(
        titles(&told, "signed"),
        ["갱신 협약", SCRIPT, "비공개 협약"]
    );
    let signed = &told["signed"][1];
    assert_eq!(signed["lead_department"], "전략산업과");
    assert_eq!(signed["parties"][1]["name"]["ko"], "협력기업");
    assert_eq!(signed["fulfilment"]["counts"]["in_progress"], 2);
    for (list, title, reason) in [
        ("completed", "완료된 협약", "목적 달성"),
        ("terminated", "해지된 협약", "당사자 합의"),
    ] {
        assert_eq!(told[list][0]["title"]["ko"], title);
        assert_eq!(told[list][0]["reason"]["ko"], reason);
        assert_eq!(told[list].as_array().unwrap().len(), 1);
    }
    assert_eq!(told["superseded"][0]["title"]["ko"], "갱신 전 협약");
    assert_eq!(told["superseded"][0]["ended_on"]["edtf"], "2024-02-01");
    assert_eq!(
        told["superseded"][0]["superseded_by"]["title"]["ko"],
        "갱신 협약"
    );
    assert_eq!(titles(&told, "lapsed"), ["만료된 협약"]);
    assert_eq!(titles(&told, "undated"), ["날짜 없는 협약"]);
    assert_eq!(told["undated"][0]["became"], "signed");
    // Completed agreements among those ended; fulfilled commitments among those due.
    let rate = |name: &str| {
        let rate = &told["rates"][name];
        let out = rate["left_out"].as_array().unwrap().iter();
        let out: Vec<Value> = out
            .map(|out| json!([out["reason"], out["count"]]))
            .collect();
        json!([rate["value"], rate["numerator"], rate["denominator"], out])
    };
    let left_out = json!([["not_ended", 4], ["superseded", 1], ["expired", 1]]);
    assert_eq!(rate("agreements"), json!([0.5, 1, 2, left_out]));
    let left_out = json!([["no_due_date", 1], ["not_due_yet", 1]]);
    assert_eq!(rate("commitments"), json!([0.5, 1, 2, left_out]));
    let counts = json!({"unknown": 1, "not_started": 0, "in_progress": 2, "fulfilled": 1,
        "unfulfilled": 0, "dropped": 0, "carried_over": 0});
    assert_eq!(told["commitment_counts"], counts);
    let commitments = told["commitments"].as_array().unwrap();
    let stands: Vec<Value> = commitments
        .iter()
        .map(|one| {
            json!([
                one["text"]["ko"],
                one["status"],
                one["overdue"],
                one["percent"]
            ])
        })
        .collect();
    assert_eq!(
        stands,
        [
            json!(["교육 실시", "fulfilled", false, null]),
            json!(["늦은 일", "in_progress", true, 40]),
            json!(["모르는 일", "unknown", null, null]),
            json!(["남은 일", "in_progress", false, 40]),
        ]
    );
    assert_eq!(commitments[0]["owed_by"][0]["name"]["ko"], "협력기업");
    assert_eq!(titles(&told, "reviews"), ["점검된 협약"]);
    assert_eq!(
        told["reviews"][0]["review"]["findings"]["ko"],
        "후속 협의 부진"
    );
    // The first reviews fell due a year after the policy began or after the signing.
    let missed = titles(&told, "missed_reviews");
    let all = [
        "갱신 전 협약",
        "만료된 협약",
        "완료된 협약",
        "해지된 협약",
        "점검된 협약",
    ];
    assert_eq!(missed, all);
    let once = told["missed_reviews"].as_array().unwrap();
    assert!(once.iter().all(|one| one["missed"] == 1));
    assert_eq!(once[4]["done_by"]["on"]["edtf"], "2024-02-20");
    assert_eq!(once[0]["legal_basis"], "고양시 업무협약 관리 조례 제7조");
    assert_eq!(
        titles(&told, "never_reviewed"),
        ["갱신 협약", SCRIPT, "비공개 협약"]
    );
    assert_eq!(
        told["council_actions"][0]["action"]["session"],
        "제281회 임시회"
    );
    assert_eq!(
        told["council_actions"][0]["action"]["bill_number"],
        "제12호"
    );
    let duties = told["overdue_duties"].as_array().unwrap();
    let of = |kind: &str| duties.iter().filter(|duty| duty["kind"] == kind).count();
    assert_eq!(
        (of("review"), of("council_report"), duties.len()),
        (4, 4, 8)
    );
    let moved = told["moved_milestones"].as_array().unwrap();
    assert_eq!(moved.len(), 1, "what is stated again has not moved");
    assert_eq!(moved[0]["was"]["edtf"], "2024-06");
    assert_eq!(moved[0]["became"]["edtf"], "2025");
    assert_eq!(moved[0]["slip"], json!({"min_days": 185, "max_days": 578}));
    assert_eq!(moved[0]["deadline_slip_days"], 549);
    assert_eq!(moved[0]["reason_code"], "budget");
    assert_eq!(
        moved[0]["milestone"]["project"]["title"]["ko"],
        "체육관 건립"
    );
    assert_eq!(told["overdue_milestones"], json!([]));
    let met = told["met_milestones"].as_array().unwrap();
    assert_eq!(
        (met.len(), &met[0]["on"]["edtf"]),
        (1, &json!("2024-09-09"))
    );
    assert_eq!(met[0]["slip"], json!({"min_days": 9, "max_days": 39}));
    assert_eq!(met[0]["deadline_slip_days"], 9);
    assert_eq!(told["withheld"][0]["count"], 1);
    assert_eq!(
        told["withheld"][0]["withholding"]["legal_basis"],
        "정보공개법 제9조"
    );
}

async fn a_period_has_edges(api: Api) {
    let city = City::new(api).await;
    let day = |day: &str| format!("from={day}&to={day}");
    for (on, signed) in [("2024-03-14", 0), ("2024-03-15", 1), ("2024-03-16", 0)] {
        let told = city.report(&day(on)).await;
        assert_eq!(told["signed"].as_array().unwrap().len(), signed, "{on}");
    }
    // A review is missed on the day after its due date: in exactly one of two adjacent periods.
    // It was due on 1 January, a holiday, and hence on the second.
    for (on, missed) in [("2024-01-02", 0), ("2024-01-03", 4), ("2024-01-04", 0)] {
        let told = city.report(&day(on)).await;
        assert_eq!(
            told["missed_reviews"].as_array().unwrap().len(),
            missed,
            "{on}"
        );
    }
    // An agreement is in force on its last day and lapses on the next, as in the statistics.
    for (on, lapsed, in_force) in [
        ("2024-06-30", 0, true),
        ("2024-07-01", 0, true),
        ("2024-07-02", 1, false),
        ("2024-07-03", 0, false),
    ] {
        let told = city.report(&day(on)).await;
        assert_eq!(titles(&told, "lapsed").len(), lapsed, "{on}");
        for one in told["lapsed"].as_array().unwrap() {
            assert_eq!(one["in_force"], in_force, "{on}");
        }
        let known = out_of(&told["rates"]["agreements"], "expired");
        assert_eq!(known > 0, !in_force, "{on}");
        let figures = format!(
            "/statistics/agreements?municipality_id={}&as_of={on}",
            city.id
        );
        let figures = city.api.read(&figures).await;
        let figure = &figures.body["totals"]["execution_rate_agreements"];
        for reason in ["expired", "not_ended"] {
            let rate = &told["rates"]["agreements"];
            assert_eq!(out_of(rate, reason), out_of(figure, reason), "{on}");
        }
    }
    let first = city.report("from=2024-01-01&to=2024-07-01").await;
    assert_eq!(titles(&first, "lapsed"), [""; 0]);
    let second = city.report("from=2024-07-02&to=2024-12-31").await;
    assert_eq!(titles(&second, "lapsed"), ["만료된 협약"]);
    // An imprecise date belongs where all its days lie; where only some do, it is undated.
    city.signed("그해의 협약", "2019", json!({})).await;
    for (period, signed, undated) in [
        ("from=2019-01-01&to=2019-06-30", 0, true),
        ("from=2019-07-01&to=2019-12-31", 0, true),
        ("from=2019-01-01&to=2019-12-31", 1, false),
        ("from=2020-01-01&to=2020-12-31", 0, false),
    ] {
        let told = city.report(period).await;
        assert_eq!(told["signed"].as_array().unwrap().len(), signed, "{period}");
        let named = titles(&told, "undated");
        let named = named.iter().any(|title| title == "그해의 협약");
        assert_eq!(named, undated, "{period}");
    }
    // An agreement that ended earlier is not part of the period.
    let later = city.report("from=2025-01-01&to=2025-12-31").await;
    let texts = later["commitments"].as_array().unwrap().iter();
    let texts: Vec<&str> = texts
        .map(|one| one["text"]["ko"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["늦은 일", "모르는 일", "남은 일"]);
    assert_eq!(later["rates"]["agreements"]["value"], Value::Null);
    // Future years are empty and reported as of today.
    let coming = city.report("from=2026-01-01&to=2030-12-31").await;
    assert_eq!(coming["as_of"], "2026-11-23");
    assert_eq!(coming["lapsed"], json!([]));
}

async fn what_is_wrong_is_named(api: Api) {
    let city = api.municipality().await;
    let path = format!("/municipalities/{city}/council-report");
    for (query, places, code) in [
        ("", vec!["from", "to"], "required"),
        ("from=2024-01-01", vec!["to"], "required"),
        ("from=2024&to=2024-13-01", vec!["from", "to"], "format_date"),
        ("from=2024-01-02&to=2024-01-01", vec!["to"], "reversed"),
        (
            "from=2014-01-01&to=2024-01-01",
            vec!["to"],
            "period_too_long",
        ),
        (
            "from=2024-01-01&to=2024-01-01&format=pdf",
            vec!["format"],
            "enum",
        ),
        (
            "from=2024-01-01&to=2024-01-01&lang=fr&as_of=1",
            vec!["as_of", "lang"],
            "format_date",
        ),
    ] {
        let refused = api.get(&format!("{path}?{query}")).await.expect(400);
        assert_eq!(refused.places(), places, "{query}");
        let errors = refused.body["errors"].as_array().unwrap();
        assert!(
            errors.iter().any(|error| error["code"] == code),
            "{}",
            refused.text
        );
    }
    for query in [
        "from=2014-01-01&to=2023-12-31",
        "from=2016-02-29&to=2026-02-27",
    ] {
        api.read(&format!("{path}?{query}")).await;
    }
    let company = api.organization("회사").await;
    for nobody in [company.as_str(), "0178d7fa-2c00-7000-8000-00000000ffff"] {
        let path = format!("/municipalities/{nobody}/council-report?{YEAR}");
        api.get(&path).await.expect(404);
    }
}

/// Counted by hand from the demonstration: four agreements were signed in the period, one of them
/// without a known day, and one before it; both milestones met were met late.
async fn goyang_from_2021_to_2024(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let path = format!("/municipalities/{city}/council-report");
    let query = "from=2021-01-01&to=2024-12-31";
    let told = report(&api.with(None), &path, query).await;
    let days = told["signed"].as_array().unwrap().iter();
    let days: Vec<&Value> = days.map(|one| &one["signed_on"]["edtf"]).collect();
    assert_eq!(
        days,
        ["2021-04-16", "2021-06-04", "2024-01-31", "2024-12-02"]
    );
    assert_eq!(told["signed"][1]["parties"].as_array().unwrap().len(), 7);
    assert_eq!(told["totals"]["signed"], 5);
    assert_eq!(told["totals"]["in_force_unknown"], 5);
    assert_eq!(
        titles(&told, "undated"),
        ["바이오 정밀의료클러스터 조성 업무협약"]
    );
    for list in [
        "completed",
        "terminated",
        "superseded",
        "lapsed",
        "reviews",
        "council_actions",
        "missed_reviews",
    ] {
        assert_eq!(told[list], json!([]), "{list}");
    }
    // Due dates and outcomes of the commitments are unknown: the rate is null, not zero.
    assert_eq!(told["commitment_counts"]["unknown"], 3);
    let rate = &told["rates"]["commitments"];
    assert_eq!(
        (&rate["value"], &rate["denominator"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(rate["left_out"][0]["reason"], "no_due_date");
    assert_eq!(rate["left_out"][0]["count"], 3);
    assert_eq!(told["never_reviewed"].as_array().unwrap().len(), 5);
    let moved = told["moved_milestones"].as_array().unwrap();
    let of = |kind: &str| {
        let of = moved.iter().filter(|one| one["milestone"]["kind"] == kind);
        of.map(|one| format!("{} {}", one["was"]["edtf"], one["became"]["edtf"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    // What was only made more or less precise has not moved, such as 2021 to 2021-08.
    assert_eq!(of("plan_approval"), ["2020-12~ 2021"]);
    assert_eq!(of("groundbreaking"), ["2021-12 2023-09"]);
    assert_eq!(of("land_supply"), ["2022 2024-12~", "2024-41 2025"]);
    assert_eq!(of("completion"), ["2023 ../2024", "../2024 2026-12~"]);
    assert_eq!(moved.len(), 6);
    let reasons: Vec<&Value> = moved
        .iter()
        .filter(|one| !one["reason_code"].is_null())
        .collect();
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0]["reason"]["ko"], "실시계획 변경 인가 지연");
    let met = told["met_milestones"].as_array().unwrap();
    let met: Vec<(&Value, &Value)> = met
        .iter()
        .map(|one| (&one["on"]["edtf"], &one["slip"]))
        .collect();
    assert_eq!(
        met,
        [
            (
                &json!("2021-08-31"),
                &json!({"min_days": 243, "max_days": 273})
            ),
            (
                &json!("2023-10-26"),
                &json!({"min_days": 664, "max_days": 1028})
            ),
        ]
    );
    assert_eq!(told["overdue_milestones"], json!([]));
    let before = report(
        &api,
        &path,
        "from=2021-01-01&to=2023-06-30&as_of=2023-06-30",
    )
    .await;
    let overdue = before["overdue_milestones"].as_array().unwrap().iter();
    let overdue: Vec<_> = overdue
        .map(|one| (&one["milestone"]["kind"], &one["overdue_days"]))
        .collect();
    assert_eq!(overdue, [(&json!("land_supply"), &json!(181))]);
    // Less was known at the end of 2021.
    let then = report(&api, &path, &format!("{query}&as_of=2021-12-31")).await;
    assert_eq!(then["signed"].as_array().unwrap().len(), 2);
    assert_eq!(then["moved_milestones"].as_array().unwrap().len(), 2);
    assert_eq!(then["met_milestones"].as_array().unwrap().len(), 1);
}
