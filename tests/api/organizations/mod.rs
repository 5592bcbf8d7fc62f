mod merges;
mod policies;
mod records;
