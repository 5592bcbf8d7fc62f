//! The Korean of the description's texts.
//!
//! `korean.tsv` has a line for each paragraph: the English, with single spaces for line breaks, and
//! the Korean, with `⏎` for line breaks. A text without a line stays English; a test names it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::Value;

static KOREAN: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("korean.tsv").lines();
    lines.filter_map(|line| line.split_once('\t')).collect()
});

/// Members that hold texts for readers.
const TEXTS: &[&str] = &["description", "summary"];
/// Members that hold no texts, whatever they are called.
const DATA: &[&str] = &["example", "examples", "default", "enum"];

/// What the table and the texts do not have in common.
#[derive(Debug, Default)]
pub struct Gaps {
    /// Paragraphs without a line.
    pub missing: BTreeSet<String>,
    /// Lines for no paragraph.
    pub unused: BTreeSet<&'static str>,
}

/// Translates all texts of the document.
pub fn translate(document: &mut Value) -> Gaps {
    let mut gaps = Gaps {
        missing: BTreeSet::new(),
        unused: KOREAN.keys().copied().collect(),
    };
    walk(document, &mut gaps);
    gaps
}

fn walk(value: &mut Value, gaps: &mut Gaps) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                match member {
                    Value::String(text) if TEXTS.contains(&name.as_str()) => {
                        *text = korean(text, gaps);
                    }
                    _ if DATA.contains(&name.as_str()) => {}
                    _ => walk(member, gaps),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, gaps)),
        _ => {}
    }
}

fn korean(text: &str, gaps: &mut Gaps) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        let key = words.join(" ");
        gaps.unused.remove(key.as_str());
        if let Some(korean) = KOREAN.get(key.as_str()) {
            return korean.replace('⏎', "\n");
        }
        gaps.missing.insert(key);
        paragraph.to_owned()
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
