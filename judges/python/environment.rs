//! The Python environment of the judges that tests of ours ask, for every crate whose tests do: a module by its path.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The project's folder, seen from a crate.
pub(super) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The Python that has the library; made when there is none yet, or one with other versions.
pub(super) static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let place = root().join("target/judges-venv");
    let is_there =
        || fs::read_to_string(place.join("requirements.txt")).is_ok_and(|made| made == REQUIREMENTS);
    if !is_there() {
        // Made aside and put in place at once: another test process may be making it too.
        let aside = root().join(format!("target/judges-venv.{}", std::process::id()));
        let run = |program: &Path, arguments: &[&str]| {
            let done = Command::new(program).args(arguments).output().unwrap();
            assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        };
        run(Path::new("python3"), &["-m", "venv", aside.to_str().unwrap()]);
        let requirements = root().join("judges/python/requirements.txt");
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"];
        let from = ["--requirement", requirements.to_str().unwrap()];
        run(&aside.join("bin/python"), &[&install[..], &from].concat());
        fs::write(aside.join("requirements.txt"), REQUIREMENTS).unwrap();
        if is_there() {
            fs::remove_dir_all(&aside).unwrap();
        } else {
            let _ = fs::remove_dir_all(&place);
            fs::rename(&aside, &place).unwrap();
        }
    }
    place.join("bin/python")
});
