mod agreements;
mod facts;
mod milestones;
