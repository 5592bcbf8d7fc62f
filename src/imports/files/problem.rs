//! Reasons why nothing of a file can be taken.

use crate::files::protected;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::language::Message;

/// The one problem of a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    Empty,
    /// It is a file of another kind; `?` if of which is unknown.
    NoTable(&'static str),
    /// Its media type promises something else than this format.
    Contradiction(&'static str),
    /// A text whose media type is no table's.
    NoTableType,
    /// A zip or an OLE container that is damaged.
    Damaged(&'static str),
    Encrypted,
    /// More than this many bytes when it is unpacked.
    TooLarge(u64),
    TooManyRows(usize),
    TooManyColumns,
    /// More cells in all sheets than are read.
    TooManyCells,
    /// Elements of a page inside one another, deeper than they are read.
    TooDeep,
    /// A quote that opens in this cell and never closes.
    OpenQuote(String),
    /// Neither UTF-8 nor CP949; holds the number of the first line that is not.
    Encoding(usize),
}

impl FileProblem {
    /// Returns the machine-readable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::NoTable(_) => "file_no_table",
            Self::Contradiction(_) => "file_type_contradicts",
            Self::NoTableType => "file_type",
            Self::Damaged(_) => "file_damaged",
            Self::Encrypted => "file_encrypted",
            Self::TooLarge(_) => "file_unpacked_too_large",
            Self::TooManyRows(_) => "file_rows",
            Self::TooManyColumns => "file_columns",
            Self::TooManyCells => "file_cells",
            Self::TooDeep => "file_depth",
            Self::OpenQuote(_) => "file_quote_open",
            Self::Encoding(_) => "file_encoding",
        }
    }

    /// Returns the message of a file that holds too much.
    fn too_many(&self) -> Message {
        match self {
            Self::TooManyRows(rows) => Message::new(
                format!(
                    "행이 {rows}개입니다. {}행까지 받습니다. 나누어 보내 주십시오.",
                    super::MOST_ROWS
                ),
                format!(
                    "The file has {rows} rows; at most {} are accepted. Send it in parts.",
                    super::MOST_ROWS
                ),
            ),
            Self::TooManyColumns => Message::new(
                format!("열이 {}개를 넘습니다.", super::MOST_COLUMNS),
                format!("A sheet has more than {} columns.", super::MOST_COLUMNS),
            ),
            _ => Message::new(
                format!(
                    "칸이 너무 많습니다. 모든 시트를 합쳐 {}칸까지 받습니다. 빈 행과 열을 지우거나 나누어 보내 주십시오.",
                    super::room::MOST_CELLS
                ),
                format!(
                    "The file has too many cells; at most {} in all sheets are accepted. Remove blank rows and columns, or send it in parts.",
                    super::room::MOST_CELLS
                ),
            ),
        }
    }

    /// Returns what is wrong and what to do, in both languages.
    pub fn message(&self) -> Message {
        match self {
            Self::Empty => Message::fixed("파일에 내용이 없습니다.", "The file has no content."),
            Self::NoTable("?") => Message::fixed(
                "표가 들어 있는 파일이 아닙니다. CSV, XLSX, XLS, ODS나 HTML 표를 보내 주십시오.",
                "This file holds no table. Send CSV, XLSX, XLS, ODS or an HTML table.",
            ),
            Self::NoTable(kind) => Message::new(
                format!("{kind} 파일입니다. CSV, XLSX, XLS, ODS나 HTML 표를 보내 주십시오."),
                format!("This is a {kind} file. Send CSV, XLSX, XLS, ODS or an HTML table."),
            ),
            Self::Contradiction(is) => Message::new(
                format!("파일 형식(Content-Type)과 내용이 다릅니다. 내용은 {is}입니다."),
                format!("The file's Content-Type contradicts its content, which is {is}."),
            ),
            Self::NoTableType => Message::fixed(
                "이 형식(Content-Type)의 글은 표로 읽지 않습니다. CSV, XLSX, XLS, ODS나 HTML 표를 그 형식으로 보내 주십시오.",
                "A text of this Content-Type is not read as a table. Send CSV, XLSX, XLS, ODS or an HTML table by its type.",
            ),
            Self::Damaged(kind) => Message::new(
                format!(
                    "{kind} 파일이 손상되었거나 끝까지 전송되지 않았습니다. 다시 저장해 보내 주십시오."
                ),
                format!(
                    "The {kind} file is damaged or incomplete. Save it anew and send it again."
                ),
            ),
            Self::Encrypted => protected(),
            Self::TooLarge(limit) => Message::new(
                format!("압축을 풀면 한도({limit}바이트)를 넘는 파일입니다. 나누어 보내 주십시오."),
                format!("The file has more than {limit} bytes, unpacked. Send it in parts."),
            ),
            Self::TooManyRows(_) | Self::TooManyColumns | Self::TooManyCells => self.too_many(),
            Self::TooDeep => Message::fixed(
                "표가 든 HTML의 요소가 너무 깊이 겹쳐 있습니다. CSV나 XLSX로 저장해 보내 주세요.",
                "The elements of the HTML page are nested too deep. Save the table as CSV or XLSX and send that.",
            ),
            Self::OpenQuote(at) => Message::new(
                format!("{at}에서 연 따옴표가 닫히지 않아 그 뒤의 행을 나눌 수 없습니다."),
                format!(
                    "The quote that opens in {at} never closes, so that the rows after it cannot be told apart."
                ),
            ),
            Self::Encoding(line) => Message::new(
                format!(
                    "문자 인코딩을 알 수 없습니다. UTF-8도 CP949(EUC-KR)도 아닙니다({line}번째 줄)."
                ),
                format!("The file is neither UTF-8 nor CP949 (EUC-KR); see line {line}."),
            ),
        }
    }
}

/// Media types of files that are taken.
const TYPES: &str = "text/csv, text/tab-separated-values, text/html, \
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, application/vnd.ms-excel, \
    application/vnd.oasis.opendocument.spreadsheet";

impl From<FileProblem> for ApiError {
    fn from(problem: FileProblem) -> Self {
        match problem {
            FileProblem::TooLarge(_) => {
                let Message { ko, en } = problem.message();
                Self::with(Code::TooLarge, ko, en)
            }
            FileProblem::NoTableType => {
                let Message { ko, en } = problem.message();
                Self::with(Code::UnsupportedMediaType, ko, en).accepting("Accept", TYPES)
            }
            _ => Self::invalid_at("", problem.code(), problem.message()),
        }
    }
}
