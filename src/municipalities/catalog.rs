//! `/catalog.jsonld`: the lists of the registry as datasets, for portals that harvest them (DCAT 3 and
//! schema.org, as JSON-LD).

use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::tables::{CSV, XLSX, table_of};
use crate::http::{Answered, BASE, Read, public_url};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::Localized;
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;

/// The media type of JSON-LD.
const JSON_LD: &str = "application/ld+json";
const JSON: &str = "application/json";
const GEO_JSON: &str = "application/geo+json";
/// The languages of the datasets.
const LANGUAGES: [&str; 2] = ["ko", "en"];
/// Begins the IRIs of languages, which DCAT recommends.
const ISO_639_1: &str = "http://id.loc.gov/vocabulary/iso639-1/";

/// A list that is a dataset.
struct Dataset {
    path: &'static str,
    /// The schema of its rows.
    rows: &'static str,
    /// Whether it can be had for one municipality.
    by_municipality: bool,
    about: Message,
}

const fn dataset(
    path: &'static str,
    rows: &'static str,
    by_municipality: bool,
    (ko, en): (&'static str, &'static str),
) -> Dataset {
    Dataset {
        path,
        rows,
        by_municipality,
        about: Message::fixed(ko, en),
    }
}

/// The datasets: lists that anybody can read as far as they are public.
static DATASETS: [Dataset; 8] = [
    dataset(
        "agreements",
        "AgreementSummary",
        true,
        (
            "지방자치단체의 업무협약과 그 당사자, 기간, 이행 상태",
            "Agreements of municipalities with their parties, terms and fulfilment",
        ),
    ),
    dataset(
        "reports",
        "ListedReport",
        true,
        (
            "협약 사항의 이행 보고",
            "Reports on the commitments of agreements",
        ),
    ),
    dataset(
        "projects",
        "ProjectSummary",
        true,
        (
            "협약이 뒷받침하는 사업과 위치, 면적, 사업비",
            "Projects that agreements serve, with location, area and cost",
        ),
    ),
    dataset(
        "timeline",
        "TimelineItem",
        true,
        (
            "추진 단계, 체결, 만료, 이행 기한과 회의의 일정",
            "Milestones, signings, expiries, due dates and meetings by date",
        ),
    ),
    dataset(
        "working-groups",
        "WorkingGroup",
        true,
        (
            "실무협의체와 그 구성원",
            "Working groups with their members",
        ),
    ),
    dataset(
        "organizations",
        "Organization",
        false,
        (
            "협약에 참여하는 기관",
            "Organizations that take part in agreements",
        ),
    ),
    dataset(
        "associations",
        "Association",
        false,
        (
            "협회와 그 회원 수",
            "Associations with their numbers of members",
        ),
    ),
    dataset(
        "municipalities",
        "Municipality",
        false,
        (
            "등록된 지방자치단체",
            "Municipalities recorded in the registry",
        ),
    ),
];

/// Filter of the catalogue.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CatalogFilter {
    /// The catalogue of this municipality, which is the publisher then: only its own records, where a
    /// list can be filtered by municipality.
    municipality_id: Option<OrganizationId>,
}

/// A catalogue of datasets in the vocabularies DCAT and schema.org, as JSON-LD.
#[derive(Serialize, ToSchema)]
#[schema(value_type = Object, example = json!({
    "@context": {"dcat": "http://www.w3.org/ns/dcat#"}, "@type": ["dcat:Catalog", "schema:DataCatalog"],
    "@id": "https://city.example/api/v1/catalog.jsonld", "dcat:dataset": [],
}))]
pub struct Catalog(Value);

/// The response with a catalogue.
struct CatalogResponse(Answered<Catalog>);

impl Responder for CatalogResponse {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.0.response(req, JSON_LD)
    }
}

/// Read the catalogue of datasets
///
/// Describes the lists of the registry as datasets with their downloads, in DCAT and schema.org as
/// JSON-LD, so that a data portal can harvest them. A portal without a token gets what is public.
#[utoipa::path(tag = "reference", operation_id = "get_catalog", params(CatalogFilter),
    responses((status = 200, description = "The catalogue", content((Catalog = "application/ld+json")))))]
#[get("/catalog.jsonld")]
async fn get_catalog(
    req: HttpRequest,
    read: Read<CatalogFilter>,
) -> Result<CatalogResponse, ApiError> {
    let base = public_url::base(&req);
    let id = read.query.municipality_id;
    // Without a configured address the links have that of the request.
    let session = read.session.depending_on(&base);
    let answer = session.read_value(move |conn, _| {
        let publisher = match id {
            Some(id) => {
                let city = organizations::get(conn, id, Some(OrganizationKind::Municipality))?;
                Some((city.meta.id, city.doc.content.name))
            }
            None => None,
        };
        Ok(Catalog(catalog(
            &format!("{base}{BASE}"),
            publisher.as_ref(),
        )))
    });
    Ok(CatalogResponse(answer.await?))
}

/// Returns the catalogue of the lists below `base`.
fn catalog(base: &str, publisher: Option<&(OrganizationId, Localized)>) -> Value {
    let query = publisher.map(|(id, _)| format!("?municipality_id={id}"));
    let query = query.as_deref().unwrap_or_default();
    let agent = publisher.map_or_else(
        || json!({"@type": ["foaf:Agent", "schema:Organization"], "foaf:name": "mou-registry", "schema:name": "mou-registry"}),
        |(id, name)| {
            let names = texts(name.ko.as_deref(), name.en.as_deref());
            json!({
                "@id": format!("{base}/municipalities/{id}"),
                "@type": ["foaf:Agent", "schema:Organization"],
                "foaf:name": names, "schema:name": names,
            })
        },
    );
    let datasets = DATASETS.iter().map(|of| described(base, of, query, &agent));
    let datasets: Vec<Value> = datasets.collect();
    let title = texts(Some("업무협약 등록부"), Some("Registry of agreements"));
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/", "schema": "https://schema.org/",
        },
        "@id": format!("{base}/catalog.jsonld{query}"),
        "@type": ["dcat:Catalog", "schema:DataCatalog"],
        "dct:title": title, "schema:name": title,
        "dct:publisher": agent, "schema:publisher": agent,
        "dct:language": LANGUAGES.map(|language| json!({"@id": format!("{ISO_639_1}{language}")})),
        "schema:inLanguage": LANGUAGES,
        "dcat:dataset": datasets,
        "schema:dataset": datasets.iter().map(|of| json!({"@id": of["@id"]})).collect::<Vec<_>>(),
    })
}

fn described(base: &str, of: &Dataset, query: &str, publisher: &Value) -> Value {
    let query = if of.by_municipality { query } else { "" };
    let path = format!("{base}/{}", of.path);
    let name = table_of(of.rows).map(|table| &table.name);
    let title = name.map_or(Value::Null, |name| texts(Some(&name.ko), Some(&name.en)));
    let about = texts(Some(&of.about.ko), Some(&of.about.en));
    let files = [(".csv", CSV), (".xlsx", XLSX)];
    let mut files: Vec<(String, &str)> = files
        .iter()
        .map(|(suffix, kind)| (format!("{path}{suffix}{query}"), *kind))
        .collect();
    if of.rows == "ProjectSummary" {
        files.push((format!("{path}.geojson{query}"), GEO_JSON));
    }
    let files = files.iter().map(|(url, kind)| distribution(url, kind));
    let files: Vec<Value> = files.collect();
    let mut distributions = vec![pages(&format!("{path}{query}"), base)];
    distributions.extend(files.iter().cloned());
    json!({
        "@id": format!("{path}{query}#dataset"),
        "@type": ["dcat:Dataset", "schema:Dataset"],
        "dct:identifier": format!("{path}{query}"),
        "dct:title": title, "schema:name": title,
        "dct:description": about, "schema:description": about,
        "dct:publisher": publisher, "schema:creator": publisher,
        "dcat:landingPage": {"@id": format!("{}/docs/", base.trim_end_matches(BASE))},
        "schema:isAccessibleForFree": true,
        "dcat:distribution": distributions, "schema:distribution": files,
    })
}

/// Returns the distribution by pages as JSON, which has no file to download.
fn pages(url: &str, base: &str) -> Value {
    let docs = format!("{}/docs/", base.trim_end_matches(BASE));
    json!({
        "@id": format!("{url}#distribution"),
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": url},
        "dcat:mediaType": media_type(JSON),
        "dcat:accessService": {
            "@id": format!("{base}#service"),
            "@type": ["dcat:DataService", "schema:WebAPI"],
            "dct:title": texts(Some("업무협약 등록부 API"), Some("API of the registry of agreements")),
            "dcat:endpointURL": {"@id": base},
            "dcat:endpointDescription": {"@id": format!("{base}/openapi.json")},
            "schema:documentation": docs,
        },
    })
}

fn media_type(kind: &str) -> Value {
    json!({"@id": format!("https://www.iana.org/assignments/media-types/{kind}")})
}

/// Returns the distribution as one file with all rows.
fn distribution(url: &str, kind: &str) -> Value {
    json!({
        "@id": format!("{url}#distribution"),
        "@type": ["dcat:Distribution", "schema:DataDownload"],
        "dcat:accessURL": {"@id": url}, "dcat:downloadURL": {"@id": url},
        "dcat:mediaType": media_type(kind),
        "schema:contentUrl": url, "schema:encodingFormat": kind,
    })
}

/// Returns a text in the languages in which it exists.
fn texts(ko: Option<&str>, en: Option<&str>) -> Value {
    let texts = [("ko", ko), ("en", en)].into_iter();
    let texts =
        texts.filter_map(|(tag, text)| text.map(|text| json!({"@language": tag, "@value": text})));
    texts.collect()
}

pub fn configure(config: &mut impl Mount) {
    config.route(get_catalog, Access::Read);
}
