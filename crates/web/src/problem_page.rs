//! A problem as a page: what happened, what was kept, what to do now, and a code that somebody who helps can look up.

use askama::Template;
use axum::{body::Body, response::Response};
use http::header;

use crate::{Problem, Reader, components::Button, shell, texts::T};

/// Which words a problem is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    NotFound,
    Unreadable,
    Csrf,
    Forbidden,
    SignIn,
    Method,
    Changed,
    Gone,
    TooLarge,
    Kind,
    TooMany,
    Internal,
    Unavailable,
    Unknown,
}

impl Told {
    /// By its code where that has words of its own, otherwise by its status.
    fn of(problem: &Problem) -> Self {
        match (problem.code(), problem.status()) {
            ("csrf", _) => Self::Csrf,
            ("outcome_unknown", _) => Self::Unknown,
            (_, 401) => Self::SignIn,
            (_, 403) => Self::Forbidden,
            (_, 404) => Self::NotFound,
            (_, 405) => Self::Method,
            (_, 409 | 412 | 428) => Self::Changed,
            (_, 410) => Self::Gone,
            (_, 413 | 414 | 431) => Self::TooLarge,
            (_, 415) => Self::Kind,
            (_, 429) => Self::TooMany,
            (_, 503) => Self::Unavailable,
            (_, 500..) => Self::Internal,
            _ => Self::Unreadable,
        }
    }

    const fn title(self, t: T) -> &'static str {
        match self {
            Self::NotFound => t.problem_not_found(),
            Self::Unreadable => t.problem_unreadable(),
            Self::Csrf => t.problem_csrf(),
            Self::Forbidden => t.problem_forbidden(),
            Self::SignIn => t.problem_sign_in(),
            Self::Method => t.problem_method(),
            Self::Changed => t.problem_changed(),
            Self::Gone => t.problem_gone(),
            Self::TooLarge => t.problem_too_large(),
            Self::Kind => t.problem_kind(),
            Self::TooMany => t.problem_too_many(),
            Self::Internal => t.problem_internal(),
            Self::Unavailable => t.problem_unavailable(),
            Self::Unknown => t.problem_unknown(),
        }
    }

    const fn happened(self, t: T) -> &'static str {
        match self {
            Self::NotFound => t.problem_not_found_happened(),
            Self::Unreadable => t.problem_unreadable_happened(),
            Self::Csrf => t.problem_csrf_happened(),
            Self::Forbidden => t.problem_forbidden_happened(),
            Self::SignIn => t.problem_sign_in_happened(),
            Self::Method => t.problem_method_happened(),
            Self::Changed => t.problem_changed_happened(),
            Self::Gone => t.problem_gone_happened(),
            Self::TooLarge => t.problem_too_large_happened(),
            Self::Kind => t.problem_kind_happened(),
            Self::TooMany => t.problem_too_many_happened(),
            Self::Internal => t.problem_internal_happened(),
            Self::Unavailable => t.problem_unavailable_happened(),
            Self::Unknown => t.problem_unknown_happened(),
        }
    }

    const fn kept(self, t: T) -> &'static str {
        match self {
            Self::Internal | Self::Unknown => t.problem_kept_receipts(),
            Self::Csrf | Self::Unreadable | Self::TooLarge | Self::Kind => t.problem_kept_written(),
            Self::Changed => t.problem_kept_first(),
            _ => t.problem_kept_everything(),
        }
    }

    const fn now(self, t: T) -> &'static str {
        match self {
            Self::NotFound | Self::Method | Self::Gone => t.problem_not_found_now(),
            Self::Unreadable => t.problem_unreadable_now(),
            Self::Csrf => t.problem_csrf_now(),
            Self::Forbidden => t.problem_forbidden_now(),
            Self::SignIn => t.problem_sign_in_now(),
            Self::Changed => t.problem_changed_now(),
            Self::TooLarge => t.problem_too_large_now(),
            Self::Kind => t.problem_kind_now(),
            Self::TooMany => t.problem_too_many_now(),
            Self::Internal | Self::Unknown => t.problem_internal_now(),
            Self::Unavailable => t.problem_unavailable_now(),
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct View<'a> {
    t: T,
    told: Told,
    problem: &'a Problem,
    action: Button<'a>,
}

/// `response`, which holds this problem for programs, as a page with the same status and headers.
pub(crate) fn page(reader: &Reader, problem: &Problem, response: Response) -> Response {
    let (t, told) = (T(reader.lang), Told::of(problem));
    let (front, login) = (reader.href("/"), reader.href("/login"));
    let action = match told {
        Told::SignIn if reader.visitor.is_some() => Button::link(t.shell_sign_in(), &login),
        _ => Button::link(t.shell_home(), &front).secondary(),
    };
    let content = View { t, told, problem, action }.render();
    let Ok(content) = content else { return response };
    let page = shell::page(reader, told.title(t), &content);
    let (mut parts, _) = response.into_parts();
    let (shown, body) = page.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &shown.headers {
        parts.headers.insert(name, value.clone());
    }
    Response::from_parts(parts, Body::new(body))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
