//! Words that are kept where no value was read, and cells that were corrected.

use super::*;

/// What a corrected cell says now settles no other.
#[test]
fn a_corrected_cell_shows_no_order() {
    let book = book("협약명,협약기관,체결일\n가,을도,04.05.06\n나,을도,31.12.20\n");
    let read = |content: &ImportContent| {
        let row = planned(ImportKind::Agreements, &book, content).remove(0);
        (body(&row)["signed_on"]["edtf"].clone(), row.questions.len())
    };
    assert_eq!(read(&ImportContent::default()), (json!("2006-05-04"), 0));
    let corrected = ImportContent {
        cells: BTreeMap::from([("C3".into(), "31.12.20".into())]),
        ..ImportContent::default()
    };
    assert_eq!(read(&corrected), (Value::Null, 1));
}

#[test]
fn words_without_a_figure_are_kept() {
    let text = "협약명,협약기관,체결일,사업비,고용인원(명),투자액(억원)\n\
        가,을도,2021.4.16,추후 협의,다수,미정\n나,을도,2021.4.17,비예산,20,30\n";
    let rows = agreements(text);
    let (first, second) = (body(&rows[0]), body(&rows[1]));
    let note = first["note"]["ko"].as_str().unwrap_or_default();
    for kept in [
        "사업비: 추후 협의",
        "고용인원(명): 다수",
        "투자액(억원): 미정",
    ] {
        assert!(note.contains(kept), "{first}");
    }
    assert_eq!(first.get("commitments"), None);
    let note = second["note"]["ko"].as_str().unwrap_or_default();
    assert!(note.contains("사업비: 비예산"), "{second}");
    assert_eq!(second["financial_obligation"], json!(false));
    // A bare number has the unit of its column.
    let stated = &second["commitments"][0]["target"]["as_stated"];
    let other = &second["commitments"][1]["target"]["as_stated"];
    let mut all = [stated.as_str().unwrap(), other.as_str().unwrap()];
    all.sort_unstable();
    assert_eq!(all, ["20명", "30억원"]);
}

#[test]
fn words_of_terms_are_kept() {
    let text = "협약명,협약기관,체결일,협약기간(년),자동연장 여부\n\
        가,을도,2021.4.16,3,협의\n나,을도,2021.4.17,사업 종료 시,O\n";
    let rows = agreements(text);
    let (first, second) = (body(&rows[0]), body(&rows[1]));
    let until = &first["effective_until"];
    assert_eq!(until["relative_to"]["years"], json!(3), "{first}");
    assert_eq!(until["as_stated"], "3년");
    assert!(codes(&rows[0]).contains(&"not_understood"));
    let note = first["note"]["ko"].as_str().unwrap_or_default();
    assert!(note.contains("자동연장 여부: 협의"), "{first}");
    let words = json!({"edtf": null, "as_stated": "사업 종료 시"});
    assert_eq!(second["effective_until"], words, "{second}");
    assert_eq!(second["auto_renews"], json!(true));
}
