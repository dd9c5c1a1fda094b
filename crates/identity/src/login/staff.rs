//! Who belongs to the staff, as what; who may say so; how somebody new gets in.
//!
//! An entry is a person (what their credential says tells them apart) or an office: whoever holds a mandate of that
//! organisation in that capacity, by that authority. Somebody gets in by an invitation: a link with a secret that is shown
//! once, works once, and ends. The first comes from whoever operates the party (`sahihi admin invite`); all others from an
//! administrator. There is always an administrator once there was one. Every change is kept with who made it, when and why,
//! and becomes a leaf of the party's log.

use ::store::{Error, Tx};
use base::{
    Instant,
    limits::{CLOCK_STEP_S, INVITATION_LIFETIME_S, STAFF_ACTS_SHOWN_MAX},
    unseen::deceives,
};
use crypto::random_array;
use serde_json::json;
use web::{Actor, Role, Sessions, Subject, session::Holder, staff::Forbidden};

use super::{InvitationId, Login, StaffActKind, StaffId, query::Who, store};

/// How long a reason may be, characters.
pub(super) const REASON_CHARS_MAX: u32 = 500;

/// To whom an invitation gives its roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binds {
    /// To the person who takes it up.
    Person,
    /// To the office that their mandate says: whoever holds it.
    Office,
}

/// An invitation to the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// What whoever takes it up may do.
    pub roles: Vec<Role>,
    /// Whether it gives them to an office.
    pub is_for_office: bool,
    /// Until when it can be taken up.
    pub expires_at: Instant,
    /// Whether it was.
    pub is_taken: bool,
}

/// An invitation that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct Invited {
    /// The address to hand over, a path: whoever has it first gets the roles.
    pub path: String,
    /// Until when it can be taken up.
    pub expires_at: Instant,
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invited").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Who is meant by an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MemberIs {
    Person(Subject),
    Office { anchor_sha256: [u8; 32], organisation_id: String, capacity: String },
}

impl MemberIs {
    /// Whose sessions end with it.
    fn holder(&self) -> Holder {
        match self {
            Self::Person(subject) => Holder::Subject(subject.clone()),
            Self::Office { organisation_id, capacity, .. } => {
                Holder::Mandate { organisation_id: organisation_id.clone(), capacity: capacity.clone() }
            }
        }
    }
}

/// An entry of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) id: StaffId,
    pub(super) is: MemberIs,
    /// As they called themselves when they joined.
    pub(super) shown: String,
    pub(super) roles: Vec<Role>,
    pub(super) joined_at: Instant,
}

/// What was done to the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Invited,
    Joined,
    Changed,
    Ended,
}

impl What {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::Changed => "changed",
            Self::Ended => "ended",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        let all = [Self::Invited, Self::Joined, Self::Changed];
        all.into_iter().find(|what| what.name() == name).unwrap_or(Self::Ended)
    }
}

/// A change of the staff, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) shown: String,
    pub(super) what: What,
    pub(super) roles: Vec<Role>,
    pub(super) actor: String,
    pub(super) reason: String,
    pub(super) at: Instant,
}

/// A change of the staff, to be kept.
#[derive(Debug, Clone)]
pub(super) struct NewAct {
    pub(super) id: base::Id<StaffActKind>,
    pub(super) staff: Option<StaffId>,
    pub(super) act: Act,
}

/// Why the staff is not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StaffRefusal {
    /// They are no administrator.
    #[error("{0}")]
    Forbidden(#[from] Forbidden),
    /// There is no such entry.
    #[error("there is no such entry of the staff")]
    Unknown,
    /// No role is named.
    #[error("an entry of the staff has at least one role")]
    NoRoles,
    /// The reason is empty, too long, or no text.
    #[error("the reason is empty, too long, or has characters that hide")]
    Reason,
    /// Nobody could change the staff any more.
    #[error("there would be no administrator left")]
    LastAdministrator,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] Error),
}

/// Why an invitation gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvitationRefusal {
    /// There is no such invitation, or no more.
    #[error("there is no such invitation")]
    Unknown,
    /// It was taken up.
    #[error("the invitation was taken up")]
    Used,
    /// It is too old.
    #[error("the invitation has expired")]
    Expired,
    /// It is for an office, and no mandate was shown.
    #[error("the invitation is for who holds a mandate")]
    NeedsMandate,
}

impl Invitation {
    /// Whether it can be taken up.
    pub(super) fn check(&self, now: Instant) -> Result<(), InvitationRefusal> {
        if self.is_taken {
            return Err(InvitationRefusal::Used);
        }
        // What a clock made that was far ahead is over too.
        let latest = now.plus_secs(INVITATION_LIFETIME_S + CLOCK_STEP_S);
        if now >= self.expires_at || self.expires_at > latest {
            return Err(InvitationRefusal::Expired);
        }
        Ok(())
    }
}

impl Login {
    /// Invites somebody to the staff, with these roles.
    ///
    /// # Errors
    /// [`StaffRefusal`].
    pub async fn invite(
        &self,
        actor: &Actor,
        roles: &[Role],
        binds: Binds,
        reason: &str,
    ) -> Result<Invited, StaffRefusal> {
        actor.require(Role::Administrator)?;
        let (roles, reason) = (some(roles)?, reason_of(reason)?);
        let now = self.clock.now();
        let token = self.sessions.token();
        let digest = crypto::sha256(token.as_bytes());
        let invitation = Invitation {
            id: InvitationId::from_random(random_array(self.random.as_ref())),
            roles: roles.clone(),
            is_for_office: binds == Binds::Office,
            expires_at: now.plus_secs(INVITATION_LIFETIME_S),
            is_taken: false,
        };
        let expires_at = invitation.expires_at;
        let act = Act {
            shown: String::new(),
            what: What::Invited,
            roles,
            actor: actor.name().to_owned(),
            reason,
            at: now,
        };
        let login = self.clone();
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                store::insert_invitation(tx, &invitation, &digest).await?;
                login.note(tx, None, act.clone()).await
            })
            .await?;
        Ok(Invited { path: format!("/invitations/{token}"), expires_at })
    }

    /// What an invitation gives, by its secret.
    pub(super) async fn invitation(
        &self,
        token: &str,
    ) -> Result<Result<Invitation, InvitationRefusal>, Error> {
        let (now, digest) = (self.clock.now(), crypto::sha256(token.as_bytes()));
        let read = async move |tx: &mut Tx<'_>| store::invitation_by_token(tx, &digest).await;
        let found = self.store.read(read).await?;
        Ok(match found {
            None => Err(InvitationRefusal::Unknown),
            Some(invitation) => invitation.check(now).map(|()| invitation),
        })
    }

    /// Gives whoever takes up an invitation its roles, in the write that signs them in.
    pub(super) async fn take_up(
        &self,
        tx: &mut Tx<'_>,
        id: InvitationId,
        who: &Who,
        now: Instant,
    ) -> Result<Result<(), InvitationRefusal>, Error> {
        let Some(invitation) = store::invitation(tx, id).await? else {
            return Ok(Err(InvitationRefusal::Unknown));
        };
        if let Err(refusal) = invitation.check(now) {
            return Ok(Err(refusal));
        }
        let party = who.office.as_ref().map(|office| &office.party);
        let (is, shown) = match (&who.office, invitation.is_for_office) {
            (Some(office), true) => {
                let is = MemberIs::Office {
                    anchor_sha256: office.anchor_sha256,
                    organisation_id: office.party.organisation_id.clone(),
                    capacity: office.party.capacity.clone(),
                };
                (is, store::shown(None, party))
            }
            (None, true) => return Ok(Err(InvitationRefusal::NeedsMandate)),
            (_, false) => {
                (MemberIs::Person(who.subject.clone()), store::shown(who.shown_name.as_deref(), party))
            }
        };
        if !store::take_invitation(tx, id, now).await? {
            return Ok(Err(InvitationRefusal::Used));
        }
        let known = store::staff_of(tx, &who.subject, who.office.as_ref()).await?;
        let known = known.into_iter().find(|member| member.is == is);
        let (staff, roles) = if let Some(member) = known {
            let roles = union(member.roles.iter().chain(&invitation.roles));
            store::set_roles(tx, member.id, &roles).await?;
            (member.id, roles)
        } else {
            let id = StaffId::from_random(random_array(self.random.as_ref()));
            let (shown, roles) = (shown.clone(), invitation.roles.clone());
            let member = Member { id, is, shown, roles, joined_at: now };
            store::insert_staff(tx, &member).await?;
            (id, invitation.roles.clone())
        };
        let act = Act {
            actor: shown.clone(),
            shown,
            what: What::Joined,
            roles,
            reason: invitation.id.to_string(),
            at: now,
        };
        self.note(tx, Some(staff), act).await?;
        Ok(Ok(()))
    }

    /// Everybody of the staff, the longest first, and what was last done to it.
    pub(super) async fn staff(&self, actor: &Actor) -> Result<(Vec<Member>, Vec<Act>), StaffRefusal> {
        actor.require(Role::Administrator)?;
        let read = async |tx: &mut Tx<'_>| {
            Ok::<_, Error>((store::staff(tx).await?, store::acts(tx, STAFF_ACTS_SHOWN_MAX).await?))
        };
        Ok(self.store.read(read).await?)
    }

    /// Gives an entry these roles and no others; an entry that loses one signs in again.
    pub(super) async fn change(
        &self,
        actor: &Actor,
        id: StaffId,
        roles: &[Role],
        reason: &str,
    ) -> Result<(), StaffRefusal> {
        actor.require(Role::Administrator)?;
        self.set(actor, id, some(roles)?, reason_of(reason)?).await
    }

    /// Takes an entry out of the staff.
    pub(super) async fn end(&self, actor: &Actor, id: StaffId, reason: &str) -> Result<(), StaffRefusal> {
        actor.require(Role::Administrator)?;
        self.set(actor, id, Vec::new(), reason_of(reason)?).await
    }

    /// With no roles, the entry ends. Whoever has its roles is signed out, and signs in with those that are left.
    async fn set(
        &self,
        actor: &Actor,
        id: StaffId,
        roles: Vec<Role>,
        reason: String,
    ) -> Result<(), StaffRefusal> {
        let (now, actor, login) = (self.clock.now(), actor.name().to_owned(), self.clone());
        self.store
            .write(async move |tx: &mut Tx<'_>| {
                let all = store::staff(tx).await?;
                let member = all.iter().find(|member| member.id == id).ok_or(StaffRefusal::Unknown)?;
                let others = all.iter().filter(|other| other.id != id);
                let is_left = others.flat_map(|other| &other.roles).chain(&roles);
                if !is_left.into_iter().any(|role| *role == Role::Administrator) {
                    return Err(StaffRefusal::LastAdministrator);
                }
                let what = if roles.is_empty() {
                    store::end_staff(tx, id, now).await?;
                    What::Ended
                } else {
                    store::set_roles(tx, id, &roles).await?;
                    What::Changed
                };
                Sessions::end_all(tx, &member.is.holder()).await?;
                let act = Act {
                    shown: member.shown.clone(),
                    what,
                    roles: roles.clone(),
                    actor: actor.clone(),
                    reason: reason.clone(),
                    at: now,
                };
                Ok(login.note(tx, Some(id), act).await?)
            })
            .await
    }

    /// Keeps a change, and logs it.
    async fn note(&self, tx: &mut Tx<'_>, staff: Option<StaffId>, act: Act) -> Result<(), Error> {
        let id = base::Id::<StaffActKind>::from_random(random_array(self.random.as_ref()));
        if let Some(log) = &self.log {
            let roles: Vec<&str> = act.roles.iter().map(|role| role.name()).collect();
            let record = json!({
                "type": "urn:sahihi:act:staff_change:1",
                "act": act.what.name(),
                "actor": act.actor,
                "at": act.at.rfc3339(),
                "id": id,
                "reason": act.reason,
                "roles": roles,
                "staff": staff,
            });
            let record = log::record(&record);
            log.append(tx, &log::Act { kind: "staff_change", record: &record }).await?;
        }
        store::insert_act(tx, &NewAct { id, staff, act }).await
    }
}

fn union<'a>(roles: impl Iterator<Item = &'a Role>) -> Vec<Role> {
    roles.copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

fn some(roles: &[Role]) -> Result<Vec<Role>, StaffRefusal> {
    if roles.is_empty() { Err(StaffRefusal::NoRoles) } else { Ok(union(roles.iter())) }
}

fn reason_of(reason: &str) -> Result<String, StaffRefusal> {
    let reason = reason.trim();
    let is_text = !reason.chars().any(|c| c.is_control() || deceives(c));
    if is_text && !reason.is_empty() && reason.chars().count() <= REASON_CHARS_MAX as usize {
        Ok(reason.to_owned())
    } else {
        Err(StaffRefusal::Reason)
    }
}
