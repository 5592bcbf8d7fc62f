//! Tells the tests whether PostgreSQL's programs are here, so that their half is reported as
//! ignored where they are not. `MOU_TEST_POSTGRES=required` makes that an error.

use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rustc-check-cfg=cfg(postgres_programs)");
    println!("cargo:rerun-if-env-changed=MOU_TEST_POSTGRES");
    println!("cargo:rerun-if-env-changed=PATH");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=migrations");
    match programs() {
        Some(dir) => {
            println!("cargo:rustc-cfg=postgres_programs");
            println!("cargo:rustc-env=MOU_POSTGRES_BIN={}", dir.display());
        }
        None if std::env::var("MOU_TEST_POSTGRES").as_deref() == Ok("required") => {
            println!(
                "cargo:error=MOU_TEST_POSTGRES=required, but initdb and postgres are not to be found"
            );
        }
        None => println!("cargo:rustc-env=MOU_POSTGRES_BIN="),
    }
}

/// The directory of `initdb` and `postgres`: Debian keeps them out of the path.
fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut dirs: Vec<PathBuf> = installed
        .map(|version| version.path().join("bin"))
        .collect();
    dirs.sort();
    dirs.reverse();
    dirs.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    dirs.into_iter()
        .find(|dir| has(dir, "initdb") && has(dir, "postgres"))
}

fn has(dir: &Path, program: &str) -> bool {
    dir.join(program).is_file()
}
