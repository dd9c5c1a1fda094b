//! A row of the table: its name, its bar, and the function that measures it.

use std::{collections::BTreeMap, fmt, fs, path::Path, path::PathBuf};

use serde_json::{Value, json};

use crate::party::Database;

/// One line of the table.
pub(crate) struct Row {
    /// As in the table, unique.
    pub(crate) name: &'static str,
    /// Of the value: `ratio`, `ms`, `MiB`, …
    pub(crate) unit: &'static str,
    /// What must hold.
    pub(crate) bar: Bar,
    /// Measures it. What it found of other rows on the way it keeps by [`Context::found`].
    pub(crate) function: fn(&mut Context) -> Result<f64, Failure>,
}

/// What a value is held to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bar {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
    /// Printed only.
    None,
}

/// What measurements are given, and what they found already.
#[derive(Default)]
pub(crate) struct Context {
    /// The release binary `sahihi`.
    pub(crate) binary: Option<PathBuf>,
    /// A PostgreSQL cluster's superuser database.
    pub(crate) postgres: Option<String>,
    values: BTreeMap<&'static str, f64>,
}

impl Context {
    /// The release binary, without which nothing that is a process can be measured.
    pub(crate) fn binary(&self) -> Result<&Path, Failure> {
        self.binary.as_deref().ok_or_else(|| Failure::new("--binary is missing"))
    }

    /// An empty database of the cluster, called `name`.
    pub(crate) async fn postgres(&self, name: &str) -> Result<Database, Failure> {
        let cluster = self.postgres.as_deref().ok_or_else(|| Failure::new("--postgres is missing"))?;
        Ok(Database::Postgres(store::bench::database(cluster, name).await?))
    }

    /// What was found of a row while another was measured.
    pub(crate) fn value(&self, name: &str) -> Result<f64, Failure> {
        self.values.get(name).copied().ok_or_else(|| Failure::new(format!("{name} was not found")))
    }

    /// Keeps a row's value that was found while another was measured, so that it is not measured again.
    pub(crate) fn found(&mut self, name: &'static str, value: f64) {
        self.values.insert(name, value);
    }
}

impl Row {
    /// Measures it, unless that happened already.
    pub(crate) fn measure(&'static self, context: &mut Context) -> Result<Measured, Failure> {
        let value = match context.values.get(self.name) {
            Some(value) => *value,
            None => (self.function)(context).map_err(|e| Failure::new(format!("{}: {e}", self.name)))?,
        };
        context.found(self.name, value);
        Ok(Measured { row: self, value })
    }
}

/// A row with its value.
pub(crate) struct Measured {
    pub(crate) row: &'static Row,
    pub(crate) value: f64,
}

impl Measured {
    /// Whether it holds its bar.
    pub(crate) fn ok(&self) -> bool {
        match self.row.bar {
            Bar::AtLeast(bar) => self.value >= bar,
            Bar::AtMost(bar) => self.value <= bar,
            Bar::None => self.value.is_finite(),
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { name, unit, bar, .. } = self.row;
        let missed = if self.ok() { "" } else { "  MISSED" };
        write!(f, "{name:24} {:>12} {unit:10} {bar}{missed}", rounded(self.value))
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bar) => write!(f, "≥ {bar}"),
            Self::AtMost(bar) => write!(f, "≤ {bar}"),
            Self::None => f.write_str("–"),
        }
    }
}

/// Three digits are more than the machine repeats.
fn rounded(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Writes an array of `{"name","value","unit","bar","ok"}`; `bar` is null where a value is printed only.
pub(crate) fn write_json(file: &Path, results: &[Measured]) -> Result<(), Failure> {
    let rows: Vec<Value> = results
        .iter()
        .map(|result| {
            let bar = match result.row.bar {
                Bar::AtLeast(bar) | Bar::AtMost(bar) => json!(bar),
                Bar::None => Value::Null,
            };
            let Row { name, unit, .. } = result.row;
            json!({ "name": name, "value": result.value, "unit": unit, "bar": bar, "ok": result.ok() })
        })
        .collect();
    fs::write(file, format!("{:#}\n", Value::from(rows)))
        .map_err(|e| Failure::new(format!("{}: {e}", file.display())))
}

/// The table of docs/performance.md.
pub(crate) fn markdown(file: &Path) -> Result<String, Failure> {
    let wrong = |e: String| Failure::new(format!("{}: {e}", file.display()));
    let text = fs::read_to_string(file).map_err(|e| wrong(e.to_string()))?;
    let rows: Vec<Value> = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let mut table = String::from("| row | bar | result | unit | |\n|---|---|---|---|---|\n");
    for row in &rows {
        let word = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        let value = row.get("value").and_then(Value::as_f64).unwrap_or(f64::NAN);
        let bar = crate::rows().find(|known| known.name == word("name")).map(|known| known.bar.to_string());
        let ok = row.get("ok").and_then(Value::as_bool).unwrap_or_default();
        let (name, unit) = (word("name"), word("unit"));
        let (bar, missed) = (bar.unwrap_or_default(), if ok { "" } else { "missed" });
        let value = rounded(value);
        table.extend(["| `", name, "` | ", &bar, " | ", &value, " | ", unit, " | ", missed, " |\n"]);
    }
    Ok(table)
}

/// Why a measurement could not be made.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
