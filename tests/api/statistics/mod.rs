mod agreements;
mod milestones;
