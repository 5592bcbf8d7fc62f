//! Labels of codes: a word in Korean and English for each value of each enumeration of the API.

use std::sync::LazyLock;

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::page::{Listed, Order, PageBody};
use crate::http::{Filter, List, Paged, Paging, Session};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;

/// The labels: schema of the enumeration, code, Korean and English.
const TABLE: &str = include_str!("labels.csv");

/// Codes of an enumeration with their labels.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeLabels {
    /// Name of the enumeration's schema in this API description.
    #[schema(example = "AgreementStatus")]
    pub enumeration: String,
    /// Labels of its codes, in the order of the schema.
    pub labels: Vec<CodeLabel>,
}

/// Label of a code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeLabel {
    /// The code.
    #[schema(example = "signed")]
    pub code: String,
    /// Label of the code.
    #[schema(example = json!({"ko": "체결", "en": "Signed"}))]
    pub label: Message,
}

/// A row of the table.
#[derive(Deserialize)]
struct Row {
    enumeration: String,
    code: String,
    ko: String,
    en: String,
}

/// All labels, by enumeration. A unit test parses the table, so no row is left out.
static LABELS: LazyLock<Vec<CodeLabels>> = LazyLock::new(|| {
    let mut all: Vec<CodeLabels> = Vec::new();
    let rows = csv::Reader::from_reader(TABLE.as_bytes()).into_deserialize::<Row>();
    for row in rows.flatten() {
        let label = CodeLabel {
            code: row.code,
            label: Message::new(row.ko, row.en),
        };
        match all
            .last_mut()
            .filter(|last| last.enumeration == row.enumeration)
        {
            Some(last) => last.labels.push(label),
            None => all.push(CodeLabels {
                enumeration: row.enumeration,
                labels: vec![label],
            }),
        }
    }
    all
});

/// Returns all labels.
pub fn labels() -> &'static [CodeLabels] {
    &LABELS
}

/// Filter of the labels.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LabelFilter {
    /// Only the codes of this enumeration, by the name of its schema. Another name is refused with
    /// those that there are.
    #[param(min_length = 1, max_length = 100, example = "AgreementStatus")]
    enumeration: Option<String>,
}

impl Filter for LabelFilter {
    fn order(&self) -> Order {
        Order::ascending("enumeration", "enumeration")
    }
}

/// List the labels of codes
///
/// Returns the codes of each enumeration of this API with their labels in Korean and English, ordered
/// by enumeration. `limit=200` returns all of them. Sort orders have no labels.
#[utoipa::path(tag = "reference", operation_id = "list_labels", params(LabelFilter, Paging),
    responses((status = 200, description = "One page of enumerations", body = PageBody<CodeLabels>)))]
#[get("/reference/labels")]
pub async fn list_labels(
    session: Session,
    list: List<LabelFilter>,
) -> Result<Paged<CodeLabels>, ApiError> {
    // The labels are not in the database, but the caller is still authenticated there.
    session.read(|_, _| Ok(())).await?;
    let List { filter, page } = list;
    let wanted = filter.enumeration;
    if let Some(unknown) = wanted.as_ref().filter(|name| !is_known(name)) {
        return Err(ApiError::new(Code::InvalidParameters).and(vec![unknown_enumeration(unknown)]));
    }
    let is_wanted = |one: &&CodeLabels| wanted.as_ref().is_none_or(|name| one.enumeration == *name);
    let found: Vec<&CodeLabels> = labels().iter().filter(is_wanted).collect();
    let name = |one: &&CodeLabels| one.enumeration.clone();
    let listed: Listed<&CodeLabels> = page.of(found, name, name);
    session.page(listed.map(Clone::clone))
}

fn is_known(name: &str) -> bool {
    labels().iter().any(|known| known.enumeration == name)
}

/// Refuses the name of no enumeration, with those that have labels.
fn unknown_enumeration(name: &str) -> FieldError {
    let known: Vec<&str> = labels().iter().map(|it| it.enumeration.as_str()).collect();
    let known = known.join(", ");
    let message = Message::new(
        format!("“{name}”은(는) 코드 목록의 이름이 아닙니다. 이름은 {known}입니다."),
        format!("No enumeration is called “{name}”. There are {known}."),
    );
    FieldError::query("enumeration", "unknown_enumeration", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let read: usize = labels().iter().map(|one| one.labels.len()).sum();
        assert_eq!(read, TABLE.lines().count() - 1);
        let names: Vec<&String> = labels().iter().map(|one| &one.enumeration).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    }
}
