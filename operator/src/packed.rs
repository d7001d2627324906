//! JSON in little room: objects of one kind are much alike, so each is packed against the first of them.

use std::sync::OnceLock;

use lz4_flex::block::{compress_with_dict, decompress_with_dict};

/// How far back LZ4 looks.
const REACH: usize = 64 * 1024;

/// The first object of a kind, against which it and all others are packed.
#[derive(Debug, Default)]
pub(crate) struct Model(OnceLock<Box<[u8]>>);

/// A packed object.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    size: u32,
    bytes: Box<[u8]>,
}

impl Model {
    /// There is no object yet.
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Packs an object.
    pub(crate) fn pack(&self, json: &str) -> Packed {
        let json = json.as_bytes();
        let model = self.0.get_or_init(|| json[..json.len().min(REACH)].into());
        // An object that is too long for its length to be kept is kept as it is.
        match u32::try_from(json.len()) {
            Ok(size @ 1..) => Packed { size, bytes: compress_with_dict(json, model).into() },
            Ok(0) | Err(_) => Packed { size: 0, bytes: json.into() },
        }
    }

    /// Unpacks what was packed against this one; nothing comes of what was packed against another.
    pub(crate) fn unpack(&self, packed: &Packed) -> String {
        let json = match (packed.size, self.0.get()) {
            (0, _) | (_, None) => packed.bytes.to_vec(),
            (size, Some(model)) => {
                decompress_with_dict(&packed.bytes, size as usize, model).unwrap_or_default()
            }
        };
        String::from_utf8(json).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(name: &str) -> String {
        format!(
            r#"{{"metadata":{{"name":"{name}","labels":{{"app":"{name}","part-of":"something-long"}}}}}}"#
        )
    }

    #[test]
    fn what_is_much_like_the_first_takes_little_room() {
        let model = Model::new();
        let first = model.pack(&json("first"));
        let second = model.pack(&json("second"));
        assert_eq!([model.unpack(&first), model.unpack(&second)], [json("first"), json("second")]);
        assert!(second.bytes.len() < json("second").len() / 2, "{} bytes", second.bytes.len());
    }

    proptest! {
        #[test]
        fn whatever_is_packed_comes_out_again(objects: Vec<String>) {
            let model = Model::new();
            let packed: Vec<_> = objects.iter().map(|object| model.pack(object)).collect();
            let unpacked: Vec<_> = packed.iter().map(|packed| model.unpack(packed)).collect();
            prop_assert_eq!(unpacked, objects);
        }
    }
}
