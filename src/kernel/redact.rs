//! Texts without the passwords of URLs.

/// Returns a text in which the passwords of URLs (`scheme://user:password@host`) and of connection
/// parameters (`password=…`) are replaced by `…`.
pub fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        shown.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`'))
            .unwrap_or(after.len());
        let (url, more) = after.split_at(end);
        match url.rsplit_once('@') {
            Some((login, host)) => {
                let user = login.split_once(':').map_or(login, |(user, _)| user);
                let hidden = if user == login { "" } else { ":…" };
                shown.push_str(&format!("{user}{hidden}@{host}"));
            }
            None => shown.push_str(url),
        }
        rest = more;
    }
    shown.push_str(rest);
    without_parameter(&shown)
}

fn without_parameter(text: &str) -> String {
    const NAME: &str = "password=";
    let mut parts = text.split(NAME);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || matches!(c, '&' | '\'' | '"' | '#'));
        shown.push_str(NAME);
        shown.push('…');
        shown.push_str(part.get(end.unwrap_or(part.len())..).unwrap_or_default());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_left_out() {
        let cases = [
            ("postgres://mou@db/mou", "postgres://mou@db/mou"),
            ("see https://x.example/a", "see https://x.example/a"),
            (
                "'postgre://mou:s3:c/r@t@db/mou' for",
                "'postgre://mou:…@db/mou' for",
            ),
            (
                "a postgres://u:p@h/d?password=x&b=1 c",
                "a postgres://u:…@h/d?password=…&b=1 c",
            ),
            ("host=h password=x user=u", "host=h password=… user=u"),
        ];
        for (text, shown) in cases {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
