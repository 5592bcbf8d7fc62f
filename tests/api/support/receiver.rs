//! A receiver of webhooks, and a registry that sends to it.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use diesel::prelude::*;
use mou_registry::changes::Pasts;
use mou_registry::db::{Db, PoolSettings, dialect};
use mou_registry::http::State;
use mou_registry::kernel::clock::Clock;
use mou_registry::ledger::feed::{Feed, Pace as Following};
use mou_registry::organizations::named::Recorded;
use mou_registry::outbound::{Outbound, OutboundSettings};
use mou_registry::webhooks::rules::Backoff;
use mou_registry::webhooks::{Dispatcher, Intervals};
use serde_json::{Value, json};

use super::records::with;
use super::{Answer, Api};

/// A request that was received.
#[derive(Clone, Debug)]
pub struct Got {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub text: String,
    pub body: Value,
}

impl Got {
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// Whether the signature is valid, according to the library of Standard Webhooks.
    pub fn verify(&self, secret: &str) -> bool {
        let mut headers = ureq::http::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, self.headers[name].parse().unwrap());
        }
        let library = standardwebhooks::Webhook::new(secret).unwrap();
        library.verify(self.text.as_bytes(), &headers).is_ok()
    }
}

/// The receiver's answer.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    /// The text as it is.
    Raw(String),
    /// Bytes one by one, for a time.
    Slowly(&'static str, Duration),
    /// The connection is closed.
    Nothing,
}

type Replies = Box<dyn FnMut(&Got) -> Reply + Send>;

/// A server that runs as long as the test.
#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    replies: Arc<Mutex<Replies>>,
}

impl Receiver {
    pub fn new(replies: impl FnMut(&Got) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let this = Self {
            port: listener.local_addr().unwrap().port(),
            got: Arc::default(),
            replies: Arc::new(Mutex::new(Box::new(replies))),
        };
        let receiver = this.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let receiver = receiver.clone();
                std::thread::spawn(move || receiver.serve(stream.unwrap()));
            }
        });
        this
    }

    /// A receiver that accepts everything.
    pub fn willing() -> Self {
        Self::new(|_| Reply::Status(204))
    }

    pub fn now(&self, replies: impl FnMut(&Got) -> Reply + Send + 'static) {
        *self.replies.lock().unwrap() = Box::new(replies);
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 65_536];
        let got = loop {
            if let Some(got) = read(&bytes) {
                break got;
            }
            let count = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
            bytes.extend_from_slice(&chunk[..count]);
        };
        let reply = (self.replies.lock().unwrap())(&got);
        self.got.lock().unwrap().push(got);
        match reply {
            Reply::Status(status) => {
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(head.as_bytes()).ok()
            }
            Reply::Raw(text) => stream.write_all(text.as_bytes()).ok(),
            Reply::Slowly(text, time) => {
                let (began, mut bytes) =
                    (Instant::now(), text.bytes().chain(std::iter::repeat(b'a')));
                while began.elapsed() < time {
                    stream.write_all(&[bytes.next()?]).ok()?;
                    std::thread::sleep(Duration::from_millis(20));
                }
                None
            }
            Reply::Nothing => None,
        }
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until `count` requests were received.
    #[track_caller]
    pub fn wait(&self, count: usize) -> impl Future<Output = Vec<Got>> + use<> {
        let (this, caller) = (self.clone(), std::panic::Location::caller());
        async move {
            until(&format!("{count} come ({caller})"), async || {
                Some(this.got()).filter(|got| got.len() >= count)
            })
            .await
        }
    }
}

/// Parses a request once it is complete.
fn read(bytes: &[u8]) -> Option<Got> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    let headers: HashMap<String, String> = headers.collect();
    let length: usize = headers
        .get("content-length")
        .map_or("0", String::as_str)
        .parse()
        .unwrap();
    (body.len() >= length).then(|| Got {
        path,
        text: body.to_owned(),
        body: serde_json::from_str(body).unwrap_or_default(),
        headers,
    })
}

/// Waits until `find` returns a value.
pub async fn until<T>(what: &str, mut find: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = find().await {
            return found;
        }
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "not in time: {what}"
        );
        sleep(Duration::from_millis(10)).await;
    }
}

/// Time limit for answers, generous enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(2);

pub fn outbound(allowed: &[&str]) -> Outbound {
    let settings = OutboundSettings {
        webhook_allow: allowed.iter().map(|net| net.parse().unwrap()).collect(),
        webhook_http: true,
    };
    Outbound::new(&settings, PATIENCE)
}

/// The registry as it sends to this machine, at the present time.
pub async fn sending(mut api: Api) -> Api {
    api.state.clock = Clock::system(chrono_tz::Asia::Seoul);
    api.state.outbound = outbound(&["127.0.0.0/8"]);
    api.served().await
}

/// Starts sending, with waits scaled down.
pub fn dispatcher(api: &Api, scale: f64) -> Dispatcher {
    dispatcher_of(&api.state, scale)
}

pub fn dispatcher_of(state: &State, scale: f64) -> Dispatcher {
    let intervals = Intervals {
        tick: Duration::from_millis(20),
        pause: Duration::from_millis(2),
        backoff: Backoff { scale },
        ..Intervals::default()
    };
    Dispatcher::start(state, intervals)
}

/// Another server on the same database.
pub fn elsewhere(api: &Api) -> State {
    let db = Db::open(&api.url, &PoolSettings::default()).unwrap();
    State {
        feed: Feed::new(&db, Following::default()),
        db,
        history: std::sync::Arc::new(Pasts::default()),
        organizations: std::sync::Arc::new(Recorded),
        ..api.state.clone()
    }
}

pub async fn webhook(api: &Api, receiver: &Receiver, more: Value) -> Answer {
    let new = with(json!({"name": "현황판", "url": receiver.url()}), more);
    api.create("/webhooks", &new).await
}

/// The deliveries of a webhook, oldest first.
pub async fn deliveries(api: &Api, webhook: &str) -> Vec<Value> {
    let path = format!("/webhooks/{webhook}/deliveries?sort=id&limit=200");
    let list = api.read(&path).await;
    list.items().clone()
}

/// Waits until the first delivery of a webhook is in a state.
pub async fn first_is(api: &Api, webhook: &str, state: &str) -> Value {
    until(&format!("the first is {state}"), async || {
        let first = deliveries(api, webhook).await.into_iter().next()?;
        (first["state"] == state).then_some(first)
    })
    .await
}

/// Waits until no delivery is pending.
pub async fn all_sent(api: &Api, webhook: &str) -> Value {
    let path = format!("/webhooks/{webhook}");
    until("nothing waits", async || {
        let shown = api.read(&path).await.body;
        (shown["pending_count"] == 0).then_some(shown)
    })
    .await
}

/// Runs a statement on the registry's database.
pub fn execute(api: &Api, sql: &str) -> usize {
    let mut conn = dialect::connect(&api.url).unwrap();
    diesel::sql_query(sql).execute(&mut conn).unwrap()
}
