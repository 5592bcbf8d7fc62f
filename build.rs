//! Has the crate built anew when a migration is added: `embed_migrations!` tracks only the files
//! that it found.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
