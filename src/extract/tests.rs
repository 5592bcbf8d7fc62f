//! Texts of files that are made here.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rstest::rstest;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::extract::{Extracted, LONGEST, Passage, TextStatus, extract};
use crate::files::FileKind;

fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn lines(read: &Extracted) -> Vec<&str> {
    read.passages.iter().flat_map(|p| p.text.lines()).collect()
}

fn hwpx(section: &str) -> Extracted {
    let section = format!(r#"<hs:sec xmlns:hs="s" xmlns:hp="p">{section}</hs:sec>"#);
    let bytes = zipped(&[
        ("mimetype", "application/hwp+zip"),
        ("Contents/section0.xml", &section),
    ]);
    extract(FileKind::Hwpx, &bytes)
}

fn docx(body: &str, more: &[(&str, &str)]) -> Extracted {
    let body = format!(r#"<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
    let mut parts = vec![("word/document.xml", body.as_str())];
    parts.extend(more);
    extract(FileKind::Docx, &zipped(&parts))
}

#[rstest]
#[case("<hp:p><hp:run><hp:t>업무협약서</hp:t></hp:run></hp:p>", &["업무협약서"])]
// What follows a note, a tab or a line break is there.
#[case("<hp:p><hp:run><hp:t>가</hp:t><hp:ctrl><hp:footNote><hp:subList><hp:p><hp:run><hp:t>주석</hp:t></hp:run></hp:p>\
    </hp:subList></hp:footNote></hp:ctrl><hp:t>나</hp:t></hp:run><hp:run><hp:t>다<hp:tab/>라<hp:lineBreak/>마</hp:t></hp:run></hp:p>",
    &["주석", "가나다 라 마"])]
// So is a paragraph with a memo, without the memo.
#[case("<hp:p><hp:run><hp:ctrl><hp:fieldBegin type=\"MEMO\"><hp:subList><hp:p><hp:run><hp:t>메모</hp:t></hp:run></hp:p>\
    </hp:subList></hp:fieldBegin></hp:ctrl><hp:t>본문</hp:t></hp:run></hp:p>", &["본문"])]
#[case("<hp:p><hp:run><hp:t>유효기간은 <hp:deleteBegin Id=\"1\"/>2024년<hp:deleteEnd Id=\"1\"/><hp:insertBegin/>2026년<hp:insertEnd/>까지</hp:t></hp:run></hp:p>",
    &["유효기간은 2026년까지"])]
#[case("<hp:p><hp:run><hp:ctrl><hp:header><hp:subList><hp:p><hp:run><hp:t>머리말</hp:t></hp:run></hp:p></hp:subList></hp:header></hp:ctrl></hp:run></hp:p>\
    <hp:p><hp:run><hp:tbl><hp:tr><hp:tc><hp:subList><hp:p><hp:run><hp:t>칸</hp:t></hp:run></hp:p></hp:subList></hp:tc></hp:tr></hp:tbl></hp:run></hp:p>\
    <hp:p><hp:run><hp:rect><hp:drawText><hp:subList><hp:p><hp:run><hp:t>글상자 A&amp;B</hp:t></hp:run></hp:p></hp:subList></hp:drawText></hp:rect></hp:run></hp:p>",
    &["머리말", "칸", "글상자 A&B"])]
// Notes to words, and characters over one another.
#[case("<hp:p><hp:run><hp:t>갑은 </hp:t><hp:dutmal posType=\"TOP\"><hp:mainText>토지</hp:mainText><hp:subText>갑지구</hp:subText></hp:dutmal>\
    <hp:t>를 </hp:t><hp:dutmal><hp:mainText><hp:t>을</hp:t></hp:mainText><hp:subText/></hp:dutmal><hp:t>에 </hp:t>\
    <hp:compose charPrCnt=\"1\" composeText=\"제공\"><hp:charPr prIDRef=\"1\"/></hp:compose><hp:t>한다</hp:t></hp:run></hp:p>",
    &["갑은 토지(갑지구)를 을에 제공한다"])]
fn hwpx_is_read_whole(#[case] section: &str, #[case] expected: &[&str]) {
    let read = hwpx(section);
    assert_eq!(read.status, TextStatus::Text);
    assert_eq!(lines(&read), expected);
}

#[test]
fn sections_are_in_the_order_of_their_numbers() {
    let section = |text: &str| format!("<s><p><run><t>{text}</t></run></p></s>");
    let (two, ten) = (section("둘"), section("열"));
    let parts = [
        ("Contents/section10.xml", ten.as_str()),
        ("Contents/section2.xml", two.as_str()),
    ];
    let read = extract(FileKind::Hwpx, &zipped(&parts));
    assert_eq!(lines(&read), ["둘", "열"]);
    assert_eq!(read.passages[1].paragraph, Some(2));
}

#[test]
fn what_was_deleted_in_docx_is_left_out() {
    let body = "<w:p><w:r><w:t>유효기간은 </w:t></w:r><w:del><w:r><w:delText>2024년</w:delText></w:r></w:del>\
        <w:moveFrom><w:r><w:t>옮김</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>2026년</w:t></w:r></w:ins><w:r><w:tab/><w:t>까지</w:t></w:r></w:p>\
        <w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>글상자</w:t></w:r></w:p></w:txbxContent></mc:Choice>\
        <mc:Fallback><w:txbxContent><w:p><w:r><w:t>글상자</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>";
    let note =
        "<w:footnotes><w:footnote><w:p><w:r><w:t>주석</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let read = docx(body, &[("word/footnotes.xml", note)]);
    assert_eq!(lines(&read), ["유효기간은 2026년 까지", "글상자", "주석"]);
}

#[test]
fn notes_to_words_in_docx_stand_behind_them() {
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let ruby = "<w:r><w:ruby><w:rt><w:r><w:t>갑지구</w:t></w:r></w:rt>\
        <w:rubyBase><w:r><w:t>토지</w:t></w:r></w:rubyBase></w:ruby></w:r>";
    let body = format!("<w:p>{}{ruby}{}</w:p>", run("갑은 "), run("를 제공한다"));
    assert_eq!(lines(&docx(&body, &[])), ["갑은 토지(갑지구)를 제공한다"]);
}

#[test]
fn long_texts_are_passages_with_their_places() {
    let paragraph = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "가".repeat(800));
    let read = docx(&paragraph.repeat(5), &[]);
    let places: Vec<_> = read.passages.iter().map(|p| p.paragraph.unwrap()).collect();
    assert_eq!(places, [1, 3, 5]);
    // A line is a paragraph, also after empty ones.
    let read = docx(
        "<w:p><w:r><w:t>가</w:t></w:r></w:p><w:p/><w:p></w:p><w:p><w:r><w:t>나</w:t></w:r></w:p>",
        &[],
    );
    let expected = |paragraph, text: &str| Passage {
        page: None,
        paragraph: Some(paragraph),
        text: text.to_owned(),
    };
    assert_eq!(read.passages, [expected(1, "가"), expected(3, "나")]);
}

#[test]
fn a_very_long_paragraph_is_several_passages() {
    let paragraph = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let long = "가".repeat(LONGEST + 1);
    let read = docx(&[paragraph(&long), paragraph("나")].concat(), &[]);
    let of = |p: &Passage| (p.paragraph.unwrap(), p.text.chars().count());
    let places: Vec<_> = read.passages.iter().map(of).collect();
    assert_eq!(places, [(1, LONGEST), (1, "가\n나".chars().count())]);
}

#[test]
fn days_in_workbooks_are_days() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2021, 4, 16).unwrap();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "체결일").unwrap();
    sheet
        .write_datetime_with_format(0, 1, &day, &format)
        .unwrap();
    let read = extract(FileKind::Xlsx, &book.save_to_buffer().unwrap());
    assert_eq!(lines(&read), ["체결일 2021-04-16"]);
}

#[test]
fn protected_hwpx_gives_its_preview() {
    let manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>";
    let parts = [
        ("Contents/section0.xml", "\u{1}\u{2}"),
        ("META-INF/manifest.xml", manifest),
        ("Preview/PrvText.txt", "업무협약서\r\n제1조"),
    ];
    let read = extract(FileKind::Hwpx, &zipped(&parts));
    assert_eq!(read.status, TextStatus::PartlyReadable);
    assert_eq!(lines(&read), ["업무협약서", "제1조"]);
}

fn record(tag: u32, level: u32, content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap();
    let mut out = (tag | level << 10 | size.min(0xfff) << 20)
        .to_le_bytes()
        .to_vec();
    if size >= 0xfff {
        out.extend(size.to_le_bytes());
    }
    out.extend(content);
    out
}

fn units(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hwp(properties: u32, records: &[u8], preview: &str) -> Extracted {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    let mut header = b"HWP Document File".to_vec();
    header.resize(36, 0);
    header.extend(properties.to_le_bytes());
    header.resize(256, 0);
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(records).unwrap();
    file.create_storage("/BodyText").unwrap();
    for (name, content) in [
        ("/FileHeader", header),
        ("/BodyText/Section0", packed.finish().unwrap()),
        ("/PrvText", units(preview)),
    ] {
        file.create_stream(name)
            .unwrap()
            .write_all(&content)
            .unwrap();
    }
    file.flush().unwrap();
    extract(FileKind::Hwp, &file.into_inner().into_inner())
}

#[test]
fn hwp_is_read_without_its_controls() {
    // A note of eight places, a tab of eight, a line break of one.
    let text = "제1조\u{11}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{11}목적\u{9}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{9}가\u{a}나\u{d}";
    let long = "다".repeat(3000);
    let records = [
        record(66, 0, &[0; 22]),
        record(67, 1, &units(text)),
        record(71, 1, b"  nf"),
        record(67, 3, &units("주석\r")),
        record(71, 1, b"tmct"),
        record(67, 3, &units("숨은 설명\r")),
        record(67, 1, &units(&long)),
        record(93, 0, &[]),
        record(67, 2, &units("메모")),
    ]
    .concat();
    let read = hwp(1, &records, "");
    assert_eq!(read.status, TextStatus::Text);
    assert_eq!(lines(&read), ["제1조목적 가 나", "주석", long.as_str()]);
}

/// Notes to words (덧말) and characters over one another (글자 겹침) stand in their controls, as Hangul
/// writes them.
#[test]
fn hwp_is_read_with_the_words_of_its_controls() {
    let counted = |text: &str| {
        let length = u16::try_from(text.encode_utf16().count()).unwrap();
        [&length.to_le_bytes()[..], &units(text)].concat()
    };
    let noted = |words: &str, note: &str| {
        let content = [&b"tudt"[..], &counted(words), &counted(note), &[0; 20]].concat();
        record(71, 1, &content)
    };
    let control = "\u{17}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{17}";
    let text = format!("갑은 {control}를 {control}에 {control}한다\u{d}");
    let records = [
        record(66, 0, &[0; 22]),
        record(67, 1, &units(&text)),
        noted("토지", "갑지구"),
        // In a table within the paragraph.
        record(66, 2, &[0; 22]),
        record(67, 3, &units(&format!("표의 {control}\u{d}"))),
        record(71, 3, &[&b"spct"[..], &counted("㈜"), &[0; 8]].concat()),
        noted("을", ""),
        record(71, 1, &[&b"spct"[..], &counted("제공"), &[0; 8]].concat()),
        record(66, 0, &[0; 22]),
        record(67, 1, &units(&format!("{control}끝\u{d}"))),
    ]
    .concat();
    let read = hwp(1, &records, "");
    let expected = ["갑은 토지(갑지구)를 을에 제공한다", "표의 ㈜", "끝"];
    assert_eq!(lines(&read), expected);
}

#[rstest]
#[case(1 << 14 | 1, TextStatus::PartlyReadable, &["본문"])]
// For distribution, and with a password.
#[case(1 << 2 | 1, TextStatus::PartlyReadable, &["미리보기"])]
#[case(1 << 1 | 1, TextStatus::PartlyReadable, &["미리보기"])]
fn hwp_says_what_is_not_certain(
    #[case] properties: u32,
    #[case] status: TextStatus,
    #[case] expected: &[&str],
) {
    let read = hwp(properties, &record(67, 1, &units("본문\r")), "미리보기");
    assert_eq!((read.status, lines(&read)), (status, expected.to_vec()));
}

/// A PDF with a page for each content; `image` paints an image over all of it.
pub fn pdf(pages: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        String::new(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica \
         /Encoding << /Type /Encoding /Differences [128 /uni2460 /uni2461 /uni2462] >> >>"
            .to_owned(),
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream"
            .to_owned(),
    ];
    let mut kids = String::new();
    for content in pages {
        let content = match *content {
            "image" => "q 612 0 0 792 0 0 cm /I Do Q".to_owned(),
            text => format!("BT /F 12 Tf 72 700 Td ({text}) Tj ET"),
        };
        let at = objects.len() + 1;
        kids += &format!("{at} 0 R ");
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F 3 0 R >> /XObject << /I 4 0 R >> >> >>",
            at + 1
        ));
        let length = content.len();
        objects.push(format!(
            "<< /Length {length} >>\nstream\n{content}\nendstream"
        ));
    }
    let count = pages.len();
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {count} >>");
    let mut out = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", i + 1);
    }
    let table = out.len();
    out += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        out += &format!("{place:010} 00000 n \n");
    }
    let size = objects.len() + 1;
    out += &format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    out.into_bytes()
}

#[rstest]
#[case(&["Article 1", "Article 2"], TextStatus::Text, &[(1, "Article 1"), (2, "Article 2")])]
#[case(&["image", "image"], TextStatus::NoText, &[])]
#[case(&["The agreement of the city with the association", "image"], TextStatus::PartlyReadable,
    &[(1, "The agreement of the city with the association")])]
fn pdf_is_read_by_its_pages(
    #[case] pages: &[&str],
    #[case] status: TextStatus,
    #[case] expected: &[(u32, &str)],
) {
    let read = extract(FileKind::Pdf, &pdf(pages));
    let found = read.passages.iter();
    let found: Vec<_> = found.map(|p| (p.page.unwrap(), p.text.as_str())).collect();
    assert_eq!((read.status, found), (status, expected.to_vec()));
}

/// The reader has a dot in their place.
#[test]
fn items_keep_their_signs() {
    let items = "Article 3. \\200 The city pays.) Tj 0 -40 Td (\\201 The foundation reports.) Tj \
        0 -40 Td (\\202 The hospital treats.) Tj 0 -40 Td (- Nobody else does.";
    let read = extract(FileKind::Pdf, &pdf(&[items]));
    let expected = [
        "Article 3. ① The city pays.",
        "② The foundation reports.",
        "③ The hospital treats.",
        "- Nobody else does.",
    ];
    assert_eq!(lines(&read), expected);
}

/// A PDF whose pages no password opens but its own (ISO 32000-1, 7.6.3).
pub fn protected_pdf() -> Vec<u8> {
    let plain = String::from_utf8(pdf(&["Article 1"])).unwrap();
    let key = "00".repeat(32);
    let filter = format!("/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >>");
    let ids = "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]";
    plain
        .replace("/Root 1 0 R", &format!("/Root 1 0 R {filter} {ids}"))
        .into_bytes()
}

#[test]
fn a_password_is_told_from_damage() {
    let read = extract(FileKind::Pdf, &protected_pdf());
    assert_eq!((read.status, read.is_protected), (TextStatus::Failed, true));
    let hwp_with = |properties| hwp(properties, &record(67, 1, &units("본문\r")), "");
    assert!(hwp_with(1 << 1 | 1).is_protected);
    assert!(!hwp_with(1 << 2 | 1).is_protected);
    let manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>";
    let parts = [
        ("Contents/section0.xml", "\u{1}"),
        ("META-INF/manifest.xml", manifest),
    ];
    assert!(extract(FileKind::Hwpx, &zipped(&parts)).is_protected);
    assert!(!extract(FileKind::Pdf, b"%PDF-1.7 and nothing else").is_protected);
}

#[test]
fn what_is_damaged_has_failed() {
    for kind in FileKind::all() {
        let read = extract(kind, b"%PDF-1.7 and nothing else");
        let is_image = kind.media_type().starts_with("image/");
        let expected = match is_image {
            true => TextStatus::NoText,
            false => TextStatus::Failed,
        };
        assert_eq!(read.status, expected, "{kind:?}");
    }
    let torn = hwpx("<hp:p><hp:run>");
    assert_eq!(torn.status, TextStatus::Failed);
}

#[test]
fn radicals_and_decomposed_hangul_become_characters() {
    let read = docx(
        "<w:p><w:r><w:t>\u{2f08}\u{1112}\u{1167}\u{11b8}&#7;</w:t></w:r></w:p>",
        &[],
    );
    assert_eq!(lines(&read), ["人협"]);
}
