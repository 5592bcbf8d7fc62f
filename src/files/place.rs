//! The settings that name a store of files: the path of a folder, or the URL of a bucket.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use rusty_s3::{Credentials, UrlStyle};
use url::Url;

use super::bucket::Bucket;
use super::{Folder, Store};
use crate::db::DatabaseUrl;
use crate::kernel::files::beside;

/// Region of a bucket whose URL names none.
const REGION: &str = "us-east-1";

/// Where files are kept, as it is stated.
#[derive(Clone, Debug)]
pub enum Place {
    Folder(PathBuf),
    Bucket(BucketPlace),
}

/// A bucket, as its URL states it.
#[derive(Clone, Debug)]
pub struct BucketPlace {
    bucket: rusty_s3::Bucket,
    prefix: String,
}

/// A URL that names no bucket.
#[derive(Debug, thiserror::Error)]
pub enum NoBucket {
    #[error("expected s3://BUCKET/PREFIX?endpoint=URL&region=REGION")]
    NoUrl,
    #[error("{0}:// is no store: expected the path of a folder, or s3://BUCKET/PREFIX")]
    Scheme(String),
    #[error("a bucket has 3 to 63 small letters, digits, dots and hyphens")]
    Name,
    #[error("a prefix has parts of letters, digits, dots, hyphens and underlines, between slashes")]
    Prefix,
    #[error("{0} is no parameter: there are endpoint, region and style")]
    Parameter(String),
    #[error("endpoint is the http or https URL of the store, without user and password")]
    Endpoint,
    #[error("style is path or host")]
    Style,
    #[error("this bucket cannot be part of the endpoint's name: try style=path")]
    Host,
}

impl FromStr for Place {
    type Err = NoBucket;

    fn from_str(text: &str) -> Result<Self, NoBucket> {
        match scheme_of(text).as_deref() {
            Some("s3") => text.parse().map(Self::Bucket),
            Some(other) => Err(NoBucket::Scheme(other.to_owned())),
            None => Ok(Self::Folder(text.into())),
        }
    }
}

/// Returns the scheme of a text that looks like a URL, in lower case.
fn scheme_of(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(':')?;
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let scheme = scheme.to_ascii_lowercase();
    let is_url = scheme == "s3" || rest.starts_with("//");
    (is_url && !scheme.is_empty() && scheme.bytes().all(is_allowed)).then_some(scheme)
}

impl FromStr for BucketPlace {
    type Err = NoBucket;

    fn from_str(text: &str) -> Result<Self, NoBucket> {
        let url = Url::parse(text).map_err(|_| NoBucket::NoUrl)?;
        let has_more = url.port().is_some() || url.fragment().is_some();
        if url.scheme() != "s3" || has_login(&url) || has_more {
            return Err(NoBucket::NoUrl);
        }
        let name = url.host_str().ok_or(NoBucket::NoUrl)?;
        let is_allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
        if !(3..=63).contains(&name.len()) || !name.bytes().all(is_allowed) {
            return Err(NoBucket::Name);
        }
        let (mut endpoint, mut region, mut style) = (None, REGION.to_owned(), None);
        for (parameter, value) in url.query_pairs() {
            match &*parameter {
                "endpoint" => endpoint = Some(endpoint_of(&value)?),
                "region" => region = value.into_owned(),
                "style" => style = Some(style_of(&value)?),
                other => return Err(NoBucket::Parameter(other.to_owned())),
            }
        }
        // Other stores than Amazon's often have no name for each bucket.
        let usual = match endpoint {
            Some(_) => UrlStyle::Path,
            None => UrlStyle::VirtualHost,
        };
        let endpoint = match endpoint {
            Some(endpoint) => endpoint,
            None => endpoint_of(&format!("https://s3.{region}.amazonaws.com"))?,
        };
        let style = style.unwrap_or(usual);
        let bucket = rusty_s3::Bucket::new(endpoint, style, name.to_owned(), region);
        Ok(Self {
            bucket: bucket.map_err(|_| NoBucket::Host)?,
            prefix: prefix_of(url.path())?,
        })
    }
}

fn has_login(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn endpoint_of(text: &str) -> Result<Url, NoBucket> {
    let url = Url::parse(text).map_err(|_| NoBucket::Endpoint)?;
    let is_plain = !has_login(&url) && url.query().is_none() && url.fragment().is_none();
    match matches!(url.scheme(), "http" | "https") && is_plain {
        true => Ok(url),
        false => Err(NoBucket::Endpoint),
    }
}

fn style_of(text: &str) -> Result<UrlStyle, NoBucket> {
    match text {
        "path" => Ok(UrlStyle::Path),
        "host" => Ok(UrlStyle::VirtualHost),
        _ => Err(NoBucket::Style),
    }
}

/// Returns the prefix of a path: empty, or ending with a slash.
fn prefix_of(path: &str) -> Result<String, NoBucket> {
    let path = path.trim_start_matches('/').trim_end_matches('/');
    if path.is_empty() {
        return Ok(String::new());
    }
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(is_allowed);
    match path.split('/').all(is_part) {
        true => Ok(format!("{path}/")),
        false => Err(NoBucket::Prefix),
    }
}

/// A secret that is shown nowhere.
#[derive(Clone)]
pub struct SecretKey(String);

impl FromStr for SecretKey {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

/// The keys to buckets.
#[derive(Clone, Debug, Default, Args)]
pub struct StoreKeys {
    /// Access key of the bucket that --files names
    #[arg(
        long,
        env = "AWS_ACCESS_KEY_ID",
        hide_env_values = true,
        value_name = "ID"
    )]
    pub files_key_id: Option<String>,
    /// Secret of that access key; other users of the machine can see flags, so use the variable
    #[arg(
        long,
        env = "AWS_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub files_secret_key: Option<SecretKey>,
    /// Session token of an access key that is valid for a while; others have none
    #[arg(
        long,
        env = "AWS_SESSION_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub files_session_token: Option<SecretKey>,
}

/// The keys to a second bucket.
#[derive(Clone, Debug, Default, Args)]
pub struct OtherKeys {
    /// Access key of the bucket TO, if it has another one than FROM
    #[arg(
        long,
        env = "MOU_TO_ACCESS_KEY_ID",
        hide_env_values = true,
        value_name = "ID",
        requires = "to_secret_key"
    )]
    pub to_key_id: Option<String>,
    /// Secret of that access key; other users of the machine can see flags, so use the variable
    #[arg(
        long,
        env = "MOU_TO_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "SECRET",
        requires = "to_key_id"
    )]
    pub to_secret_key: Option<SecretKey>,
}

impl OtherKeys {
    /// Returns these keys if there are any, or else `keys`.
    #[must_use]
    pub fn or(self, keys: &StoreKeys) -> StoreKeys {
        match self.to_key_id {
            Some(_) => StoreKeys {
                files_key_id: self.to_key_id,
                files_secret_key: self.to_secret_key,
                files_session_token: None,
            },
            None => keys.clone(),
        }
    }
}

impl StoreKeys {
    /// Returns the credentials; `None` unless both keys are there.
    fn credentials(&self) -> Option<Credentials> {
        let text = |key: &Option<SecretKey>| {
            let text = key.as_ref().map_or("", |key| key.0.as_str());
            (!text.is_empty()).then(|| text.to_owned())
        };
        let id = self.files_key_id.as_deref().map(str::trim);
        let id = id.filter(|id| !id.is_empty())?;
        let secret = text(&self.files_secret_key)?;
        Some(match text(&self.files_session_token) {
            Some(token) => Credentials::new_with_token(id, secret, token),
            None => Credentials::new(id, secret),
        })
    }
}

impl Place {
    /// Returns the store at this place. It is not asked yet.
    ///
    /// # Errors
    /// Fails for a bucket without its keys.
    pub fn store(&self, keys: &StoreKeys) -> anyhow::Result<Store> {
        let place = match self {
            Self::Folder(path) => return Ok(Folder::new(path.clone()).into()),
            Self::Bucket(place) => place,
        };
        let keys = keys.credentials().with_context(|| {
            let name = place.bucket.name();
            format!("s3://{name} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        })?;
        let bucket = Bucket::new(place.bucket.clone(), keys, place.prefix.clone());
        Ok(Store::Bucket(bucket))
    }
}

/// Where files are kept.
#[derive(Clone, Debug, Default, Args)]
pub struct StoreSetting {
    /// Folder of the files that the registry keeps, or bucket of an S3-like store:
    /// s3://BUCKET/PREFIX?endpoint=URL&region=REGION; a folder beside SQLite's file by default.
    /// PostgreSQL has no default: without this setting, no files are accepted
    #[arg(long = "files", env = "MOU_FILES", value_name = "DIR|URL")]
    pub files: Option<Place>,
    #[command(flatten)]
    pub keys: StoreKeys,
}

impl StoreSetting {
    /// Returns the store; `None` for PostgreSQL without the setting.
    ///
    /// # Errors
    /// Fails for a bucket without its keys.
    pub fn store(&self, url: &DatabaseUrl) -> anyhow::Result<Option<Store>> {
        let beside = || url.file().map(|file| Place::Folder(beside(file, ".files")));
        let place = self.files.clone().or_else(beside);
        place.map(|place| place.store(&self.keys)).transpose()
    }

    /// Returns the store of a command that needs one.
    ///
    /// # Errors
    /// Fails for PostgreSQL without the setting, and for a bucket without its keys.
    pub fn needed(&self, url: &DatabaseUrl) -> anyhow::Result<Store> {
        let store = self.store(url)?;
        store.with_context(|| format!("{url} has no folder or bucket of files: set --files"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, String> {
        let place: Place = text.parse().map_err(|e: NoBucket| e.to_string())?;
        match place {
            Place::Folder(path) => Ok(path.display().to_string()),
            Place::Bucket(BucketPlace { bucket, prefix }) => Ok(format!(
                "{} {} {prefix}",
                bucket.base_url(),
                bucket.region()
            )),
        }
    }

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        for (text, expected) in [
            ("/srv/files", "/srv/files"),
            ("files", "files"),
            ("./a://b", "./a://b"),
            ("a:b", "a:b"),
            (
                "S3://mou-files",
                "https://mou-files.s3.us-east-1.amazonaws.com/ us-east-1 ",
            ),
            (
                "s3://mou-files",
                "https://mou-files.s3.us-east-1.amazonaws.com/ us-east-1 ",
            ),
            (
                "s3://mou-files/goyang/?region=ap-northeast-2",
                "https://mou-files.s3.ap-northeast-2.amazonaws.com/ ap-northeast-2 goyang/",
            ),
            (
                "s3://mou-files/a/b_c?endpoint=http://127.0.0.1:5000",
                "http://127.0.0.1:5000/mou-files/ us-east-1 a/b_c/",
            ),
            (
                "s3://mou-files?endpoint=https%3A%2F%2Fstore.city.example%2Fs3&style=host",
                "https://mou-files.store.city.example/s3/ us-east-1 ",
            ),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_bucket_is_refused() {
        for (text, part) in [
            ("s3:mou", "expected s3://"),
            ("gs://mou-files", "gs:// is no store"),
            (
                "HTTPS://store.city.example/mou-files",
                "https:// is no store",
            ),
            ("file:///srv/files", "file:// is no store"),
            ("s3://key:secret@mou-files", "expected s3://"),
            ("s3://mou-files:80", "expected s3://"),
            ("s3://MOU", "small letters"),
            ("s3://mo", "small letters"),
            ("s3://mou-files/a b", "prefix"),
            ("s3://mou-files/a//b", "prefix"),
            ("s3://mou-files?secret=a", "secret is no parameter"),
            ("s3://mou-files?endpoint=ftp://a", "http or https"),
            ("s3://mou-files?endpoint=http://a:b@c", "without user"),
            ("s3://mou-files?style=other", "path or host"),
            (
                "s3://mou-files?endpoint=http://127.0.0.1&style=host",
                "style=path",
            ),
        ] {
            let refused = shown(text).unwrap_err();
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }

    #[test]
    fn keys_are_needed_and_never_shown() {
        let place: Place = "s3://mou-files".parse().unwrap();
        let mut keys = StoreKeys {
            files_key_id: Some("AKIA".into()),
            ..StoreKeys::default()
        };
        let missing = place.store(&keys).unwrap_err().to_string();
        assert!(missing.contains("AWS_SECRET_ACCESS_KEY"), "{missing}");
        keys.files_secret_key = Some("hush-hush".parse().unwrap());
        keys.files_session_token = Some("hush-too".parse().unwrap());
        let store = place.store(&keys).unwrap();
        for text in [format!("{keys:?}"), format!("{store:?} {store}")] {
            assert!(!text.contains("hush"), "{text}");
        }
        assert_eq!(
            store.to_string(),
            "s3://mou-files/ at https://mou-files.s3.us-east-1.amazonaws.com"
        );
    }

    #[test]
    fn a_second_bucket_can_have_keys_of_its_own() {
        let own = StoreKeys {
            files_key_id: Some("one".into()),
            files_secret_key: Some("hush-hush".parse().unwrap()),
            files_session_token: Some("hush-too".parse().unwrap()),
        };
        let none = OtherKeys::default().or(&own);
        assert_eq!(none.files_key_id.as_deref(), Some("one"));
        let other = OtherKeys {
            to_key_id: Some("two".into()),
            to_secret_key: Some("hush".parse().unwrap()),
        };
        let other = other.or(&own);
        assert_eq!(other.files_key_id.as_deref(), Some("two"));
        // A session token belongs to its own access key.
        assert!(other.files_session_token.is_none());
    }
}
