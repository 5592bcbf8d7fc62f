//! The timeline as a calendar.

use std::collections::HashMap;

use mou_registry::db::dialect;
use serde_json::{Value, json};

use crate::support::{Answer, Api, run};

on_both!(with_demo:
    it_is_the_timeline, it_speaks_two_languages, the_timelines_filters_are_its_own,
    a_change_is_a_later_sequence, what_an_event_shows_of_others_makes_it_later_too,
    what_is_too_much_is_cut_and_said);

/// The properties of a calendar's component by name, without parameters.
pub type Event = HashMap<String, String>;

/// The unfolded lines of a calendar, checked against the form of RFC 5545.
#[track_caller]
fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(
        answer.headers["content-type"],
        "text/calendar; charset=utf-8"
    );
    let text = answer.text.strip_suffix("\r\n").unwrap();
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{line}");
        assert!(!line.contains(['\r', '\n']) && !line.is_empty(), "{line:?}");
    }
    let unfolded = text.replace("\r\n ", "");
    unfolded.split("\r\n").map(str::to_owned).collect()
}

/// The events of a calendar by UID.
#[track_caller]
pub fn events(answer: &Answer) -> HashMap<String, Event> {
    let lines = lines(answer);
    assert_eq!(lines[0], "BEGIN:VCALENDAR");
    assert_eq!(lines.last().unwrap(), "END:VCALENDAR");
    let mut events = HashMap::new();
    let mut event: Option<Event> = None;
    for line in &lines {
        match line.as_str() {
            "BEGIN:VEVENT" => event = Some(Event::new()),
            "END:VEVENT" => {
                let event = event.take().unwrap();
                let before = events.insert(event["UID"].clone(), event);
                assert!(before.is_none(), "a UID stands twice");
            }
            line => {
                let (name, value) = line.split_once(':').unwrap();
                if let Some(event) = &mut event {
                    let name = name.split(';').next().unwrap();
                    let value = value.replace("\\,", ",").replace("\\;", ";");
                    assert!(event.insert(name.into(), value).is_none(), "{name} twice");
                }
            }
        }
    }
    events
}

#[track_caller]
pub fn property(answer: &Answer, name: &str) -> String {
    let start = format!("{name}:");
    let lines = lines(answer);
    let found = lines.iter().find_map(|line| line.strip_prefix(&start));
    found.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

fn uid(item: &Value) -> String {
    let text = |name: &str| item[name].as_str().unwrap().to_owned();
    format!("{}-{}@mou-registry", text("type"), text("id"))
}

fn compact(day: &Value) -> Option<String> {
    day.as_str().map(|day| day.replace('-', ""))
}

async fn it_is_the_timeline(api: Api) {
    let listed = api.read("/timeline?limit=200").await;
    let calendar = api.read("/timeline.ics").await;
    let events = events(&calendar);
    let items = listed.items();
    let (dated, undated): (Vec<_>, Vec<_>) = items.iter().partition(|i| i["when"].is_object());
    assert!(dated.len() > 10 && !undated.is_empty());
    assert_eq!(events.len(), dated.len());
    assert_eq!(
        property(&calendar, "X-MOU-UNDATED"),
        undated.len().to_string()
    );
    assert_eq!(property(&calendar, "X-MOU-OLDER"), "0");
    for item in dated {
        let event = &events[&uid(item)];
        let (earliest, latest) = (&item["when"]["earliest"], &item["when"]["latest"]);
        let first = compact(earliest).or(compact(latest)).unwrap();
        assert_eq!(event["DTSTART"], first, "{item}");
        // The end is exclusive: the day after the last.
        assert!(event["DTEND"] > compact(latest).unwrap_or(first), "{item}");
        assert!(
            event["SUMMARY"].contains(item["title"]["ko"].as_str().unwrap())
                || event["SUMMARY"].contains('…'),
            "{event:?}"
        );
        let status = match item["status"].as_str().unwrap() {
            "met" | "met_late" => "CONFIRMED",
            "cancelled" => "CANCELLED",
            _ => "TENTATIVE",
        };
        assert_eq!(event["STATUS"], status, "{item}");
        if let Some(stated) = item["when"]["as_stated"].as_str() {
            assert!(event["DESCRIPTION"].contains(stated), "{event:?}");
        }
    }
    // All properties of one event.
    let completion = items.iter().find(|i| i["kind"] == "completion").unwrap();
    let event = &events[&uid(completion)];
    assert_eq!(
        (event["DTSTART"].as_str(), event["DTEND"].as_str()),
        ("20260701", "20270101")
    );
    assert_eq!(
        event["SUMMARY"],
        "고양 일산테크노밸리: 준공 (2026년 하반기)"
    );
    assert!(event["DESCRIPTION"].contains("최초 목표와의 차이: 913일에서"));
    assert_eq!(event["TRANSP"], "TRANSPARENT");
    // A calendar that the client already has is not sent again.
    let known = [("if-none-match", calendar.etag())];
    let again = api.send("GET", "/timeline.ics", &known, None).await;
    assert!(again.expect(304).text.is_empty());
    let then = api.read("/timeline.ics").await;
    assert_eq!(then.text, calendar.text);
}

async fn it_speaks_two_languages(api: Api) {
    let ask = async |path: &str, accepted: &str| {
        let headers = [("accept-language", accepted)];
        let answer = api.send("GET", path, &headers, None).await.expect(200);
        assert!(answer.vary().contains(&"accept-language".to_owned()));
        answer
    };
    let korean = ask("/timeline.ics", "ko").await;
    let english = ask("/timeline.ics", "en").await;
    assert_eq!(korean.headers["content-language"], "ko");
    assert_eq!(english.headers["content-language"], "en");
    // Two representations at one address have different tags.
    assert_ne!(korean.etag(), english.etag());
    let cached = [("if-none-match", korean.etag()), ("accept-language", "en")];
    api.send("GET", "/timeline.ics", &cached, None)
        .await
        .expect(200);
    // The query parameter takes precedence over the header.
    let same = ask("/timeline.ics?lang=en", "ko").await;
    assert_eq!(same.text, english.text);
    assert!(property(&english, "PRODID").ends_with("//EN"));
    let english = events(&english);
    assert!(
        english
            .values()
            .any(|e| e["SUMMARY"]
                == "Goyang Ilsan Technovalley: Completion (the second half of 2026)")
    );
    assert_eq!(english.len(), events(&korean).len());
}

async fn the_timelines_filters_are_its_own(api: Api) {
    let project = api.find("/projects").await;
    for query in [
        "types=milestone".to_owned(),
        "types=signing,expiry&from=2021-01-01&to=2021-12-31".into(),
        "as_of=2023-06-30&status=overdue".into(),
        "as_of=2021-12-31".into(),
        format!("project_id={project}"),
        "kinds=completion".into(),
        "recorded_as_of=2000-01-01T00:00:00Z".into(),
        "to=1900-01-01".into(),
    ] {
        for caller in [&api, &api.with(None)] {
            let list = format!("/timeline?limit=200&{query}");
            let listed = caller.read(&list).await;
            let calendar = caller.read(&format!("/timeline.ics?{query}")).await;
            let found = events(&calendar);
            let items = listed.items().iter();
            let dated: Vec<_> = items.filter(|i| i["when"].is_object()).map(uid).collect();
            assert_eq!(found.len(), dated.len(), "{query}");
            assert!(dated.iter().all(|uid| found.contains_key(uid)), "{query}");
        }
    }
    for (query, place) in [
        ("sort=when", "sort"),
        ("limit=5", "limit"),
        ("lang=fr", "lang"),
        ("lang=ko&lang=en", "lang"),
        ("types=nothing", "types"),
        ("from=2021-02-30", "from"),
        ("project_id=x", "project_id"),
    ] {
        let refused = api.get(&format!("/timeline.ics?{query}")).await.expect(400);
        assert!(refused.places().contains(&place), "{query}");
    }
}

async fn a_change_is_a_later_sequence(api: Api) {
    let project = api.find("/projects").await;
    let milestones = api.get(&format!("/projects/{project}/milestones")).await;
    let all = milestones.items();
    let id = all.iter().find(|m| m["kind"] == "completion").unwrap()["id"].clone();
    let id = id.as_str().unwrap();
    let read = async || {
        let events = events(&api.read("/timeline.ics").await);
        events[&format!("milestone-{id}@mou-registry")].clone()
    };
    let sequence = |event: &Event| event["SEQUENCE"].parse::<i64>().unwrap();
    let before = read().await;
    let forecast = json!({"target": {"edtf": "2028", "as_stated": "2028년, 늦어도"}, "stated_on": {"edtf": "2026-11-20"}});
    api.act(&format!("/milestones/{id}/forecasts"), &forecast)
        .await;
    let moved = read().await;
    assert!(sequence(&moved) > sequence(&before));
    assert_eq!(moved["DTSTART"], "20280101");
    assert!(moved["DESCRIPTION"].contains("2028년, 늦어도"));
    let cancelled = json!({"kind": "cancelled", "on": {"edtf": "2026-11-21"}});
    api.act(&format!("/milestones/{id}/outcomes"), &cancelled)
        .await;
    let given_up = read().await;
    assert!(sequence(&given_up) > sequence(&moved));
    assert_eq!(given_up["STATUS"], "CANCELLED");
    assert!(given_up["SUMMARY"].ends_with("[취소]"));
    // The event differs between days as more becomes known, though no record changed.
    let of = async |day: &str| {
        let events = events(&api.get(&format!("/timeline.ics?as_of={day}")).await);
        events[&format!("milestone-{id}@mou-registry")].clone()
    };
    assert_ne!(
        of("2024-02-12").await["DTSTART"],
        of("2024-02-13").await["DTSTART"]
    );
}

async fn what_an_event_shows_of_others_makes_it_later_too(mut api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed", "signed_on": {"edtf": "2024-01-01"},
        "parties": [{"organization_id": city}, {"organization_id": api.organization("기업").await}],
        "commitments": [{"text": {"ko": "할 일"}, "owed_by": [], "owed_to": [], "due": {"edtf": "2026-12-31"}}]});
    let agreement = api.create("/agreements", &new).await;
    let commitment = agreement.body["commitments"][0]["id"].as_str().unwrap();
    let reports = format!(
        "/agreements/{}/commitments/{commitment}/reports",
        agreement.id()
    );
    let report = |on: &str, status: &str| json!({"on": {"edtf": on}, "status": status});
    let project = format!("/projects/{}", api.find("/projects").await);
    let milestone = api.get(&format!("{project}/milestones")).await.body["items"][0]["id"].clone();
    let commitment = format!("commitment-{commitment}@mou-registry");
    let milestone = format!("milestone-{}@mou-registry", milestone.as_str().unwrap());
    let mut last: Option<[Event; 2]> = None;
    let steps = [
        ("POST", &reports, report("2026-11-01", "fulfilled"), 201),
        ("POST", &reports, report("2026-11-02", "dropped"), 201),
        (
            "PATCH",
            &project,
            json!({"title": {"ko": "다른 이름"}}),
            200,
        ),
        ("PATCH", &project, json!({"visibility": "public"}), 200),
    ];
    for (minute, (method, path, body, status)) in steps.into_iter().enumerate() {
        let all = events(&api.read("/timeline.ics").await);
        let found = [all[&commitment].clone(), all[&milestone].clone()];
        if let Some(last) = last {
            for (now, before) in found.iter().zip(&last) {
                let same = |name: &str| now[name] == before[name];
                let changed = !["DTSTART", "STATUS", "SUMMARY", "DESCRIPTION"]
                    .into_iter()
                    .all(same);
                let sequence = |event: &Event| event["SEQUENCE"].parse::<i64>().unwrap();
                assert_eq!(
                    changed,
                    sequence(now) > sequence(before),
                    "{now:?}, {before:?}"
                );
                assert_eq!(changed, now["LAST-MODIFIED"] > before["LAST-MODIFIED"]);
            }
        }
        last = Some(found);
        api = api.at(&format!("2026-11-23T04:{minute:02}:00Z")).await;
        let kind = match method {
            "POST" => "application/json",
            _ => "application/merge-patch+json",
        };
        let headers = [("content-type", kind), ("if-match", "*")];
        let sent = api.send(method, path, &headers, Some(body.to_string().into()));
        sent.await.expect(status);
    }
}

async fn what_is_too_much_is_cut_and_said(api: Api) {
    let before = events(&api.read("/timeline.ics").await).len();
    let mut conn = dialect::connect(&api.url).unwrap();
    let columns = "owner_id, record_id, type, kind, municipality_id, project_id, working_group_id, sort_when, begins, \
        phase, target_earliest, target_latest, visibility, doc, known_from, known_until";
    run(
        &mut conn,
        &format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) \
             INSERT INTO timeline_entries (entry_id, {columns}) \
             SELECT entry_id || '-' || i, {columns} FROM n, (SELECT * FROM timeline_entries \
             WHERE type = 'signing' AND sort_when < '~' ORDER BY sort_when DESC LIMIT 1) AS e"
        ),
    );
    // Nothing of it is in the log, so the first answer is still kept.
    let calendar = api.read("/timeline.ics?from=1900-01-01").await;
    let count = calendar.text.matches("BEGIN:VEVENT").count();
    assert_eq!(count, 5000);
    assert_eq!(property(&calendar, "X-MOU-OLDER"), before.to_string());
    let said = property(&calendar, "DESCRIPTION");
    assert!(said.contains(&format!("오래된 {before}건")), "{said}");
}
