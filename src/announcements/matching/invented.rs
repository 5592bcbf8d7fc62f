//! An invented city with agreements and announcements, for tests: names, dates and titles have the
//! forms that ledgers and press releases use. The same numbers give the same city.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Known, PartyNames};
use crate::announcements::store::Target;
use crate::announcements::types::{AnnouncementContent, AnnouncementKind};
use crate::directory::legal_forms::name_key;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::{Bounds, ImpreciseDate, Localized};

const CITY: &str = "새별시";
const FIRST: [&str; 24] = [
    "가온",
    "나래",
    "다솜",
    "라온",
    "마루",
    "바름",
    "사랑",
    "아람",
    "자람",
    "차오름",
    "하늘",
    "한울",
    "누리",
    "도담",
    "미르",
    "보람",
    "소담",
    "예솔",
    "온새",
    "이든",
    "푸른",
    "해솔",
    "힘찬",
    "흰여울",
];
const SECOND: [&str; 20] = [
    "",
    "중앙",
    "동부",
    "서부",
    "남부",
    "북부",
    "제일",
    "국제",
    "미래",
    "우리",
    "한국",
    "대한",
    "신",
    "새",
    "글로벌",
    "스마트",
    "그린",
    "하이",
    "온누리",
    "참",
];
const BODIES: [&str; 14] = [
    "대학교",
    "대학교병원",
    "병원",
    "문화재단",
    "복지재단",
    "협회",
    "전자",
    "바이오",
    "건설",
    "도시공사",
    "농업협동조합",
    "상공회의소",
    "은행",
    "연구원",
];
const THEMES: [&str; 40] = [
    "스마트도시 조성",
    "청년 일자리 창출",
    "어르신 건강 돌봄",
    "바이오 클러스터 육성",
    "지역 농산물 판로 확대",
    "공공의료 체계 구축",
    "반려동물 문화 정착",
    "탄소중립 실천",
    "자율주행 시범 운행",
    "전통시장 활성화",
    "학교 밖 청소년 지원",
    "소상공인 금융 지원",
    "도서관 책 나눔",
    "수소 충전소 설치",
    "치매 안심 마을 운영",
    "영상 콘텐츠 산업 진흥",
    "다문화 가정 한국어 교육",
    "물류 단지 개발",
    "도시숲 가꾸기",
    "드론 배송 실증",
    "장애인 고용 확대",
    "관광 상품 개발",
    "재난 안전 공동 대응",
    "인공지능 인재 양성",
    "빈집 정비",
    "평생학습 과정 개설",
    "노후 산업단지 재생",
    "아동 급식 지원",
    "전기차 보급",
    "문화유산 보존",
    "우주항공 부품 국산화",
    "체육 시설 개방",
    "폐자원 순환 이용",
    "귀농 귀촌 정착",
    "여성 안심 귀갓길",
    "데이터 센터 유치",
    "하천 수질 개선",
    "의료기기 임상 시험",
    "항만 배후 부지 개발",
    "주거 취약 계층 집수리",
];

/// The themes in English, in the same order.
const IN_ENGLISH: [&str; 40] = [
    "smart city development",
    "youth employment",
    "health care for the elderly",
    "bio cluster promotion",
    "wider markets for local farm products",
    "a public health care system",
    "pet culture",
    "carbon neutrality",
    "autonomous driving trials",
    "traditional market revival",
    "support for out-of-school youth",
    "finance for small merchants",
    "library book sharing",
    "hydrogen charging stations",
    "dementia-friendly villages",
    "the video content industry",
    "Korean language classes for multicultural families",
    "logistics park development",
    "urban forest care",
    "drone delivery trials",
    "employment of people with disabilities",
    "tourism products",
    "joint disaster response",
    "training of artificial intelligence experts",
    "renewal of vacant houses",
    "lifelong learning courses",
    "regeneration of old industrial parks",
    "school meals for children",
    "electric vehicles",
    "preservation of cultural heritage",
    "domestic aerospace parts",
    "opening of sports facilities",
    "circular use of waste",
    "settlement of new farmers",
    "safe ways home for women",
    "a data center",
    "river water quality",
    "clinical trials of medical devices",
    "development of the port hinterland",
    "home repairs for vulnerable households",
];

/// Numbers that follow from a first one.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(first: u64) -> Self {
        Self(first)
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// Returns true once in `of` times.
    fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

/// An agreement of the city.
pub struct Agreement {
    pub known: Known,
    theme: &'static str,
    signed: NaiveDate,
}

/// The city.
pub struct City {
    pub names: HashMap<OrganizationId, PartyNames>,
    organizations: Vec<(OrganizationId, String)>,
    pub agreements: Vec<Agreement>,
}

fn day(numbers: &mut Numbers) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2014, 1, 6).unwrap();
    first + Days::new(numbers.below(365 * 10) as u64)
}

/// Returns a day as ledgers record it: some know the month or the year alone, some nothing.
fn recorded(numbers: &mut Numbers, day: NaiveDate) -> Bounds {
    let text = match numbers.below(20) {
        0 => return Bounds::UNKNOWN,
        1 => day.year().to_string(),
        2..=4 => day.format("%Y-%m").to_string(),
        _ => day.to_string(),
    };
    Bounds::of(Some(&ImpreciseDate::parse(&text).unwrap()))
}

impl City {
    /// Invents a city with numbers of organizations and agreements.
    pub fn new(numbers: &mut Numbers, organizations: usize, agreements: usize) -> Self {
        let mut city = Self {
            names: HashMap::new(),
            organizations: Vec::new(),
            agreements: Vec::new(),
        };
        let mut seen = std::collections::HashSet::new();
        while city.organizations.len() < organizations {
            let mut name = format!("{}{}", numbers.of(&FIRST), numbers.of(&SECOND));
            if organizations > 2_000 {
                name = format!("{name}{}", numbers.of(&FIRST));
            }
            let name = format!("{name}{}", numbers.of(&BODIES));
            if !seen.insert(name.clone()) {
                continue;
            }
            let id: OrganizationId = Uuid::from_u128(city.organizations.len() as u128 + 1).into();
            let keys = vec![name_key(&name)];
            city.names.insert(
                id,
                PartyNames {
                    name: name.clone(),
                    keys,
                },
            );
            city.organizations.push((id, name));
        }
        while city.agreements.len() < agreements {
            city.sign(numbers);
        }
        city
    }

    /// Signs an agreement; some have a renewal some years later, with the same parties and theme.
    fn sign(&mut self, numbers: &mut Numbers) {
        let count = [1, 1, 1, 2, 2, 3, 6][numbers.below(7)];
        let mut parties: Vec<OrganizationId> = Vec::new();
        while parties.len() < count {
            let (id, _) = self.organizations[numbers.below(self.organizations.len())];
            if !parties.contains(&id) {
                parties.push(id);
            }
        }
        let (theme, signed) = (THEMES[numbers.below(THEMES.len())], day(numbers));
        let renewed = numbers
            .once_in(6)
            .then(|| signed + Days::new(365 * 2 + 100));
        for signed in [Some(signed), renewed].into_iter().flatten() {
            let title = match numbers.below(4) {
                0 => format!("{theme} 업무협약"),
                1 => format!("{theme}을 위한 업무협약"),
                2 => format!("{CITY}-{} {theme} 협약", self.name(parties[0])),
                _ => format!("{theme} 협력 양해각서(MOU)"),
            };
            let title = match numbers.below(3) {
                0 => bilingual(title, format!("MOU on {}", in_english(theme))),
                _ => Localized::ko(title),
            };
            let id: AgreementId = Uuid::from_u128(self.agreements.len() as u128 + 1).into();
            let known = Known {
                target: Target::Agreement(id),
                kind: AnnouncementKind::Signing,
                title,
                day: recorded(numbers, signed),
                parties: parties.clone(),
                projects: Vec::new(),
            };
            self.agreements.push(Agreement {
                known,
                theme,
                signed,
            });
        }
    }

    /// The name of the city itself.
    pub fn own(&self) -> String {
        name_key(CITY)
    }

    fn name(&self, id: OrganizationId) -> &str {
        &self.names[&id].name
    }

    /// Returns a name as the press writes it: shortened, with a legal form, or in words apart.
    fn written(&self, numbers: &mut Numbers, id: OrganizationId) -> String {
        let name = self.name(id);
        let short = name
            .strip_suffix("대학교")
            .map(|before| format!("{before}대"));
        let short = short.or_else(|| Some(format!("{}농협", name.strip_suffix("농업협동조합")?)));
        let short = short.or_else(|| Some(format!("{}상의", name.strip_suffix("상공회의소")?)));
        let is_company = ["전자", "바이오", "건설"]
            .iter()
            .any(|end| name.ends_with(end));
        match (numbers.below(4), short) {
            (0, Some(short)) => short,
            (0, None) if is_company => format!("㈜{name}"),
            (1, _) if is_company => format!("{name}(주)"),
            (2, _) if name.ends_with("재단") => format!("(재){name}"),
            _ => name.to_owned(),
        }
    }

    /// Returns the announcement of an agreement.
    pub fn announcement(
        &self,
        numbers: &mut Numbers,
        agreement: &Agreement,
    ) -> AnnouncementContent {
        let parties = &agreement.known.parties;
        let told = match parties.len() {
            0..=2 => parties.len(),
            all => 1 + numbers.below(all),
        };
        let names: Vec<String> = parties[..told]
            .iter()
            .map(|id| self.written(numbers, *id))
            .collect();
        let announced = match numbers.below(8) {
            0 => agreement.signed - Days::new(3),
            lag => agreement.signed + Days::new(lag as u64 - 1),
        };
        announcement(
            numbers,
            &names,
            parties.len(),
            agreement.theme,
            (announced, agreement.signed),
        )
    }

    /// Returns an announcement without a record: of other organizations, of the same at another time,
    /// of the same in the same weeks on another theme, or of an event that is no agreement.
    pub fn distractor(&self, numbers: &mut Numbers, kind: usize) -> AnnouncementContent {
        loop {
            if let Some(content) = self.try_distractor(numbers, kind) {
                return content;
            }
        }
    }

    fn try_distractor(&self, numbers: &mut Numbers, kind: usize) -> Option<AnnouncementContent> {
        let near = &self.agreements[numbers.below(self.agreements.len())];
        let party = near.known.parties[0];
        let name = self.written(numbers, party);
        let other = THEMES.iter().filter(|theme| **theme != near.theme);
        let other: Vec<&&str> = other.collect();
        let other = *other[numbers.below(other.len())];
        let stranger = format!("별빛{}{}", numbers.of(&SECOND), numbers.of(&BODIES));
        Some(match kind {
            0..=3 => {
                let day = self.far_from(numbers, party)?;
                announcement(numbers, &[name], 1, near.theme, (day, day))
            }
            4..=6 => {
                let day = near.signed + Days::new(1);
                announcement(numbers, &[stranger], 1, other, (day, day))
            }
            7 => {
                let day = near.signed + Days::new(9);
                announcement(numbers, &[name, stranger], 2, other, (day, day))
            }
            _ => {
                let day = self.far_from(numbers, party)?;
                let text =
                    format!("{CITY}는 {name}에서 주민 행사를 열었다. {other} 홍보도 있었다.");
                content(
                    json!({"kind": "signing", "title": {"ko": format!("{name} 가을 축제 성황")},
                    "announced_on": {"edtf": day.to_string()}, "text": {"ko": text}}),
                )
            }
        })
    }

    /// Returns a day on which a party signed nothing for a year and a half; `None` if it signs often.
    fn far_from(&self, numbers: &mut Numbers, party: OrganizationId) -> Option<NaiveDate> {
        let own = self.agreements.iter();
        let own = own.filter(|one| one.known.parties.contains(&party));
        let signed: Vec<NaiveDate> = own.map(|one| one.signed).collect();
        let mut days = (0..40).map(|_| day(numbers));
        days.find(|day| {
            signed
                .iter()
                .all(|signed| (*signed - *day).num_days().abs() > 500)
        })
    }
}

fn in_english(theme: &str) -> &'static str {
    let at = THEMES.iter().position(|one| *one == theme).unwrap();
    IN_ENGLISH[at]
}

fn bilingual(ko: String, en: String) -> Localized {
    Localized {
        ko: Some(ko),
        en: Some(en),
    }
}

fn content(body: Value) -> AnnouncementContent {
    serde_json::from_value(body).unwrap()
}

fn announcement(
    numbers: &mut Numbers,
    names: &[String],
    parties: usize,
    theme: &str,
    (announced, signed): (NaiveDate, NaiveDate),
) -> AnnouncementContent {
    let first = &names[0];
    let others = match parties {
        1 => String::new(),
        all => format!(" 등 {all}개 기관"),
    };
    let title = match numbers.below(5) {
        0 => format!("{CITY}, {first}{others}과 {theme} 업무협약 체결"),
        1 => format!("{first}·{CITY}, {theme} 손잡는다"),
        2 => format!("{CITY}·{first} {theme} MOU"),
        3 => format!("{theme} 위해 {CITY}-{first}{others} 맞손"),
        _ => format!("{CITY}, {first}{others}과 상생 협력"),
    };
    let text = format!(
        "{CITY}는 {}일 시청에서 {}{others}과 {theme}에 힘을 모으기로 했다. 시장은 “시민이 체감하는 변화를 만들겠다”고 말했다.",
        signed.day(),
        names.join(", "),
    );
    let happened = (!numbers.once_in(3)).then(|| json!({"edtf": signed.to_string()}));
    let stated: Vec<Value> = match numbers.once_in(2) {
        true => names.iter().map(|name| json!({"name": name})).collect(),
        false => Vec::new(),
    };
    let text = (!numbers.once_in(4)).then(|| json!({"ko": text}));
    // Some cities tell it in English too.
    let english = numbers.once_in(5).then(|| {
        let theme = in_english(theme);
        format!("Saebyeol City signs an agreement on {theme}")
    });
    content(json!({
        "kind": "signing", "title": {"ko": title, "en": english}, "publisher": CITY, "text": text, "parties": stated,
        "announced_on": {"edtf": announced.to_string()}, "happened_on": happened,
    }))
}
