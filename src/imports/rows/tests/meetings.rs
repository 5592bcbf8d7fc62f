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
