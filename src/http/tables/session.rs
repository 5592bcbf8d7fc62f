//! Answers with files.

use std::collections::BTreeSet;

use actix_web::body::BoxBody;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
    IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, Responder, rt};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::spool::{Growing, Spool, failed, spool};
use super::{Column, FileAsked, Table, TableFile};
use crate::db::page::{Listed, Page};
use crate::db::{AnyConnection, ReadClass};
use crate::http::Session;
use crate::http::conditional::{is_known, tagged, vary_by_accept};
use crate::http::fields;
use crate::kernel::error::ApiError;
use crate::kernel::language::{Language, Message};
use crate::ledger::RequestContext;

/// Number of rows that are in memory at once.
const AT_ONCE: usize = 500;

/// What is known of a file before it is made.
pub struct FileHead {
    pub content_type: &'static str,
    /// The name under which it is saved, to which the day is added.
    pub name: Message,
    pub suffix: &'static str,
}

/// A response with a file.
pub struct FileAnswer {
    tag: String,
    /// `None` if the client has the file already.
    body: Option<Growing>,
    head: FileHead,
    today: NaiveDate,
    language: Language,
}

impl Responder for FileAnswer {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let disposition = self.head.disposition(self.language, self.today);
        let mut response = tagged(req, &self.tag, |response| match self.body {
            Some(body) => response
                .content_type(self.head.content_type)
                .insert_header(disposition)
                .insert_header((header::CONTENT_LANGUAGE, self.language.tag()))
                .body(body),
            None => response.finish(),
        });
        vary_by_accept(&mut response);
        response
    }
}

/// Passes rows on, each as it is serialized, and the end of each page of them.
pub(in crate::http) trait Rows {
    fn row(&mut self, row: &Value) -> Result<(), ApiError>;
    fn end_page(&mut self) -> Result<(), ApiError>;
}

impl Rows for TableFile {
    fn row(&mut self, row: &Value) -> Result<(), ApiError> {
        TableFile::row(self, row)
    }

    fn end_page(&mut self) -> Result<(), ApiError> {
        self.flush()
    }
}

/// Reads all pages of a list, one after the other.
pub(in crate::http) fn all_pages<T: Serialize>(
    mut page: Page,
    mut read: impl FnMut(&Page) -> Result<Listed<T>, ApiError>,
    rows: &mut dyn Rows,
) -> Result<(), ApiError> {
    page.limit = AT_ONCE;
    loop {
        let listed = read(&page)?;
        for item in &listed.items {
            rows.row(&serde_json::to_value(item).map_err(ApiError::internal)?)?;
        }
        rows.end_page()?;
        page.after = listed.next;
        if page.after.is_none() {
            return Ok(());
        }
    }
}

impl Session {
    /// Answers with a file of the rows that `work` passes on.
    ///
    /// # Errors
    /// Like [`Self::stream`]; `invalid_parameters` for parameters that a file does not have, and
    /// `not_acceptable` if the encoding cannot hold the rows.
    pub(in crate::http) async fn file(
        &self,
        asked: FileAsked,
        table: Option<&'static Table>,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &mut dyn Rows) -> Result<(), ApiError>
        + Send
        + 'static,
    ) -> Result<FileAnswer, ApiError> {
        let table = table.ok_or_else(|| ApiError::internal("no table"))?;
        let columns = asked
            .check()
            .and_then(|()| columns(table, self.target.query(), self.language()));
        let head = FileHead {
            content_type: asked.content_type(),
            name: table.name.clone(),
            suffix: asked.format.suffix(),
        };
        let (known, language) = (asked.known.clone(), self.language());
        let wrong = columns.as_ref().err().cloned();
        let written = self.stream(head, known, wrong, move |conn, cx, spool| {
            let mut file = TableFile::new(spool, &asked, table, columns?, (cx, language))?;
            work(conn, cx, &mut file)?;
            file.finish()
        });
        written.await
    }

    /// Answers with a file that `work` writes, in the class of expensive reads. What it publishes
    /// leaves while it goes on. `known` are the tags of the files that the client has, and `wrong`
    /// refuses a request whose caller has access.
    ///
    /// # Errors
    /// Like [`Session::read`], as long as nothing was published.
    pub async fn stream(
        &self,
        head: FileHead,
        known: IfNoneMatch,
        wrong: Option<ApiError>,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, Spool) -> Result<(), ApiError>
        + Send
        + 'static,
    ) -> Result<FileAnswer, ApiError> {
        let target = self.target.clone();
        let looked = self.on_snapshot(ReadClass::Cheap, move |_, cx, when| {
            wrong.map_or(Ok(()), Err)?;
            let question = target.question(ReadClass::Cheap, &when.place, cx);
            Ok((question.tag(), cx.today))
        });
        let (mut tag, today) = looked.await?;
        let mut body = None;
        if !is_known(&known, &tag) {
            let (made, growing) = self.begin(work).await?;
            (tag, body) = (made, Some(growing));
        }
        Ok(FileAnswer {
            tag,
            body,
            head,
            today,
            language: self.language(),
        })
    }

    /// Begins to write a file, and returns its tag and its body.
    async fn begin(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, Spool) -> Result<(), ApiError>
        + Send
        + 'static,
    ) -> Result<(String, Growing), ApiError> {
        let (spool, ending, mut growing) = spool().await?;
        let (tell, told) = oneshot::channel();
        let (session, language) = (self.clone(), self.language());
        let class = match self.class() {
            ReadClass::Cheap => ReadClass::Figures,
            class => class,
        };
        rt::spawn(async move {
            let target = session.target.clone();
            let written = session.on_snapshot(class, move |conn, cx, when| {
                spool.is_wanted().map_err(failed)?;
                let question = target.question(ReadClass::Cheap, &when.place, cx);
                let _ = tell.send(question.tag());
                when.ask(conn, cx, |conn, cx| {
                    language.speaking(|| work(conn, cx, spool))
                })
            });
            ending.end(written.await);
        });
        growing.begun().await?;
        let tag = told.await.map_err(ApiError::internal)?;
        Ok((tag, growing))
    }
}

/// Returns the columns that a query selects: by the members that they show, or each by its own name. The
/// column of a text in the language of the file repeats the one before it, and has to be named.
fn columns(table: &Table, query: &str, language: Language) -> Result<Vec<Column>, ApiError> {
    let columns = table.columns.iter().copied();
    let repeats = |column: &Column| column.path.ends_with(&format!("/{}", language.tag()));
    let Some(wanted) = fields::selected(query) else {
        return Ok(columns.filter(|column| !repeats(column)).collect());
    };
    let names = |column: Column| [column.member().to_owned(), column.name()];
    let mut known: BTreeSet<String> = columns.clone().flat_map(names).collect();
    known.remove("");
    fields::check(&wanted, &known)?;
    let is_wanted = |column: &Column| {
        let [member, name] = names(*column);
        column.path == "id"
            || wanted.contains(&name)
            || (wanted.contains(&member) && !repeats(column))
    };
    Ok(columns.filter(is_wanted).collect())
}

impl FileHead {
    /// Returns the name under which the file is saved, in the language of the request (RFC 6266),
    /// with one in ASCII for old clients.
    fn disposition(&self, language: Language, today: NaiveDate) -> ContentDisposition {
        let name = |language| {
            let name = self.name.in_language(language).replace(' ', "-");
            format!("{name}_{today}.{}", self.suffix)
        };
        let mut parameters = vec![DispositionParam::Filename(name(Language::English))];
        if language == Language::Korean {
            parameters.push(DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".into()),
                language_tag: None,
                value: name(language).into_bytes(),
            }));
        }
        ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters,
        }
    }
}
