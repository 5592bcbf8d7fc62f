mod merges;
mod policies;
mod records;
mod refusals;
