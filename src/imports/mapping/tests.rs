use super::*;

fn mapped(headers: &[&str]) -> Vec<Option<String>> {
    let headers: Vec<String> = headers.iter().map(|h| (*h).to_owned()).collect();
    let all = map(ImportKind::Agreements, &headers);
    all.into_iter().map(|m| m.field).collect()
}

/// Headers of ledgers, and the fields that they state.
const LEDGERS: &[(&[&str], &[&str])] = &[
    (
        &[
            "연번",
            "협약명",
            "협약기관",
            "체결일",
            "협약기간",
            "담당부서",
            "비고",
        ],
        &[
            "row_number",
            "title",
            "parties",
            "signed_on",
            "effective_period",
            "lead_department",
            "note",
        ],
    ),
    (
        &[
            "번호",
            "MOU명",
            "상대처",
            "협약일자",
            "주요내용",
            "진행 여부",
        ],
        &[
            "row_number",
            "title",
            "parties",
            "signed_on",
            "purpose",
            "status",
        ],
    ),
    (
        &[
            "국내외구분",
            "국가/도시명",
            "결연일자",
            "협정구분",
            "교류내용",
        ],
        &["topics", "parties", "signed_on", "kind", "purpose"],
    ),
    (
        &[
            "투자협약명",
            "투자기업",
            "협약체결일자",
            "유치금액(억원)",
            "고용인원(명)",
        ],
        &[
            "title",
            "parties",
            "signed_on",
            "commitment_amount",
            "commitment_persons",
        ],
    ),
    (
        &[
            "구분",
            "체결 일자",
            "체결 기관",
            "사업비(백만원) 계",
            "사업비(백만원) 시비",
        ],
        &[
            "topics",
            "signed_on",
            "parties",
            "cost",
            "commitment_amount",
        ],
    ),
    (
        &[
            "사업명",
            "기관명",
            "체결연도",
            "면적",
            "홈페이지 링크",
            "데이터기준일자",
        ],
        &[
            "title",
            "parties",
            "signed_on",
            "commitment_area",
            "sources_url",
            "sources_published_on",
        ],
    ),
    (
        &["협약대상", "서명일자", "발효일자", "계약기간"],
        &["parties", "signed_on", "effective_from", "effective_period"],
    ),
];

const ENGLISH: &[(&[&str], &[&str])] = &[
    (
        &[
            "No.",
            "Title of MOU",
            "Counterpart",
            "Date Signed",
            "Valid Until",
            "Amount (KRW million)",
            "Status",
            "Remarks",
            "Country",
        ],
        &[
            "row_number",
            "title",
            "parties",
            "signed_on",
            "effective_until",
            "cost",
            "status",
            "note",
            "country",
        ],
    ),
    (
        &[
            "S/N",
            "MOU Name",
            "Partner Organization",
            "Date of Signature",
            "Valid From",
            "Validity Period",
            "Department in Charge",
            "Comments",
        ],
        &[
            "row_number",
            "title",
            "parties",
            "signed_on",
            "effective_from",
            "effective_period",
            "lead_department",
            "note",
        ],
    ),
];

#[test]
fn numbers_of_other_things_keep_their_headers() {
    for header in [
        "사업자등록번호",
        "법인등록번호",
        "공고번호",
        "계약번호",
        "의안번호",
        "허가번호",
        "우편번호",
        "팩스번호",
        "Last update",
        "Real estate",
    ] {
        assert_eq!(mapped(&[header]), [None], "{header}");
    }
    let right = [Some("reference_number".into()), Some("row_number".into())];
    assert_eq!(mapped(&["우리시 관리번호", "번호"]), right);
}

#[test]
fn personal_columns_state_nothing_public() {
    let kinds = [
        ImportKind::Agreements,
        ImportKind::Organizations,
        ImportKind::Meetings,
        ImportKind::Announcements,
        ImportKind::Milestones,
    ];
    for kind in kinds {
        for header in [
            "주민등록번호",
            "대표자 주민등록번호",
            "외국인등록번호",
            "여권번호",
            "계좌번호",
        ] {
            let found = map(kind, &[header.to_owned()])[0].field.clone();
            assert_eq!(found, None, "{kind:?} {header}");
        }
        for header in [
            "작성자",
            "결재자",
            "팀장",
            "연락처",
            "참석자 연락처",
            "휴대폰번호",
            "전화번호",
            "Contact person",
            "Officer in charge",
            "Manager",
            "Tel",
        ] {
            let found = map(kind, &[header.to_owned()])[0].field.clone();
            let is_private = found.as_deref().is_none_or(|f| OF_PERSONS.contains(&f));
            assert!(is_private, "{kind:?} {header} {found:?}");
        }
    }
}

#[test]
fn headers_of_ledgers_are_known() {
    for (headers, fields) in LEDGERS.iter().chain(ENGLISH) {
        let right: Vec<Option<String>> = fields.iter().map(|f| Some((*f).to_owned())).collect();
        assert_eq!(mapped(headers), right, "{headers:?}");
    }
}

#[test]
fn data_about_persons_are_no_remarks() {
    let of = |kind, header: &str| map(kind, &[header.to_owned()])[0].field.clone();
    assert_eq!(of(ImportKind::Organizations, "담당자 연락처"), None);
    assert_eq!(
        of(ImportKind::Organizations, "기관 연락처"),
        Some("note".to_owned())
    );
    assert_eq!(
        of(ImportKind::Agreements, "담당자 연락처"),
        Some("contact_phone".to_owned())
    );
}

#[test]
fn headers_that_merely_end_like_a_field_state_none() {
    for header in [
        "보존기간",
        "문서보존기간",
        "보관기간",
        "연장기간",
        "투자기간",
        "추진기간",
        "협약서 보관장소",
        "상대기관 담당자",
        "업체 담당자",
        "상대기관 연락처",
        "실투자액(억원)",
        "실제 투자액",
        "실제 고용(명)",
        "이행금액",
        "협조부서",
        "관련부서명",
        "이행 여부",
        "협약이행 여부",
        "Retention period",
        "Partner contact person",
        "Actual investment",
    ] {
        assert_eq!(mapped(&[header]), [None], "{header}");
    }
    for (header, field) in [
        ("업무협약기간", "effective_period"),
        ("협약식 장소", "venue"),
        ("우리시 담당자", "contact"),
        ("하반기 투자액", "commitment_amount"),
        ("예상 고용인원", "commitment_persons"),
        ("시 담당부서", "lead_department"),
        ("협약 진행여부", "status"),
    ] {
        assert_eq!(mapped(&[header]), [Some(field.to_owned())], "{header}");
    }
}

#[test]
fn a_field_is_given_to_the_best_header() {
    assert_eq!(
        mapped(&["사업명", "협약명", "우리 시 협약명", "항목가"]),
        [None, Some("title".to_owned()), None, None]
    );
}

#[test]
fn steps_in_columns_leave_the_phases_to_a_column_of_steps() {
    for (headers, fields) in [
        (
            ["사업명", "단계", "착공일", "준공 인가일"],
            ["project", "phase", "groundbreaking", "completion"],
        ),
        (
            ["사업명", "단계", "목표 시점", "사유"],
            ["project", "kind", "target", "reason"],
        ),
    ] {
        let headers = headers.map(str::to_owned);
        let all = map(ImportKind::Milestones, &headers);
        let found: Vec<&str> = all.iter().filter_map(|m| m.field.as_deref()).collect();
        assert_eq!(found, fields);
    }
}

#[test]
fn units_are_told_from_names() {
    let told = |header: &str| with_unit(header);
    assert_eq!(
        told("유치금액(억원)"),
        ("유치금액".into(), Some("억원".into()))
    );
    assert_eq!(
        told("사업비(백만원) 계"),
        ("사업비 계".into(), Some("백만원".into()))
    );
    assert_eq!(told("비고"), ("비고".into(), None));
    assert_eq!(
        told("사업비, 백만원"),
        ("사업비".into(), Some("백만원".into()))
    );
}
