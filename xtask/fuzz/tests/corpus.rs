//! No target panics on its corpus, on the fixtures that it begins from, or on damaged copies of both.

use std::{collections::BTreeSet, fs};

use xtask_fuzz::Target;

/// How many damaged copies each target is fed, spread over its inputs.
const DAMAGED: usize = 500;
/// Where longer inputs are cut off before they are damaged: this is about many, not about long ones.
const LONG: usize = 4 << 10;

fn kept(target: &Target) -> Vec<Vec<u8>> {
    let folder = fs::read_dir(target.corpus()).expect(target.name);
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("it is there").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("it can be read")).collect()
}

fn inputs(target: &Target) -> Vec<Vec<u8>> {
    [kept(target), target.fixtures().expect(target.name)].concat()
}

/// Runs a target, and says which input it was that broke the law.
fn run(target: &Target, input: &[u8]) {
    let ran = std::panic::catch_unwind(|| (target.run)(input));
    assert!(ran.is_ok(), "{} does not hold for {:?}", target.name, String::from_utf8_lossy(input));
}

/// Chance that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's constants of a linear congruence; the upper bits are the good ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn damage(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        const TELLING: &[u8] = b"\"\\{}[]:,u0n \r\n\0\x01\x07\x7f\x80\xc3\xed\xf0\xff";
        let mut bytes = input[..input.len().min(LONG)].to_vec();
        for _ in 0..=self.roll(3) {
            let at = self.roll(bytes.len() + 1);
            let byte = TELLING[self.roll(TELLING.len())];
            match self.roll(5) {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                3 => bytes.truncate(at.max(1)),
                4 => {
                    let from = self.roll(other.len() + 1);
                    let end = other.len().min(from + self.roll(64));
                    bytes.splice(at..at, other[from..end].iter().copied());
                }
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    }
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let names: Vec<_> = Target::all().map(|target| target.name).collect();
    let unique: BTreeSet<_> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(unique.len(), names.len(), "no name stands twice");
    let root = Target::all().next().unwrap().corpus();
    let folders = fs::read_dir(root.parent().unwrap()).unwrap().map(Result::unwrap);
    let folders = folders.filter(|entry| entry.path().is_dir());
    let folders: BTreeSet<_> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert_eq!(folders, unique);
    assert!(Target::all().all(|target| !kept(target).is_empty()));
}

#[test]
fn no_target_panics_on_its_corpus_or_on_fixtures() {
    for target in Target::all() {
        inputs(target).iter().for_each(|input| run(target, input));
    }
}

#[test]
fn no_target_panics_on_damaged_inputs() {
    for target in Target::all() {
        let (inputs, mut dice) = (inputs(target), Dice(7));
        for turn in 0..DAMAGED {
            let other = &inputs[dice.roll(inputs.len())];
            run(target, &dice.damage(&inputs[turn % inputs.len()], other));
        }
    }
}
