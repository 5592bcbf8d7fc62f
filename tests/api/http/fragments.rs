//! Rows and records that are kept while nothing that they show changes: what is joined from them is
//! what is computed without them, for every caller, after any change by any server.

use std::collections::BTreeMap;

use mou_registry::http::{Answers, Fragments};
use mou_registry::records;
use serde_json::{Value, json};

use crate::pages::page;
use crate::support::log::{meddle, program};
use crate::support::queries::{answered, watched};
use crate::support::records::{demand, mou, with};
use crate::support::{Answer, Api, Backend, CITY};

on_both!(new: what_is_kept_is_what_is_computed, a_revoked_token_reads_nothing_that_is_kept,
    a_repair_ends_what_was_kept);
on_both!(async: a_row_is_not_shown_anew_for_changes_elsewhere);

/// Random numbers from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Like `api`, with room for so many bytes of fragments, and without kept answers, which would hide
/// them.
async fn keeping(api: &Api, bytes: usize) -> Api {
    let mut other = api.clone();
    other.state.answers = Answers::new(0);
    other.state.fragments = Fragments::new(bytes, &records::ALL);
    other.served().await
}

/// Records that the changes are about.
struct World {
    random: Random,
    cities: [String; 2],
    organizations: Vec<String>,
    projects: Vec<String>,
    milestones: Vec<String>,
    agreements: Vec<String>,
    groups: Vec<String>,
    changes: usize,
    /// Kinds of changes that are still to be made before each is made again.
    ahead: Vec<usize>,
    /// How many of the changes the rules accepted, by their kind.
    accepted: BTreeMap<&'static str, usize>,
}

impl World {
    async fn new(api: &Api, seed: u64) -> Self {
        let cities = [api.municipality().await, api.other_municipality().await];
        let mut organizations = Vec::new();
        for name in ["하나", "둘", "셋", "넷"] {
            organizations.push(api.organization(name).await);
        }
        let mut world = Self {
            random: Random(seed),
            cities,
            organizations,
            projects: Vec::new(),
            milestones: Vec::new(),
            agreements: Vec::new(),
            groups: Vec::new(),
            changes: 0,
            ahead: Vec::new(),
            accepted: BTreeMap::new(),
        };
        for _ in 0..3 {
            world.project(api).await;
            world.group(api).await;
        }
        for _ in 0..8 {
            world.agreement(api).await;
        }
        assert!(world.agreements.len() > 2, "most are recorded");
        world
    }

    fn note(&mut self, kind: &'static str, answer: &Answer) {
        if answer.status.is_success() {
            *self.accepted.entry(kind).or_default() += 1;
        }
    }

    fn visibility(&mut self) -> &'static str {
        self.random
            .of::<&str>(&["public", "public", "partners", "internal"])
    }

    fn title(&mut self) -> Value {
        // Few titles, so that agreements resemble each other.
        json!({"ko": *self.random.of(&["바이오 협약", "교통 협약", "교육 협약"])})
    }

    fn day(&mut self) -> String {
        let (year, month) = (2021 + self.random.below(7), 1 + self.random.below(12));
        format!("{year}-{month:02}-15")
    }

    async fn project(&mut self, api: &Api) {
        let target = json!({"target": {"edtf": self.day()}, "stated_on": {"edtf": "2021-01-04"}});
        let new = json!({"municipality_id": self.random.of(&self.cities), "kind": "facility",
            "title": self.title(), "visibility": self.visibility(),
            "implementers": [{"organization_id": self.random.of(&self.organizations)}],
            "milestones": [{"kind": "groundbreaking", "forecasts": [target]}, {"kind": "completion"}]});
        let made = api.create("/projects", &new).await;
        self.projects.push(made.id().to_owned());
        for milestone in made.body["milestones"].as_array().unwrap() {
            let id = milestone["id"].as_str().unwrap();
            self.milestones.push(id.to_owned());
        }
    }

    async fn group(&mut self, api: &Api) {
        let new = json!({"municipality_id": self.random.of(&self.cities), "name": self.title(),
            "visibility": self.visibility(),
            "members": [{"organization_id": self.random.of(&self.organizations)}]});
        let made = api.create("/working-groups", &new).await;
        self.groups.push(made.id().to_owned());
    }

    /// Records an agreement, unless the rules refuse it.
    async fn agreement(&mut self, api: &Api) {
        let city = self.random.below(2);
        let partner = self.random.of(&self.organizations).clone();
        let mut more = json!({"title": self.title(), "visibility": self.visibility(),
            "effective_until": {"edtf": self.day()}});
        if self.random.chance(70) {
            let on = format!("202{}-03-04", self.random.below(5));
            more = with(more, json!({"status": "signed", "signed_on": {"edtf": on}}));
        }
        if self.random.chance(60) {
            let n = self.random.below(self.projects.len());
            more["project_ids"] = json!([self.projects[n]]);
            if self.random.chance(30) {
                // Each project has two milestones.
                let to = json!({"anchor": "milestone", "milestone_id": self.milestones[2 * n], "years": 1});
                more["effective_until"] = json!({"as_stated": "착공 1년 뒤", "relative_to": to});
            }
        }
        if self.random.chance(30) && !self.agreements.is_empty() {
            let link =
                *self
                    .random
                    .of(&["implements_id", "amends_id", "annex_to_id", "supersedes_id"]);
            more[link] = json!(self.random.of(&self.agreements));
        }
        more["commitments"] =
            json!([{"text": {"ko": "지원"}, "owed_by": [partner], "due": {"edtf": self.day()}}]);
        let mut parties = vec![self.cities[city].as_str(), partner.as_str()];
        if self.random.chance(25) {
            parties.push(&self.cities[1 - city]);
            more["co_owner_ids"] = json!([self.cities[1 - city]]);
        }
        let made = api.post("/agreements", &mou(&parties, more)).await;
        self.note("agreement", &made);
        if made.status == 201 {
            self.agreements.push(made.id().to_owned());
        }
    }

    /// Changes something, unless the rules refuse it. Each kind of change comes as often as the others.
    async fn change(&mut self, api: &Api) {
        self.changes += 1;
        if self.ahead.is_empty() {
            self.ahead = (0..14).collect();
        }
        let next = self.random.below(self.ahead.len());
        match self.ahead.swap_remove(next) {
            0 | 1 => self.agreement(api).await,
            2..=4 => self.change_agreement(api).await,
            5 => self.step(api).await,
            6 => self.report(api).await,
            7 => {
                let path = format!("/projects/{}", self.random.of(&self.projects));
                let body = json!({"title": self.title(), "visibility": self.visibility()});
                let done = api.patch(&path, "*", &body).await;
                self.note("project", &done);
            }
            8 | 9 => self.change_milestone(api).await,
            10 => self.change_group(api).await,
            11 => {
                let path = format!("/organizations/{}", self.random.of(&self.organizations));
                let name = json!({"name": {"ko": format!("기관 {}", self.changes)}});
                let done = api.patch(&path, "*", &name).await;
                self.note("organization", &done);
            }
            12 => self.change_rules(api).await,
            _ => {
                // A new name that no record shows yet, and the end of one that some show.
                let new = api.organization(&format!("새 기관 {}", self.changes)).await;
                let at = self.random.below(self.organizations.len());
                let old = std::mem::replace(&mut self.organizations[at], new.clone());
                if self.random.chance(50) {
                    let path = format!("/organizations/{old}/merge");
                    let done = api.post(&path, &json!({"into_id": new})).await;
                    self.note("merge", &done);
                }
            }
        }
    }

    async fn change_agreement(&mut self, api: &Api) {
        let id = self.random.of(&self.agreements).clone();
        let body = match self.random.below(5) {
            0 => json!({"title": self.title()}),
            1 => json!({"visibility": self.visibility()}),
            2 => json!({"effective_until": {"edtf": self.day()}}),
            3 => json!({"project_ids": [self.random.of(&self.projects)]}),
            _ => {
                json!({"contact": {"department": "전략산업과", "name": format!("담당 {}", self.changes)}})
            }
        };
        let path = format!("/agreements/{id}?correction_reason=x");
        let done = api.patch(&path, "*", &body).await;
        self.note("correction", &done);
    }

    async fn step(&mut self, api: &Api) {
        let path = format!(
            "/agreements/{}/transitions",
            self.random.of(&self.agreements)
        );
        let to = *self.random.of(&[
            "in_review",
            "approved",
            "signed",
            "terminated",
            "completed",
            "voided",
        ]);
        let on = self.random.of(&["2025-06-01", "2026-11-24"]);
        let step = json!({"to": to, "on": {"edtf": *on}, "reason": {"ko": "사유"}});
        let done = api.post(&path, &step).await;
        self.note("step", &done);
    }

    async fn report(&mut self, api: &Api) {
        let agreement = format!("/agreements/{}", self.random.of(&self.agreements));
        let read = api.read(&agreement).await;
        if let Some(id) = read.body["commitments"][0]["id"].as_str() {
            let path = format!("{agreement}/commitments/{id}/reports");
            let status = *self.random.of(&["in_progress", "fulfilled", "unfulfilled"]);
            let report = json!({"status": status, "on": {"edtf": "2026-10-01"}});
            let done = api.post(&path, &report).await;
            self.note("report", &done);
        }
    }

    async fn change_milestone(&mut self, api: &Api) {
        let n = self.random.below(self.projects.len());
        let [first, second] = [0, 1].map(|at| self.milestones[2 * n + at].clone());
        if self.random.chance(70) {
            let (id, target) = match self.random.chance(30) {
                true => {
                    let to = json!({"anchor": "milestone", "milestone_id": first, "years": 1});
                    (second, json!({"as_stated": "그 뒤 1년", "relative_to": to}))
                }
                false => (first, json!({"edtf": self.day()})),
            };
            let forecast = json!({"target": target, "stated_on": {"edtf": "2026-01-05"}});
            let path = format!("/milestones/{id}/forecasts");
            let done = api.post(&path, &forecast).await;
            self.note("forecast", &done);
        } else {
            let outcome = json!({"kind": "met", "on": {"edtf": "2026-03-02"}});
            let path = format!("/milestones/{first}/outcomes");
            let done = api.post(&path, &outcome).await;
            self.note("outcome", &done);
        }
    }

    async fn change_group(&mut self, api: &Api) {
        let path = format!("/working-groups/{}", self.random.of(&self.groups));
        if self.random.chance(50) {
            let held = format!("2026-10-0{}", 1 + self.random.below(9));
            let meeting = json!({"title": self.title(), "held_on": {"edtf": held}, "status": "held",
                "attendee_ids": [self.random.of(&self.organizations)]});
            let done = api.post(&format!("{path}/meetings"), &meeting).await;
            self.note("meeting", &done);
        } else {
            let body = json!({"name": self.title(), "visibility": self.visibility()});
            let done = api.patch(&path, "*", &body).await;
            self.note("group", &done);
        }
    }

    async fn change_rules(&mut self, api: &Api) {
        if self.random.chance(50) {
            let city = self.random.of(&self.cities).clone();
            let ageing = 1 + self.random.below(30);
            let policy = json!([{"valid_from": "2020-01-01", "self_approval": true,
                "review_interval_months": 12, "ageing_after_months": ageing, "stale_after_months": 40}]);
            let done = demand(api, &city, policy).await;
            self.note("policy", &done);
        } else {
            let holiday = json!({"on": self.day(), "name": {"ko": "임시공휴일"}});
            let done = api.post("/holidays", &holiday).await;
            self.note("holiday", &done);
        }
    }

    /// Paths of what is kept.
    fn paths(&mut self) -> Vec<String> {
        let city = self.random.of(&self.cities).clone();
        let project = self.random.of(&self.projects).clone();
        let mut paths = vec![
            format!("/agreements?municipality_id={city}&with_total=true"),
            "/agreements?sort=title&limit=5".to_owned(),
            "/agreements?fields=title,parties".to_owned(),
            format!(
                "/agreements?as_of={}",
                self.random.of(&["2026-11-24", "2024-05-01", "2027-01-01"])
            ),
            "/timeline.ics".to_owned(),
            format!("/timeline.ics?municipality_id={city}&lang=en"),
            format!("/timeline?municipality_id={city}"),
            "/timeline?limit=7&sort=-when".to_owned(),
            format!(
                "/timeline?as_of={}",
                self.random.of(&["2024-05-01", "2027-01-01"])
            ),
            format!("/projects/{project}/timeline"),
            format!("/duties?municipality_id={city}"),
            format!("/reports?municipality_id={city}"),
            "/projects?limit=3".to_owned(),
            "/working-groups".to_owned(),
        ];
        for _ in 0..3 {
            let id = self.random.of(&self.agreements);
            paths.push(format!("/agreements/{id}"));
            paths.push(format!("/agreements/{id}?as_of=2024-05-01"));
        }
        paths
    }
}

/// Pages whose rows are kept.
const PAGES: [&str; 5] = [
    "/agreements",
    "/agreements?lang=en&as_of=2024-05-01",
    "/timeline?from=2020-01-01&to=2029-12-31",
    "/timeline?from=2021-01-01&to=2024-12-31&lang=en",
    "/timeline?from=2020-01-01&to=2029-12-31&as_of=2024-05-01",
];

/// Kinds of changes that the rules accept at least once, whatever the random numbers.
const OCCURRING: [&str; 6] = [
    "agreement",
    "correction",
    "forecast",
    "organization",
    "project",
    "report",
];

fn told(answer: &Answer) -> (u16, &str, Option<&String>, Option<&String>) {
    let header = |name: &str| answer.headers.get(name);
    // Ids of requests and instants of refusals differ.
    let text = match answer.status.as_u16() {
        200 => answer.text.as_str(),
        _ => "",
    };
    (answer.status.as_u16(), text, header("etag"), header("link"))
}

async fn what_is_kept_is_what_is_computed(api: Api) {
    let changes: usize = std::env::var("MOU_FRAGMENT_CHANGES").map_or(40, |n| n.parse().unwrap());
    let seed = std::env::var("MOU_FRAGMENT_SEED").map_or(0x5EED_2026, |n| n.parse().unwrap());
    let computed = keeping(&api, 0).await;
    // Two servers on one database, one of which has room for few.
    let servers = [keeping(&api, 4_000_000).await, keeping(&api, 40_000).await];
    let mut world = World::new(&servers[0], seed).await;
    let viewer = json!({"name": "열람", "role": "viewer", "municipality_ids": [world.cities[0]]});
    let editor = json!({"name": "담당", "role": "editor", "municipality_ids": [world.cities[1]]});
    let partner =
        json!({"name": "기관", "role": "partner", "organization_id": world.organizations[0]});
    let mut callers = vec![api.token().map(str::to_owned), None];
    for caller in [viewer, editor, partner] {
        let token = api.caller(caller).await;
        callers.push(token.token().map(str::to_owned));
    }
    let days = ["2026-11-25T00:00:00Z", "2026-12-31T00:00:00Z"];
    for change in 0..changes {
        let writer = servers[world.random.below(2)].clone();
        world.change(&writer).await;
        let mut paths = world.paths();
        paths.rotate_left(change % 5);
        // Another day now and then, with what is kept from other days.
        let day = world.random.chance(20).then(|| *world.random.of(&days));
        let mut asked = Vec::new();
        for server in servers.iter().chain([&computed]) {
            asked.push(match day {
                Some(day) => server.at(day).await,
                None => server.clone(),
            });
        }
        for token in &callers {
            for path in paths.iter().take(14) {
                let language = *world.random.of(&["ko", "en"]);
                let headers = [("accept-language", language)];
                let ask = |server: &Api| {
                    let server = server.with(token.as_deref());
                    async move { server.send("GET", path, &headers, None).await }
                };
                let right = ask(&asked[2]).await;
                for server in &asked[..2] {
                    let kept = ask(server).await;
                    assert_eq!(
                        told(&kept),
                        told(&right),
                        "seed {seed}, change {change}: {path} for {token:?} in {language} at {day:?}"
                    );
                }
            }
        }
        for path in PAGES {
            let right = page(&asked[2], path).await;
            for server in &asked[..2] {
                let kept = page(server, path).await;
                assert_eq!(
                    told(&kept),
                    told(&right),
                    "seed {seed}, change {change}: page {path} at {day:?}"
                );
            }
        }
    }
    let accepted = &world.accepted;
    for kind in OCCURRING {
        assert!(accepted.contains_key(kind), "{kind} occurs: {accepted:?}");
    }
    assert_eq!(crate::support::log::wrong(&api), None);
}

async fn a_revoked_token_reads_nothing_that_is_kept(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("회사").await;
    let internal = json!({"visibility": "internal"});
    let made = api
        .create("/agreements", &mou(&[&city, &partner], internal))
        .await;
    let path = format!("/agreements/{}", made.id());
    let servers = [
        keeping(&api, 1_000_000).await,
        keeping(&api, 1_000_000).await,
    ];
    let viewer = json!({"name": "열람", "role": "viewer", "municipality_ids": [city]});
    let (id, viewer) = servers[0].new_token(viewer).await;
    let asked = |n: usize| servers[n].with(viewer.token());
    for n in [0, 1, 0, 1] {
        asked(n).read(&path).await;
        asked(n).read("/agreements").await;
        servers[n].with(None).get(&path).await.expect(404);
    }
    let revocation = format!("/tokens/{id}/revocation");
    servers[0].act(&revocation, &json!({})).await;
    for n in [0, 1] {
        asked(n).get(&path).await.expect(401);
        asked(n).get("/agreements").await.expect(401);
    }
}

/// A repair of derived tables adds no entry to the log.
async fn a_repair_ends_what_was_kept(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("회사").await;
    let made = api
        .create("/agreements", &mou(&[&city, &partner], json!({})))
        .await;
    let id = made.id();
    let other = "replace(summary, 'mou', 'moa')";
    let sql = format!("UPDATE agreements SET summary = {other} WHERE id = '{id}'");
    meddle(&api, &sql);
    let server = keeping(&api, 1_000_000).await;
    let kind = async || server.read("/agreements").await.items()[0]["kind"].clone();
    assert_eq!(kind().await, "moa");
    let repaired = program(&api, &["audit", "derive"]);
    assert!(repaired.status.success(), "{repaired:?}");
    assert_eq!(kind().await, "mou");
}

async fn a_row_is_not_shown_anew_for_changes_elsewhere(backend: Backend) {
    let api = watched(backend).await;
    let other = api.other_municipality().await;
    let partner = api.organization("회사").await;
    let server = keeping(&api, 1_000_000).await;
    let mou = |city: &str| mou(&[city, &partner], json!({}));
    let mut paths = Vec::new();
    for _ in 0..3 {
        let made = server.create("/agreements", &mou(CITY)).await;
        paths.push(format!("/agreements/{}", made.id()));
    }
    let list = format!("/agreements?municipality_id={CITY}&limit=3&sort=id");
    let record = paths[0].clone();
    let queries = |path: String| {
        let server = server.clone();
        async move {
            let (answer, queries) = answered(&server, &path, &[]).await;
            answer.expect(200);
            queries.len()
        }
    };
    for path in [list, record] {
        let first = queries(path.clone()).await;
        let again = queries(path.clone()).await;
        assert!(again + 2 <= first, "{path}: {again} after {first}");
        // Another agreement of the same party changes neither: only the end of the log and its entry are
        // read. A record takes no query at all while nothing is committed to SQLite's file.
        server.create("/agreements", &mou(&other)).await;
        assert_eq!(queries(path.clone()).await, again.max(1) + 1, "{path}");
        assert_eq!(queries(path.clone()).await, again, "{path}");
    }
}
