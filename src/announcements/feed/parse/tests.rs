//! Feeds as cities and portals write them.

use super::*;

fn bodies(text: &[u8]) -> Vec<Value> {
    let feed = read(text).unwrap();
    let id = uuid::Uuid::from_u128(1).into();
    let zone = chrono_tz::Asia::Seoul;
    let body = |item: &Item| item.body(id, Visibility::Public, feed.title.as_deref(), zone);
    feed.items.iter().map(body).collect()
}

const RSS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>
        <title>새별시 보도자료</title><link>https://city.example/</link>
        <item><title><![CDATA[새별시 &amp; 가온대, 업무협약]]></title><link>https://city.example/1?a=1&amp;b=2</link>
          <pubDate>Sun, 18 Apr 2021 16:30:00 GMT</pubDate><description>&lt;p&gt;협약을 &lt;b&gt;맺었다&lt;/b&gt;.&lt;/p&gt;</description></item>
        <item><title>물류단지 기공식</title><pubDate>2023-10-26 10:00:00</pubDate></item>
        <item><title>가을 축제</title><pubDate>지난주</pubDate></item></channel></rss>"#;

#[test]
fn rss_is_read() {
    let all = bodies(RSS.as_bytes());
    let [one, two, three] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(one["title"]["ko"], "새별시 & 가온대, 업무협약");
    assert_eq!(one["url"], "https://city.example/1?a=1&b=2");
    // Half past four in the afternoon of Greenwich is the next day in Seoul.
    assert_eq!(one["announced_on"]["edtf"], "2021-04-19");
    assert_eq!(one["text"]["ko"], "협약을 맺었다.");
    assert_eq!(
        (&one["kind"], &one["publisher"]),
        (&json!("signing"), &json!("새별시 보도자료"))
    );
    assert_eq!(
        (&two["kind"], &two["announced_on"]["edtf"]),
        (&json!("groundbreaking"), &json!("2023-10-26"))
    );
    assert_eq!(
        (&three["kind"], &three["announced_on"]["as_stated"]),
        (&json!("other"), &json!("지난주"))
    );
    assert_eq!(
        (&three["url"], &three["text"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn days_are_read_as_feeds_write_them() {
    let seoul = chrono_tz::Asia::Seoul;
    let right = "2025-11-12".parse().ok();
    for text in [
        "Wed, 12 Nov 2025 09:00:00 KST",
        "Wed, 12 Nov 2025 09:00:00 +0900",
        "Wed, 12 Nov 2025 09:00:00 +09:00",
        "Wed, 12 Nov 2025 09:00:00 GMT+9",
        "Tue, 11 Nov 2025 23:00:00 GMT",
        "Wed, 12 Nov 2025 09:00:00",
        "12 Nov 2025 09:00 KST",
        "Fri, 12 Nov 2025 09:00:00 +0900",
        "2025-11-12T09:00:00+09:00",
        "2025-11-12 09:00:00",
        "2025.11.12 09:00",
        "2025. 11. 12.",
        "2025년 11월 12일",
    ] {
        assert_eq!(day(text, seoul), right, "{text}");
    }
    for text in [
        "",
        "지난주",
        "2025-11",
        "2025년 11월",
        "32 Nov 2025 09:00:00 KST",
    ] {
        assert_eq!(day(text, seoul), None, "{text}");
    }
}

#[test]
fn atom_is_read() {
    let text = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>소식</title><link href="https://city.example/"/>
            <entry><title>청사 준공</title><link rel="self" href="https://city.example/a.xml"/>
            <link href="https://city.example/a"/><updated>2024-02-01T00:00:00+09:00</updated>
            <published>2024-01-31T09:00:00+09:00</published><summary>끝났다.</summary></entry></feed>"#;
    let all = bodies(text.as_bytes());
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["url"], "https://city.example/a");
    assert_eq!(all[0]["announced_on"]["edtf"], "2024-01-31");
    assert_eq!(all[0]["kind"], "completion");
}

/// RSS 2.0 wants a title or a description.
#[test]
fn an_item_without_a_title_begins_with_its_text() {
    let long = "협약을 맺었다 ".repeat(20);
    let text = format!(
        "<rss><channel><item><description>가온대와 협약 체결</description></item>\
             <item><title> </title><description>{long}</description></item>\
             <item><link>https://city.example/1</link></item></channel></rss>"
    );
    let all = bodies(text.as_bytes());
    assert_eq!(all[0]["title"]["ko"], "가온대와 협약 체결");
    assert_eq!(all[0]["kind"], "signing");
    let second = all[1]["title"]["ko"].as_str().unwrap();
    assert!(
        second.ends_with("맺었다…") && second.chars().count() <= 81,
        "{second}"
    );
    assert_eq!(all[2]["title"]["ko"], "");
}

#[test]
fn elements_within_others_are_not_the_items_own() {
    let rss = r#"<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
            <channel><title>새별시</title><image><title>휘장</title></image><item><title>가온대와 협약</title>
            <description>맺었다.</description><media:title>IMG_0012</media:title>
            <media:content url="https://city.example/1.jpg"><media:title>사진 설명</media:title>
            <media:description>사진 설명은 글보다 훨씬 더 길다.</media:description></media:content>
            <content:encoded>가온대와 협약을 <b>맺었다</b></content:encoded></item></channel></rss>"#;
    let all = bodies(rss.as_bytes());
    assert_eq!(
        (&all[0]["title"]["ko"], &all[0]["publisher"]),
        (&json!("가온대와 협약"), &json!("새별시"))
    );
    assert_eq!(all[0]["text"]["ko"], "가온대와 협약을 맺었다");
    let atom = r#"<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>소식</a:title>
            <a:entry><a:source><a:title>경기도</a:title><a:link href="https://other.example/"/></a:source>
            <a:title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">청사 <b>준공</b></div></a:title>
            <a:link href="https://city.example/a"/>
            <a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><style>p {}</style><p>1&lt;2</p></div></a:content>
            </a:entry></a:feed>"#;
    let all = bodies(atom.as_bytes());
    assert_eq!(
        (&all[0]["title"]["ko"], &all[0]["url"]),
        (&json!("청사 준공"), &json!("https://city.example/a"))
    );
    assert_eq!(all[0]["text"]["ko"], "1<2");
}

#[test]
fn signs_are_no_tags() {
    for (written, right) in [
        (
            "<![CDATA[<고양꽃박람회> 성공 협약]]>",
            "<고양꽃박람회> 성공 협약",
        ),
        ("&lt;인터뷰&gt; 시장", "<인터뷰> 시장"),
        ("A &lt; B 협약 &gt; C", "A < B 협약 > C"),
        ("<![CDATA[1<2 협약]]>", "1<2 협약"),
        (
            "<![CDATA[&lt;고양&gt; 협약&hellip; &foo;]]>",
            "<고양> 협약… &foo;",
        ),
        ("고양&middot;파주 &amp;middot; 김포", "고양·파주 · 김포"),
        (
            "<![CDATA[<p class='a>b'>협약<!-- 메모 --></p><script>alert(1)</script>]]>",
            "협약",
        ),
    ] {
        let rss = format!("<rss><channel><item><title>{written}</title></item></channel></rss>");
        assert_eq!(bodies(rss.as_bytes())[0]["title"]["ko"], right, "{written}");
    }
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>&lt;b&gt; 협약</title>\
            <summary type='html'>&lt;b&gt;굵게&lt;/b&gt;</summary><content type='image/png'>iVBORw0KGgo=</content></entry></feed>";
    let all = bodies(atom.as_bytes());
    assert_eq!(all[0]["title"]["ko"], "<b> 협약");
    assert_eq!(all[0]["text"]["ko"], "굵게");
}

#[test]
fn what_is_personal_is_left_out() {
    let rss = "<rss><channel><item><title>가온대와 협약 010-1234-5678</title><description>\
            협약을 맺었다. 문의: 담당자 010-1234-5678 hong@city.example, 주민번호 800101-1234567\
            </description></item></channel></rss>";
    let all = bodies(rss.as_bytes());
    assert_eq!(all[0]["title"]["ko"], "가온대와 협약");
    let text = all[0]["text"]["ko"].as_str().unwrap();
    assert!(text.starts_with("협약을 맺었다. 문의: 담당자"), "{text}");
    for personal in ["010", "hong", "800101"] {
        assert!(!text.contains(personal), "{text}");
    }
}

#[test]
fn a_guid_is_the_address_of_an_item_without_a_link() {
    for (written, right) in [
        (
            "<guid>https://g.example/1</guid>",
            json!("https://g.example/1"),
        ),
        (
            "<guid isPermaLink='true'>https://g.example/1</guid>",
            json!("https://g.example/1"),
        ),
        (
            "<guid isPermaLink='false'>https://g.example/1</guid>",
            Value::Null,
        ),
        ("<guid>2026-1</guid>", Value::Null),
        (
            "<guid>https://g.example/1</guid><link>https://g.example/a</link>",
            json!("https://g.example/a"),
        ),
    ] {
        let rss = format!("<rss><channel><item><title>가</title>{written}</item></channel></rss>");
        assert_eq!(bodies(rss.as_bytes())[0]["url"], right, "{written}");
    }
}

#[test]
fn korean_encodings_are_read() {
    let text = RSS.replace("UTF-8", "EUC-KR");
    let (bytes, ..) = encoding_rs::EUC_KR.encode(&text);
    assert_eq!(bodies(&bytes).len(), 3);
}

#[test]
fn other_files_are_refused() {
    let broken = RSS.trim_end_matches("</rss>");
    for text in [
        "",
        "협약명,협약기관",
        "<html><title>a</title></html>",
        broken,
        "\u{0}",
    ] {
        assert_eq!(
            read(text.as_bytes()).unwrap_err().errors[0].code,
            "no_feed",
            "{text}"
        );
    }
    assert!(read(b"<rss>\xff\xfe\xfa</rss>").is_err());
}
