//! References of records to organizations, as their derived tables hold them. Documents keep the id
//! that they were given, so a merge that is undone leaves them as they are.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use crate::db::AnyConnection;
use crate::db::schema::{
    agreement_parties as ap, agreements as a, commitment_reports as r, meeting_organizations as mo,
    meetings, project_implementers as pi, project_organizations as po, projects as p,
    working_group_members as wm, working_groups as w,
};
use crate::kernel::error::ApiError;
use crate::kernel::values::stored;
use crate::ledger::records::Reference;
use crate::ledger::{RequestContext, Scope};
use crate::organizations::records::ASSOCIATION_MEMBER;
use crate::records;
use crate::working_groups::meetings::reindex_of;

/// Returns the ids of the records that name an organization, by type.
pub(super) fn naming(
    conn: &mut AnyConnection,
    id: &str,
) -> Result<BTreeMap<String, Vec<String>>, ApiError> {
    let agreements = ap::table.filter(ap::organization_id.eq(id));
    let agreements = agreements.select(ap::agreement_id).distinct();
    let projects = po::table.filter(po::organization_id.eq(id));
    let groups = wm::table.filter(wm::organization_id.eq(id));
    let all = [
        ("agreement", agreements.order(ap::agreement_id).load(conn)?),
        (
            "project",
            projects
                .select(po::project_id)
                .order(po::project_id)
                .load(conn)?,
        ),
        (
            "working_group",
            groups
                .select(wm::working_group_id)
                .order(wm::working_group_id)
                .load(conn)?,
        ),
    ];
    let named = all
        .into_iter()
        .filter(|(_, ids): &(_, Vec<String>)| !ids.is_empty());
    Ok(named.map(|(name, ids)| (name.to_owned(), ids)).collect())
}

/// Makes references to one organization point to another. Memberships are moved with their records.
pub(super) fn move_all(conn: &mut AnyConnection, from: &str, to: &str) -> Result<(), ApiError> {
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
    let references = records::ALL
        .into_iter()
        .filter(|record| **record != ASSOCIATION_MEMBER)
        .flat_map(|record| record.references);
    for Reference {
        table,
        column,
        unique_with,
    } in references
    {
        if let Some(with) = unique_with {
            // If both references exist, keep one.
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

/// Two organizations whose merge is undone: each with all ids that stand for it.
pub(super) struct Apart {
    /// The organization that was merged, and the duplicates merged into it.
    pub back: BTreeSet<String>,
    pub back_to: String,
    /// The survivor, and the duplicates merged into it.
    pub rest: BTreeSet<String>,
    pub survivor: String,
}

impl Apart {
    /// Makes the references of each record point to the organization that its document names.
    pub fn divide(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<(), ApiError> {
        self.parties(conn)?;
        self.reports(conn)?;
        self.projects(conn)?;
        self.groups(conn)?;
        let held = mo::table
            .inner_join(meetings::table.on(meetings::id.eq(mo::meeting_id)))
            .filter(mo::organization_id.eq(&self.survivor))
            .select(meetings::working_group_id)
            .distinct();
        let groups: Vec<String> = held.load(conn)?;
        reindex_of(conn, cx, &groups)
    }

    fn parties(&self, conn: &mut AnyConnection) -> Result<(), ApiError> {
        let rows: Vec<(String, String)> = a::table
            .filter(
                a::id.eq_any(
                    ap::table
                        .filter(ap::organization_id.eq(&self.survivor))
                        .select(ap::agreement_id),
                ),
            )
            .select((a::id, a::doc))
            .load(conn)?;
        for (agreement, doc) in rows {
            let doc: Value = stored(&doc)?;
            let parties = doc["parties"].as_array().into_iter().flatten();
            for party in parties.filter(|party| !named(party).is_disjoint(&self.back)) {
                let id = party["id"].as_str().unwrap_or_default();
                let row = ap::table.filter(ap::agreement_id.eq(&agreement));
                diesel::update(row.filter(ap::party_id.eq(id)))
                    .set(ap::organization_id.eq(&self.back_to))
                    .execute(conn)?;
            }
        }
        Ok(())
    }

    fn reports(&self, conn: &mut AnyConnection) -> Result<(), ApiError> {
        let rows: Vec<(String, String)> = r::table
            .filter(r::organization_id.eq(&self.survivor))
            .select((r::id, r::doc))
            .load(conn)?;
        for (id, doc) in rows {
            let doc: Value = stored(&doc)?;
            let by = doc["organization_id"].as_str().unwrap_or_default();
            if self.back.contains(by) {
                diesel::update(r::table.find(id))
                    .set(r::organization_id.eq(&self.back_to))
                    .execute(conn)?;
            }
        }
        Ok(())
    }

    fn projects(&self, conn: &mut AnyConnection) -> Result<(), ApiError> {
        let rows: Vec<(String, String)> = p::table
            .filter(
                p::id.eq_any(
                    po::table
                        .filter(po::organization_id.eq(&self.survivor))
                        .select(po::project_id),
                ),
            )
            .select((p::id, p::doc))
            .load(conn)?;
        for (id, doc) in rows {
            let doc: Value = stored(&doc)?;
            let (all, present) = (named(&doc), named(&doc["content"]));
            if !all.is_disjoint(&self.back) {
                diesel::insert_into(po::table)
                    .values((
                        po::project_id.eq(&id),
                        po::organization_id.eq(&self.back_to),
                    ))
                    .execute(conn)?;
            }
            if all.is_disjoint(&self.rest) {
                diesel::delete(po::table.find((&id, &self.survivor))).execute(conn)?;
            }
            if !present.is_disjoint(&self.back) {
                diesel::insert_into(pi::table)
                    .values((
                        pi::project_id.eq(&id),
                        pi::organization_id.eq(&self.back_to),
                    ))
                    .execute(conn)?;
            }
            if present.is_disjoint(&self.rest) {
                diesel::delete(pi::table.find((&id, &self.survivor))).execute(conn)?;
            }
        }
        Ok(())
    }

    fn groups(&self, conn: &mut AnyConnection) -> Result<(), ApiError> {
        let rows: Vec<(String, String)> = w::table
            .filter(
                w::id.eq_any(
                    wm::table
                        .filter(wm::organization_id.eq(&self.survivor))
                        .select(wm::working_group_id),
                ),
            )
            .select((w::id, w::doc))
            .load(conn)?;
        for (id, doc) in rows {
            let doc: Value = stored(&doc)?;
            let members = named(&doc["members"]);
            if !members.is_disjoint(&self.back) {
                diesel::insert_into(wm::table)
                    .values((
                        wm::working_group_id.eq(&id),
                        wm::organization_id.eq(&self.back_to),
                    ))
                    .execute(conn)?;
            }
            if members.is_disjoint(&self.rest) {
                diesel::delete(wm::table.find((&id, &self.survivor))).execute(conn)?;
            }
        }
        Ok(())
    }

    /// Returns the records that named the organization when it was merged, and name it no more.
    pub fn changed_since(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        moved: &BTreeMap<String, Vec<String>>,
    ) -> Result<Vec<(String, String)>, ApiError> {
        let now = naming(conn, &self.back_to)?;
        let mut changed = Vec::new();
        for (name, ids) in moved {
            let still: BTreeSet<&String> = now.get(name).into_iter().flatten().collect();
            let gone = ids.iter().filter(|id| !still.contains(id));
            let gone = visible(conn, cx, name, gone)?;
            changed.extend(gone.into_iter().map(|id| (name.clone(), id)));
        }
        Ok(changed)
    }
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Returns those of the records of a type that the caller sees.
pub(super) fn visible<'a>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    name: &str,
    ids: impl Iterator<Item = &'a String>,
) -> Result<Vec<String>, ApiError> {
    let ids: Vec<String> = ids.map(|id| format!("'{id}'")).collect();
    let Some(record) = records::named(name).filter(|_| !ids.is_empty()) else {
        return Ok(Vec::new());
    };
    // Ids are written by the program, so nothing needs escaping.
    let table = record.table;
    let sql = format!(
        "SELECT id FROM {table} WHERE id IN ({}) AND {} ORDER BY id",
        ids.join(", "),
        Scope::of(&cx.caller, table).to_sql()
    );
    let found: Vec<Id> = diesel::sql_query(sql).load(conn)?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// Returns the ids of the organizations that a part of a document names.
fn named(part: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(part, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(id) if name == "organization_id" => {
                        found.insert(id.clone());
                    }
                    member => collect(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}
