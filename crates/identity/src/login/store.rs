//! The tables of signing in and of the staff: SQL in, types out.

use ::store::{Error, Migration, Row, Tx, params};
use base::{Instant, limits::CLOCK_STEP_S};

use super::{
    InvitationId, LoginId, StaffId,
    query::Office,
    roles_of, roles_text,
    staff::{Act, Invitation, Member, MemberIs, NewAct},
};
use ask::RequestId;
use web::{
    Role, Session, Subject,
    session::{PartyClaim, SessionId},
};

/// The tables of this part.
pub(crate) const MIGRATIONS: [Migration; 2] = [
    Migration {
        name: "identity_005_staff",
        sql: "
CREATE TABLE identity_login (
    id BIGINT PRIMARY KEY,
    secret_sha256 BYTEA NOT NULL UNIQUE,
    request BIGINT NOT NULL,
    is_same_device BIGINT NOT NULL,
    return_to TEXT NOT NULL,
    invitation BIGINT,
    began_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX identity_login_expires_at ON identity_login (expires_at);
CREATE TABLE identity_invitation (
    id BIGINT PRIMARY KEY,
    token_sha256 BYTEA NOT NULL UNIQUE,
    roles TEXT NOT NULL,
    is_for_office BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    taken_at BIGINT
);
CREATE INDEX identity_invitation_expires_at ON identity_invitation (expires_at);
CREATE TABLE identity_staff (
    id BIGINT PRIMARY KEY,
    subject TEXT,
    anchor_sha256 BYTEA,
    organisation_id TEXT,
    capacity TEXT,
    shown TEXT NOT NULL,
    roles TEXT NOT NULL,
    joined_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX identity_staff_subject ON identity_staff (subject);
CREATE INDEX identity_staff_office ON identity_staff (organisation_id, capacity);
CREATE TABLE identity_staff_act (
    id BIGINT PRIMARY KEY,
    staff BIGINT,
    shown TEXT NOT NULL,
    act TEXT NOT NULL,
    roles TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX identity_staff_act_at ON identity_staff_act (at);
",
    },
    // Which answer a session of the staff began with: that can be revoked.
    Migration {
        name: "identity_006_shown",
        sql: "
CREATE TABLE identity_shown (
    session BIGINT PRIMARY KEY,
    request BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX identity_shown_expires_at ON identity_shown (expires_at);
",
    },
];

::store::statements! {
    INSERT_LOGIN = "INSERT INTO identity_login
        (id, secret_sha256, request, is_same_device, return_to, invitation, began_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    LOGIN = "SELECT id, request, is_same_device, return_to, invitation, expires_at FROM identity_login
        WHERE secret_sha256 = $1";
    END_LOGIN = "DELETE FROM identity_login WHERE id = $1";
    END_LOGINS = "DELETE FROM identity_login";
    ERASE_LOGINS = "DELETE FROM identity_login WHERE id IN (
        SELECT id FROM identity_login WHERE expires_at <= $1 OR expires_at > $2 LIMIT $3)";
    INSERT_SHOWN = "INSERT INTO identity_shown (session, request, expires_at) VALUES ($1, $2, $3)";
    SHOWN = "SELECT session, request FROM identity_shown WHERE expires_at > $1 ORDER BY session LIMIT $2";
    FORGET_SHOWN = "DELETE FROM identity_shown WHERE session = $1";
    END_SHOWN = "DELETE FROM identity_shown";
    ERASE_SHOWN = "DELETE FROM identity_shown WHERE session IN (
        SELECT session FROM identity_shown WHERE expires_at <= $1 LIMIT $2)";
    INSERT_INVITATION = "INSERT INTO identity_invitation (id, token_sha256, roles, is_for_office, expires_at)
        VALUES ($1, $2, $3, $4, $5)";
    INVITATION_BY_TOKEN = "SELECT id, roles, is_for_office, expires_at, taken_at FROM identity_invitation
        WHERE token_sha256 = $1";
    INVITATION = "SELECT id, roles, is_for_office, expires_at, taken_at FROM identity_invitation WHERE id = $1";
    TAKE_INVITATION = "UPDATE identity_invitation SET taken_at = $2 WHERE id = $1 AND taken_at IS NULL";
    END_INVITATIONS = "DELETE FROM identity_invitation";
    ERASE_INVITATIONS = "DELETE FROM identity_invitation WHERE id IN (
        SELECT id FROM identity_invitation WHERE expires_at <= $1 LIMIT $2)";
    STAFF = "SELECT id, subject, anchor_sha256, organisation_id, capacity, shown, roles, joined_at
        FROM identity_staff WHERE ended_at IS NULL ORDER BY joined_at, id";
    STAFF_OF = "SELECT id, subject, anchor_sha256, organisation_id, capacity, shown, roles, joined_at
        FROM identity_staff WHERE ended_at IS NULL AND (subject = $1
            OR (anchor_sha256 = $2 AND organisation_id = $3 AND capacity = $4)) ORDER BY joined_at, id";
    INSERT_STAFF = "INSERT INTO identity_staff
        (id, subject, anchor_sha256, organisation_id, capacity, shown, roles, joined_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SET_ROLES = "UPDATE identity_staff SET roles = $2 WHERE id = $1 AND ended_at IS NULL";
    END_STAFF = "UPDATE identity_staff SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    INSERT_ACT = "INSERT INTO identity_staff_act (id, staff, shown, act, roles, actor, reason, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ACTS = "SELECT shown, act, roles, actor, reason, at FROM identity_staff_act ORDER BY at DESC, id LIMIT $1";
}

/// Somebody who is signing in, to be kept.
#[derive(Debug, Clone)]
pub(super) struct NewLogin {
    pub(super) id: LoginId,
    pub(super) secret_sha256: [u8; 32],
    pub(super) request: RequestId,
    pub(super) is_same_device: bool,
    pub(super) return_to: String,
    pub(super) invitation: Option<InvitationId>,
    pub(super) began_at: Instant,
    pub(super) expires_at: Instant,
}

/// Somebody who is signing in.
#[derive(Debug, Clone)]
pub(super) struct KeptLogin {
    pub(super) id: LoginId,
    pub(super) request: RequestId,
    pub(super) is_same_device: bool,
    pub(super) return_to: String,
    pub(super) invitation: Option<InvitationId>,
    pub(super) expires_at: Instant,
}

pub(super) async fn insert_login(tx: &mut Tx<'_>, login: &NewLogin) -> Result<(), Error> {
    let NewLogin { id, secret_sha256, request, is_same_device, return_to, invitation, .. } = login;
    let secret = secret_sha256.as_slice();
    let same = *is_same_device;
    tx.execute(
        &INSERT_LOGIN,
        params![
            *id,
            secret,
            *request,
            same,
            return_to.as_str(),
            *invitation,
            login.began_at,
            login.expires_at
        ],
    )
    .await
    .map(drop)
}

pub(super) async fn login(tx: &mut Tx<'_>, secret_sha256: &[u8; 32]) -> Result<Option<KeptLogin>, Error> {
    let Some(row) = tx.optional(&LOGIN, params![secret_sha256.as_slice()]).await? else { return Ok(None) };
    Ok(Some(KeptLogin {
        id: row.id(0)?,
        request: row.id(1)?,
        is_same_device: row.flag(2)?,
        return_to: row.text(3)?.to_owned(),
        invitation: row.opt_id(4)?,
        expires_at: row.instant(5)?,
    }))
}

/// Whether it was there.
pub(super) async fn end_login(tx: &mut Tx<'_>, id: LoginId) -> Result<bool, Error> {
    tx.execute(&END_LOGIN, params![id]).await.map(|rows| rows == 1)
}

pub(super) async fn end_all(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.execute(&END_LOGINS, params![]).await?;
    tx.execute(&END_SHOWN, params![]).await?;
    tx.execute(&END_INVITATIONS, params![]).await.map(drop)
}

pub(super) async fn erase(tx: &mut Tx<'_>, now: Instant, latest: Instant, rows: i64) -> Result<u64, Error> {
    let latest = latest.plus_secs(CLOCK_STEP_S);
    let logins = tx.execute(&ERASE_LOGINS, params![now, latest, rows]).await?;
    let shown = tx.execute(&ERASE_SHOWN, params![now, rows]).await?;
    Ok(logins.max(shown).max(tx.execute(&ERASE_INVITATIONS, params![now, rows]).await?))
}

/// Keeps with which answer a session of the staff began.
pub(super) async fn insert_shown(
    tx: &mut Tx<'_>,
    session: &Session,
    request: RequestId,
) -> Result<(), Error> {
    tx.execute(&INSERT_SHOWN, params![session.id, request, session.expires_at]).await.map(drop)
}

/// The sessions of the staff that can go on after `now`, some perhaps ended meanwhile, each with the answer with which it began;
/// at most `rows`.
pub(super) async fn shown_with(
    tx: &mut Tx<'_>,
    now: Instant,
    rows: i64,
) -> Result<Vec<(SessionId, RequestId)>, Error> {
    let all = tx.all(&SHOWN, params![now, rows]).await?;
    all.iter().map(|row| Ok((row.id(0)?, row.id(1)?))).collect()
}

pub(super) async fn forget_shown(tx: &mut Tx<'_>, session: SessionId) -> Result<(), Error> {
    tx.execute(&FORGET_SHOWN, params![session]).await.map(drop)
}

pub(super) async fn insert_invitation(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    token_sha256: &[u8; 32],
) -> Result<(), Error> {
    let roles = roles_text(&invitation.roles);
    let (office, until) = (invitation.is_for_office, invitation.expires_at);
    tx.execute(&INSERT_INVITATION, params![invitation.id, token_sha256.as_slice(), roles, office, until])
        .await
        .map(drop)
}

pub(super) async fn invitation_by_token(
    tx: &mut Tx<'_>,
    token_sha256: &[u8; 32],
) -> Result<Option<Invitation>, Error> {
    let row = tx.optional(&INVITATION_BY_TOKEN, params![token_sha256.as_slice()]).await?;
    row.as_ref().map(invitation_of).transpose()
}

pub(super) async fn invitation(tx: &mut Tx<'_>, id: InvitationId) -> Result<Option<Invitation>, Error> {
    tx.optional(&INVITATION, params![id]).await?.as_ref().map(invitation_of).transpose()
}

fn invitation_of(row: &Row) -> Result<Invitation, Error> {
    Ok(Invitation {
        id: row.id(0)?,
        roles: roles_of(row.text(1)?),
        is_for_office: row.flag(2)?,
        expires_at: row.instant(3)?,
        is_taken: row.opt_instant(4)?.is_some(),
    })
}

/// Whether nobody had taken it.
pub(super) async fn take_invitation(tx: &mut Tx<'_>, id: InvitationId, now: Instant) -> Result<bool, Error> {
    tx.execute(&TAKE_INVITATION, params![id, now]).await.map(|rows| rows == 1)
}

pub(super) async fn staff(tx: &mut Tx<'_>) -> Result<Vec<Member>, Error> {
    tx.all(&STAFF, params![]).await?.iter().map(member).collect()
}

/// What is kept of somebody, and of the office that they hold.
pub(super) async fn staff_of(
    tx: &mut Tx<'_>,
    subject: &Subject,
    office: Option<&Office>,
) -> Result<Vec<Member>, Error> {
    let anchor = office.map(|o| o.anchor_sha256.as_slice());
    let organisation = office.map(|o| o.party.organisation_id.as_str());
    let capacity = office.map(|o| o.party.capacity.as_str());
    let rows = tx.all(&STAFF_OF, params![subject.as_str(), anchor, organisation, capacity]).await?;
    rows.iter().map(member).collect()
}

fn member(row: &Row) -> Result<Member, Error> {
    let is = match (row.opt_text(1)?, row.opt_bytes(2)?, row.opt_text(3)?, row.opt_text(4)?) {
        (None, Some(_), Some(organisation_id), Some(capacity)) => MemberIs::Office {
            anchor_sha256: row.array(2)?,
            organisation_id: organisation_id.to_owned(),
            capacity: capacity.to_owned(),
        },
        (subject, ..) => MemberIs::Person(Subject::from_kept(subject.unwrap_or_default().to_owned())),
    };
    Ok(Member {
        id: row.id(0)?,
        is,
        shown: row.text(5)?.to_owned(),
        roles: roles_of(row.text(6)?),
        joined_at: row.instant(7)?,
    })
}

pub(super) async fn insert_staff(tx: &mut Tx<'_>, member: &Member) -> Result<(), Error> {
    let (subject, anchor, organisation, capacity) = match &member.is {
        MemberIs::Person(subject) => (Some(subject.as_str()), None, None, None),
        MemberIs::Office { anchor_sha256, organisation_id, capacity } => {
            (None, Some(anchor_sha256.as_slice()), Some(organisation_id.as_str()), Some(capacity.as_str()))
        }
    };
    let roles = roles_text(&member.roles);
    let shown = member.shown.as_str();
    tx.execute(
        &INSERT_STAFF,
        params![member.id, subject, anchor, organisation, capacity, shown, roles, member.joined_at],
    )
    .await
    .map(drop)
}

pub(super) async fn set_roles(tx: &mut Tx<'_>, id: StaffId, roles: &[Role]) -> Result<bool, Error> {
    tx.execute(&SET_ROLES, params![id, roles_text(roles)]).await.map(|rows| rows == 1)
}

pub(super) async fn end_staff(tx: &mut Tx<'_>, id: StaffId, now: Instant) -> Result<bool, Error> {
    tx.execute(&END_STAFF, params![id, now]).await.map(|rows| rows == 1)
}

pub(super) async fn insert_act(tx: &mut Tx<'_>, act: &NewAct) -> Result<(), Error> {
    let roles = roles_text(&act.act.roles);
    let Act { shown, what, actor, reason, at, .. } = &act.act;
    tx.execute(
        &INSERT_ACT,
        params![act.id, act.staff, shown.as_str(), what.name(), roles, actor.as_str(), reason.as_str(), *at],
    )
    .await
    .map(drop)
}

pub(super) async fn acts(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Act>, Error> {
    let rows = tx.all(&ACTS, params![rows]).await?;
    let act = |row: &Row| {
        Ok(Act {
            shown: row.text(0)?.to_owned(),
            what: super::staff::What::from_name(row.text(1)?),
            roles: roles_of(row.text(2)?),
            actor: row.text(3)?.to_owned(),
            reason: row.text(4)?.to_owned(),
            at: row.instant(5)?,
        })
    };
    rows.iter().map(act).collect()
}

/// For what is said of a party: whom one acts for, from an entry.
pub(super) fn shown(name: Option<&str>, party: Option<&PartyClaim>) -> String {
    match (name, party) {
        (Some(name), Some(party)) => format!("{name}, {} ({})", party.capacity, party.organisation_name),
        (None, Some(party)) => format!("{} ({})", party.capacity, party.organisation_name),
        (Some(name), None) => name.to_owned(),
        (None, None) => String::new(),
    }
}
