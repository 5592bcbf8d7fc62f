mod annual_reports;
mod kinds;
mod merges;
mod policies;
mod records;
mod refusals;
mod succession;
mod unmerges;
