//! Ordinances on which policies are based, and their articles.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::DutyKind;

/// Ordinance on which a policy is based.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PolicyReference {
    /// Title of the ordinance.
    #[schema(
        max_length = 300,
        pattern = r"^.+$",
        example = "부산광역시 업무협약 관리 조례"
    )]
    pub title: String,
    /// Article that applies where none of `articles` does; null for the whole ordinance.
    #[schema(max_length = 100, pattern = r"^.+$", example = "제7조")]
    pub article: Option<String>,
    /// Where the ordinance can be read, as an http or https URL.
    #[schema(max_length = 2000, format = "uri", example = "https://www.law.go.kr/")]
    pub url: Option<String>,
    /// Articles that require particular duties; of two for the same kind, the first counts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub articles: Vec<PolicyArticle>,
}

/// Article of an ordinance that requires a kind of duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PolicyArticle {
    /// Kind of duty that it requires.
    pub kind: DutyKind,
    /// Number of the article.
    #[schema(max_length = 100, pattern = r"^.+$", example = "제9조제2항")]
    pub article: String,
}

impl PolicyReference {
    /// Returns the legal basis of a kind of duty in words, as a notice cites it.
    pub fn words(&self, kind: DutyKind) -> String {
        let own = self.articles.iter().find(|own| own.kind == kind);
        let article = own.map(|own| &own.article).or(self.article.as_ref());
        let parts = std::iter::once(&self.title).chain(article);
        parts.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}
