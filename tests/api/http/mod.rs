mod conventions;
mod entity_tags;
pub mod every_operation;
mod refusals;
