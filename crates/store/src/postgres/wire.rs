//! Values, columns and errors of `PostgreSQL` in our words.

use tokio_postgres::{
    Statement,
    types::{ToSql, Type},
};

use crate::{Error, ErrorKind, Value, row::Cell};

/// What a parameter may be: exactly the portable column types.
pub(super) fn is_param(wanted: &Type) -> bool {
    [Type::INT8, Type::TEXT, Type::BYTEA].contains(wanted)
}

/// What a column may be: those, and what `length(…)`, `1` and `EXISTS (…)` answer.
pub(super) fn is_column(found: &Type) -> bool {
    is_param(found) || [Type::INT4, Type::INT2, Type::BOOL].contains(found)
}

pub(super) fn wrong_column(name: &str, found: &Type) -> Error {
    Error::new(ErrorKind::Type, format!("column {name} is {found}"))
}

pub(super) type Bound<'a> = &'a (dyn ToSql + Sync);

pub(super) fn bound<'a>(statement: &Statement, params: &'a [Value<'_>]) -> Result<Vec<Bound<'a>>, Error> {
    let wanted = statement.params();
    if wanted.len() != params.len() {
        let (needs, has) = (wanted.len(), params.len());
        return Err(Error::new(ErrorKind::Statement, format!("{has} parameters for {needs}")));
    }
    let one = |(i, (value, wanted)): (usize, (&'a Value<'_>, &Type))| -> Result<Bound<'a>, Error> {
        Ok(match (value, wanted) {
            (Value::Int(v), &Type::INT8) => v,
            (Value::Text(v), &Type::TEXT) => v,
            (Value::Bytes(v), &Type::BYTEA) => v,
            (Value::Null, &Type::INT8) => &None::<i64>,
            (Value::Null, &Type::TEXT) => &None::<&str>,
            (Value::Null, &Type::BYTEA) => &None::<&[u8]>,
            _ => return Err(Error::new(ErrorKind::Type, format!("${} is {wanted}", i + 1))),
        })
    };
    params.iter().zip(wanted).enumerate().map(one).collect()
}

pub(crate) fn cell(row: &tokio_postgres::Row, column: usize) -> Result<Cell, Error> {
    let missing = || Error::new(ErrorKind::Type, format!("there is no column {column}"));
    let described = row.columns().get(column).ok_or_else(missing)?;
    let wrong = |_| wrong_column(described.name(), described.type_());
    let found = match *described.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(column).map_err(wrong)?.map(Cell::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(column).map_err(wrong)?.map(|v| Cell::Int(v.into())),
        Type::INT2 => row.try_get::<_, Option<i16>>(column).map_err(wrong)?.map(|v| Cell::Int(v.into())),
        Type::BOOL => row.try_get::<_, Option<bool>>(column).map_err(wrong)?.map(|v| Cell::Int(v.into())),
        Type::TEXT => row.try_get::<_, Option<String>>(column).map_err(wrong)?.map(Cell::Text),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column).map_err(wrong)?.map(Cell::Bytes),
        ref other => return Err(wrong_column(described.name(), other)),
    };
    Ok(found.unwrap_or(Cell::Null))
}

/// By `SQLSTATE` (`PostgreSQL`, appendix A). Messages of classes 22 and 23 may quote values, so they are left out.
pub(crate) fn error(e: &tokio_postgres::Error) -> Error {
    let Some(db) = e.as_db_error() else {
        return Error::new(
            ErrorKind::Unavailable,
            if e.is_closed() { "the connection is closed" } else { "no answer" },
        );
    };
    let code = db.code().code();
    let kind = match code {
        "23505" => ErrorKind::UniqueViolation,
        "23503" | "23001" => ErrorKind::ForeignKeyViolation,
        "23514" => ErrorKind::CheckViolation,
        "23502" => ErrorKind::NotNullViolation,
        "40001" | "40P01" => ErrorKind::Conflict,
        "55P03" | "57014" => ErrorKind::Busy,
        "25006" => ErrorKind::ReadOnly,
        "42804" => ErrorKind::Type,
        _ => match code.get(..2) {
            Some("08" | "28" | "3D" | "53" | "57" | "58" | "XX") => ErrorKind::Unavailable,
            Some("22") => ErrorKind::Type,
            _ => ErrorKind::Statement,
        },
    };
    let place = db.constraint().or_else(|| db.column()).or_else(|| db.table()).unwrap_or_default();
    match code.get(..2) {
        Some("22" | "23") => Error::new(kind, format!("{code} {place}")),
        _ => Error::new(kind, format!("{code} {}", db.message())),
    }
}
