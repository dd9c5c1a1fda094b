//! Who belongs to the staff: invitations, roles, the last administrator, who may see the page.

use base::limits::INVITATION_LIFETIME_S;
use formats::status_list::Status;
use http::{Method, StatusCode};
use web::Role;

use super::{
    super::Binds,
    world::{Browser, Card, World, mandate, participant, pid, worlds},
};

const PEOPLE: &str = "/en/desk/people";

async fn roles(world: &World, browser: &Browser) -> Vec<Role> {
    let token = &browser.cookies["sahihi_secretariat_session"];
    world.sessions.find(token).await.unwrap().unwrap().roles
}

/// The ids of the entries on the administrators' page.
fn entries(page: &str) -> Vec<String> {
    let parts = page.split("name=\"staff\" value=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_invitation_makes_the_first_administrator_and_works_once() {
    worlds(async |world: World| {
        let path = world.invite(&[Role::Administrator], Binds::Person).await;
        let mut browser = world.browser();
        let page = browser.get(&format!("/en{path}")).await;
        assert!(page.status == StatusCode::OK && page.text.contains("Administrator"), "{}", page.text);
        let card = mandate("Nerida", "Head of unit");
        let mut slow = world.browser();
        let too_late = world.answered(&mut slow, &path, "same", &mandate("Amina", "Adviser")).await;
        let back = world.answered(&mut browser, &path, "same", &card).await;
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
        assert_eq!(roles(&world, &browser).await, [Role::Administrator]);
        // Who began before it was taken up, and comes back after.
        let used = slow.get(&too_late).await;
        assert_eq!((used.status, used.code()), (StatusCode::CONFLICT, "invitation_used"));
        let used = slow.get(&path).await;
        assert_eq!((used.status, used.code()), (StatusCode::CONFLICT, "invitation_used"));
        let unknown = slow.get("/invitations/unknown").await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "invitation_unknown"));
        // From now on the card is enough.
        assert_eq!(roles(&world, &world.signed_in(&card).await).await, [Role::Administrator]);
        assert!(roles(&world, &world.signed_in(&mandate("Amina", "Adviser")).await).await.is_empty());
        let elsewhere = Card { is_of_other_state: true, ..card };
        assert!(roles(&world, &world.signed_in(&elsewhere).await).await.is_empty(), "another state's word");
    })
    .await;
}

/// A session lasts twelve hours; whoever is dismissed does not act for so long.
#[tokio::test]
async fn a_mandate_that_is_revoked_takes_its_sessions_of_the_staff_with_it() {
    worlds(async |world: World| {
        let mandate = mandate("Nerida", "Head of unit");
        let mut staff = world.joined(&[Role::Administrator], Binds::Office, &mandate).await;
        let mut visitor = world.signed_in(&participant("a")).await;
        assert_eq!(staff.get(PEOPLE).await.status, StatusCode::OK);
        world.publish(None);
        assert_eq!(world.login.end_revoked().await.unwrap(), 0, "what is not known is not revoked");
        assert_eq!(staff.get(PEOPLE).await.status, StatusCode::OK);
        world.publish(Some(Status::Invalid));
        assert_eq!(world.login.each_minute().await.unwrap(), 1);
        assert_eq!(staff.get(PEOPLE).await.status, StatusCode::SEE_OTHER);
        assert_eq!(visitor.get("/en/sessions").await.status, StatusCode::OK, "who has no role");
        world.publish(Some(Status::Valid));
        assert_eq!(world.login.end_revoked().await.unwrap(), 0);
        let mut again = world.signed_in(&mandate).await;
        assert_eq!(again.get(PEOPLE).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_ends() {
    worlds(async |world: World| {
        let card = mandate("Nerida", "Head of unit");
        let path = world.invite(&[Role::Administrator], Binds::Person).await;
        world.clock.advance_secs(INVITATION_LIFETIME_S - 1);
        let mut browser = world.browser();
        let back = world.answered(&mut browser, &path, "same", &card).await;
        world.clock.advance_secs(1);
        let late = browser.get(&back).await;
        assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "invitation_expired"));
        let late = browser.get(&path).await;
        assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "invitation_expired"));
        assert_eq!(world.login.erase_expired().await.unwrap(), 1);
        world.joined(&[Role::Administrator], Binds::Person, &card).await;
    })
    .await;
}

#[tokio::test]
async fn an_office_is_whoever_holds_it() {
    worlds(async |world: World| {
        let path = world.invite(&[Role::Secretary], Binds::Office).await;
        let mut browser = world.browser();
        let back = world.answered(&mut browser, &path, "same", &participant("a")).await;
        let refused = browser.get(&back).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "invitation_mandate"));
        let back = world.answered(&mut browser, &path, "same", &mandate("Nerida", "Head of unit")).await;
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
        for (card, expected) in [
            (mandate("Amina", "Head of unit"), &[Role::Secretary][..]),
            (mandate("Amina", "Adviser"), &[]),
            (Card { is_of_other_state: true, ..mandate("Amina", "Head of unit") }, &[]),
        ] {
            assert_eq!(roles(&world, &world.signed_in(&card).await).await, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn administrators_invite_change_and_end_and_one_is_always_left() {
    worlds(async |world: World| {
        let first = mandate("Nerida", "Head of unit");
        let mut admin = world.joined(&[Role::Administrator], Binds::Person, &first).await;
        // The page lists who came first first.
        world.clock.advance_secs(1);
        let fields = [("role", "secretary"), ("role", "clerk"), ("binds", "person"), ("reason", "new here")];
        let invited = admin.post(PEOPLE, "/en/desk/people/invite", &fields).await;
        assert_eq!(invited.status, StatusCode::OK, "{}", invited.text);
        let path = invited.text.split("http://localhost:8003").nth(1).unwrap().split('<').next().unwrap();
        let second = pid("XZ-000001-11");
        let mut browser = world.browser();
        let back = world.answered(&mut browser, path, "cross", &second).await;
        assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
        assert_eq!(roles(&world, &browser).await, [Role::Clerk, Role::Secretary]);

        let page = admin.get(PEOPLE).await.text;
        for text in ["Amaru Tekle", "new here", "Nerida Évora", "Somebody was invited", "operator"] {
            assert!(page.contains(text), "{text}: {page}");
        }
        let ids = entries(&page);
        let change = "/en/desk/people/change";
        let of = |id: &str| [("staff", id.to_owned()), ("reason", "as agreed".to_owned())];
        let with = async |admin: &mut Browser, id: &str, more: &[(&str, &str)]| {
            let fixed = of(id);
            let fields: Vec<(&str, &str)> =
                fixed.iter().map(|(n, v)| (*n, v.as_str())).chain(more.iter().copied()).collect();
            admin.post(PEOPLE, change, &fields).await
        };
        // The last administrator stays, by ending and by changing.
        for more in [&[("do", "end")][..], &[("do", "change"), ("role", "clerk")]] {
            let refused = with(&mut admin, &ids[0], more).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "last_administrator"));
        }
        let none = with(&mut admin, &ids[1], &[("do", "change")]).await;
        assert_eq!((none.status, none.code()), (StatusCode::BAD_REQUEST, "roles"));
        let silent = admin.post(PEOPLE, change, &[("staff", &ids[1]), ("do", "end"), ("reason", " ")]).await;
        assert_eq!((silent.status, silent.code()), (StatusCode::BAD_REQUEST, "reason"));
        assert_eq!(roles(&world, &browser).await, [Role::Clerk, Role::Secretary], "nothing was changed");
        // A second administrator, and the first can go; whoever changed is signed out.
        let done = with(&mut admin, &ids[1], &[("do", "change"), ("role", "administrator")]).await;
        assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, PEOPLE));
        let gone = browser.get("/en/sessions").await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER, "signed out");
        let mut browser = world.signed_in(&second).await;
        assert_eq!(roles(&world, &browser).await, [Role::Administrator]);
        let done = with(&mut browser, &ids[0], &[("do", "end")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        assert_eq!(admin.get(PEOPLE).await.location(), "/en/login?return=%2Fdesk%2Fpeople");
        let mut former = world.signed_in(&first).await;
        assert_eq!(former.get(PEOPLE).await.status, StatusCode::FORBIDDEN);
        let page = browser.get(PEOPLE).await.text;
        assert!(page.contains("Nerida Évora, Head of unit (Ministry of Posts) left the staff"), "{page}");
        let unknown = with(&mut browser, &ids[0], &[("do", "end")]).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    })
    .await;
}

/// Every page for staff, with every role and without: a route that is not in this list fails the test.
#[tokio::test]
async fn every_page_of_the_staff_asks_for_its_role() {
    worlds(async |world: World| {
        let mut by_role = Vec::new();
        for (role, name) in Role::ALL.into_iter().zip(["Ada", "Bo", "Cy", "Di"]) {
            let card = mandate(name, "Member of staff");
            by_role.push((Some(role), world.joined(&[role], Binds::Person, &card).await));
        }
        by_role.push((None, world.signed_in(&participant("a")).await));
        for (role, browser) in &mut by_role {
            let page = browser.get("/en/sessions").await.text;
            assert_eq!(page.contains("href=\"/en/desk\""), *role == Some(Role::Secretary), "{role:?}");
            assert_eq!(page.contains(PEOPLE), *role == Some(Role::Administrator), "{role:?}");
        }
        let needs: &[(&str, &str, Role)] = &[
            ("GET", "/desk/people", Role::Administrator),
            ("POST", "/desk/people/invite", Role::Administrator),
            ("POST", "/desk/people/change", Role::Administrator),
        ];
        let routes = world.login.routes();
        let desk: Vec<_> = routes.pages().iter().filter(|(_, path)| path.starts_with("/desk/")).collect();
        assert_eq!(desk.len(), needs.len(), "{desk:?}");
        for (method, path) in desk {
            let (.., needed) = needs.iter().find(|(m, p, _)| m == &method.as_str() && p == path).unwrap();
            for (role, browser) in &mut by_role {
                let answer = if *method == Method::GET {
                    browser.get(path).await
                } else {
                    // A form without a reason: who may, hears that; the token is from a page that everybody has.
                    let staff = [("staff", "stf_0000000000000001")];
                    browser.post("/sessions", path, &staff).await
                };
                let allowed = *role == Some(*needed);
                assert_eq!(
                    answer.status != StatusCode::FORBIDDEN,
                    allowed,
                    "{method} {path} as {role:?}: {}",
                    answer.status
                );
            }
            let nobody = world.browser().send(method.clone(), path, "", &[]).await;
            assert_eq!(nobody.status, StatusCode::SEE_OTHER, "{path}");
            assert!(nobody.location().starts_with("/en/login?return=%2F"), "{}", nobody.location());
        }
    })
    .await;
}
