//! What a request should contain, in words: for each pattern and each format of the spec, since
//! neither a regular expression nor the name of a format tells an officer what to write.

use crate::kernel::language::Message;
use crate::kernel::wording::offered_day;

/// Format of a date as a plain text, which request bodies can hold in place of an object.
pub const DATE_TEXT: &str = "date-text";

/// Format of the id of a municipality, or its official code.
pub const MUNICIPALITY_KEY: &str = "municipality-key";

/// Returns what a text with a pattern looks like; `None` for a pattern without words.
#[must_use]
pub fn of_pattern(pattern: &str) -> Option<Message> {
    Some(match pattern {
        "^[!-~]+$" => Message::fixed(
            "띄어쓰기 없이 영문자, 숫자, 기호로 적으십시오. 예: 2026-11-28-0001",
            "Letters, digits and signs of ASCII without blanks are expected, such as 2026-11-28-0001.",
        ),
        "^oc4ids-[a-z0-9]{6}$" => Message::fixed(
            "oc4ids-와 등록된 소문자·숫자 여섯 자여야 합니다. 예: oc4ids-bu3kcz",
            "Expected oc4ids- and the six registered letters and digits: oc4ids-bu3kcz.",
        ),
        "^[0-9]+$" => Message::fixed(
            "숫자만 적으십시오. 예: 120",
            "Digits alone are expected, such as 120.",
        ),
        "^[0-9]{10}$" => Message::fixed(
            "숫자 열 자리로 적으십시오. 예: 4128000000",
            "Ten digits are expected, such as 4128000000.",
        ),
        "^([0-9]{4}|unknown)$" => Message::fixed(
            "네 자리 연도나 unknown으로 적으십시오. 예: 2024",
            "A year of four digits or `unknown` is expected, such as 2024.",
        ),
        "^[0-9a-f]{64}$" => Message::fixed(
            "SHA-256을 소문자 16진수 64자리로 적으십시오.",
            "A SHA-256 is expected, as 64 hexadecimal digits in lower case.",
        ),
        "^[a-z_]{1,50}$" => Message::fixed(
            "항목의 이름이어야 합니다. 예: title",
            "Expected the name of a member, such as title.",
        ),
        "^[a-z]{1,20}$" => Message::fixed(
            "영문 소문자 1~20자로 적으십시오. 예: completion",
            "1 to 20 lower-case letters are expected, such as completion.",
        ),
        "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$" => Message::fixed(
            "언어 코드로 적으십시오. 예: ja, zh-Hant",
            "The code of a language is expected, such as ja or zh-Hant.",
        ),
        r"^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))$" => {
            Message::fixed(
                "월과 일을 두 자리씩 적으십시오(2월 29일 제외). 예: 01-31",
                "A month and a day of every year are expected, in two digits each, such as 01-31.",
            )
        }
        _ => return None,
    })
}

/// Returns what a text of a format looks like; `None` for a format without words.
#[must_use]
pub fn of_format(format: &str) -> Option<Message> {
    Some(match format {
        DATE_TEXT | "edtf" => Message::fixed(
            "날짜로 읽을 수 없습니다. 예: 2026-12-01, 2021. 5. 3., 2026-H2",
            "This cannot be read as a date, such as 2026-12-01, 2021. 5. 3. or 2026-H2.",
        ),
        "date" => A_DAY,
        "date-time" => Message::fixed(
            "날짜와 시각을 시간대와 함께 적으십시오. 예: 2026-12-01T09:00:00+09:00",
            "A day and a time with its offset are expected, such as 2026-12-01T09:00:00+09:00.",
        ),
        "uuid" => Message::fixed(
            "이 등록부의 id로 적으십시오. 예: 0178d7fa-2c00-7000-8000-000000000001",
            "An id of this registry is expected, such as 0178d7fa-2c00-7000-8000-000000000001.",
        ),
        MUNICIPALITY_KEY => Message::fixed(
            "지방자치단체의 id나 숫자 열 자리 코드로 적으십시오. 예: 4128000000",
            "The id of a municipality or its code of ten digits is expected, such as 4128000000.",
        ),
        "email" => Message::fixed(
            "전자우편 주소로 적으십시오. 예: name@example.com",
            "An e-mail address is expected, such as name@example.com.",
        ),
        "uri" => Message::fixed(
            "http나 https로 시작하는 인터넷 주소로 적으십시오. 예: https://www.goyang.go.kr/",
            "An http or https address is expected, such as https://www.goyang.go.kr/.",
        ),
        "uri-reference" => Message::fixed(
            "인터넷 주소나 그 일부로 적으십시오. 예: /docs/problems#not_found",
            "An address or a part of one is expected, such as /docs/problems#not_found.",
        ),
        "iso3166-1" => Message::fixed(
            "ISO 3166-1의 두 글자 나라 코드가 아닙니다. 예: JP",
            "This is not a country code of ISO 3166-1 (alpha-2), as JP is.",
        ),
        "iso4217" => Message::fixed(
            "ISO 4217의 통화 코드가 아닙니다. 예: KRW",
            "This is not a currency code of ISO 4217, as KRW is.",
        ),
        _ => return None,
    })
}

const A_DAY: Message = Message::fixed(
    "연월일이 다 있는 하루로 적으십시오. 예: 2026-12-01",
    "A whole day is expected, such as 2026-12-01.",
);

/// Returns what to write in place of a text that is no day.
#[must_use]
pub fn not_a_day(text: &str) -> Message {
    offered_day(text).unwrap_or(A_DAY)
}

/// What is expected in a list of organizations.
pub const ORGANIZATION: Message = Message::fixed(
    "기관의 id를 적거나, {\"party\": 0} 또는 {\"organization\": {…}}로 적으십시오.",
    "The id of an organization is expected, or {\"party\": 0} or {\"organization\": {…}}.",
);

/// Returns what is expected in place of a value of another type, by the names of JSON's types.
#[must_use]
pub fn of_types(names: &[String]) -> Message {
    let has = |name: &str| names.iter().any(|n| n == name);
    // Only a date is either.
    if has("object") && has("string") {
        return Message::fixed(
            "날짜를 적을 자리입니다. \"2026-12-01\"처럼 글로 적거나, edtf나 as_stated가 있는 객체로 적으십시오.",
            "A date is expected: a text such as \"2026-12-01\", or an object with `edtf` or `as_stated`.",
        );
    }
    let known = [
        ("object", "객체({…})", "an object ({…})"),
        ("array", "목록([…])", "a list ([…])"),
        ("string", "따옴표로 묶은 글", "a text in quotes"),
        (
            "integer",
            "따옴표 없는 정수",
            "a whole number without quotes",
        ),
        ("number", "따옴표 없는 수", "a number without quotes"),
        ("boolean", "true나 false", "true or false"),
    ];
    let named: Vec<_> = known.iter().filter(|(name, ..)| has(name)).collect();
    if named.is_empty() {
        return Message::fixed("null만 쓸 수 있습니다.", "Only null is accepted.");
    }
    let ko: Vec<&str> = named.iter().map(|(_, ko, _)| *ko).collect();
    let en: Vec<&str> = named.iter().map(|(.., en)| *en).collect();
    Message::new(
        format!("이 자리의 값은 {}입니다.", ko.join(" 또는 ")),
        format!("Expected here: {}.", en.join(" or ")),
    )
}
