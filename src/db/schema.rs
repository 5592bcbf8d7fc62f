//! Diesel's table definitions, the same for both databases.

diesel::table! {
    organizations (id) {
        id -> Text,
        version -> BigInt,
        kind -> Text,
        name -> Text,
        sort_name -> Text,
        country -> Nullable<Text>,
        code -> Nullable<Text>,
        level -> Nullable<Text>,
        municipality_kind -> Nullable<Text>,
        parent_code -> Nullable<Text>,
        merged_into_id -> Nullable<Text>,
        added_by -> Nullable<Text>,
        policies -> Nullable<Text>,
        succession -> Nullable<Text>,
        gaps -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    organization_identifiers (scheme, value) {
        scheme -> Text,
        value -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    organization_names (name_key, organization_id) {
        name_key -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    association_members (id) {
        id -> Text,
        version -> BigInt,
        association_id -> Text,
        organization_id -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    holidays (id) {
        id -> Text,
        version -> BigInt,
        day -> Date,
        name -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    projects (id) {
        id -> Text,
        version -> BigInt,
        municipality_id -> Text,
        kind -> Text,
        status -> Text,
        title -> Text,
        sort_title -> Text,
        visibility -> Text,
        gaps -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    project_implementers (project_id, organization_id) {
        project_id -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    project_organizations (project_id, organization_id) {
        project_id -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    milestones (id) {
        id -> Text,
        version -> BigInt,
        project_id -> Text,
        kind -> Text,
        facts -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    agreements (id) {
        id -> Text,
        version -> BigInt,
        municipality_id -> Text,
        kind -> Text,
        status -> Text,
        stated_visibility -> Text,
        title -> Text,
        sort_title -> Text,
        sort_signed -> Text,
        sort_until -> Text,
        signed_earliest -> Nullable<Date>,
        signed_latest -> Nullable<Date>,
        starts_earliest -> Nullable<Date>,
        starts_latest -> Nullable<Date>,
        ends_earliest -> Nullable<Date>,
        ends_latest -> Nullable<Date>,
        ended_from -> Nullable<Date>,
        known_from -> Nullable<Date>,
        supersedes_id -> Nullable<Text>,
        reference_number -> Nullable<Text>,
        lead_department -> Nullable<Text>,
        topics -> Text,
        gaps -> Text,
        title_key -> Text,
        summary -> Text,
        visibility -> Text,
        withholding -> Nullable<Text>,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        // Number of changes to its reports; 0 without reports.
        report_changes -> BigInt,
        // Date of the last activity.
        last_sign -> Nullable<Date>,
    }
}

diesel::table! {
    commitment_reports (id) {
        id -> Text,
        version -> BigInt,
        agreement_id -> Text,
        commitment_id -> Text,
        organization_id -> Nullable<Text>,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        standing -> Text,
        sort_day -> Text,
        begins -> Text,
        known_from -> Date,
    }
}

diesel::table! {
    agreement_anchors (agreement_id, milestone_id) {
        agreement_id -> Text,
        milestone_id -> Text,
    }
}

diesel::table! {
    milestone_anchors (milestone_id, agreement_id, anchor) {
        milestone_id -> Text,
        agreement_id -> Text,
        anchor -> Text,
    }
}

diesel::table! {
    agreement_links (agreement_id, link, base_id) {
        agreement_id -> Text,
        link -> Text,
        base_id -> Text,
    }
}

diesel::table! {
    agreement_figures (agreement_id) {
        agreement_id -> Text,
        facts -> Nullable<Text>,
    }
}

diesel::table! {
    agreement_owners (agreement_id, municipality_id) {
        agreement_id -> Text,
        municipality_id -> Text,
    }
}

diesel::table! {
    agreement_parties (agreement_id, party_id) {
        agreement_id -> Text,
        party_id -> Text,
        organization_id -> Text,
        since -> Date,
        until -> Date,
    }
}

diesel::table! {
    agreement_projects (agreement_id, project_id) {
        agreement_id -> Text,
        project_id -> Text,
    }
}

diesel::table! {
    working_groups (id) {
        id -> Text,
        version -> BigInt,
        municipality_id -> Text,
        project_id -> Nullable<Text>,
        agreement_id -> Nullable<Text>,
        name -> Text,
        sort_name -> Text,
        visibility -> Text,
        established_earliest -> Nullable<Date>,
        gaps -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    working_group_members (working_group_id, organization_id) {
        working_group_id -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    meetings (id) {
        id -> Text,
        version -> BigInt,
        working_group_id -> Text,
        title -> Text,
        sort_held -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    // The attendees of a meeting, and the members of its group on the day of the meeting.
    meeting_organizations (meeting_id, organization_id) {
        meeting_id -> Text,
        organization_id -> Text,
    }
}

diesel::table! {
    announcements (id) {
        id -> Text,
        version -> BigInt,
        municipality_id -> Text,
        visibility -> Text,
        kind -> Text,
        standing -> Text,
        agreement_id -> Nullable<Text>,
        milestone_id -> Nullable<Text>,
        title -> Text,
        sort_title -> Text,
        sort_announced -> Text,
        announced_earliest -> Nullable<Date>,
        announced_latest -> Nullable<Date>,
        publisher -> Nullable<Text>,
        url -> Nullable<Text>,
        gaps -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    timeline_entries (entry_id, known_from) {
        entry_id -> Text,
        known_from -> Date,
        known_until -> Date,
        owner_id -> Text,
        record_id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        kind -> Text,
        municipality_id -> Text,
        project_id -> Nullable<Text>,
        project_phase -> Nullable<Text>,
        working_group_id -> Nullable<Text>,
        sort_when -> Text,
        begins -> Text,
        phase -> Text,
        target_earliest -> Nullable<Date>,
        target_latest -> Nullable<Date>,
        visibility -> Text,
        doc -> Text,
    }
}

diesel::table! {
    publications (publication_id) {
        publication_id -> Text,
        agreement_id -> Text,
        municipality_id -> Text,
        extent -> Text,
        sort_published -> Text,
        published_earliest -> Nullable<Date>,
        published_latest -> Nullable<Date>,
        sort_changed -> Text,
        doc -> Text,
    }
}

diesel::table! {
    tokens (id) {
        id -> Text,
        version -> BigInt,
        // Lookup key of the token: the first digits of its digest.
        handle -> Text,
        hash -> Text,
        name -> Text,
        role -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    addresses (id) {
        id -> Text,
        version -> BigInt,
        // What is read at the address: calendar or change_stream.
        kind -> Text,
        // The token that made the address; what is read there is what that token may read.
        token_id -> Text,
        // Lookup key of the address: the first digits of its digest.
        handle -> Text,
        hash -> Text,
        name -> Text,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        recorded_at -> Timestamp,
        record_type -> Text,
        record_id -> Text,
        municipality_id -> Nullable<Text>,
        visibility -> Text,
        context_id -> Text,
        entry -> Text,
        previous_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    changes_head (id) {
        id -> BigInt,
        seq -> BigInt,
        hash -> Text,
        repairs -> BigInt,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        version -> BigInt,
        token_id -> Text,
        enabled -> Bool,
        doc -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        secret -> Text,
        earlier_secrets -> Text,
        planned_to -> BigInt,
        leased_by -> Nullable<Text>,
        leased_until -> Timestamp,
        rests_until -> Nullable<Timestamp>,
        failures -> BigInt,
        failing_since -> Nullable<Timestamp>,
        last_success_at -> Nullable<Timestamp>,
        // The last day whose digest was planned.
        digested_until -> Nullable<Date>,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook_id -> Text,
        seq -> Nullable<BigInt>,
        record_type -> Nullable<Text>,
        record_id -> Nullable<Text>,
        #[sql_name = "type"]
        type_ -> Text,
        body -> Nullable<Text>,
        state -> Text,
        tries -> BigInt,
        first_attempt_at -> Nullable<Timestamp>,
        next_attempt_at -> Timestamp,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    webhook_attempts (id) {
        id -> Text,
        delivery_id -> Text,
        at -> Timestamp,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        duration_ms -> BigInt,
        excerpt -> Nullable<Text>,
    }
}

diesel::table! {
    duties (duty_id, known_from) {
        duty_id -> Text,
        known_from -> Date,
        known_until -> Date,
        agreement_id -> Nullable<Text>,
        municipality_id -> Text,
        visibility -> Text,
        kind -> Text,
        department -> Nullable<Text>,
        phase -> Text,
        sort_due -> Text,
        begins -> Text,
        due_latest -> Nullable<Date>,
        doc -> Text,
    }
}

diesel::table! {
    files (sha256) {
        sha256 -> Text,
        media_type -> Text,
        bytes -> BigInt,
        stored_at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    file_claims (id) {
        id -> Text,
        sha256 -> Text,
        // 1 or 0, the same in both databases.
        is_removal -> Integer,
        ends_at -> Timestamp,
    }
}

diesel::table! {
    file_uses (file_id) {
        file_id -> Text,
        sha256 -> Text,
        record_id -> Text,
        // The record as which the search finds it.
        found_as -> Text,
        name -> Text,
        // 1 or 0, the same in both databases.
        is_open -> Integer,
    }
}

diesel::table! {
    imports (id) {
        id -> Text,
        version -> BigInt,
        municipality_id -> Text,
        // Digest of the headers, by which mappings are remembered.
        headers_key -> Text,
        format -> Text,
        doc -> Text,
        // The content of the file.
        book -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (key, path) {
        key -> Text,
        path -> Text,
        digest -> Text,
        status -> Integer,
        headers -> Text,
        body -> Text,
        created_at -> Timestamp,
        seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    sign_ins (id) {
        id -> Text,
        token_id -> Nullable<Text>,
        subject_id -> Nullable<Text>,
        subject -> Nullable<Text>,
        handle -> Text,
        hash -> Text,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
    }
}

diesel::table! {
    personal_data_reads (id) {
        id -> Text,
        read_at -> Timestamp,
        token_id -> Nullable<Text>,
        account -> Text,
        origin -> Text,
        operation -> Text,
        request_id -> Text,
        agreement_id -> Text,
        agreement_version -> BigInt,
        municipality_id -> Text,
    }
}

diesel::table! {
    search_entries (seq) {
        seq -> BigInt,
        record_type -> Text,
        record_id -> Text,
        municipality_id -> Nullable<Text>,
        names -> Text,
        sort_name -> Text,
        visibility -> Text,
        // The agreement, project or working group whose participants can see the record.
        context_id -> Text,
    }
}

diesel::table! {
    // SQLite's full-text index; PostgreSQL uses a column of search_entries instead.
    search_terms (rowid) {
        rowid -> BigInt,
        terms -> Text,
    }
}

diesel::table! {
    search_files (sha256) {
        sha256 -> Text,
        status -> Text,
        read_at -> Timestamp,
    }
}

diesel::table! {
    // PostgreSQL's have their terms in another column.
    search_passages (seq) {
        seq -> BigInt,
        sha256 -> Text,
        page -> Nullable<Integer>,
        paragraph -> Nullable<Integer>,
        text -> Text,
    }
}

diesel::table! {
    // SQLite's full-text index of passages.
    search_terms_of_files (rowid) {
        rowid -> BigInt,
        terms -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    organization_identifiers,
    organization_names,
    association_members,
    holidays,
    projects,
    project_implementers,
    project_organizations,
    milestones,
    agreements,
    agreement_parties,
    agreement_projects,
    agreement_links,
    agreement_anchors,
    milestone_anchors,
    agreement_figures,
    agreement_owners,
    commitment_reports,
    working_groups,
    working_group_members,
    meetings,
    meeting_organizations,
    announcements,
    timeline_entries,
    duties,
    publications,
    files,
    file_claims,
    file_uses,
    imports,
    idempotency_keys,
    sign_ins,
    tokens,
    addresses,
    webhooks,
    webhook_deliveries,
    webhook_attempts,
    changes,
    changes_head,
    personal_data_reads,
    search_entries,
    search_terms,
    search_files,
    search_passages,
    search_terms_of_files,
);
