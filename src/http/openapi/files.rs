//! Lists as files: their media types, and their parameters.

use serde_json::{Value, json};

use super::{plain_name, referred};
use crate::http::tables::{CSV, OF_FILES, XLSX, table_of, table_of_value};

/// Added to the description of a list that can be had as a file.
const AS_A_FILE: &str = "As a file, the answer has all rows in one table: as CSV or XLSX by `Accept`, or by \
    the suffix `.csv` or `.xlsx` of the path.";

/// Offers an operation that answers with a list as a file, if its rows have a table. Other lists
/// have neither an encoding nor a language to choose.
pub fn offer(operation: &mut Value) {
    let content = "/responses/200/content";
    let page = operation.pointer(&format!("{content}/application~1json/schema"));
    let Some(page) = page.and_then(referred).map(plain_name) else {
        return;
    };
    let rows = page.strip_suffix("Page");
    let table = rows.map_or_else(|| table_of_value(&page), table_of);
    if table.is_none() {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        if let Some(parameters) = parameters {
            let is_of_files = |name: &Value| OF_FILES.iter().any(|of_files| name == of_files);
            parameters.retain(|parameter| !is_of_files(&parameter["name"]));
        }
        return;
    }
    let text = operation["description"].as_str().unwrap_or_default();
    let sign = if text.is_empty() { "" } else { "\n\n" };
    operation["description"] = json!(format!("{text}{sign}{AS_A_FILE}"));
    if let Some(content) = operation.pointer_mut(content) {
        content[CSV] = json!({"schema": {"type": "string"}});
        content[XLSX] = json!({"schema": {"type": "string", "format": "binary"}});
    }
}
