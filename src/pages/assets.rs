//! The files that pages load. Their names change with their content, so they are kept for good.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, get};

use crate::http::conditional::digest;

/// A file with its path, which holds a digest of its content.
struct Asset {
    path: String,
    kind: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, end: &str, kind: &'static str, content: &'static str) -> Self {
        let digest = digest(content.as_bytes());
        Self {
            path: format!("assets/{name}-{digest:016x}.{end}"),
            kind,
            content,
        }
    }

    fn response(&self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type(self.kind)
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .body(self.content)
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("style.css");
    Asset::new("pages", "css", "text/css; charset=utf-8", content)
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("icon.svg")));

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("suggest.js");
    Asset::new("suggest", "js", "text/javascript; charset=utf-8", content)
});

static FORMS: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("forms.js");
    Asset::new("forms", "js", "text/javascript; charset=utf-8", content)
});

/// Returns the path of the style sheet below the root.
pub fn style_path() -> &'static str {
    &STYLE.path
}

/// Returns the path of the icon below the root.
pub fn icon_path() -> &'static str {
    &ICON.path
}

/// Returns the path of the script of the search below the root.
pub fn script_path() -> &'static str {
    &SCRIPT.path
}

/// Returns the path of the script of forms below the root.
pub fn forms_path() -> &'static str {
    &FORMS.path
}

/// Returns true for the path of a file.
pub fn is_asset(path: &str) -> bool {
    let path = path.strip_prefix('/').unwrap_or_default();
    [&STYLE, &ICON, &SCRIPT, &FORMS]
        .iter()
        .any(|asset| path == asset.path)
}

/// Any digest is answered with the present file: a page of a former version that is still open goes
/// on, and no answer under a former name is wrong for its page.
#[get("/assets/pages-{digest:[0-9a-f]{16}}.css")]
pub async fn style() -> HttpResponse {
    STYLE.response()
}

#[get("/assets/icon-{digest:[0-9a-f]{16}}.svg")]
pub async fn icon() -> HttpResponse {
    ICON.response()
}

#[get("/assets/suggest-{digest:[0-9a-f]{16}}.js")]
pub async fn script() -> HttpResponse {
    SCRIPT.response()
}

#[get("/assets/forms-{digest:[0-9a-f]{16}}.js")]
pub async fn forms() -> HttpResponse {
    FORMS.response()
}
