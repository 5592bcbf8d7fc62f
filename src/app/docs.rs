//! The published spec, its viewer, the list of problem types, and the fallback for unknown paths.

use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, dev::ResourceDef, get, web};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::kernel::error::{ApiError, Code};

use crate::http::spec;

const SPEC: &str = "/api/v1/openapi.json";

#[get("/api/v1/openapi.json")]
async fn document() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(spec().text.as_str())
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
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// The paths of the spec and the methods supported by each.
static PATHS: LazyLock<Vec<(ResourceDef, String)>> = LazyLock::new(|| {
    let paths = spec().operations.chunk_by(|a, b| a.path == b.path);
    paths
        .map(|operations| {
            let methods = operations.iter().map(|operation| operation.method.as_str());
            let mut allow: Vec<&str> = methods.collect();
            if allow.contains(&"GET") {
                allow.push("HEAD");
            }
            (
                ResourceDef::new(operations[0].path.as_str()),
                allow.join(", "),
            )
        })
        .collect()
});

/// Distinguishes an unknown path from an unsupported method.
async fn otherwise(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let own = [SPEC, "/docs", "/docs/problems"]
        .contains(&req.path())
        .then(|| "GET, HEAD".to_owned());
    let allow = own.or_else(|| {
        PATHS
            .iter()
            .find(|(path, _)| path.is_match(req.path()))
            .map(|(_, allow)| allow.clone())
    });
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
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, value))
            .finish());
    }
    Err(ApiError::new(Code::MethodNotAllowed).allowing(allow))
}

pub fn configure(cfg: &mut web::ServiceConfig) {
    let ui = SwaggerUi::new("/docs/{_:.*}").config(Config::new([SPEC]).validator_url("none"));
    cfg.service(document)
        .service(problems)
        .service(docs)
        .service(ui)
        .default_service(web::to(otherwise));
}
