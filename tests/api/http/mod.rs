mod conditions;
mod conventions;
mod entity_tags;
mod every_filter;
pub mod every_operation;
mod every_sort;
pub mod lists;
mod reading;
mod refusals;
