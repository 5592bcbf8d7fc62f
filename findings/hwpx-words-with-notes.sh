#!/usr/bin/env bash
# PyPI unhwp 0.23.1 and python-hwpx 6.9.0: words of a Hangul document that have a note are lost.
#
# Hangul can print a note above or below words (덧말, in KS X 6101 the element "dutmal"): the words stand in
# "mainText", the note in "subText", both outside of the runs' "t". The two libraries return the sentence
# around them without the words, "갑은 를 제공한다" of "갑은 토지를 제공한다", and give no error or mark.
# HWP 5.0 files keep such words in their control, where unhwp and pyhwp 0.1b15 miss them likewise.
#
# Why it matters: papers of agreements explain defined terms and hanja so; a search finds them no more, and
# the commitment that is read has lost its object. Exits with an error when the behaviour has changed.
# Needs Python.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check unhwp==0.23.1 python-hwpx==6.9.0
cat >probe.py <<'PY'
import sys
import zipfile

import unhwp
from hwpx import TextExtractor

HANCOM = "http://www.hancom.co.kr/hwpml/2011"
NAMES = " ".join(f'xmlns:{short}="{HANCOM}/{name}"' for short, name in
                 {"hp": "paragraph", "hs": "section", "hh": "head"}.items()) + ' xmlns:opf="http://www.idpf.org/2007/opf/"'
SENTENCE = (
    "<hp:t>갑은 </hp:t>"
    '<hp:dutmal posType="TOP" szRatio="0" option="0" styleIDRef="0" align="CENTER">'
    "<hp:mainText>토지</hp:mainText><hp:subText>갑지구</hp:subText></hp:dutmal>"
    "<hp:t>를 제공한다</hp:t>"
)
PARTS = {
    "mimetype": "application/hwp+zip",
    "META-INF/container.xml": '<ocf:container xmlns:ocf="urn:oasis:names:tc:opendocument:xmlns:container"><ocf:rootfiles>'
    '<ocf:rootfile full-path="Contents/content.hpf" media-type="application/hwpml-package+xml"/></ocf:rootfiles></ocf:container>',
    "Contents/content.hpf": f'<opf:package {NAMES} version="" id=""><opf:manifest>'
    '<opf:item id="header" href="Contents/header.xml" media-type="application/xml"/>'
    '<opf:item id="section0" href="Contents/section0.xml" media-type="application/xml"/></opf:manifest>'
    '<opf:spine><opf:itemref idref="header"/><opf:itemref idref="section0"/></opf:spine></opf:package>',
    "Contents/header.xml": f'<hh:head {NAMES} version="1.31" secCnt="1"><hh:refList/></hh:head>',
    "Contents/section0.xml": f'<hs:sec {NAMES}><hp:p id="0" paraPrIDRef="0" styleIDRef="0"><hp:run charPrIDRef="0">'
    f"{SENTENCE}</hp:run></hp:p></hs:sec>",
}
with zipfile.ZipFile("paper.hwpx", "w") as paper:
    for name, content in PARTS.items():
        paper.writestr(name, content)
with TextExtractor("paper.hwpx") as text:
    read = {"unhwp": unhwp.extract_text("paper.hwpx"), "python-hwpx": text.extract_text()}
for library, text in read.items():
    print(f"{library}: {text.strip()!r}")
sys.exit(any(text.strip() != "갑은 를 제공한다" for text in read.values()))
PY
venv/bin/python probe.py
