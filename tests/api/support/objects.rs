//! An S3-like store: objects of one bucket, in memory. It refuses what is not signed.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use mou_registry::files::{Files, Place, Store, StoreKeys};
use sha2::{Digest, Sha256};

use super::Api;

const BUCKET: &str = "mou-files";
const KEY_ID: &str = "AKIDTEST";
const SECRET: &str = "hush-hush";

/// The keys to the store, as flags of the program.
pub const FLAGS: [&str; 4] = ["--files-key-id", KEY_ID, "--files-secret-key", SECRET];

/// How the store behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Willing,
    /// It knows neither conditions nor digests.
    Plain,
    /// It knows neither, and keeps something else than it was sent.
    Careless,
    /// Another request puts the same file at the same time, and fails.
    Contested,
    /// Another request puts the same file at the same time, and is first.
    Overtaken,
    /// It knows no keys any more.
    Refusing,
    /// It takes connections and says nothing.
    Silent,
}

/// An object, and when it was written.
#[derive(Clone)]
struct Object {
    bytes: Vec<u8>,
    modified: &'static str,
}

struct Inner {
    objects: BTreeMap<String, Object>,
    asked: Vec<String>,
    mood: Mood,
    held: Vec<TcpStream>,
    secret: &'static str,
}

/// A store that runs as long as the test.
#[derive(Clone)]
pub struct Objects {
    port: u16,
    inner: Arc<Mutex<Inner>>,
}

struct Asked {
    method: String,
    path: String,
    query: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Objects {
    pub fn new() -> Self {
        Self::with_secret(SECRET)
    }

    /// A store whose access key has another secret.
    pub fn with_secret(secret: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let this = Self {
            port: listener.local_addr().unwrap().port(),
            inner: Arc::new(Mutex::new(Inner {
                objects: BTreeMap::new(),
                asked: Vec::new(),
                mood: Mood::Willing,
                held: Vec::new(),
                secret,
            })),
        };
        let store = this.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let store = store.clone();
                std::thread::spawn(move || store.serve(stream.unwrap()));
            }
        });
        this
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// The URL of a place in the bucket, as a setting has it.
    pub fn url(&self, prefix: &str) -> String {
        self.url_at("127.0.0.1", prefix)
    }

    /// The URL by a name of the machine.
    pub fn url_at(&self, host: &str, prefix: &str) -> String {
        let port = self.port;
        format!("s3://{BUCKET}/{prefix}?endpoint=http://{host}:{port}&region=ap-northeast-2")
    }

    /// A registry that keeps its files here.
    pub async fn serving(&self, api: &Api) -> Api {
        kept_at(api, &self.url("goyang")).await
    }

    pub fn now(&self, mood: Mood) {
        self.inner().mood = mood;
    }

    pub fn keys(&self) -> Vec<String> {
        self.inner().objects.keys().cloned().collect()
    }

    pub fn bytes(&self, key: &str) -> Vec<u8> {
        self.inner().objects[key].bytes.clone()
    }

    /// Writes an object from outside, a long time ago.
    pub fn write(&self, key: &str, bytes: &[u8]) {
        let modified = "2026-01-01T00:00:00.000Z";
        let bytes = bytes.to_vec();
        let object = Object { bytes, modified };
        self.inner().objects.insert(key.to_owned(), object);
    }

    pub fn remove(&self, key: &str) {
        self.inner().objects.remove(key).unwrap();
    }

    /// Methods and parts of the requests since the last call, such as `GET bytes=0-3`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().asked)
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let asked = received(&mut stream)?;
        let mut inner = self.inner();
        if inner.mood == Mood::Silent {
            inner.held.push(stream);
            return None;
        }
        let line = format!("{} {}", asked.method, asked.header("range"));
        inner.asked.push(line.trim().to_owned());
        let answer = inner.answer(&asked);
        drop(inner);
        stream.write_all(&answer).ok()
    }
}

/// The store at a URL.
pub fn store_at(url: &str) -> Store {
    let keys = StoreKeys {
        files_key_id: Some(KEY_ID.into()),
        files_secret_key: Some(SECRET.parse().unwrap()),
        ..StoreKeys::default()
    };
    url.parse::<Place>().unwrap().store(&keys).unwrap()
}

/// A registry that keeps its files at a URL.
pub async fn kept_at(api: &Api, url: &str) -> Api {
    let mut api = api.clone();
    api.state.files = Files::new(Some(store_at(url)), 1_000_000);
    api.served().await
}

impl Inner {
    fn answer(&mut self, asked: &Asked) -> Vec<u8> {
        if self.mood == Mood::Refusing {
            return refusal(403, "InvalidAccessKeyId");
        }
        if asked.signature(self.secret) != asked.parameter("X-Amz-Signature") {
            return refusal(403, "SignatureDoesNotMatch");
        }
        let Some(key) = asked.path.strip_prefix(&format!("/{BUCKET}/")) else {
            return refusal(404, "NoSuchBucket");
        };
        match (asked.method.as_str(), key) {
            ("GET", "") => self.list(asked),
            ("PUT", key) => self.put(key, asked),
            ("DELETE", key) => {
                self.objects.remove(key);
                answer(204, "", &[])
            }
            ("HEAD", key) => match self.objects.get(key) {
                Some(object) => {
                    let length = format!("content-length: {}\r\n", object.bytes.len());
                    format!("HTTP/1.1 200 X\r\nconnection: close\r\n{length}\r\n").into()
                }
                None => b"HTTP/1.1 404 X\r\nconnection: close\r\n\r\n".to_vec(),
            },
            (_, key) => self.get(key, asked.header("range")),
        }
    }

    fn put(&mut self, key: &str, asked: &Asked) -> Vec<u8> {
        let is_conditional = asked.header("if-none-match") == "*";
        if is_conditional && self.objects.contains_key(key) {
            return refusal(412, "PreconditionFailed");
        }
        let sum = BASE64.encode(&Sha256::digest(&asked.body));
        let stated = asked.header("x-amz-checksum-sha256");
        let is_plain = matches!(self.mood, Mood::Plain | Mood::Careless);
        if is_plain && (is_conditional || !stated.is_empty()) {
            return refusal(501, "NotImplemented");
        }
        if !is_plain && stated != sum {
            return refusal(400, "BadDigest");
        }
        let mood = self.mood;
        if matches!(mood, Mood::Contested | Mood::Overtaken) {
            self.mood = Mood::Willing;
        }
        if mood != Mood::Contested {
            let bytes = match mood {
                Mood::Careless => b"%PDF-1.7 else".to_vec(),
                _ => asked.body.clone(),
            };
            let modified = "2999-01-01T00:00:00.000Z";
            self.objects
                .insert(key.to_owned(), Object { bytes, modified });
        }
        match mood {
            Mood::Contested | Mood::Overtaken => refusal(409, "ConditionalRequestConflict"),
            _ => answer(200, "", &[]),
        }
    }

    fn get(&self, key: &str, range: &str) -> Vec<u8> {
        let Some(object) = self.objects.get(key) else {
            return refusal(404, "NoSuchKey");
        };
        let length = object.bytes.len();
        let Some(range) = range.strip_prefix("bytes=") else {
            return answer(200, "", &object.bytes);
        };
        let (first, last) = range.split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        let last = last.min(length.saturating_sub(1));
        if first > last {
            return refusal(416, "InvalidRange");
        }
        let sent = format!("content-range: bytes {first}-{last}/{length}\r\n");
        answer(206, &sent, &object.bytes[first..=last])
    }

    /// Two objects a page.
    fn list(&self, asked: &Asked) -> Vec<u8> {
        let (prefix, after) = (
            asked.parameter("prefix"),
            asked.parameter("continuation-token"),
        );
        let left: Vec<_> = self
            .objects
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix) && **key > after)
            .collect();
        let page = &left[..left.len().min(2)];
        let contents: String = page
            .iter()
            .map(|(key, object)| {
                let (modified, size) = (object.modified, object.bytes.len());
                format!(
                    "<Contents><Key>{key}</Key><LastModified>{modified}</LastModified><Size>{size}</Size></Contents>"
                )
            })
            .collect();
        let next = match page.last().filter(|_| left.len() > 2) {
            Some((key, _)) => format!(
                "<IsTruncated>true</IsTruncated><NextContinuationToken>{key}</NextContinuationToken>"
            ),
            None => "<IsTruncated>false</IsTruncated>".to_owned(),
        };
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult \
             xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>{BUCKET}</Name>{contents}{next}</ListBucketResult>"
        );
        answer(200, "content-type: application/xml\r\n", text.as_bytes())
    }
}

fn answer(status: u16, more: &str, body: &[u8]) -> Vec<u8> {
    let length = match status {
        204 => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{more}{length}\r\n");
    [head.as_bytes(), body].concat()
}

fn refusal(status: u16, code: &str) -> Vec<u8> {
    let text = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    answer(status, "", text.as_bytes())
}

fn received(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut part = [0; 65_536];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        let count = stream.read(&mut part).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&part[..count]);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes[end + 4..].to_vec();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let method = first.next()?.to_owned();
    let (path, query) = first.next()?.split_once('?').unwrap_or_default();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    let headers: HashMap<String, String> = headers.collect();
    let length = headers.get("content-length").map_or("0", String::as_str);
    let length: usize = length.parse().unwrap();
    while body.len() < length {
        let count = stream.read(&mut part).ok().filter(|n| *n > 0)?;
        body.extend_from_slice(&part[..count]);
    }
    Some(Asked {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A parameter of the query, decoded; empty if it is missing.
    fn parameter(&self, name: &str) -> String {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        let found = pairs.find(|(key, _)| key == name);
        found.map_or(String::new(), |(_, value)| value.into_owned())
    }

    /// The signature that the request must have (AWS Signature Version 4, in the query).
    fn signature(&self, secret: &str) -> String {
        let mut query: Vec<&str> = self.query.split('&').collect();
        query.retain(|pair| !pair.starts_with("X-Amz-Signature="));
        query.sort_unstable();
        let names = self.parameter("X-Amz-SignedHeaders");
        let headers: String = names
            .split(';')
            .map(|name| format!("{name}:{}\n", self.header(name)))
            .collect();
        let canonical = format!(
            "{}\n{}\n{}\n{headers}\n{names}\nUNSIGNED-PAYLOAD",
            self.method,
            self.path,
            query.join("&")
        );
        let (date, credential) = (
            self.parameter("X-Amz-Date"),
            self.parameter("X-Amz-Credential"),
        );
        let scope = credential.strip_prefix(&format!("{KEY_ID}/"));
        let scope = scope.unwrap_or_default();
        let digest = HEXLOWER.encode(&Sha256::digest(canonical.as_bytes()));
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}");
        let key = scope
            .split('/')
            .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
                hmac(&key, part)
            });
        HEXLOWER.encode(&hmac(&key, &text))
    }
}
