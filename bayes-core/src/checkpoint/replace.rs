//! Replacing a file in one step: its readers see the old content or the new, never a part.

use super::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file beside `path`, flushes it to the disk and renames it to `path`.
///
/// If anything fails before the rename, the file at `path` is as it was and the new one is removed.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Error> {
    let failed = |action, path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::Io {
            action,
            path,
            source,
        }
    };
    let (temporary, file) = create_beside(path).map_err(failed("create a file beside", path))?;
    let result = fill(file, write)
        .map_err(failed("write", &temporary))
        .and_then(|()| fs::rename(&temporary, path).map_err(failed("replace", path)));
    if result.is_err() {
        // The first error is the one to report; a second one here would hide it.
        let _ = fs::remove_file(&temporary);
        return result;
    }
    let folder = folder(path);
    sync_folder(folder).map_err(failed("flush the folder", folder))
}

fn fill(file: File, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    writer.flush()?;
    writer.get_ref().sync_all()
}

/// A new file in the folder of `path`, under a name that no other writer has.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the path names no file",
        ));
    };
    loop {
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut temporary = name.to_os_string();
        temporary.push(format!(".{}-{count}.tmp", std::process::id()));
        let temporary = path.with_file_name(temporary);
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)
        {
            Ok(file) => return Ok((temporary, file)),
            // Left by a process of the same id that was killed: take the next name.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the rename durable. Only Unix can open a folder to flush it.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        replace(&path, |w| w.write_all(b"old")).unwrap();
        let result = replace(&path, |w| {
            w.write_all(&[1; 100_000])?;
            Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
        });
        match result {
            Err(Error::Io {
                action: "write",
                source,
                ..
            }) => {
                assert_eq!(source.kind(), io::ErrorKind::StorageFull);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["model"]);
        replace(&path, |w| w.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["model"]);
    }

    #[test]
    fn targets_that_cannot_be_written_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing").join("model");
        assert!(matches!(
            replace(&missing, |_| Ok(())),
            Err(Error::Io { .. })
        ));
        assert!(matches!(
            replace(Path::new("/"), |_| Ok(())),
            Err(Error::Io { .. })
        ));
        let occupied = folder.path().join("occupied");
        fs::create_dir(&occupied).unwrap();
        let result = replace(&occupied, |w| w.write_all(b"new"));
        assert!(
            matches!(
                result,
                Err(Error::Io {
                    action: "replace",
                    ..
                })
            ),
            "{result:?}"
        );
        assert_eq!(names(folder.path()), ["occupied"]);
    }
}
