//! Room for the cells of a file, which bounds the memory that it takes.

use super::super::book::{Cell, Sheet};
use super::{FileProblem, MOST_COLUMNS, MOST_ROWS};

/// Maximum number of cells of all sheets, blank ones between others included.
pub const MOST_CELLS: usize = 3_000_000;
/// Bytes of text that take as much room as a cell.
const TEXT: usize = 64;

/// Room that is left for the cells of all sheets of a file.
#[derive(Debug)]
pub struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(MOST_CELLS)
    }
}

impl Room {
    /// Takes room for cells.
    ///
    /// # Errors
    /// [`FileProblem::TooManyCells`]
    pub fn take(&mut self, cells: usize) -> Result<(), FileProblem> {
        self.0 = self.0.checked_sub(cells).ok_or(FileProblem::TooManyCells)?;
        Ok(())
    }

    /// Takes room for a text.
    ///
    /// # Errors
    /// [`FileProblem::TooManyCells`]
    pub fn text(&mut self, cell: &Cell) -> Result<(), FileProblem> {
        match cell {
            Cell::Text(text) => self.take(text.len() / TEXT),
            Cell::Linked { text, link } => self.take((text.len() + link.len()) / TEXT),
            _ => Ok(()),
        }
    }

    /// Writes a cell, and extends the sheet as far as needed.
    ///
    /// # Errors
    /// [`FileProblem::TooManyRows`], [`FileProblem::TooManyColumns`] or
    /// [`FileProblem::TooManyCells`]
    pub fn put(
        &mut self,
        sheet: &mut Sheet,
        (row, column): (usize, usize),
        cell: Cell,
    ) -> Result<(), FileProblem> {
        if row >= MOST_ROWS * 10 {
            return Err(FileProblem::TooManyRows(row));
        }
        if column >= MOST_COLUMNS {
            return Err(FileProblem::TooManyColumns);
        }
        let width = sheet.rows.get(row).map_or(0, Vec::len);
        let rows = (row + 1).saturating_sub(sheet.rows.len());
        self.take(rows + (column + 1).saturating_sub(width))?;
        self.text(&cell)?;
        sheet.put(row, column, cell);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, read};
    use super::*;

    const LIMITS: Limits = Limits {
        unpacked: 50_000_000,
    };

    fn problem(text: &str, kind: &str) -> FileProblem {
        read(text.as_bytes(), kind, LIMITS).unwrap_err()
    }

    #[test]
    fn cells_of_all_sheets_are_counted() {
        let mut room = Room(1_010);
        let mut sheets = [Sheet::default(), Sheet::default()];
        for (n, sheet) in sheets.iter_mut().enumerate() {
            let done = room.put(sheet, (499, 4), Cell::Number(1.0));
            assert_eq!(done.is_ok(), n < 2);
        }
        let full = room.put(&mut sheets[0], (0, 0), Cell::text("가"));
        assert_eq!(full, Err(FileProblem::TooManyCells));
    }

    #[test]
    fn text_is_bounded_however_it_is_split() {
        let commas = ",".repeat(4_000_000);
        let text = format!("가,나\n{commas}");
        assert!(read(text.as_bytes(), "text/csv", LIMITS).is_ok());
        let wide = format!("가,나\n{commas}다\n");
        assert_eq!(problem(&wide, "text/csv"), FileProblem::TooManyColumns);
        let many = "1,2,3,4,5,6,7,8,9\n".repeat(400_000);
        assert_eq!(problem(&many, "text/csv"), FileProblem::TooManyCells);
        let lines = "1\n".repeat(1_100_000);
        assert!(matches!(
            problem(&lines, "text/csv"),
            FileProblem::TooManyRows(_)
        ));
        let small = Limits { unpacked: 10 };
        let large = read("가,나,다,라,마\n".as_bytes(), "text/csv", small).unwrap_err();
        assert_eq!(large, FileProblem::TooLarge(10));
    }

    #[test]
    fn nested_tables_are_bounded() {
        let depth = 3_000;
        let page = format!(
            "<table><tr><td>{}{}{}",
            "<table><tr><td>".repeat(depth),
            "가나다라 ".repeat(20_000),
            "</td></tr></table>".repeat(depth + 1),
        );
        assert_eq!(problem(&page, "text/html"), FileProblem::TooDeep);
    }
}
