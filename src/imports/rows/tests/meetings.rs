//! Meetings that were held, and those that were not.

use super::*;

#[test]
fn meetings_that_were_perhaps_not_held_are_asked_about() {
    let status = |day: &str| {
        let text = format!("협의체,회의일\n가 협의체,{day}\n");
        let row = rows(ImportKind::Meetings, &text).remove(0);
        (body(&row)["status"].clone(), row.questions.len())
    };
    for (day, right) in [
        ("2023.3.8", ("held", 0)),
        ("2027.3.8", ("planned", 0)),
        ("미정", ("planned", 0)),
        ("2023.3.8 취소", ("cancelled", 0)),
        ("2023.3.8 연기", ("planned", 1)),
        ("2026년", ("planned", 1)),
    ] {
        assert_eq!(status(day), (json!(right.0), right.1), "{day}");
    }
}

#[test]
fn words_beside_the_day_say_that_a_meeting_was_not_held() {
    let status = |title: &str, result: &str, status: &str| {
        let text =
            format!("협의체,회의명,일시,결과,상태\n가 협의체,{title},2023.3.8,{result},{status}\n");
        let row = rows(ImportKind::Meetings, &text).remove(0);
        (body(&row)["status"].clone(), row.questions.len())
    };
    for (cells, right) in [
        (["1차 회의", "원안 의결", ""], ("held", 0)),
        (["1차 회의", "안건 취소 의결", ""], ("held", 0)),
        (["1차 회의", "무산", ""], ("cancelled", 0)),
        (["1차 회의", "불발", ""], ("cancelled", 0)),
        (["1차 회의", "cancelled", ""], ("cancelled", 0)),
        (["1차 회의(취소)", "", ""], ("cancelled", 0)),
        (["1차 회의", "연기", ""], ("planned", 1)),
        (["1차 회의", "postponed", ""], ("planned", 1)),
        (["1차 회의", "연기", "개최"], ("planned", 1)),
        (["1차 회의", "연기", "취소"], ("cancelled", 0)),
    ] {
        let [title, result, stated] = cells;
        assert_eq!(
            status(title, result, stated),
            (json!(right.0), right.1),
            "{cells:?}"
        );
    }
}

#[test]
fn words_in_any_column_say_that_a_meeting_was_not_held() {
    let row = |headers: &str, cells: &str| {
        let text = format!("협의체,일시,{headers}\n가 협의체,2022.7.1,{cells}\n");
        rows(ImportKind::Meetings, &text).remove(0)
    };
    for (headers, cells) in [
        ("결과", "코로나19로 취소"),
        ("결과", "성원 미달"),
        ("결과", "차기 회의로 연기"),
        ("결과", "Postponed to August"),
        ("비고", "정족수 미달로 개최하지 못함"),
        ("결정사항,결과", ",차기 회의로 연기"),
    ] {
        let row = row(headers, cells);
        assert_eq!(asked(&row), ["status_unknown"], "{cells}");
        assert_eq!(body(&row)["status"], "planned", "{cells}");
    }
    for (headers, cells) in [
        ("결과", "불개최"),
        ("결과", "유회(정족수 미달)"),
        ("결정사항,결과", ",유회(정족수 미달)"),
    ] {
        let row = row(headers, cells);
        assert_eq!(
            (&body(&row)["status"], asked(&row).len()),
            (&json!("cancelled"), 0),
            "{cells}"
        );
    }
    for (headers, cells) in [
        ("안건", "행사 취소"),
        ("결과", "행사를 취소하고 예산을 반납"),
    ] {
        let row = row(headers, cells);
        assert_eq!(
            (&body(&row)["status"], asked(&row).len()),
            (&json!("held"), 0),
            "{cells}"
        );
    }
}

#[test]
fn numbers_of_attendees_are_no_organizations() {
    for (cell, named) in [
        ("12명", 0),
        ("15", 0),
        ("위원 전원", 0),
        ("위원장 외 11명", 0),
        ("\"을대학교, 12명\"", 1),
        ("을대학교", 1),
    ] {
        let text = format!("협의체,일시,참석자\n가 협의체,2022.7.1,{cell}\n");
        let row = rows(ImportKind::Meetings, &text).remove(0);
        let body = body(&row);
        let found = body["attendee_ids"].as_array().map_or(0, Vec::len);
        assert_eq!(found, named, "{cell}");
        if named == 0 {
            let title = body["sources"][0]["title"].as_str().unwrap();
            assert!(title.contains(cell), "{title}");
        }
    }
}
