//! What is looked for in each paper, and is not found.

use std::borrow::Cow;

use super::lines::Paper;
use super::propose::Proposal;
use crate::kernel::language::Message;
use crate::kernel::wording::Note;

/// Returns a note for each part that a paper lacks, or that was not understood. One without text has none,
/// since nothing was looked for.
pub(super) fn missing(paper: &Paper, found: &Proposal) -> Vec<Note> {
    if paper.lines().next().is_none() && paper.articles.is_empty() {
        return Vec::new();
    }
    let has = |member: &str| found.body.contains_key(member);
    let sought = [
        (
            has("title"),
            "title_not_found",
            "협약의 이름을 찾지 못했습니다.",
            "No title of an agreement was found.",
        ),
        (
            found.parties.len() >= 2,
            "parties_not_found",
            "당사자를 둘 이상 찾지 못했습니다.",
            "Fewer than two parties were found.",
        ),
        (
            has("signed_on"),
            "signing_day_not_found",
            "체결일을 찾지 못했습니다.",
            "No day of signing was found.",
        ),
        (
            has("effective_until"),
            "term_not_found",
            "협약 기간을 찾지 못했습니다.",
            "No term was found.",
        ),
        (
            !paper.articles.is_empty(),
            "articles_not_found",
            "제1조와 같은 조문을 찾지 못했습니다.",
            "No numbered articles were found.",
        ),
    ];
    let lacking = sought.into_iter().filter(|(is_found, ..)| !is_found);
    let note = |(_, code, ko, en)| Note {
        code: Cow::Borrowed(code),
        message: Message::fixed(ko, en),
    };
    lacking.map(note).collect()
}
