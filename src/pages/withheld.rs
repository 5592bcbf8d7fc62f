//! How many signed agreements readers do not see, on which legal basis and until when.

use crate::agreements::withheld::{WithheldGroup, count};
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;
use crate::pages::markup::Text;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Withheld agreements in words.
pub struct Withheld {
    pub text: String,
    /// Number, legal basis and end of each withholding.
    pub groups: Vec<Text>,
}

impl Withheld {
    /// Counts the withheld agreements of a municipality, or of all; `None` if there are none, and for
    /// people who are signed in, who see those of their own.
    pub fn of(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        frame: &Frame,
        municipality: Option<OrganizationId>,
    ) -> Result<Option<Self>, ApiError> {
        if frame.is_office() {
            return Ok(None);
        }
        let past = frame.as_of.filter(|day| *day < cx.today);
        let groups = count(conn, (municipality, cx.today), past)?;
        let w = frame.w;
        let all: i64 = groups.iter().map(|group| group.count).sum();
        let text = match (w.tag(), all) {
            (_, 0) => return Ok(None),
            ("ko", _) => {
                format!("체결하였으나 공개하지 않아 여기에 보이지 않는 협약이 {all}건 있습니다.")
            }
            (_, 1) => {
                "1 signed agreement is withheld from the public and not shown here.".to_owned()
            }
            _ => {
                format!("{all} signed agreements are withheld from the public and not shown here.")
            }
        };
        let groups = groups.iter().map(|group| Text::stated(words(w, group), w));
        Ok(Some(Self {
            text,
            groups: groups.collect(),
        }))
    }
}

fn words(w: Words, group: &WithheldGroup) -> String {
    let why = group.withholding.as_ref();
    let basis = why.map_or_else(
        || w.t("근거 미상", "legal basis unknown").to_owned(),
        |why| why.legal_basis.clone(),
    );
    let until = why.and_then(|why| why.until).map(|day| w.day(day));
    match (w.tag(), until) {
        ("ko", Some(day)) => format!("{}건: {basis}, {day}까지", group.count),
        ("ko", None) => format!("{}건: {basis}, 기한을 밝히지 않음", group.count),
        (_, Some(day)) => format!("{}: {basis}, until {day}", group.count),
        (_, None) => format!("{}: {basis}, no end stated", group.count),
    }
}
