//! The queries of lists: no query per row, and no scan of a whole table.

use serde_json::json;

use crate::support::queries::{answered, plan, scan_no_table, taken, watched};
use crate::support::records::mou;
use crate::support::{Api, Backend, CITY};

on_both!(async: no_query_per_row, targets_in_a_chain_are_read_together);
tests!(async: hot_queries_scan_no_table, rare_records_are_found_by_an_index);

/// The queries of one request.
async fn asked(api: &Api, request: &str) -> Vec<String> {
    let (answer, queries) = answered(api, request, &[]).await;
    answer.expect(200);
    queries
}

/// The report on a period that includes the agreements of [`add`].
const COUNCIL_REPORT: &str = "/municipalities/0178d7fa-2c00-7000-8000-000000000001/council-report?from=2021-01-01&to=2026-11-23";

/// The path of the reports on a commitment that has one report.
async fn reported(api: &Api) -> String {
    let partner = api.organization("보고기관").await;
    let more = json!({"status": "signed", "commitments": [{"text": {"ko": "할 일"}}]});
    let made = api
        .create("/agreements", &mou(&[CITY, &partner], more))
        .await;
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let path = format!("/agreements/{}/commitments/{commitment}/reports", made.id());
    report(api, &path).await;
    path
}

async fn report(api: &Api, path: &str) {
    let body = json!({"on": {"edtf": "2026-10-01"}, "status": "in_progress"});
    api.create(path, &body).await;
}

pub async fn lists(api: &Api) -> Vec<String> {
    let association = api.find("/associations?q=KOREA").await;
    let project = api.get("/projects?sort=id").await.body["items"][0]["id"].clone();
    let project = project.as_str().unwrap();
    let group = api.get("/working-groups?sort=id").await.body["items"][0]["id"].clone();
    let group = group.as_str().unwrap();
    vec![
        "/municipalities?limit=200".into(),
        "/organizations?limit=200&with_total=true".into(),
        "/organizations?limit=200&q=a".into(),
        "/associations?limit=200".into(),
        format!("/associations/{association}/members?limit=200"),
        "/projects?limit=200&with_total=true".into(),
        format!("/projects/{project}/milestones?limit=200"),
        "/agreements?limit=200&with_total=true".into(),
        format!("/agreements?limit=200&project_id={project}"),
        "/working-groups?limit=200".into(),
        format!("/working-groups/{group}/meetings?limit=200"),
        "/timeline?limit=200&with_total=true".into(),
        format!("/projects/{project}/timeline?limit=200"),
        "/search?q=%ED%98%91&limit=200".into(),
        "/timeline?types=meeting&limit=200".into(),
        format!("{}?limit=200", reported(api).await),
        "/timeline.ics".into(),
        format!("/projects/{project}/slip-history"),
        "/duties?limit=200&with_total=true".into(),
        format!("/agreements?municipality_id={CITY}&freshness=ageing&limit=200&with_total=true"),
        "/statistics/agreements?group_by=party".into(),
        format!("/statistics/agreements?municipality_id={CITY}&group_by=project&as_of=2026-11-01"),
        "/statistics/agreements/records?figure=execution_rate_commitments&limit=200".into(),
        format!("/statistics/milestones?municipality_id={CITY}&group_by=kind"),
        "/statistics/milestones/records?figure=moves&limit=200".into(),
        COUNCIL_REPORT.into(),
        "/reports?limit=200&with_total=true".into(),
        format!("/reports?municipality_id={CITY}&as_of=2026-11-01&limit=200"),
    ]
}

/// Sets a policy that creates duties for the city's agreements.
async fn yearly_reviews(api: &Api) {
    let policies =
        json!({"policies": [{"review_interval_months": 12, "disclosure_within_days": 30}]});
    api.update(&format!("/municipalities/{CITY}"), "*", &policies)
        .await;
}

/// Records one of each kind, with everything that its row shows.
async fn add(api: &Api, lists: &[String], n: usize) {
    let organization = api.organization(&format!("협력기관 {n}")).await;
    let members = lists[4].split('?').next().unwrap();
    api.create(members, &json!({"organization_id": organization}))
        .await;
    let stated = json!([{"target": {"edtf": "2027"}, "stated_on": {"edtf": "2026-11-20"}}]);
    let body = json!({"municipality_id": CITY, "kind": "facility", "title": {"ko": format!("협력사업 {n}")},
        "implementers": [{"organization_id": organization}], "milestones": [{"kind": "completion", "forecasts": stated}]});
    let project = api.create("/projects", &body).await;
    let milestones = lists[6].split('?').next().unwrap();
    api.create(
        milestones,
        &json!({"kind": "other", "title": {"ko": "단계"}}),
    )
    .await;
    let body = json!({"municipality_id": CITY, "kind": "mou", "title": {"ko": format!("협약 {n}")}, "status": "signed",
        "signed_on": {"edtf": "2026-01-02"}, "effective_until": {"edtf": "2028"},
        "parties": [{"organization_id": CITY, "role": "lead"}, {"organization_id": organization, "role": "partner"}],
        "commitments": [{"text": {"ko": "협력한다"}}],
        "project_ids": [project.id(), lists[6].split('/').nth(2)]});
    api.create("/agreements", &body).await;
    let body = json!({"municipality_id": CITY, "name": {"ko": format!("협의체 {n}")}, "project_id": project.id(),
        "members": [{"organization_id": organization}]});
    let group = api.create("/working-groups", &body).await;
    let meeting = json!({"title": {"ko": "협의"}, "held_on": {"edtf": "2026-10-01"}, "status": "held",
        "attendee_ids": [organization, CITY]});
    report(api, lists[15].split('?').next().unwrap()).await;
    for group in [group.id(), lists[10].split('/').nth(2).unwrap()] {
        api.create(&format!("/working-groups/{group}/meetings"), &meeting)
            .await;
    }
}

async fn no_query_per_row(backend: Backend) {
    let api = watched(backend).await;
    yearly_reviews(&api).await;
    let lists = lists(&api).await;
    add(&api, &lists, 0).await;
    let mut few = Vec::new();
    for list in &lists {
        few.push(asked(&api, list).await.len());
    }
    for n in 1..13 {
        add(&api, &lists, n).await;
    }
    for (list, few) in lists.iter().zip(few) {
        let many = asked(&api, list).await;
        assert!(
            few > 0 && many.len() == few,
            "{list}: {few}, then {many:#?}"
        );
    }
}

/// The milestones of a project are read as often for ten targets, each counted from the one before, as for
/// two.
async fn targets_in_a_chain_are_read_together(backend: Backend) {
    let api = watched(backend).await;
    let read = async |length: usize| {
        let milestone = |i: usize| {
            let target = match i {
                0 => json!({"edtf": "2027-03"}),
                _ => {
                    json!({"as_stated": "1년 뒤", "relative_to": {"anchor": "milestone", "milestone": i - 1, "years": 1}})
                }
            };
            json!({"kind": "other", "title": {"ko": format!("{i}단계")},
                "forecasts": [{"target": target, "stated_on": {"edtf": "2026-01-01"}}]})
        };
        let milestones: Vec<_> = (0..length).map(milestone).collect();
        let new = json!({"municipality_id": CITY, "kind": "facility", "title": {"ko": format!("{length}")},
            "milestones": milestones});
        taken(&api);
        api.create("/projects", &new).await;
        let queries = taken(&api);
        let whole = queries.iter().filter(|sql| {
            sql.contains("`milestones`.`doc`") || sql.contains("\"milestones\".\"doc\"")
        });
        whole.count()
    };
    let few = read(2).await;
    assert!(few > 0, "the targets are not read");
    assert_eq!(read(10).await, few);
}

async fn hot_queries_scan_no_table() {
    let api = watched(Backend::Sqlite).await;
    let agreement = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let project = api.find("/projects").await;
    yearly_reviews(&api).await;
    let reports = reported(&api).await;
    let mut requests = vec![
        format!("/agreements/{agreement}"),
        reports.clone(),
        reports.split("/commitments").next().unwrap().into(),
        "/duties?with_total=true".into(),
        "/duties?sort=-due&status=overdue".into(),
        format!("/duties?municipality_id={CITY}&due_before=2026-12-31&with_total=true"),
        format!("/duties?agreement_id={agreement}&as_of=2022-12-31"),
        format!("/agreements?municipality_id={CITY}&with_total=true"),
        format!("/agreements?municipality_id={CITY}&status=signed&with_total=true"),
        format!("/agreements?project_id={project}"),
        format!("/agreements?organization_id={CITY}"),
        "/agreements?status=signed".into(),
        "/agreements?expiring_within_days=90".into(),
        format!("/timeline?municipality_id={CITY}&from=2026-01-01&to=2026-12-31&with_total=true"),
        format!("/timeline?municipality_id={CITY}&as_of=2021-12-31"),
        format!("/timeline?organization_id={CITY}"),
        format!("/projects/{project}/timeline"),
        format!("/projects/{project}/slip-history"),
        format!("/agreements?municipality_id={CITY}&freshness=stale&with_total=true"),
        "/agreements?freshness=current".into(),
        format!("/statistics/agreements?municipality_id={CITY}&group_by=party"),
        format!("/statistics/agreements?project_id={project}&group_by=term"),
        format!("/statistics/agreements?municipality_id={CITY}&from=2021-01-01&as_of=2024-12-31"),
        format!(
            "/statistics/agreements/records?municipality_id={CITY}&figure=freshness&part=left_out"
        ),
        format!("/statistics/milestones?municipality_id={CITY}&group_by=reason"),
        format!("/statistics/milestones/records?project_id={project}&figure=slip"),
        COUNCIL_REPORT.into(),
        format!("{COUNCIL_REPORT}&as_of=2024-12-31"),
        "/reports?with_total=true".into(),
        "/reports?sort=created_at&as_of=2024-12-31".into(),
        "/reports?standing=awaiting_confirmation".into(),
        format!("/reports?municipality_id={CITY}&standing=awaiting_confirmation&with_total=true"),
        format!("/reports?organization_id={CITY}&from=2024-01-01&with_total=true"),
        format!("/reports?agreement_id={agreement}"),
        "/timeline.ics".into(),
        format!("/timeline.ics?municipality_id={CITY}&from=2026-01-01"),
        "/organizations?kind=hospital".into(),
        "/search?q=%ED%98%91%EC%95%BD".into(),
    ];
    for sort in ["signed_on", "title", "effective_until", "id"] {
        requests.push(format!("/agreements?sort={sort}"));
        requests.push(format!("/agreements?sort=-{sort}"));
    }
    let plain = requests[0].clone();
    for request in requests {
        let queries = asked(&api, &request).await;
        assert!(!queries.is_empty());
        // An agreement without reports takes no query of reports.
        assert!(
            request != plain
                || queries
                    .iter()
                    .all(|sql| !sql.contains("commitment_reports"))
        );
        scan_no_table(&api, &request, &queries);
    }
}

/// Questions that few records of a large registry answer, or that count many: each with the index by
/// which its page and its count are read.
const BY_INDEX: &[(&str, &str)] = &[
    (
        "/timeline?types=meeting",
        "timeline_entries_type (type=? AND ",
    ),
    (
        "/timeline?kinds=compensation",
        "timeline_entries_kind (kind=? AND ",
    ),
    (
        "/timeline?status=overdue",
        "timeline_entries_phase (phase=? AND (sort_when,entry_id)>(?,?) AND sort_when<?)",
    ),
    (
        "/timeline?status=failed",
        "timeline_entries_phase (phase=? AND ",
    ),
    (
        "/agreements?visibility=internal",
        "agreements_restricted (stated_visibility=? AND ",
    ),
    ("/agreements?in_force=unknown", "agreements_unclear ("),
    ("/agreements?in_force=false", "agreements_signed ("),
    (
        "/agreements?signed_from=2021-04-01&signed_to=2021-04-30",
        "agreements_signed (sort_signed>? AND sort_signed<?)",
    ),
    // An answer is kept until something is written: the same period would ask nothing.
    (
        "/agreements?signed_from=2021-04-02&signed_to=2021-04-30",
        "agreements_imprecise (",
    ),
];

async fn rare_records_are_found_by_an_index() {
    let api = watched(Backend::Sqlite).await;
    for (request, index) in BY_INDEX {
        let request = format!("{request}&with_total=true");
        let mut steps = Vec::new();
        for query in asked(&api, &request).await {
            let sorts = ["sort_when", "sort_signed"]
                .iter()
                .any(|key| query.contains(key));
            for step in plan(&api, &query) {
                let reads = ["agreements", "timeline_entries"].into_iter().any(|table| {
                    let rest = step
                        .strip_prefix("SCAN ")
                        .and_then(|step| step.strip_prefix(table));
                    rest.is_some_and(|rest| !rest.contains("COVERING INDEX"))
                });
                let sorted = sorts && step.contains("TEMP B-TREE");
                assert!(!reads && !sorted, "{request}: {step} in {query}");
                steps.push(step);
            }
        }
        let found = steps.iter().any(|step| step.contains(index));
        assert!(found, "{request}: {index} in {steps:#?}");
    }
    // What a municipality has is found by it, whatever else is asked.
    for filter in ["types=signing", "kinds=mou", "status=overdue"] {
        let request = format!("/timeline?municipality_id={CITY}&{filter}&with_total=true");
        for query in asked(&api, &request).await {
            for step in plan(&api, &query) {
                // The rows of the page are read by their keys.
                let own = ["municipality_id=?", "owner_id=?", "entry_id=?"]
                    .iter()
                    .any(|key| step.contains(key));
                assert!(
                    own || !step.contains("timeline_entries"),
                    "{request}: {step}"
                );
            }
        }
    }
}
