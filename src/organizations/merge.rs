//! What a merge moves: every table that refers to an organization, in one list.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::db::AnyConnection;
use crate::error::ApiError;

/// A table's column that refers to an organization, and the column with which it is unique.
const REFERENCES: &[(&str, &str, Option<&str>)] = &[
    ("association_members", "association_id", None),
    ("association_members", "organization_id", None),
    (
        "project_implementers",
        "organization_id",
        Some("project_id"),
    ),
    ("agreement_parties", "organization_id", Some("agreement_id")),
    (
        "working_group_members",
        "organization_id",
        Some("working_group_id"),
    ),
    ("organization_identifiers", "organization_id", None),
];

/// Points what refers to one organization at another.
///
/// # Errors
/// What the database says.
pub fn move_references(conn: &mut AnyConnection, from: &str, to: &str) -> Result<(), ApiError> {
    let (first, second) = match conn {
        AnyConnection::Sqlite(_) => ("?1", "?2"),
        AnyConnection::Postgres(_) => ("$1", "$2"),
    };
    let mut run = |sql: String| -> Result<(), ApiError> {
        diesel::sql_query(sql)
            .bind::<Text, _>(from)
            .bind::<Text, _>(to)
            .execute(conn)?;
        Ok(())
    };
    for (table, column, unique) in REFERENCES {
        if let Some(with) = unique {
            // Where both are there already, one stays.
            run(format!(
                "DELETE FROM {table} WHERE {column} = {first} AND {with} IN \
                 (SELECT {with} FROM {table} WHERE {column} = {second})"
            ))?;
        }
        run(format!(
            "UPDATE {table} SET {column} = {second} WHERE {column} = {first}"
        ))?;
    }
    run(format!(
        "DELETE FROM organization_names WHERE organization_id = {first} AND {second} = {second}"
    ))
}
