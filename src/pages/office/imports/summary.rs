//! What is said of an import as a whole.

use super::words::field;
use crate::imports::types::{ImportCounts, LedgerImport};
use crate::pages::words::Words;

/// Returns what was done before the page was shown.
pub fn said_done(done: &str, counts: &ImportCounts, w: Words) -> String {
    let left = counts.with_problems + counts.with_questions;
    match done {
        "taken" => w.t(
            "파일을 읽었습니다. 아직 아무것도 기록하지 않았습니다. 열의 뜻과 수정할 행을 확인하십시오.",
            "The file is read, and nothing is recorded yet. Look at the columns and at the rows to mend.",
        ),
        "saved" => w.t("수정한 내용을 저장했습니다.", "Your corrections are saved."),
        "none" => w.t(
            "고른 행이 없어 기록하지 않았습니다.",
            "No row was chosen, so nothing is recorded.",
        ),
        "undone" => w.t(
            "기록한 것을 되돌렸습니다. 다시 기록할 수 있습니다.",
            "What was recorded is taken back. You can record it again.",
        ),
        _ if left > 0 => w.t(
            "기록했습니다. 수정할 행이 남아 있습니다.",
            "Recorded. Some rows are left to mend.",
        ),
        _ => w.t("기록했습니다.", "Recorded."),
    }
    .to_owned()
}

/// Returns how many rows are recorded, and how many wait.
pub fn progress(counts: &ImportCounts, w: Words) -> String {
    let [rows, recorded, questions, problems] = [
        counts.rows,
        counts.recorded,
        counts.with_questions,
        counts.with_problems,
    ]
    .map(|number| w.number(number));
    match w.tag() {
        "ko" => format!(
            "{rows}행 가운데 {recorded}행 기록 · 질문 있는 행 {questions} · 문제 있는 행 {problems}"
        ),
        _ => format!(
            "{recorded} of {rows} rows recorded · {questions} with questions · {problems} with problems"
        ),
    }
}

/// Returns what is known of the file.
pub fn facts(import: &LedgerImport, w: Words) -> Vec<(&'static str, String)> {
    let counts = &import.counts;
    let compared = [
        ("new", counts.new),
        ("change", counts.change),
        ("same", counts.same),
    ]
    .map(|(code, number)| format!("{} {}", w.label("ImportOutcome", &code), w.number(number)));
    let summary = &import.summary;
    let mut facts = vec![
        (
            w.t("상태", "Status"),
            w.label("ImportStatus", &summary.status),
        ),
        (
            w.t("지방자치단체", "Municipality"),
            summary.municipality.name.in_language(w.0).to_owned(),
        ),
        (
            w.t("무엇이 적혀 있습니까?", "What the file holds"),
            w.label("ImportKind", &summary.kind),
        ),
        (
            w.t("형식", "Format"),
            w.label("ImportFormat", &summary.format),
        ),
        (
            w.t("등록부와 비교", "Beside the registry"),
            compared.join(" · "),
        ),
    ];
    if counts.hidden > 0 {
        let said = w.t(
            "따로 고를 때에만 기록합니다",
            "recorded only if you choose them",
        );
        facts.push((
            w.t("숨긴 행", "Hidden rows"),
            format!("{}: {said}", w.number(counts.hidden)),
        ));
    }
    facts
}

/// Returns what could not be taken back.
pub fn kept(import: &LedgerImport, w: Words) -> Vec<String> {
    let mut kept = Vec::new();
    if !import.not_undone.is_empty() {
        let number = w.number(import.not_undone.len());
        kept.push(match w.tag() {
            "ko" => format!("그 뒤에 수정한 기록 {number}건은 그대로 남았습니다."),
            _ => format!("Records that were changed since and stay: {number}."),
        });
    }
    for one in &import.organizations_not_undone {
        let name = one.name.in_language(w.0);
        kept.push(match w.tag() {
            "ko" => format!("다른 기록이 쓰거나 그 뒤에 수정한 기관이어서 남았습니다: {name}"),
            _ => format!("Other records use it or it was changed since, so it stays: {name}"),
        });
    }
    kept
}

/// Returns the rows that are no records, with the reasons.
pub fn left_out(import: &LedgerImport, w: Words) -> Vec<String> {
    let rows = import.left_out.iter().map(|one| {
        let why = w.label("ImportLeftOutReason", &one.why);
        match w.tag() {
            "ko" => format!("{}행 ({why}): {}", one.row, one.text),
            _ => format!("Row {} ({why}): {}", one.row, one.text),
        }
    });
    rows.collect()
}

/// Returns the corrections that were made.
pub fn made(import: &LedgerImport, w: Words) -> Vec<String> {
    let made = &import.corrections;
    let mapped = made.mapping.iter();
    let mapped = mapped
        .map(|(column, name)| format!("{} {column}: {}", w.t("열", "Column"), field(name, w)));
    let cells = made.cells.iter();
    let cells = cells.map(|(at, text)| format!("{} {at}: {text}", w.t("칸", "Cell")));
    let answers = made.answers.iter();
    let answers = answers.map(|(id, answer)| format!("{} {id}: {answer}", w.t("답", "Answer")));
    mapped.chain(cells).chain(answers).collect()
}
