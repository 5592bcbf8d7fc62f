//! mou-registry: a city's memory of its promises.
//!
//! A request's way: [`app`] puts the server together, [`edge`] bounds what callers may ask,
//! [`access`] finds out who asks and what for, [`http`] reads the request and holds it against the
//! spec that [`openapi`] makes from the types, a slice's `handlers` call its `store`, and its `rules`
//! derive what is not stored. [`audit`] logs what was changed, [`webhooks`] sends it elsewhere by way
//! of [`outbound`], [`db`] knows both databases, [`values`] the field's values and [`words`] what they are
//! called. Adding a resource is a folder like the others and a line in [`api`].

pub mod access;
pub mod agreements;
pub mod api;
pub mod app;
pub mod audit;
pub mod calendars;
pub mod config;
pub mod council_report;
pub mod db;
pub mod demo;
pub mod docs;
pub mod edge;
pub mod error;
pub mod health;
pub mod http;
pub mod openapi;
pub mod organizations;
pub mod outbound;
pub mod projects;
pub mod reference;
pub mod search;
pub mod server;
pub mod statistics;
pub mod timeline;
pub mod values;
pub mod webhooks;
pub mod words;
pub mod working_groups;
