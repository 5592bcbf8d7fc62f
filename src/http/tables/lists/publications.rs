//! Tables of publications.

use crate::http::tables::columns::{Column, Table, code, plain};
use crate::http::tables::common::{AGREEMENT, ID, MUNICIPALITY, NOTE, URL};
use crate::kernel::language::Message;

pub const TABLES: &[Table] = &[
    Table {
        rows: "Publication",
        name: Message::fixed("공개", "publications"),
        columns: &PUBLICATION,
    },
    Table {
        rows: "ListedPublication",
        name: Message::fixed("공개", "publications"),
        columns: &LISTED_PUBLICATION,
    },
];

const PUBLICATION: [Column; 9] = [
    plain("published_on").headed("공개일", "Published on"),
    code("extent", "PublicationExtent").headed("공개 범위", "Extent"),
    URL,
    plain("place").headed("공개한 곳", "Place"),
    plain("withheld/*/part").headed("비공개한 부분", "Withheld"),
    plain("withheld/*/legal_basis").headed("비공개 근거", "Legal basis"),
    plain("withheld/*/until").headed("비공개 기한", "Withheld until"),
    NOTE,
    ID,
];

const LISTED_PUBLICATION: [Column; 11] = {
    let mut columns = [MUNICIPALITY; 11];
    columns[1] = AGREEMENT;
    let mut at = 0;
    while at < PUBLICATION.len() {
        columns[at + 2] = PUBLICATION[at];
        at += 1;
    }
    columns
};
