//! The API, tested from outside on both databases.

/// Makes each test run on SQLite and on PostgreSQL.
macro_rules! on_both {
    ($start:ident: $($name:ident),* $(,)?) => {
        mod sqlite {
            use crate::harness::{Api, Backend};
            $(#[actix_web::test]
            async fn $name() {
                super::$name(Api::$start(Backend::Sqlite).await).await;
            })*
        }

        mod postgres {
            use crate::harness::{Api, Backend};
            $(#[actix_web::test]
            #[cfg_attr(not(postgres_programs), ignore = "PostgreSQL's programs are not installed")]
            async fn $name() {
                super::$name(Api::$start(Backend::Postgres).await).await;
            })*
        }
    };
}

mod access;
mod agreement_days;
mod agreements;
mod audit;
mod bounds;
mod calendar_addresses;
mod calendars;
mod changes;
mod city;
mod conventions;
mod council;
mod council_report;
mod council_report_told;
mod databases;
mod demo;
mod derived;
mod digest_lists;
mod digests;
mod duties;
mod edge;
mod ends;
mod harness;
mod issuer;
mod merges;
mod migrations;
mod model;
mod oidc;
mod openapi;
mod organizations;
mod owasp;
mod passed;
mod past;
mod personal;
mod policies;
mod processes;
mod projects;
mod queries;
mod receiver;
mod renewals;
mod report_lists;
mod reporters;
mod reports;
mod reviews;
mod rows;
mod search;
mod slow;
mod statistics;
mod statistics_milestones;
mod stream;
mod tags;
mod tokens;
mod walk;
mod webhook_sending;
mod webhooks;
mod working_groups;
mod writes;
