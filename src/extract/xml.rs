//! Paragraphs in XML: those of HWPX (KS X 6101) and DOCX (ISO/IEC 29500), which name their elements
//! otherwise. Namespaces are left aside, since editions of a format differ in them.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, escape};

use super::{Text, Unreadable};

/// Maximum depth of elements.
const DEEPEST: usize = 500;

/// The elements of a format, by their local names.
pub struct Names {
    pub paragraph: &'static str,
    /// Elements whose characters are text.
    pub texts: &'static [&'static str],
    /// Element of words with a note above or below them, and that of the note.
    pub noted: (&'static str, &'static str),
    /// Element that has its text in an attribute, and the attribute.
    pub stated: Option<(&'static str, &'static str)>,
    /// Elements that stand for white space.
    pub spaces: &'static [&'static str],
    /// Elements whose content is no text of the document: deleted, comments, or a second copy.
    pub left_out: &'static [&'static str],
    /// Elements between which text is deleted.
    pub deletion: Option<(&'static str, &'static str)>,
}

pub const HWPX: Names = Names {
    paragraph: "p",
    texts: &["t", "mainText", "subText"],
    noted: ("dutmal", "subText"),
    stated: Some(("compose", "composeText")),
    spaces: &["tab", "lineBreak", "nbSpace", "fwSpace"],
    left_out: &["hiddenComment", "script"],
    deletion: Some(("deleteBegin", "deleteEnd")),
};

pub const DOCX: Names = Names {
    paragraph: "p",
    texts: &["t"],
    noted: ("ruby", "rt"),
    stated: None,
    spaces: &["tab", "br", "cr"],
    // `Fallback` repeats the text boxes of `Choice`.
    left_out: &["del", "moveFrom", "Fallback", "instrText"],
    deletion: None,
};

/// Reads the paragraphs of a part. Those within others, as in tables, notes and text boxes, come before
/// the one that holds them, as they end first.
///
/// # Errors
/// Fails if the XML is damaged.
pub fn read(part: &str, names: &Names, out: &mut Text) -> Result<(), Unreadable> {
    let mut reader = Reader::from_str(part);
    let mut reading = Reading {
        names,
        out,
        open: Vec::new(),
        left_out: 0,
        in_text: 0,
        note: String::new(),
        is_note: false,
        depth: 0,
        is_deleted: false,
    };
    loop {
        match reader.read_event().map_err(|_| Unreadable)? {
            Event::Start(element) => reading.start(&element)?,
            Event::Empty(element) => reading.mark(&element),
            Event::End(element) => reading.end(element.local_name().as_ref()),
            Event::Text(text) => reading.text(&text),
            Event::CData(text) => reading.text(&text),
            Event::GeneralRef(name) => {
                let text = format!("&{};", &*name);
                reading.text(&escape::unescape(&text).unwrap_or_default());
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

struct Reading<'a> {
    names: &'a Names,
    out: &'a mut Text,
    /// The paragraphs that are open, each within the one before.
    open: Vec<String>,
    /// Number of open elements from the first that is left out.
    left_out: usize,
    in_text: usize,
    /// The note to the words that are open, which stands behind them.
    note: String,
    is_note: bool,
    depth: usize,
    is_deleted: bool,
}

impl Reading<'_> {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Unreadable> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unreadable);
        }
        let local = element.local_name();
        let name = local.as_ref();
        if self.left_out > 0 || self.is_left_out(name, element) {
            self.left_out += 1;
            return Ok(());
        }
        self.mark(element);
        if name == self.names.paragraph {
            self.open.push(String::new());
        }
        if self.names.texts.contains(&name) {
            self.in_text += 1;
        }
        if name == self.names.noted.1 {
            self.is_note = true;
        }
        Ok(())
    }

    fn is_left_out(&self, name: &str, element: &BytesStart<'_>) -> bool {
        // A memo of HWPX is a field with paragraphs of its own.
        let is_memo = || {
            let kind = element.try_get_attribute("type").ok().flatten();
            name == "fieldBegin" && kind.is_some_and(|kind| &*kind.value == "MEMO")
        };
        self.names.left_out.contains(&name) || is_memo()
    }

    /// Notes an element that stands for something by itself.
    fn mark(&mut self, element: &BytesStart<'_>) {
        if self.left_out > 0 {
            return;
        }
        let local = element.local_name();
        let name = local.as_ref();
        if let Some((begin, end)) = self.names.deletion {
            match name {
                name if name == begin => self.is_deleted = true,
                name if name == end => self.is_deleted = false,
                _ => {}
            }
        }
        if self.is_deleted {
            return;
        }
        if self.names.spaces.contains(&name) {
            self.push(" ");
        }
        if let Some((_, attribute)) = self.names.stated.filter(|(stated, _)| name == *stated)
            && let Ok(Some(text)) = element.try_get_attribute(attribute)
        {
            self.push(&escape::unescape(&text.value).unwrap_or_default());
        }
    }

    fn end(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        if self.names.texts.contains(&name) {
            self.in_text = self.in_text.saturating_sub(1);
        }
        let (noted, note) = self.names.noted;
        if name == note {
            self.is_note = false;
        }
        if name == noted && !self.note.is_empty() {
            let note = format!("({})", std::mem::take(&mut self.note));
            self.push(&note);
        }
        if name == self.names.paragraph
            && let Some(paragraph) = self.open.pop()
        {
            self.out.paragraph(&paragraph);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text > 0 && self.left_out == 0 && !self.is_deleted {
            self.push(text);
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_note {
            self.note.push_str(text);
        } else if let Some(paragraph) = self.open.last_mut() {
            paragraph.push_str(text);
        }
    }
}
