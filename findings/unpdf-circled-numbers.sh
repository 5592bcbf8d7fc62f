#!/usr/bin/env bash
# crates.io unpdf 0.52.1: the numbers of paragraphs in Korean agreements become bullets.
#
# Korean agreements and laws number the paragraphs (항) of an article by ①, ②, ③ at the beginning of the
# line, and refer to them by that number (제2조제2항). The text that the crate reads from a PDF has "•" in
# place of each, so that a paragraph can no longer be found or cited by its number. It also joins the last
# paragraph with the article after it into one line. pypdf 6.1.1 reads both as they stand in the same file.
#
# Why it matters: whoever takes commitments from a signed paper by its articles and paragraphs gets them
# without their numbers. Exits with an error when the behaviour has changed. Needs cargo and Python.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check reportlab==4.4.4 pypdf==6.1.1
cat >paper.py <<'PY'
from pypdf import PdfReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

LINES = ["제2조(협력) 두 기관은 다음에 협력한다.", "① 부지 제공", "② 인허가 지원", "③ 홍보", "제3조(기간) 체결일부터 2년으로 한다."]
pdfmetrics.registerFont(UnicodeCIDFont("HYSMyeongJo-Medium"))
paper = canvas.Canvas("paper.pdf")
paper.setFont("HYSMyeongJo-Medium", 12)
for place, line in enumerate(LINES):
    paper.drawString(72, 770 - 22 * place, line)
paper.save()
assert PdfReader("paper.pdf").pages[0].extract_text().split("\n")[:5] == LINES, "pypdf reads it otherwise"
print("pypdf: every line as it stands")
PY
venv/bin/python paper.py
mkdir -p probe/src
cat >probe/Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"

[dependencies]
unpdf = { version = "=0.52.1", default-features = false, features = ["fast-parse"] }
TOML
cat >probe/src/main.rs <<'RUST'
fn main() {
    let bytes = std::fs::read("paper.pdf").unwrap();
    let read = unpdf::Unpdf::new().parse_bytes(&bytes).unwrap();
    let text = read.document().pages[0].plain_text();
    println!("unpdf:\n{text}");
    let numbers = "①②③".chars().filter(|number| text.contains(*number)).count();
    let bullets = text.matches('•').count();
    let joins = text.lines().any(|line| line.contains("홍보 제3조"));
    let as_seen = (numbers, bullets, joins) == (0, 3, true);
    println!("{numbers} of 3 numbers, {bullets} bullets, joined lines: {joins}");
    std::process::exit(i32::from(!as_seen));
}
RUST
cargo build --quiet --manifest-path probe/Cargo.toml
probe/target/debug/probe
