//! The pages that people read: status, main facts, escaping, both languages, and what a reader without
//! a token does not see.

mod agreements;
mod announcements;
mod bodies;
mod files;
mod follow;
mod groups;
pub mod office;
mod office_admin;
mod office_admin_acts;
mod office_admin_feeds;
mod office_agreements;
mod office_announcements;
mod office_corrections;
mod office_data;
mod office_days;
mod office_deletions;
mod office_demands;
mod office_erasures;
mod office_following;
mod office_forms;
mod office_groups;
mod office_imports;
mod office_members;
mod office_paper;
mod office_parts;
mod office_policies;
mod office_project_changes;
mod office_projects;
mod office_provider;
mod office_sessions;
mod projects;
mod publications;
mod site;

use actix_web::test::TestRequest;

use crate::support::{Answer, Api};

/// A name that would break a page that did not escape it: markup, quotes and a right-to-left mark.
pub const NASTY: &str = "<script>alert('x')</script> & \"따옴표\" \u{202e}뒤집힘";

/// What a browser accepts.
pub const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Reads a page as a browser without a token does.
pub async fn page(api: &Api, path: &str) -> Answer {
    read(api, path, &[]).await
}

pub async fn read(api: &Api, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = TestRequest::get()
        .uri(path)
        .insert_header(("accept", BROWSER));
    for header in headers {
        request = request.insert_header(*header);
    }
    api.call(request).await
}

/// Holds a page to what all pages share, and returns its text.
#[track_caller]
pub fn whole(answer: Answer, language: &str) -> String {
    let answer = answer.expect(200);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers["content-language"], language);
    let policy = &answer.headers["content-security-policy"];
    assert!(policy.contains("style-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = answer.text;
    for once in ["<h1>", "<main ", "</html>"] {
        assert_eq!(text.matches(once).count(), 1, "{once}: {text}");
    }
    assert!(
        text.contains(&format!("<html lang=\"{language}\">")),
        "{text}"
    );
    for never in [" style=", "<style", " onclick", "<script>", "\u{1}"] {
        assert!(!text.contains(never), "{never}: {text}");
    }
    for always in [
        "hreflang=\"ko\"",
        "hreflang=\"en\"",
        "og:title",
        "class=\"skip\"",
    ] {
        assert!(text.contains(always), "{always}: {text}");
    }
    text
}

#[track_caller]
pub fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[track_caller]
pub fn lacks(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(!text.contains(part), "{part} is in {text}");
    }
}
