//! Writes the committed corpus anew from fixed keys: `cargo run --release --example corpus` in this folder. What is there
//! under another name, such as an input that once crashed, stays.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in [
        ("token_text", fuzz::token_text::seeds()),
        ("token_parts", fuzz::token_parts::seeds()),
        ("key_set", fuzz::key_set::seeds()),
        ("jwks", fuzz::jwks::seeds()),
    ] {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        for (name, contents) in seeds {
            fs::write(folder.join(name), contents)?;
        }
    }
    Ok(())
}
