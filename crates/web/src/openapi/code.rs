//! The codes that problems carry, listed by what makes the problems.

pub use http::StatusCode;

/// A status and the stable code that a problem with it can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(pub StatusCode, pub &'static str);

/// What every operation of ours can end in.
pub const UNAVAILABLE: &[Code] = &[
    Code(StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    Code(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown"),
];

/// Makes a function from a use case's error to a [`Problem`](crate::Problem), and the list of the codes it can say:
/// both from the same exhaustive match. What is not said here but by another function (the database's errors, say)
/// stands behind `else`.
///
/// ```ignore
/// web::problems! {
///     fn problem(error: EndError) -> END_PROBLEMS {
///         EndError::NotFound => NOT_FOUND "not_found" ("There is no such mandate."),
///         EndError::Reason => BAD_REQUEST "reason" (error.to_string()),
///     } else {
///         EndError::Store(error) => database(error),
///     }
/// }
/// ```
#[macro_export]
macro_rules! problems {
    (
        $(#[$doc:meta])*
        $vis:vis fn $name:ident($error:ident: $of:ty) -> $codes:ident {
            $($pattern:pat => $status:ident $code:literal ($detail:expr)),+ $(,)?
        } else {
            $($other:pat => $problem:expr),* $(,)?
        }
    ) => {
        $(#[$doc])*
        $vis fn $name($error: &$of) -> $crate::Problem {
            match $error {
                $($pattern => $crate::Problem::new($crate::openapi::code::StatusCode::$status, $code, $detail),)+
                $($other => $problem,)*
            }
        }
        /// What it can say.
        $vis const $codes: &[$crate::openapi::Code] =
            &[$($crate::openapi::Code($crate::openapi::code::StatusCode::$status, $code)),+];
    };
}
