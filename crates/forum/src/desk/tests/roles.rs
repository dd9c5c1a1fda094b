//! Every page of the desk, with each role and with nobody: taken from the routes, so none is forgotten.

use http::Method;

use super::*;

/// Status and code, or where it leads; asked for by a program, so that the code is there to read.
async fn asked(browser: &Browser, method: &Method, path: &str) -> (u16, String) {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookies.join("; "))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "https://forum.example");
    let response = browser.pages.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let got = read(response).await;
    let location = got.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
    let code = serde_json::from_str::<serde_json::Value>(&got.body)
        .ok()
        .and_then(|problem| problem["code"].as_str().map(str::to_owned));
    (got.status.as_u16(), location.or(code).unwrap_or_default())
}

#[tokio::test]
async fn only_the_secretariat_comes_in() {
    each(async |world, begin| {
        let taken = crate::file::take("terms.txt", None, b"Terms.\n".to_vec()).unwrap();
        let (file, digest) = (vec![taken.file.clone()], taken.file.digest_hex());
        world.forum.keep_file(taken, OPENS).await.unwrap();
        let circular = crate::NewCircular { annexes: file.clone(), ..new_circular("CL-1") };
        world.forum.draft_circular(&secretary(), circular).await.unwrap();
        let call = crate::NewCall { documents: file, ..new_call("C", Policy::AtOnce) };
        world.forum.draft_call(&secretary(), call).await.unwrap();
        world.open("OPEN", Policy::AtOnce).await;
        let received = world.receive(submission("OPEN", "Kibo", 1)).await.id.to_string();
        let there = |path: &str| {
            let call = if path.ends_with("/paper") { "OPEN" } else { "C" };
            path.replace("/circulars/{symbol}", "/circulars/CL-1")
                .replace("/calls/{symbol}", &format!("/calls/{call}"))
                .replace("/questions/{id}", "/questions/q1")
                .replace("/submissions/{id}", &format!("/submissions/{received}"))
                .replace("{act}", "announce")
                .replace("{digest}", &digest)
                .replace("{lang}", "fr")
        };
        let routes = world.forum.clone().routes();
        let desk: Vec<(Method, String)> = routes
            .pages()
            .iter()
            .filter(|(_, path)| path == "/desk" || path.starts_with("/desk/"))
            .map(|(method, path)| (method.clone(), there(path)))
            .collect();
        assert!(desk.len() >= 35 && desk.iter().all(|(_, path)| !path.contains('{')), "{desk:?}");

        let others = [Role::Administrator, Role::Clerk, Role::Asker];
        let without = others.map(|role| vec![role]).into_iter().chain([vec![], others.to_vec()]);
        for roles in without {
            let browser = begin(roles.clone()).browser().await;
            for (method, path) in &desk {
                let got = asked(&browser, method, path).await;
                assert_eq!(got, (403, "forbidden".to_owned()), "{roles:?} {method} {path}");
            }
        }
        let mut secretary = begin(vec![Role::Secretary]).browser().await;
        for (method, path) in &desk {
            // A form without its token is refused for that alone; one with a scan has to have parts.
            let expected = match method {
                &Method::GET => (200, ""),
                _ if path.ends_with("/paper") || path.ends_with("/files") => (415, "content_type"),
                _ => (403, "csrf"),
            };
            let (status, said) = asked(&secretary, method, path).await;
            assert_eq!((status, said.as_str()), expected, "{method} {path}");
        }
        // Who is not signed in is sent to sign in, and comes back to the page, not to what a form was sent to.
        secretary.cookies.clear();
        for (method, path) in &desk {
            let back = if method == Method::GET { path.as_str() } else { "/" };
            let login = format!("/en/login?{}", serde_urlencoded::to_string([("return", back)]).unwrap());
            assert_eq!(asked(&secretary, method, path).await, (303, login), "{method} {path}");
        }
        // And nothing has happened.
        let call = world.forum.call_of_desk(&fixture::secretary(), "C").await.unwrap();
        assert_eq!(call.state(OPENS), CallState::Draft);
        assert_eq!(world.forum.counts("OPEN").await.unwrap().received, 1);
    })
    .await;
}
