mod columns;
mod migrations;
pub mod queries;
mod servers;
mod writes;
