//! Documents in two languages are kept equal.

const README: [&str; 2] = [
    include_str!("../../README.md"),
    include_str!("../../README.ko.md"),
];

const GUIDE: [&str; 2] = [
    include_str!("../../docs/guide.md"),
    include_str!("../../docs/ko/guide.md"),
];

/// Returns the levels of the headings, and the lines of code without their comments, which are in the
/// language of the document.
fn outline(text: &str) -> (Vec<usize>, Vec<&str>) {
    let (mut headings, mut code, mut in_code) = (Vec::new(), Vec::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
            code.push(line);
        } else if in_code {
            code.push(line.split(" # ").next().unwrap_or_default().trim_end());
        } else if line.starts_with('#') {
            headings.push(line.chars().take_while(|c| *c == '#').count());
        }
    }
    (headings, code)
}

#[test]
fn the_readme_is_the_same_in_both_languages() {
    let [english, korean] = README.map(outline);
    assert_eq!(english, korean);
}

/// Names of files in its code are in the language of the guide.
#[test]
fn the_guide_has_the_same_chapters_in_both_languages() {
    let [english, korean] = GUIDE.map(|text| outline(text).0);
    assert_eq!(english, korean);
}
