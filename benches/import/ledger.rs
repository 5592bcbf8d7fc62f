//! A ledger of a city as a workbook.

use chrono::{Datelike, Days, NaiveDate};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::Error;

const HEADERS: [&str; 9] = [
    "문서번호",
    "협약명",
    "협약기관",
    "체결일자",
    "협약기간",
    "사업비(백만원)",
    "진행 여부",
    "담당부서",
    "비고",
];
const TOPICS: [&str; 10] = [
    "청년 일자리",
    "치매 예방",
    "탄소중립",
    "로컬푸드",
    "평생교육",
    "도시재생",
    "데이터 개방",
    "드론 실증",
    "수소경제",
    "의료관광",
];
const PLACES: [&str; 10] = ["갑", "을", "병", "정", "무", "기", "경", "신", "임", "계"];
const PARTS: [&str; 5] = ["동", "서", "남", "북", "중앙"];
const KINDS: [&str; 6] = ["전자㈜", "대학교", "병원", "은행", "협회", "연구원"];

/// Returns the names of the partners.
pub fn organizations() -> Vec<String> {
    let mut names = Vec::new();
    for place in PLACES {
        for part in PARTS {
            names.extend(KINDS.map(|kind| format!("{place}{part}{kind}")));
        }
    }
    names
}

/// Returns an XLSX file with so many agreements. Each has a partner beside the city, and a day in one of
/// four forms.
pub fn workbook(rows: usize) -> Result<Vec<u8>, Error> {
    let partners = organizations();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let days = Format::new().set_num_format("yyyy\"년\" m\"월\" d\"일\"");
    sheet.write(0, 0, "업무협약 관리대장")?;
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write(2, column, header)?;
    }
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).ok_or("a day")?;
    for n in 0..rows {
        // A step that is prime to the number of days and of partners spreads both.
        let day = first + Days::new((n * 7_919 % 9_000) as u64);
        let end = day + Days::new(3 * 365);
        let row = u32::try_from(n + 3)?;
        sheet.write(row, 0, format!("기획-{n:05}"))?;
        let topic = TOPICS[n % TOPICS.len()];
        sheet.write(row, 1, format!("{topic} 업무협약 {n}"))?;
        sheet.write(row, 2, &partners[n * 7 % partners.len()])?;
        let form = ["", "%Y.%-m.%-d", "%Y. %-m. %-d.", "%Y년 %-m월 %-d일"][n % 4];
        match form {
            "" => {
                let (year, month) = (u16::try_from(day.year())?, u8::try_from(day.month())?);
                let typed = ExcelDateTime::from_ymd(year, month, u8::try_from(day.day())?)?;
                sheet.write_with_format(row, 3, &typed, &days)?
            }
            form => sheet.write(row, 3, day.format(form).to_string())?,
        };
        let term = [day, end].map(|day| day.format("%Y.%-m.%-d.").to_string());
        sheet.write(row, 4, term.join("~"))?;
        sheet.write(row, 5, u32::try_from(n * 31 % 5_000 + 1)?)?;
        sheet.write(row, 6, if n % 2 == 0 { "진행중" } else { "완료" })?;
        sheet.write(row, 7, "기획예산과")?;
        if n % 7 == 0 {
            sheet.write(row, 8, format!("비고 {n}"))?;
        }
    }
    Ok(book.save_to_buffer()?)
}
