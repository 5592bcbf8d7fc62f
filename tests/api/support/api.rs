//! A registry of its own for each test, on either database, and a client that checks every answer
//! against the committed spec.

use std::collections::HashMap;
use std::io::Read;
use std::net::SocketAddr;
use std::panic::Location;
use std::rc::Rc;
use std::sync::{LazyLock, Mutex};

use actix_http::Request;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{Error, test};
use chrono::{DateTime, Utc};
use mou_registry::access::sealing::Sealing;
use mou_registry::access::tokens;
use mou_registry::app::build_app;
use mou_registry::app::demo;
use mou_registry::changes::Pasts;
use mou_registry::db::{DatabaseUrl, Db, PoolSettings};
use mou_registry::extract::child::Extractor;
use mou_registry::files::{Files, Folder};
use mou_registry::http::contract;
use mou_registry::http::{Answers, Fragments, State};
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::ledger::RequestContext;
use mou_registry::ledger::feed::{Feed, Pace};
use mou_registry::organizations::named::Recorded;
use mou_registry::outbound::{Outbound, OutboundSettings, TIMEOUT};
use mou_registry::records;
use serde_json::{Value, json};

use super::databases::{Backend, database, files_beside, secret_key};
use super::edge;

/// The time of all tests: 2026-11-23, at noon in Seoul.
pub fn now() -> DateTime<Utc> {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

pub fn clock() -> Clock {
    Clock::fixed(chrono_tz::Asia::Seoul, now())
}

pub static SPEC: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/mou-registry.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

type App =
    Rc<dyn Service<Request, Response = ServiceResponse<BoxBody>, Error = Error, Future = Answered>>;
type Answered = std::pin::Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>>>>;

/// A registry and its client.
#[derive(Clone)]
pub struct Api {
    app: App,
    pub url: DatabaseUrl,
    pub state: State,
    /// The token of every request; initially an admin's.
    token: Option<String>,
    /// The address that requests come from.
    peer: Option<SocketAddr>,
}

/// An answer with its body.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HashMap<String, String>,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn etag(&self) -> &str {
        &self.headers["etag"]
    }

    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap()
    }

    /// The items of a list.
    pub fn items(&self) -> &Vec<Value> {
        self.body["items"].as_array().unwrap()
    }

    /// The headers on which the answer depends, from all `Vary` lines.
    pub fn vary(&self) -> Vec<String> {
        let names = self.headers.get("vary").map_or("", String::as_str);
        names
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .collect()
    }

    /// The places of the errors, sorted: pointers, parameters or headers.
    pub fn places(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().unwrap();
        let mut places: Vec<&str> = errors
            .iter()
            .filter_map(|e| {
                ["pointer", "parameter", "header"]
                    .iter()
                    .find_map(|p| e[*p].as_str())
            })
            .collect();
        places.sort_unstable();
        places
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

#[track_caller]
fn expected(status: u16, answer: impl Future<Output = Answer>) -> impl Future<Output = Answer> {
    let caller = Location::caller();
    async move {
        let answer = answer.await;
        assert_eq!(answer.status.as_u16(), status, "{caller}: {}", answer.text);
        answer
    }
}

async fn served(state: &State) -> App {
    let service = Rc::new(test::init_service(build_app(state.clone())).await);
    struct Boxed<S>(Rc<S>);
    impl<S, B> Service<Request> for Boxed<S>
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        type Response = ServiceResponse<BoxBody>;
        type Error = Error;
        type Future = Answered;
        fn poll_ready(
            &self,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Error>> {
            self.0.poll_ready(cx)
        }
        fn call(&self, req: Request) -> Answered {
            let answer = self.0.call(req);
            Box::pin(async move { Ok(answer.await?.map_into_boxed_body()) })
        }
    }
    Rc::new(Boxed(service))
}

impl Api {
    pub async fn new(backend: Backend) -> Self {
        Self::on(database(backend)).await
    }

    /// A registry on an existing database.
    pub async fn on(url: DatabaseUrl) -> Self {
        let db = Db::open(&url, &PoolSettings::default()).unwrap();
        let state = State {
            feed: Feed::new(&db, Pace::default()),
            db,
            clock: clock(),
            metrics: None,
            max_body: 100_000,
            max_import: 5_000_000,
            files: Files::new(Some(Folder::new(files_beside(&url)).into()), 1_000_000),
            extractor: Extractor::new(env!("CARGO_BIN_EXE_mou-registry").into()),
            public_url: None,
            anonymous_served: true,
            history: std::sync::Arc::new(Pasts::default()),
            works: Default::default(),
            organizations: std::sync::Arc::new(Recorded),
            answers: Answers::new(1_000_000),
            fragments: Fragments::new(1_000_000, &records::ALL),
            oidc: None,
            edge: edge::at(&[]),
            sealing: Sealing::new(Some(&secret_key()), &url),
            outbound: Outbound::new(&OutboundSettings::default(), TIMEOUT),
        };
        let made = state.db.write(|conn| {
            let cx = RequestContext::new(&clock(), NewIds::Random);
            let admin = json!({"name": "tests", "role": "admin", "all_municipalities": true});
            tokens::create(conn, &cx, &serde_json::from_value(admin).unwrap())
        });
        let token = made.await.unwrap().1.as_str().to_owned();
        Self {
            app: served(&state).await,
            url,
            state,
            token: Some(token),
            peer: None,
        }
    }

    /// Like `self`, at another instant.
    pub async fn at(&self, instant: &str) -> Self {
        let mut later = self.clone();
        later.state.clock = Clock::fixed(chrono_tz::Asia::Seoul, instant.parse().unwrap());
        later.served().await
    }

    /// The token of the requests.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub fn backend(&self) -> Backend {
        match self.url {
            DatabaseUrl::Sqlite(_) => Backend::Sqlite,
            DatabaseUrl::Postgres(_) => Backend::Postgres,
        }
    }

    /// Like `self`, served with the present state.
    pub async fn served(mut self) -> Self {
        self.app = served(&self.state).await;
        self
    }

    /// Like `self`, without the pasts that were rebuilt before.
    pub async fn rebuilding(mut self) -> Self {
        self.state.history = std::sync::Arc::new(Pasts::default());
        self.served().await
    }

    /// Like `self`, with another token or none.
    pub fn with(&self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            ..self.clone()
        }
    }

    /// Like `self`, from another address.
    pub fn from(&self, address: &str) -> Self {
        let address = address.parse().unwrap();
        Self {
            peer: Some(SocketAddr::new(address, 4711)),
            ..self.clone()
        }
    }

    /// Like `self`, behind the edge that these flags configure.
    pub async fn edged(mut self, flags: &[&str]) -> Self {
        self.state.edge = edge::at(flags);
        self.served().await
    }

    /// A registry with the demonstration's records.
    pub async fn with_demo(backend: Backend) -> Self {
        let api = Self::new(backend).await;
        demo::load(&api.state).await.unwrap();
        api
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let uri = if path == "/"
            || path.starts_with("/api")
            || path.starts_with("/healthz")
            || path.starts_with("/readyz")
            || path.starts_with("/docs")
            || path.starts_with("/metrics")
        {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        let mut request = test::TestRequest::default()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(&uri);
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        if let Some(peer) = self.peer {
            request = request.peer_addr(peer);
        }
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        if let Some(body) = body {
            request = request.set_payload(body);
        }
        let answer = self.call(request).await;
        // A request that selects members gets rows without the others.
        if !uri.contains("fields=") {
            hold_to_spec(method, uri.split('?').next().unwrap(), &answer);
        }
        answer
    }

    /// Sends a request and reads the whole answer.
    pub async fn call(&self, request: test::TestRequest) -> Answer {
        let response = self.app.call(request.to_request()).await.unwrap();
        let status = response.status();
        let mut headers: HashMap<String, String> = HashMap::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            // Repeated headers are joined.
            headers
                .entry(name.to_string())
                .and_modify(|text| *text = format!("{text}, {value}"))
                .or_insert_with(|| value.to_string());
        }
        let mut bytes = test::read_body(response).await.to_vec();
        // The documentation's files are stored compressed.
        if headers
            .get("content-encoding")
            .is_some_and(|encoding| encoding == "gzip")
        {
            let packed = std::mem::take(&mut bytes);
            flate2::read::GzDecoder::new(&packed[..])
                .read_to_end(&mut bytes)
                .unwrap();
        }
        if headers
            .get("content-encoding")
            .is_some_and(|encoding| encoding == "deflate")
        {
            let packed = std::mem::take(&mut bytes);
            flate2::read::ZlibDecoder::new(&packed[..])
                .read_to_end(&mut bytes)
                .unwrap();
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            body,
            text,
        }
    }

    /// Opens an answer without reading its body.
    pub async fn open(&self, path: &str, headers: &[(&str, &str)]) -> ServiceResponse<BoxBody> {
        let mut request = test::TestRequest::get().uri(&format!("/api/v1{path}"));
        if let Some(token) = &self.token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        for header in headers {
            request = request.insert_header(*header);
        }
        self.app.call(request.to_request()).await.unwrap()
    }

    /// Posts and expects a 201.
    #[track_caller]
    pub fn create(&self, path: &str, body: &Value) -> impl Future<Output = Answer> {
        expected(201, self.post(path, body))
    }

    /// Posts and expects a 200.
    #[track_caller]
    pub fn act(&self, path: &str, body: &Value) -> impl Future<Output = Answer> {
        expected(200, self.post(path, body))
    }

    /// Gets and expects a 200.
    #[track_caller]
    pub fn read(&self, path: &str) -> impl Future<Output = Answer> {
        expected(200, self.get(path))
    }

    /// Patches and expects a 200.
    #[track_caller]
    pub fn update(&self, path: &str, etag: &str, body: &Value) -> impl Future<Output = Answer> {
        expected(200, self.patch(path, etag, body))
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(
            "POST",
            path,
            &[("content-type", "application/json")],
            Some(body.to_string().into()),
        )
        .await
    }

    pub async fn patch(&self, path: &str, etag: &str, body: &Value) -> Answer {
        let headers = [
            ("content-type", "application/merge-patch+json"),
            ("if-match", etag),
        ];
        self.send("PATCH", path, &headers, Some(body.to_string().into()))
            .await
    }

    pub async fn delete(&self, path: &str, etag: &str) -> Answer {
        self.send("DELETE", path, &[("if-match", etag)], None).await
    }

    /// The id of the single record on a list.
    pub async fn find(&self, path: &str) -> String {
        let found = self.read(path).await;
        assert_eq!(found.items().len(), 1, "{path}: {}", found.text);
        found.body["items"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// The operation of the spec that a request addresses.
pub fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let paths = SPEC["paths"].as_object()?;
    let fits = |template: &str| {
        let (mut a, mut b) = (template.split('/'), path.split('/'));
        loop {
            match (a.next(), b.next()) {
                (None, None) => return true,
                (Some(x), Some(y)) if x == y || (x.starts_with('{') && !y.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let (template, item) = paths.iter().find(|(template, _)| fits(template))?;
    Some((template, item.get(method.to_lowercase())?))
}

/// Fails unless an answer conforms to the spec.
fn hold_to_spec(method: &str, path: &str, answer: &Answer) {
    let Some((template, operation)) =
        operation(if method == "HEAD" { "GET" } else { method }, path)
    else {
        return;
    };
    let status = answer.status.as_str();
    let responses = &operation["responses"];
    let declared = responses.get(status);
    let declared = declared.or_else(|| responses.get(format!("{}XX", &status[..1])));
    let mut response = declared.unwrap_or_else(|| {
        panic!(
            "{method} {template} answers {status}, which the spec does not say: {}",
            answer.text
        )
    });
    if let Some(reference) = response["$ref"].as_str() {
        response = SPEC.pointer(reference.trim_start_matches('#')).unwrap();
    }
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let header = header["$ref"]
            .as_str()
            .map_or(header, |r| SPEC.pointer(r.trim_start_matches('#')).unwrap());
        let there = answer.headers.contains_key(&name.to_lowercase());
        assert!(
            there || header["required"] == false,
            "{method} {template} {status} lacks the header {name}"
        );
    }
    let Some(content) = response["content"].as_object().filter(|_| method != "HEAD") else {
        assert!(
            answer.text.is_empty() || method == "HEAD",
            "{method} {template} {status} has a body"
        );
        return;
    };
    let kind = answer
        .headers
        .get(header::CONTENT_TYPE.as_str())
        .map(|k| k.split(';').next().unwrap());
    let Some(media) = kind.and_then(|kind| content.get(kind)) else {
        panic!("{method} {template} {status} is of the type {kind:?}")
    };
    if kind.is_some_and(|kind| kind.ends_with("json")) {
        static VALIDATORS: Mutex<Option<HashMap<String, std::sync::Arc<jsonschema::Validator>>>> =
            Mutex::new(None);
        let schema = media["schema"].clone();
        let validator = {
            let mut all = VALIDATORS
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let all = all.get_or_insert_default();
            let compile = || {
                let mut root = schema.clone();
                root["components"] = SPEC["components"].clone();
                std::sync::Arc::new(contract::compile(&root).unwrap())
            };
            all.entry(schema.to_string())
                .or_insert_with(compile)
                .clone()
        };
        let wrong: Vec<String> = validator
            .iter_errors(&answer.body)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(
            wrong.is_empty(),
            "{method} {template} {status}: {wrong:?} in {}",
            answer.text
        );
    }
    if matches!(answer.status.as_u16(), 400 | 422) {
        hold_to_known_rules(answer);
    }
}

/// Rules that the spec states. Generated requests keep to them.
const STATED_RULES: [&str; 20] = [
    "blank",
    "enum",
    "invalid_event_id",
    "invalid_key",
    "max_items",
    "max_length",
    "max_properties",
    "maximum",
    "min_items",
    "min_length",
    "min_properties",
    "minimum",
    "pattern",
    "repeated_member",
    "repeated_parameter",
    "required",
    "type",
    "unique_items",
    "unknown_member",
    "unknown_parameter",
];

/// The hooks of the generated requests, which list the rules that no schema can state.
const HOOKS: &str = include_str!("../../../.ci/schemathesis_hooks.py");

/// Fails if a request was refused by a rule that neither the spec states nor the hooks know: a generated
/// request would meet it, and fail, only by chance.
fn hold_to_known_rules(answer: &Answer) {
    for error in answer.body["errors"].as_array().into_iter().flatten() {
        let code = error["code"].as_str().unwrap();
        let beyond = [format!("    \"{code}\","), format!("    \"{code} ")];
        assert!(
            STATED_RULES.contains(&code)
                || code.starts_with("format_")
                || beyond.iter().any(|line| HOOKS.contains(line)),
            "the rule {code} is new: state it in the spec, or add it to .ci/schemathesis_hooks.py"
        );
    }
}
