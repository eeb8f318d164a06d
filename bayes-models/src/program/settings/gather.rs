//! Settings from a file and the command line, and the words for what is wrong with them.

use super::{Failure, Flags, Settings};
use bayes_core::device::DeviceName;
use bayes_core::members::slips;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Spanned, Value};

/// The key of a file that says where its run trains. It is no setting of the run, which means the same on every device
/// and goes on on any: the run's folder does not keep it.
const DEVICE: &str = "device";

/// The letters of an unknown key that may differ from the one that is proposed.
const SLIPS: usize = 2;

impl Settings {
    /// The settings of `file`, if there is one, with those of the command line over them.
    ///
    /// # Errors
    /// A file that cannot be read or is no such TOML; a value out of range.
    pub fn gather(file: Option<&Path>, flags: &Flags) -> Result<Self, Failure> {
        let mut table = toml::Table::new();
        if let Some(file) = file {
            for (key, stated) in keys(file)? {
                if key == DEVICE {
                    continue;
                }
                alone(&key, &stated.value).map_err(|found| {
                    let (file, line) = (file.display(), stated.line);
                    Failure::usage(format!("`{file}`: line {line}: `{key}`: {found}"))
                })?;
                table.insert(key, stated.value);
            }
        }
        for (name, value) in flags.stated() {
            let value = value.map_err(|_| {
                Failure::usage(format!(
                    "expected a number below 2^63 for `--{name}`, which a file of settings can hold, found a larger one; take a \
                     smaller one"
                ))
            })?;
            table.insert(name, value);
        }
        let settings: Self = table.try_into().map_err(|error: toml::de::Error| {
            Failure::usage(format!(
                "the settings: {}; correct the key or its value",
                error.message()
            ))
        })?;
        settings.check()?;
        Ok(settings)
    }
}

/// What is wrong with a key by itself.
fn alone(key: &str, value: &Value) -> Result<(), String> {
    let names = Settings::names();
    if !names.iter().any(|name| name == key) {
        let nearest = names.iter().min_by_key(|name| slips(key, name));
        return Err(match nearest {
            Some(name) if slips(key, name) <= SLIPS => {
                format!("expected a setting, found none of this name; did you mean `{name}`?")
            }
            _ => {
                "expected a setting, found none of this name; they are named as the flags of `bayes train --help`".to_owned()
            }
        });
    }
    let table = toml::Table::from_iter([(key.to_owned(), value.clone())]);
    match table.try_into::<Settings>() {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "{}; correct the value",
            error.message().replace('\n', " ")
        )),
    }
}

/// The device that a file says.
///
/// # Errors
/// A file that cannot be read or is no TOML; a name that is no device's.
pub fn device(file: &Path) -> Result<Option<DeviceName>, Failure> {
    let mut keys = keys(file)?;
    let Some(Stated { value, line }) = keys.remove(DEVICE) else {
        return Ok(None);
    };
    let name = match value {
        Value::String(name) => name,
        other => other.to_string(),
    };
    name.parse().map(Some).map_err(|error| {
        Failure::usage(format!(
            "`{}`: line {line}: `{DEVICE}`: {error}",
            file.display()
        ))
    })
}

/// A value of a file, and the line that it starts in.
struct Stated {
    value: Value,
    line: usize,
}

/// The keys of a file.
fn keys(file: &Path) -> Result<BTreeMap<String, Stated>, Failure> {
    let text = std::fs::read_to_string(file).map_err(Failure::io("read", file))?;
    let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let keys: BTreeMap<String, Spanned<Value>> = toml::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "`{}`: line {}: expected TOML, found {}; correct the line",
            file.display(),
            line(error.span().map_or(0, |span| span.start)),
            error.message().replace('\n', " ")
        ))
    })?;
    let stated = keys.into_iter().map(|(key, value)| {
        let line = line(value.span().start);
        let value = value.into_inner();
        (key, Stated { value, line })
    });
    Ok(stated.collect())
}

#[cfg(test)]
mod tests {
    use super::super::OptimizerName;
    use super::*;
    use std::num::NonZeroUsize;

    fn said(result: Result<Settings, Failure>) -> String {
        match result {
            Err(Failure::Usage(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn flags_win_over_the_file_and_defaults_fill_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.toml");
        std::fs::write(
            &file,
            "epochs = 7\nlearning-rate = 0.5\noptimizer = \"adamw\"\n",
        )
        .unwrap();
        let flags = Flags {
            epochs: Some(2),
            patience: NonZeroUsize::new(3),
            ..Flags::default()
        };
        let settings = Settings::gather(Some(&file), &flags).unwrap();
        let want = Settings {
            epochs: 2,
            learning_rate: 0.5,
            optimizer: OptimizerName::AdamW,
            patience: NonZeroUsize::new(3),
            ..Settings::default()
        };
        assert_eq!(settings, want);
        // What is saved is the same run.
        std::fs::write(&file, settings.to_toml().unwrap()).unwrap();
        assert_eq!(
            Settings::gather(Some(&file), &Flags::default()).unwrap(),
            want
        );
    }

    #[test]
    fn mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.toml");
        let of = |text: &str| {
            std::fs::write(&file, text).unwrap();
            said(Settings::gather(Some(&file), &Flags::default()))
        };
        for (text, parts) in [
            ("epoch = 7", ["run.toml", "did you mean `epochs`?"]),
            ("sigma = 7", ["`sigma`", "the flags of `bayes train"]),
            ("seed = 1\nepochs = \"x\"", ["line 2: `epochs`", "invalid"]),
            ("seed = 1\nepochs = = 2", ["line 2", "correct the line"]),
            ("beta = -1.0", ["`beta`", "at least 0"]),
            ("validation = 1.0", ["`validation`", "below 1"]),
            ("momentum = nan", ["`momentum`", "found NaN"]),
            ("validation = 0.0\npatience = 2", ["`patience`", "above 0"]),
            (
                "method = \"ensemble\"\nmoped = \"x\"",
                ["`moped`", "plain model"],
            ),
            ("weights = \"a\"\nmoped = \"x\"", ["`moped`", "found both"]),
        ] {
            let said = of(text);
            for part in parts {
                assert!(said.contains(part), "no `{part}` in: {said}");
            }
        }
        let flags = Flags {
            seed: Some(u64::MAX),
            ..Flags::default()
        };
        let said = said(Settings::gather(None, &flags));
        assert!(said.contains("below 2^63 for `--seed`"), "{said}");
    }

    #[test]
    fn a_device_is_read_from_a_file_and_is_no_setting_of_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("run.toml");
        for (text, want) in [
            ("epochs = 7", None),
            ("epochs = 7\ndevice = \"cuda:1\"", Some(DeviceName::Cuda(1))),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(device(&file).unwrap(), want);
            let settings = Settings::gather(Some(&file), &Flags::default()).unwrap();
            assert_eq!(settings.epochs, 7);
            assert!(!settings.to_toml().unwrap().contains("device"));
        }
        for text in ["device = \"gpu\"", "device = 1"] {
            std::fs::write(&file, text).unwrap();
            match device(&file) {
                Err(Failure::Usage(said)) => {
                    assert!(
                        said.contains("run.toml") && said.contains("write `cpu`"),
                        "{said}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
