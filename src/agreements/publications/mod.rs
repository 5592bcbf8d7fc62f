//! Publications (공개) of an agreement: how much of it is public, since when and where, and which parts
//! are withheld, on which legal basis and until when.

mod handlers;
pub mod list;
mod table;

pub use handlers::configure;
pub(super) use table::{remove, write};

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::doc::{Doc, Part};
use super::parts::PartContent;
use super::read::Stored;
use super::types::{Agreement, Withholding};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{OrganizationId, PartId};
use crate::kernel::language::Message;
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::{
    ImpreciseDate, Localized, LocalizedLine, Source, Warning, has_an_end, range_in_order,
};
use crate::kernel::words::words;
use crate::ledger::{RequestContext, Visibility};

/// How much of an agreement a publication shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicationExtent {
    /// The whole text.
    FullText,
    /// The text without some parts (부분 공개).
    PartialText,
    /// A summary of the text.
    Summary,
}

words!(PublicationExtent: FullText "전문" "Full text", PartialText "부분 공개" "Text without some parts",
    Summary "요약" "Summary");

impl PublicationExtent {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FullText => "full_text",
            Self::PartialText => "partial_text",
            Self::Summary => "summary",
        }
    }
}

/// Part of an agreement that a publication leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct WithheldPart {
    /// The part, in words that do not give it away.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "제5조(투자 금액)", "en": "Article 5 (amount of the investment)"}))]
    pub part: Localized,
    #[serde(flatten)]
    #[validate(nested)]
    pub withholding: Withholding,
}

/// Publication of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_consistent", skip_on_field_errors = false))]
pub struct PublicationContent {
    /// How much of the agreement it shows.
    #[schema(example = "partial_text")]
    pub extent: PublicationExtent,
    /// Date since which it is public. An imprecise date counts from its last possible day, which cannot
    /// lie in the future.
    pub published_on: ImpreciseDate,
    /// URL at which it is public, http or https; null if it has none, or its URL is unknown.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.example.go.kr/mou/17"
    )]
    pub url: Option<String>,
    /// Place of the publication, such as an official gazette or a board.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "고양시보 제1234호", "en": null}))]
    pub place: Option<Localized>,
    /// Parts that are withheld, each with its legal basis; none in a `full_text`. On the day after a
    /// withholding ends, a duty to publish the part falls due.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub withheld: Vec<WithheldPart>,
    /// Remarks.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Id of the municipality that published it, of an agreement that several share; null for the
    /// owner. It fulfils the duties of this municipality.
    #[schema(example = json!(null))]
    pub municipality_id: Option<OrganizationId>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

/// Checks that the day has an end, that a whole text withholds nothing, and that no withholding had
/// ended before the publication.
fn is_consistent(publication: &PublicationContent) -> Result<(), ValidationError> {
    let on = &publication.published_on;
    let is_full = publication.extent == PublicationExtent::FullText;
    let contradiction = (is_full && !publication.withheld.is_empty()).then(|| {
        rule_error(
            "withheld_from_full_text",
            "/extent",
            "비공개한 부분이 있으면 전문을 공개한 것이 아닙니다.",
            "A full text withholds nothing.",
        )
    });
    let withheld = publication.withheld.iter().enumerate();
    let over = withheld.filter_map(|(i, part)| {
        let until = part.withholding.until.map(ImpreciseDate::from_day);
        let at = format!("/withheld/{i}/until");
        range_in_order(Some(on), until.as_ref(), &at).err()
    });
    let open = has_an_end(on, "/published_on").err();
    merge_errors(open.into_iter().chain(contradiction).chain(over))
}

/// Publication of an agreement, with its id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Publication {
    /// Id of the publication.
    pub id: PartId,
    #[serde(flatten)]
    pub content: PublicationContent,
}

impl PartContent for PublicationContent {
    type View = Publication;
    const PATH: &'static str = "publications";
    const SIGNED: bool = false;
    const ACT: bool = true;
    // Recorded on what is approved or signed.
    const APPROVED: bool = false;
    // The feed tells of what was recorded, changed or first seen last.
    const KEEPS_INSTANT: bool = true;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.publications
    }

    fn views(agreement: &Agreement) -> &[Publication] {
        &agreement.publications
    }

    fn id(view: &Publication) -> PartId {
        view.id
    }

    fn by(&mut self) -> Option<&mut Option<OrganizationId>> {
        Some(&mut self.municipality_id)
    }

    fn may_be_added(doc: &Doc) -> Result<(), ApiError> {
        if !doc.status().is_void() {
            return Ok(());
        }
        Err(ApiError::with(
            Code::Conflict,
            "철회되었거나 무효인 협약에는 공개를 등록할 수 없습니다.",
            "No publication is recorded of an agreement that was withdrawn or voided.",
        ))
    }
}

impl PublicationContent {
    /// Returns the parts that are withheld until a day.
    pub(super) fn withheld_until(&self, day: NaiveDate) -> impl Iterator<Item = &Localized> {
        let withheld = self.withheld.iter();
        let until = withheld.filter(move |one| one.withholding.until == Some(day));
        until.map(|one| &one.part)
    }

    /// Returns whether a part of this name is withheld.
    pub(super) fn withholds(&self, part: &Localized) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let withheld = self.withheld.iter().map(|one| &one.part);
        let mut named = withheld.map(|own| same(&own.ko, &part.ko) || same(&own.en, &part.en));
        named.any(|is_named| is_named)
    }
}

/// Notes the instant from which everybody sees an agreement as that of a change of its publications, of
/// which nobody was told before.
pub(super) fn note_first_seen(cx: &RequestContext, stored: &mut Stored) {
    let Stored { doc, before, .. } = stored;
    if before.public || doc.visibility() != Visibility::Public {
        return;
    }
    for part in &mut doc.publications {
        part.changed_at = Some(cx.now.and_utc());
    }
}

/// Returns warnings for texts that were published before the agreement was signed: one of the days is
/// mistaken, or what was published is a draft.
pub(super) fn before_signing(doc: &Doc) -> Vec<Warning> {
    let signed = doc.content.signed_on.as_ref();
    let signed = signed.and_then(ImpreciseDate::earliest);
    let is_early = |publication: &PublicationContent| {
        let on = publication.published_on.latest();
        publication.extent != PublicationExtent::Summary
            && on.zip(signed).is_some_and(|(on, signed)| on < signed)
    };
    let all = doc
        .publications
        .iter()
        .map(|part| &part.content)
        .enumerate();
    let early = all.filter(|(_, publication)| is_early(publication));
    let message = Message::fixed(
        "체결일보다 먼저 공개했습니다. 두 날짜를 확인해야 합니다.",
        "It was published before the day of signing: check both dates.",
    );
    early
        .map(|(i, _)| {
            let at = format!("/publications/{i}/published_on");
            Warning::new("published_before_signing", at, message.clone())
        })
        .collect()
}

/// Returns the last days of withholdings: of the whole agreement, and of parts that a publication
/// leaves out. Beside each stand the publications that state it, none for the whole agreement.
pub(super) fn ends_of_withholdings(doc: &Doc) -> BTreeMap<NaiveDate, Vec<&PublicationContent>> {
    let mut ends: BTreeMap<_, Vec<&PublicationContent>> = BTreeMap::new();
    let whole = doc.content.withholding.as_ref();
    if let Some(until) = whole.and_then(|one| one.until) {
        ends.entry(until).or_default();
    }
    for part in &doc.publications {
        let withheld = part.content.withheld.iter();
        for until in withheld.filter_map(|one| one.withholding.until) {
            ends.entry(until).or_default().push(&part.content);
        }
    }
    ends
}
