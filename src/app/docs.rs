//! The published spec, its viewer, the list of problem types, and the fallback for unknown paths.

use std::io::Read;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::http::Method;
use actix_web::http::header::{self, ContentEncoding, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef, get, routes, web};
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde_json::Value;
use utoipa_swagger_ui::{Config, SwaggerUi, Url, serve};

use crate::kernel::error::{ApiError, Code};
use crate::kernel::language::Language;

use crate::edge::negotiated;
use crate::http::body::MERGE_PATCH;
use crate::http::conditional::{digest, tagged};
use crate::http::openapi::Operation;
use crate::http::{PublicUrl, spec, tables};
use crate::pages;

const SPEC: &str = "/api/v1/openapi.json";
/// The spec in both languages as seen from `/docs/`, which is right below any prefix of a proxy.
const SPEC_FROM_DOCS: [(Language, &str, &str); 2] = [
    (Language::Korean, "한국어", "../api/v1/openapi.json?lang=ko"),
    (Language::English, "English", "../api/v1/openapi.json"),
];

#[get("/api/v1/openapi.json")]
async fn document(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let served = Served::at(PublicUrl::of(&req), language(&req)?);
    Ok(tagged(&req, &served.tag, |response| {
        response.content_type("application/json");
        if negotiated(&req) != Some(Some("gzip")) {
            return response.body(served.plain.clone());
        }
        response.insert_header(ContentEncoding::Gzip);
        response.append_header((header::VARY, "accept-encoding"));
        response.body(served.gzip.clone())
    }))
}

/// Returns the language of the spec: that of the parameter `lang`, English by default, since the
/// names in it are English.
fn language(req: &HttpRequest) -> Result<Language, ApiError> {
    let mut language = Language::English;
    for (name, value) in url::form_urlencoded::parse(req.query_string().as_bytes()) {
        language = match (name.as_ref(), value.as_ref()) {
            ("lang", "ko") => Language::Korean,
            ("lang", "en") => Language::English,
            _ => {
                return Err(ApiError::with(
                    Code::InvalidParameters,
                    "`lang=ko`와 `lang=en`만 받습니다.",
                    "Only `lang=ko` and `lang=en` are accepted.",
                ));
            }
        };
    }
    Ok(language)
}

/// Packs the spec of the server with this URL, in both languages, before it is first asked for.
pub fn prepare(url: Option<&PublicUrl>) {
    for language in [Language::Korean, Language::English] {
        Served::at(url.cloned(), language);
    }
}

/// The spec as it is sent. It is packed once: that takes longer than everything else about it.
struct Served {
    plain: Bytes,
    gzip: Bytes,
    tag: String,
}

impl Served {
    /// Returns the spec of the server with this URL, or of one that does not know its URL, in a
    /// language. A program has one URL, several only in tests.
    fn at(url: Option<PublicUrl>, language: Language) -> Arc<Self> {
        type Variant = (Option<PublicUrl>, Language);
        static SERVED: Mutex<Vec<(Variant, Arc<Served>)>> = Mutex::new(Vec::new());
        let variant = (url, language);
        let mut all = SERVED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, served)) = all.iter().find(|(of, _)| *of == variant) {
            return served.clone();
        }
        let text = match language {
            Language::Korean => spec().in_korean().0,
            Language::English => spec().text.clone(),
        };
        let served = Arc::new(Self::of(match &variant.0 {
            // Nothing else in the spec has this URL; a test asks for it.
            Some(url) => text.replacen(SERVER, &server(&url.join("/")), 1),
            None => text,
        }));
        all.push((variant, served.clone()));
        served
    }

    fn of(text: String) -> Self {
        let tag = format!("\"{:016x}\"", digest(text.as_bytes()));
        let mut packed = Vec::new();
        // Reading from memory does not fail.
        let _ = GzEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut packed);
        Self {
            plain: text.into(),
            gzip: packed.into(),
            tag,
        }
    }
}

/// The server in the text of the spec.
const SERVER: &str = "\"url\":\"/\"";

fn server(url: &str) -> String {
    format!("\"url\":{}", Value::from(url))
}

#[get("/docs/problems")]
async fn problems() -> HttpResponse {
    let rows: String = Code::ALL
        .iter()
        .map(|code| {
            let (name, title) = (code.as_str(), code.title());
            let status = code.status().as_u16();
            format!(
                "<tr id=\"{name}\"><td><code>{name}</code><td>{status}<td>{}<td>{}</tr>",
                title.ko, title.en
            )
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"ko\"><meta charset=\"utf-8\"><title>mou-registry: problems</title>\
         <style>body{{font-family:sans-serif;margin:2rem}}td,th{{padding:.3rem 1rem;text-align:left}}</style>\
         <h1>오류 코드 · Problem codes</h1><table><tr><th>code<th>status<th>한국어<th>English</tr>{rows}</table></html>"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page)
}

#[get("/docs")]
async fn docs() -> HttpResponse {
    HttpResponse::Found()
        // Relative, so that a prefix of a proxy stays.
        .insert_header((header::LOCATION, "docs/"))
        .finish()
}

/// The title of the viewer in the page that the viewer brings along.
const VIEWERS_TITLE: &str = "<title>Swagger UI</title>";

/// The settings of the viewer, which shows the spec in the reader's language first.
#[get("/docs/swagger-initializer.js")]
async fn viewer_settings(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let file = serve(
        "swagger-initializer.js",
        Arc::new(viewer(Language::of(&req))),
    );
    let file = file.map_err(|error| ApiError::internal(error.to_string()))?;
    let file = file.ok_or_else(ApiError::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((header::VARY, "accept-language"))
        .body(file.bytes.into_owned()))
}

/// The viewer's page, with the name of the product as its title.
#[routes]
#[get("/docs/")]
#[get("/docs/index.html")]
async fn viewer_page() -> Result<HttpResponse, ApiError> {
    let file = serve("index.html", Arc::new(viewer(Language::English)));
    let file = file.map_err(|error| ApiError::internal(error.to_string()))?;
    let file = file.ok_or_else(ApiError::not_found)?;
    // The viewer's files are packed.
    let mut page = String::new();
    let mut unpacked = GzDecoder::new(file.bytes.as_ref());
    unpacked
        .read_to_string(&mut page)
        .map_err(ApiError::internal)?;
    let page = page.replace(VIEWERS_TITLE, "<title>mou-registry</title>");
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page))
}

/// A path of the spec.
struct KnownPath {
    pattern: ResourceDef,
    /// The methods that it supports.
    allow: String,
    /// Whether it is that of a list that can be had as a file.
    has_files: bool,
}

/// The paths of the spec.
static PATHS: LazyLock<Vec<KnownPath>> = LazyLock::new(|| {
    let paths = spec().operations.chunk_by(|a, b| a.path == b.path);
    paths
        .map(|operations| {
            let methods = operations.iter().map(|operation| operation.method.as_str());
            let mut allow: Vec<&str> = methods.collect();
            if allow.contains(&"GET") {
                allow.push("HEAD");
            }
            KnownPath {
                pattern: ResourceDef::new(operations[0].path.as_str()),
                allow: allow.join(", "),
                has_files: operations.iter().any(Operation::has_files),
            }
        })
        .collect()
});

/// Returns true for the paths of the spec, of the documentation and of pages.
fn is_own(path: &str) -> bool {
    let file = path.strip_prefix("/docs/");
    let is_file = |name| {
        matches!(
            serve(name, Arc::new(viewer(Language::English))),
            Ok(Some(_))
        )
    };
    [SPEC, "/docs", "/docs/problems"].contains(&path)
        || pages::is_page(path)
        || file.is_some_and(is_file)
}

fn viewer(language: Language) -> Config<'static> {
    let specs = SPEC_FROM_DOCS.map(|(of, name, url)| Url::with_primary(name, url, of == language));
    Config::new(specs).validator_url("none")
}

/// The methods of the server as a whole.
const METHODS: &str = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";

/// Distinguishes an unknown path from an unsupported method.
async fn otherwise(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let own = is_own(req.path()).then(|| "GET, HEAD".to_owned());
    let known = |path: &str| PATHS.iter().find(|known| known.pattern.is_match(path));
    let allow = own.or_else(|| known(req.path()).map(|known| known.allow.clone()));
    // The file of a list can only be read.
    let allow = allow.or_else(|| {
        let list = tables::list_of(req.path()).and_then(known);
        list.filter(|list| list.has_files)
            .map(|_| "GET, HEAD".to_owned())
    });
    // The server as a whole (RFC 9110 9.3.7).
    let is_server = req.method() == Method::OPTIONS && req.path() == "*";
    let allow = allow.or_else(|| is_server.then(|| METHODS.to_owned()));
    let Some(allow) = allow else {
        return Err(ApiError::with(
            Code::NotFound,
            "이런 경로는 없습니다.",
            "There is nothing at this path.",
        ));
    };
    if req.method() == Method::OPTIONS
        && let Ok(value) = HeaderValue::from_str(&allow)
    {
        let mut answer = HttpResponse::NoContent();
        if allow.contains("PATCH") {
            answer.insert_header(("Accept-Patch", MERGE_PATCH));
        }
        return Ok(answer.insert_header((header::ALLOW, value)).finish());
    }
    Err(ApiError::new(Code::MethodNotAllowed).accepting("Allow", allow))
}

pub fn configure(cfg: &mut web::ServiceConfig) {
    let ui = SwaggerUi::new("/docs/{_:.*}").config(viewer(Language::English));
    cfg.service(document)
        .service(problems)
        .service(docs)
        .service(viewer_page)
        .service(viewer_settings)
        .service(ui)
        .default_service(web::to(otherwise));
}
