//! Files of records, as links to those that whoever reads a page may read.

use crate::db::AnyConnection;
use crate::files::{KeptFile, RecordFile, Wanted, choose, of_document};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, PartId};
use crate::ledger::{self, RequestContext};
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;

/// What a page shows of files.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    frame: &'a Frame,
    /// Whether the page is for one of the staff or of those who take part, who read more than others.
    is_inside: bool,
}

impl<'a> Files<'a> {
    /// Returns what a page shows of the files of an agreement, project or working group `context` and of
    /// its parts.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub fn of(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        frame: &'a Frame,
        owners: &[OrganizationId],
        context: &str,
    ) -> Result<Self, ApiError> {
        let is_inside = frame.is_office() && ledger::is_inside(conn, &cx.caller, owners, context)?;
        Ok(Self { frame, is_inside })
    }

    /// Returns what a page shows of files to everyone.
    pub fn of_everyone(frame: &'a Frame) -> Self {
        let is_inside = false;
        Self { frame, is_inside }
    }

    /// Returns the newest readable file of a document.
    pub fn newest<'f>(&self, files: impl Iterator<Item = &'f KeptFile>) -> Option<&'f KeptFile> {
        choose(files, Wanted::Newest, self.is_inside).ok()
    }

    /// Returns a link to the newest readable file of a document, of which `path` is the path of the API.
    pub fn link<'f>(&self, files: impl Iterator<Item = &'f KeptFile>, path: &str) -> Option<Link> {
        let file = self.newest(files)?;
        let href = self.frame.data(&format!("{path}/files/{}", file.id), &[]);
        Some(Link::to(
            href,
            Text::stated(file.name.clone(), self.frame.w),
        ))
    }

    /// Returns links to the newest readable files of the documents of a record, of which `path` is the
    /// path of the API.
    pub fn links(&self, files: &[RecordFile], path: &str) -> Vec<Link> {
        let mut documents: Vec<PartId> = Vec::new();
        for of in files {
            if !documents.contains(&of.document_id) {
                documents.push(of.document_id);
            }
        }
        let links = documents.into_iter();
        let links = links.filter_map(|document| self.link(of_document(files, document), path));
        links.collect()
    }
}
