//! What the arguments of a handler say of its operation.

use axum::extract::{self, Request, State};
use http::{HeaderMap, StatusCode};
use schemars::JsonSchema;

use super::{
    Operation, Shape,
    operation::{Body, Opens},
};
use crate::{Actor, Caller, JsonBody, Names, Query};

/// An argument of a handler, and what it says of the operation.
pub trait Described {
    /// Says it.
    fn describe(operation: Operation) -> Operation;
}

impl<S> Described for State<S> {
    fn describe(operation: Operation) -> Operation {
        operation
    }
}

/// Staff only, and 401; 403 for who lacks the role that it needs.
impl Described for Actor {
    fn describe(mut operation: Operation) -> Operation {
        operation.opens = Opens::StaffToken;
        let operation = Caller::describe(operation).code(StatusCode::UNAUTHORIZED, "unauthorized");
        operation.code(StatusCode::FORBIDDEN, "forbidden")
    }
}

/// 429, unless the operation says in its protocol's own terms what that is.
impl Described for Caller {
    fn describe(operation: Operation) -> Operation {
        let status = StatusCode::TOO_MANY_REQUESTS;
        if operation.answers.iter().any(|answer| answer.status == status) {
            return operation;
        }
        operation.code(status, "too_many_attempts")
    }
}

/// A body as strict as [`JsonBody`] reads it.
impl<T: JsonSchema> Described for JsonBody<T> {
    fn describe(mut operation: Operation) -> Operation {
        operation.body =
            Some(Body { media_type: "application/json", description: "", shape: Shape::of::<T>() });
        operation
            .code(StatusCode::BAD_REQUEST, "invalid_json")
            .code(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large")
            .code(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type")
    }
}

impl<T: JsonSchema> Described for Query<T> {
    fn describe(mut operation: Operation) -> Operation {
        operation.query = Some(Shape::of::<T>());
        operation.code(StatusCode::BAD_REQUEST, "query")
    }
}

/// Where the handler says itself what is wrong with it.
impl<T: JsonSchema> Described for extract::Query<T> {
    fn describe(operation: Operation) -> Operation {
        Query::<T>::describe(operation)
    }
}

/// The names in the address are said one by one, with [`Operation::in_path`].
impl<T> Described for Names<T> {
    fn describe(operation: Operation) -> Operation {
        operation.code(StatusCode::NOT_FOUND, "not_found")
    }
}

impl Described for HeaderMap {
    fn describe(operation: Operation) -> Operation {
        operation
    }
}

/// What is read of the request itself is said with [`Operation::takes`].
impl Described for Request {
    fn describe(operation: Operation) -> Operation {
        operation
    }
}

/// What may be missing or refused is the handler's to answer.
impl<T: Described, E> Described for Result<T, E> {
    fn describe(operation: Operation) -> Operation {
        T::describe(operation)
    }
}

/// All arguments of a handler, as axum numbers them: first a mark of its own.
pub trait Arguments {
    /// Says what they say.
    fn describe(operation: Operation) -> Operation;
}

macro_rules! arguments {
    ($($name:ident)*) => {
        impl<M, $($name: Described),*> Arguments for (M, $($name,)*) {
            fn describe(operation: Operation) -> Operation {
                $(let operation = $name::describe(operation);)*
                operation
            }
        }
    };
}

arguments! {}
arguments! { A }
arguments! { A B }
arguments! { A B C }
arguments! { A B C D }
arguments! { A B C D E }
arguments! { A B C D E F }
