mod digest_lists;
mod digests;
mod registrations;
mod rights;
mod sending;
