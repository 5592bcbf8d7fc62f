//! Fields and values of imported records in words.

use serde_json::{Map, Value};

use crate::directory::names::Names;
use crate::imports::kind::ImportKind;
use crate::kernel::ids::OrganizationId;
use crate::kernel::member_names::member_name;
use crate::kernel::values::{ImpreciseDate, Money};
use crate::pages::words::Words;

/// Korean and English names of the fields to which columns can be mapped, but for the steps of projects.
const FIELDS: &[(&str, &str, &str)] = &[
    ("activities", "주요 활동", "Activities"),
    ("agenda", "안건", "Agenda"),
    ("amount", "금액", "Amount"),
    ("announced_on", "발표일", "Announced on"),
    ("attendees", "참석 기관", "Attendees"),
    ("auto_renews", "자동 연장", "Automatic renewal"),
    ("business_number", "사업자등록번호", "Business number"),
    ("commitment_amount", "약속한 금액", "Promised amount"),
    ("commitment_area", "약속한 면적", "Promised area"),
    (
        "commitment_persons",
        "약속한 인원",
        "Promised number of persons",
    ),
    ("completed_on", "이행을 완료한 날", "Completed on"),
    ("contact", "담당자", "Contact"),
    ("contact_email", "담당자 전자우편", "E-mail of the contact"),
    ("contact_phone", "담당자 전화", "Telephone of the contact"),
    ("corporate_number", "법인등록번호", "Corporate number"),
    ("cost", "비용", "Cost"),
    (
        "cost_approximate",
        "비용: 어림값 여부",
        "Cost: whether approximate",
    ),
    ("cost_as_stated", "비용: 원문", "Cost: as stated"),
    ("cost_currency", "비용: 통화", "Cost: currency"),
    ("cost_max", "비용: 최대", "Cost: at most"),
    ("cost_min", "비용: 최소", "Cost: at least"),
    ("country", "국가", "Country"),
    ("decisions", "결정 사항", "Decisions"),
    ("effective_from", "효력 시작일", "In force from"),
    ("effective_period", "협약 기간", "Term"),
    ("effective_until", "효력 종료일", "In force until"),
    ("end_reason", "종료 사유", "Reason of the end"),
    ("ended_on", "끝난 날", "Ended on"),
    ("event", "변동 구분", "Event"),
    ("financial_obligation", "재정 부담", "Financial obligation"),
    ("first_target", "당초 목표", "First target"),
    ("founded", "설립일", "Founded"),
    ("happened_on", "발표한 일의 날짜", "Day of the event"),
    ("held_on", "개최일", "Held on"),
    (
        "identifier_schemes",
        "식별번호 종류",
        "Kinds of identifiers",
    ),
    ("identifiers", "식별번호", "Identifiers"),
    ("kind", "종류", "Kind"),
    ("lead_department", "담당 부서", "Department in charge"),
    ("name", "이름", "Name"),
    ("name_en", "영어 이름", "Name in English"),
    ("name_ko", "한국어 이름", "Name in Korean"),
    ("note", "비고에 남김", "Keep in the remarks"),
    ("officer_titles", "기관장 직위", "Post of the head"),
    ("officers", "기관장 등", "Officers"),
    ("other_names", "다른 이름", "Other names"),
    ("other_parties", "그 밖의 당사자", "Other parties"),
    (
        "other_parties_count",
        "그 밖의 당사자 수",
        "Number of other parties",
    ),
    ("outcome", "추진 결과", "Outcome"),
    ("outcome_on", "추진 결과의 날짜", "Day of the outcome"),
    ("parties", "협약 당사자", "Parties"),
    ("phase", "사업 단계", "Phase"),
    ("project", "사업", "Project"),
    ("publisher", "발표한 곳", "Publisher"),
    ("purpose", "목적", "Purpose"),
    ("reason", "변경 사유 설명", "Reason in words"),
    ("reason_code", "변경 사유", "Reason"),
    ("reference_number", "관리번호", "Reference number"),
    ("row_number", "연번", "Number of the row"),
    ("short_name", "약칭", "Short name"),
    ("signed_day", "체결일: 일", "Signed on: day"),
    ("signed_month", "체결일: 월", "Signed on: month"),
    ("signed_on", "체결일", "Signed on"),
    ("signed_year", "체결일: 연도", "Signed on: year"),
    (
        "signing_planned_on",
        "체결 예정일",
        "Planned day of signing",
    ),
    ("source", "출처", "Source"),
    ("source_url", "출처 주소", "Address of the source"),
    ("sources_published_on", "자료 기준일", "Day of the data"),
    ("sources_url", "출처 주소", "Address of the source"),
    ("stated_by", "밝힌 기관", "Stated by"),
    ("stated_on", "밝힌 날", "Stated on"),
    ("status", "상태", "Status"),
    ("target", "목표 시점", "Target"),
    ("terminated_on", "해지한 날", "Terminated on"),
    ("text", "내용", "Text"),
    ("title", "제목", "Title"),
    ("title_en", "영어 제목", "Title in English"),
    ("title_ko", "한국어 제목", "Title in Korean"),
    ("topics", "주제", "Topics"),
    ("url", "주소", "Address"),
    ("venue", "장소", "Venue"),
    ("visibility", "공개 범위", "Visible to"),
    ("website", "누리집", "Website"),
    ("working_group", "실무협의체", "Working group"),
];

/// Returns the name of a field to which a column can be mapped.
pub fn field(name: &str, w: Words) -> String {
    match FIELDS.iter().find(|(known, ..)| *known == name) {
        Some((_, ko, en)) => w.t(ko, en).to_owned(),
        // A column of the days of a step has its name.
        None => w.label("MilestoneKind", &name),
    }
}

/// Returns the name of a member of a record, with a capital letter in English.
pub fn member(name: &str, w: Words) -> String {
    let name = w.message(&member_name(name));
    let mut rest = name.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => name,
    }
}

/// Members of a row's record that stand in its heading, or that say whence it comes.
const ELSEWHERE: &[&str] = &["title", "name", "sources", "municipality_id"];

/// Members that are read first.
const FIRST: &[&str] = &[
    "parties",
    "signed_on",
    "effective_from",
    "effective_until",
    "status",
];

/// Members of a record in words.
pub struct Said<'a> {
    pub w: Words,
    pub kind: ImportKind,
    pub names: &'a Names,
}

impl Said<'_> {
    /// Returns the members of a record with their names, the most important ones first.
    pub fn members(&self, body: &Map<String, Value>) -> Vec<(String, String)> {
        let place = |member: &str| FIRST.iter().position(|first| *first == member);
        let mut all: Vec<(&String, &Value)> = body.iter().collect();
        all.retain(|(member, _)| !ELSEWHERE.contains(&member.as_str()));
        all.sort_by_key(|(member, _)| place(member).unwrap_or(FIRST.len()));
        let all = all.into_iter().map(|(name, value)| {
            let said = match (self.enumeration(name), value) {
                (Some(enumeration), Value::String(code)) => self.w.label(enumeration, code),
                _ => self.value(value),
            };
            (member(name, self.w), said)
        });
        all.filter(|(_, said)| !said.is_empty()).collect()
    }

    /// Returns the name or the title of a record.
    pub fn heading(&self, body: &Value) -> String {
        let titles = ["title", "name"].map(|member| self.value(&body[member]));
        let found = titles.into_iter().find(|title| !title.is_empty());
        found.unwrap_or_else(|| self.value(&body["held_on"]))
    }

    fn enumeration(&self, member: &str) -> Option<&'static str> {
        Some(match (self.kind, member) {
            (ImportKind::Agreements, "kind") => "AgreementKind",
            (ImportKind::Agreements, "status") => "AgreementStatus",
            (ImportKind::Organizations, "kind") => "OrganizationKind",
            (ImportKind::Announcements, "kind") => "AnnouncementKind",
            (_, "visibility") => "Visibility",
            _ => return None,
        })
    }

    /// Returns a value in words; an empty text for what says nothing to a person.
    pub fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(yes) => self.w.yes_no(Some(*yes)).to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => match text.parse::<uuid::Uuid>() {
                Ok(id) => self.name(id.into()),
                Err(_) => text.clone(),
            },
            Value::Array(items) => self.joined(items.iter(), ", "),
            Value::Object(members) => self.object(value, members),
        }
    }

    fn object(&self, value: &Value, members: &Map<String, Value>) -> String {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let own = match self.w.tag() {
            "ko" => text("ko").or(text("en")),
            _ => text("en").or(text("ko")),
        };
        if let Some(text) = own {
            return text.to_owned();
        }
        if let Some(edtf) = text("edtf") {
            let date = ImpreciseDate::parse(edtf);
            return date.map_or_else(|_| edtf.to_owned(), |date| self.w.date(Some(&date)));
        }
        if members.contains_key("currency")
            && let Ok(money) = serde_json::from_value::<Money>(value.clone())
        {
            return self.w.money(&money);
        }
        if let Some(stated) = text("as_stated") {
            return stated.to_owned();
        }
        // Of a party, its name; of other objects, all that they hold but codes.
        if let Some(party) = members
            .get("organization")
            .or(members.get("organization_id"))
        {
            return self.value(party);
        }
        let said = members.iter();
        let said = said.filter(|(name, _)| !matches!(name.as_str(), "kind" | "role" | "scheme"));
        self.joined(said.map(|(_, value)| value), " · ")
    }

    fn joined<'a>(&self, values: impl Iterator<Item = &'a Value>, between: &str) -> String {
        let said = values.map(|value| self.value(value));
        let said: Vec<String> = said.filter(|text| !text.is_empty()).collect();
        said.join(between)
    }

    fn name(&self, id: OrganizationId) -> String {
        let found = self.names.find(id);
        found.map_or_else(String::new, |one| one.name.in_language(self.w.0).to_owned())
    }
}

/// Returns the ids that a value holds.
pub fn ids(value: &Value, found: &mut Vec<OrganizationId>) {
    match value {
        Value::String(text) => found.extend(text.parse::<uuid::Uuid>().map(OrganizationId::from)),
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(members) => members.values().for_each(|item| ids(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::mapping::fields;
    use crate::kernel::language::Language;

    #[test]
    fn every_field_has_words() {
        let kinds = [
            ImportKind::Agreements,
            ImportKind::Organizations,
            ImportKind::Meetings,
            ImportKind::Announcements,
            ImportKind::Milestones,
        ];
        for name in kinds.into_iter().flat_map(fields) {
            for language in [Language::Korean, Language::English] {
                let said = field(name, Words(language));
                let is_korean = said.chars().any(|c| ('가'..='힣').contains(&c));
                assert_eq!(is_korean, language == Language::Korean, "{name}: {said}");
                assert!(!said.contains('_'), "{name}: {said}");
            }
        }
    }
}
