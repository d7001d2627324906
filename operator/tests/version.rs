//! The program tells which release it is.

use std::process::Command;

#[test]
fn the_version_of_the_program_is_the_packages() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_comms-operator")).arg("--version").output().expect("it starts");
    let expected = concat!("comms-operator ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
