//! The administrators' page: who belongs to the staff, who is invited, what was changed.

use askama::Template;
use axum::{extract::State, response::Response};
use base::Instant;
use http::{Method, StatusCode};
use web::{
    Form, Problem, Reader, Role, Routes, StaffReader,
    components::{Alert, Choices, Field, Kind},
    format,
};

use super::{
    Login, StaffId,
    page::{ZONE, to},
    staff::{Act, Binds, Member, MemberIs, REASON_CHARS_MAX, StaffRefusal, What},
    unavailable,
};
use crate::texts::T;

pub(super) fn routes() -> Routes<Login> {
    Routes::new()
        .page(Method::GET, "/desk/people", show)
        .page(Method::POST, "/desk/people/invite", invite)
        .page(Method::POST, "/desk/people/change", change)
}

#[derive(Template)]
#[template(path = "people.html")]
struct People<'a> {
    t: T,
    reader: &'a Reader,
    csrf: String,
    refused: Option<(Alert<'a>, &'static str)>,
    members: Vec<Entry>,
    roles: Choices<'a>,
    binds: Choices<'a>,
    reason: Field<'a>,
    acts: Vec<Done>,
}

/// An entry, as it is shown.
struct Entry {
    id: StaffId,
    shown: String,
    is_office: bool,
    since: String,
    roles: Vec<(&'static str, &'static str, bool)>,
}

/// A change, as it is shown.
struct Done {
    text: String,
    roles: Option<String>,
    reason: String,
    actor: String,
    at: String,
}

#[derive(Template)]
#[template(path = "invited.html")]
struct InvitedPage<'a> {
    t: T,
    reader: &'a Reader,
    until: String,
    link: String,
}

/// What a role is for.
pub(super) fn role_help(t: T, role: Role) -> &'static str {
    match role {
        Role::Administrator => t.people_role_administrator_help(),
        Role::Clerk => t.people_role_clerk_help(),
        Role::Secretary => t.people_role_secretary_help(),
        Role::Asker => t.people_role_asker_help(),
    }
}

/// A role in words.
pub(super) fn role(t: T, role: Role) -> &'static str {
    match role {
        Role::Administrator => t.people_role_administrator(),
        Role::Clerk => t.people_role_clerk(),
        Role::Secretary => t.people_role_secretary(),
        Role::Asker => t.people_role_asker(),
    }
}

async fn show(State(login): State<Login>, staff: StaffReader) -> Result<Response, Problem> {
    login.people(&staff, None).await
}

impl Login {
    async fn people(&self, staff: &StaffReader, refused: Option<&StaffRefusal>) -> Result<Response, Problem> {
        let reader = &staff.reader;
        let t = T(reader.lang);
        let (members, acts) = match self.staff(&staff.actor).await {
            Ok(all) => all,
            Err(refusal) => return Err(problem(&refusal)),
        };
        let lang = reader.lang;
        let roles = Choices::several(lang, "role", t.people_roles()).required();
        let binds = Choices::one(lang, "binds", t.people_binds()).required().chosen(["person"]);
        let reason = Field::text(lang, "reason", t.people_reason()).required().max_chars(REASON_CHARS_MAX);
        let page = People {
            t,
            reader,
            csrf: reader.csrf(),
            refused: refused.and_then(|refusal| {
                let (text, code) = said(t, refusal)?;
                Some((Alert::new(Kind::Refused, text).answers(), code))
            }),
            members: members.into_iter().map(|member| entry(reader, member)).collect(),
            roles: Role::ALL
                .into_iter()
                .fold(roles, |all, r| all.option_with_help(r.name(), role(t, r), role_help(t, r))),
            binds: binds.option("person", t.people_binds_person()).option("office", t.people_binds_office()),
            reason: reason.help(t.people_reason_help()),
            acts: acts.into_iter().map(|act| done(reader, act)).collect(),
        };
        let mut response = reader.page(t.people_title(), &page);
        if let Some(refusal) = refused {
            *response.status_mut() = StatusCode::from_u16(problem(refusal).status()).unwrap_or_default();
        }
        Ok(response)
    }
}

fn time(reader: &Reader, at: Instant) -> String {
    format::date_time(reader.lang, at, reader.zone.as_deref().unwrap_or(ZONE))
}

fn entry(reader: &Reader, member: Member) -> Entry {
    let t = T(reader.lang);
    let shown = match &member.is {
        // Two of them must be told apart, here and in what they did.
        MemberIs::Person(subject) if member.shown.is_empty() => {
            format!("{} {}", t.login_pseudonym(), subject.short())
        }
        _ => named(t, member.shown),
    };
    Entry {
        id: member.id,
        shown,
        is_office: matches!(member.is, MemberIs::Office { .. }),
        since: format::date(reader.lang, member.joined_at, reader.zone.as_deref().unwrap_or(ZONE)),
        roles: Role::ALL.into_iter().map(|r| (r.name(), role(t, r), member.roles.contains(&r))).collect(),
    }
}

/// Whoever joined under a pseudonym has no name.
fn named(t: T, shown: String) -> String {
    if shown.is_empty() { t.login_pseudonym().to_owned() } else { shown }
}

fn done(reader: &Reader, act: Act) -> Done {
    let t = T(reader.lang);
    let who = named(t, act.shown);
    let text = match act.what {
        What::Invited => t.people_act_invited().to_owned(),
        What::Joined => t.people_act_joined(who),
        What::Changed => t.people_act_changed(who),
        What::Ended => t.people_act_ended(who),
    };
    let roles: Vec<&str> = act.roles.iter().map(|r| role(t, *r)).collect();
    Done {
        text,
        roles: (!roles.is_empty()).then(|| roles.join(" · ")),
        reason: act.reason,
        actor: named(t, act.actor),
        at: time(reader, act.at),
    }
}

/// The fields of a form in which one may be there several times.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// Those that are roles.
    fn roles(&self) -> Vec<Role> {
        let named = self.0.iter().filter(|(name, _)| name == "role");
        named.filter_map(|(_, value)| Role::from_name(value)).collect()
    }
}

/// The secret stands in the answer to the form, the one time that it is shown: there is no page to lead on to.
async fn invite(
    State(login): State<Login>,
    staff: StaffReader,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let fields = Fields(fields);
    let binds = if fields.one("binds") == "office" { Binds::Office } else { Binds::Person };
    match login.invite(&staff.actor, &fields.roles(), binds, fields.one("reason")).await {
        Ok(invited) => {
            let reader = &staff.reader;
            let t = T(reader.lang);
            let until = time(reader, invited.expires_at);
            let link = format!("{}{}", login.sessions.identifier(), invited.path);
            Ok(reader.page(t.people_link_title(), &InvitedPage { t, reader, until, link }))
        }
        Err(refusal) => login.refused(&staff, refusal).await,
    }
}

/// Gives an entry other roles, or ends it.
async fn change(
    State(login): State<Login>,
    staff: StaffReader,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let fields = Fields(fields);
    let id = fields.one("staff").parse().map_err(|_| problem(&StaffRefusal::Unknown))?;
    let reason = fields.one("reason");
    let changed = match fields.one("do") {
        "end" => login.end(&staff.actor, id, reason).await,
        _ => login.change(&staff.actor, id, &fields.roles(), reason).await,
    };
    match changed {
        Ok(()) => Ok(to(&staff.reader, "/desk/people")),
        Err(refusal) => login.refused(&staff, refusal).await,
    }
}

impl Login {
    /// The page again, with what was wrong; what is no fault of the form is a page of its own.
    async fn refused(&self, staff: &StaffReader, refusal: StaffRefusal) -> Result<Response, Problem> {
        if said(T(staff.reader.lang), &refusal).is_none() {
            return Err(problem(&refusal));
        }
        self.people(staff, Some(&refusal)).await
    }
}

/// What is said beside the form.
fn said(t: T, refusal: &StaffRefusal) -> Option<(&'static str, &'static str)> {
    let text = match refusal {
        StaffRefusal::NoRoles => t.people_error_roles(),
        StaffRefusal::Reason => t.people_error_reason(),
        StaffRefusal::LastAdministrator => t.people_error_last(),
        StaffRefusal::Forbidden(_) | StaffRefusal::Unknown | StaffRefusal::Store(_) => return None,
    };
    Some((text, problem(refusal).code()))
}

fn problem(refusal: &StaffRefusal) -> Problem {
    match refusal {
        StaffRefusal::Forbidden(forbidden) => (*forbidden).into(),
        StaffRefusal::Unknown => Problem::not_found("entry of the staff"),
        StaffRefusal::NoRoles => Problem::bad_request("roles", "Name at least one role."),
        StaffRefusal::Reason => Problem::bad_request("reason", "Give a reason, one line."),
        StaffRefusal::LastAdministrator => {
            Problem::conflict("last_administrator", "There would be no administrator left.")
        }
        StaffRefusal::Store(error) => unavailable(error),
    }
}
