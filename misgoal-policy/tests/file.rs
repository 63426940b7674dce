//! Weight files: what is saved is loaded, the bytes are always the same, and no bytes make loading panic.
#![cfg(test)]

use misgoal_policy::{Architecture, Network, Origin};
use proptest::prelude::*;

fn origin() -> Origin {
    Origin { world: "w\"\\\n\u{1}é".to_owned(), study: "s".to_owned(), unit: Some("{\"seed\":1}".to_owned()) }
}

fn saved() -> Vec<u8> {
    Network::new(Architecture { hidden: [16, 32], ..Architecture::new(20, 4) }, 3).unwrap().save(&origin())
}

#[test]
fn a_saved_network_loads_to_the_bit() {
    let network = Network::new(Architecture::new(300, 6), 3).unwrap();
    let bytes = network.save(&origin());
    let (loaded, from) = Network::load(&bytes).unwrap();
    assert_eq!(loaded.params(), network.params());
    assert_eq!(loaded.architecture(), network.architecture());
    assert_eq!(from, origin());
    assert_eq!(loaded.save(&from), bytes);
}

#[test]
fn other_tools_read_the_file() {
    let bytes = saved();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut shapes: Vec<(String, Vec<usize>)> =
        tensors.tensors().into_iter().map(|(name, tensor)| (name, tensor.shape().to_vec())).collect();
    shapes.sort();
    let expected = [
        ("heads.bias", vec![5]),
        ("heads.weight", vec![5, 32]),
        ("layer1.bias", vec![16]),
        ("layer1.weight", vec![20, 16]),
        ("layer2.bias", vec![32]),
        ("layer2.weight", vec![16, 32]),
    ];
    assert_eq!(shapes, expected.map(|(name, shape)| (name.to_owned(), shape)));
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let check = |from: &str, to: &str, expected: &str| {
        assert_eq!(from.len(), to.len());
        let mut bytes = saved();
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        assert_eq!(Network::load(&bytes).unwrap_err().to_string(), expected);
    };
    check(
        "\"version\":\"2\"",
        "\"version\":\"9\"",
        "this is `misgoal-policy version 9`, not a weight file of `misgoal-policy` version 1 to 2",
    );
    check("\"relu\"", "\"gelu\"", "activation `gelu` is neither `relu` nor `tanh`");
    check("layer2.bias", "layer2.bits", "the file has no tensor `layer2.bias`");
    check("\"inputs\":\"20\"", "\"inputs\":\"2x\"", "`inputs` is `2x` where a whole number is expected");
    check(
        "\"inputs\":\"20\"",
        "\"inputs\":\"21\"",
        "tensor `layer1.weight` is F32 [20, 16] where 336 numbers of F32 are expected",
    );
    let mut bytes = saved();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(
        Network::load(&bytes).unwrap_err().to_string(),
        "tensor `heads.bias` holds infinities or not-a-numbers: the training diverged or the file is damaged"
    );
    assert!(Network::load(b"").unwrap_err().to_string().starts_with("not a safetensors file, or a damaged one: "));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_loading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Network::load(&bytes).is_err());
    }

    #[test]
    fn no_damage_makes_loading_panic(at in 0usize..800, byte: u8, cut in 0usize..6000) {
        let mut bytes = saved();
        bytes[at] = byte;
        let _ = Network::load(&bytes);
        bytes.truncate(cut);
        let _ = Network::load(&bytes);
    }

    #[test]
    fn no_header_makes_loading_panic(header in "\\{\"__metadata__\":\\{(\"(format|version|inputs|hidden1)\":\"[0-9a-z-]{0,22}\",?){0,4}\\}(,\"layer1.weight\":\\{\"dtype\":\"F32\",\"shape\":\\[[0-9]{0,20}(,[0-9]{1,20})?\\],\"data_offsets\":\\[[0-9],[0-9]{1,20}\\]\\})?\\}") {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        prop_assert!(Network::load(&bytes).is_err());
    }
}
