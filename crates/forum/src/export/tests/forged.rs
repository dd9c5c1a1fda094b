//! Whoever writes the list of files anew may change what he likes: everything of an export, one thing at a time.

use ::store::fixture::Database;
use serde_json::{Value, json};

use super::{changed::listed, *};

/// An export that is changed, by what is done to it.
type Forgery = (String, Tree);

/// One of each kind: signed with a file, replaced, refused, and withheld when everybody had read it; and a translation
/// that came after the publication.
async fn exported(policy: Policy) -> (Tree, log::VerifierKey) {
    let database = Database::sqlite();
    let world = World::new(&database.open(&fixture::migrations()).await, policy).await;
    world.sign("Nerida", 1).await;
    let first = world.send("Ulmira", 2).await;
    world.clock.advance_secs(60);
    let mut again = submission(CALL, "Ulmira", 3);
    again.supersedes = Some(first);
    world.forum.receive(again).await.unwrap();
    let refused = world.send("Spam", 4).await;
    let later = world.sign("Held", 5).await;
    world.clock.set(CLOSES.plus_ms(GRACE_MS));
    world.forum.refuse(&secretary(), refused, "It answers nothing.").await.unwrap();
    world.publish().await;
    world.clock.advance_secs(60);
    match policy {
        Policy::NeverWithCounts => world.forum.refuse(&secretary(), later, "A court said so.").await.unwrap(),
        _ => world.forum.withhold(&secretary(), later, "A court said so.").await.unwrap(),
    };
    let french = ("Un appel".to_owned(), "Dites-nous.".to_owned());
    world.forum.translate_call(&secretary(), CALL, base::Lang::Fr, french).await.unwrap();
    world.forum.log.step().await.unwrap();
    (world.export().await.unwrap(), world.forum.log.key().clone())
}

/// Each way to change a value without looking below it.
fn changed(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::String(text) => vec![("longer".to_owned(), json!(format!("{text}x")))],
        Value::Number(n) => vec![("one more".to_owned(), json!(n.as_i64().unwrap() + 1))],
        Value::Bool(is) => vec![("not".to_owned(), json!(!is))],
        Value::Null => vec![("not null".to_owned(), json!("x"))],
        Value::Object(members) => {
            let without = |name: &String| {
                let mut fewer = members.clone();
                fewer.remove(name);
                (format!("without {name}"), Value::Object(fewer))
            };
            let mut more = members.clone();
            more.insert("more".to_owned(), json!(1));
            members.keys().map(without).chain([("with more".to_owned(), Value::Object(more))]).collect()
        }
        Value::Array(items) => {
            let one = |at: usize| {
                let (mut fewer, mut more, mut other) = (items.clone(), items.clone(), items.clone());
                fewer.remove(at);
                more.insert(at, items[at].clone());
                other.swap(at, (at + 1) % items.len());
                [("without", fewer), ("doubled", more), ("swapped", other)]
                    .map(|(what, items)| (format!("{what} {at}"), Value::Array(items)))
            };
            let more = [items.clone(), vec![json!("more")]].concat();
            (0..items.len()).flat_map(one).chain([("with more".to_owned(), Value::Array(more))]).collect()
        }
    }
}

/// The places of all values of a document.
fn places(value: &Value, at: &str) -> Vec<String> {
    let below: Vec<String> = match value {
        Value::Object(members) => {
            let name = |name: &str| name.replace('~', "~0").replace('/', "~1");
            members.iter().flat_map(|(key, value)| places(value, &format!("{at}/{}", name(key)))).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(n, value)| places(value, &format!("{at}/{n}"))).collect()
        }
        _ => Vec::new(),
    };
    [vec![at.to_owned()], below].concat()
}

/// Each way to change what is in a file.
fn rewritten(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut all = vec![
        ("emptied".to_owned(), Vec::new()),
        ("with a space".to_owned(), format!("{text} ").into_bytes()),
        ("with a line".to_owned(), format!("{text}\n").into_bytes()),
    ];
    if let Ok(document) = formats::json::parse(bytes) {
        for place in places(&document, "") {
            for (what, value) in changed(document.pointer(&place).unwrap()) {
                let mut other = document.clone();
                *other.pointer_mut(&place).unwrap() = value;
                all.push((format!("{place} {what}"), formats::json::canonical(&other)));
            }
        }
        return all;
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (at, line) in lines.iter().enumerate() {
        let longer = format!("x{line}");
        for (what, now) in
            [("gone", vec![]), ("doubled", vec![*line, line]), ("longer", vec![longer.as_str()])]
        {
            let lines = [&lines[..at], &now, &lines[at + 1..]].concat();
            all.push((format!("line {at} {what}"), lines.concat().into_bytes()));
        }
    }
    all
}

/// Everything that can be done to one file.
fn forgeries(tree: &Tree, path: &str) -> Vec<Forgery> {
    let bytes = &tree[path];
    let put = |what: String, path: &str, bytes: Vec<u8>| {
        let mut other = tree.clone();
        other.insert(path.to_owned(), bytes);
        (what, other)
    };
    let mut all: Vec<Forgery> = rewritten(bytes)
        .into_iter()
        .filter(|(_, other)| other != bytes)
        .map(|(what, other)| put(format!("{path}: {what}"), path, other))
        .collect();
    let mut gone = tree.clone();
    gone.remove(path);
    // Under another name, and under another name alone.
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let digest = layout::hex(&crypto::sha256(bytes));
    for name in [format!("2-{name}"), format!("{name}.proof"), "received.proof".to_owned(), digest] {
        let place = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if !tree.contains_key(&place) {
            all.push(put(format!("{path}: also as {place}"), &place, bytes.clone()));
            let mut moved = gone.clone();
            moved.insert(place.clone(), bytes.clone());
            all.push((format!("{path}: as {place}"), moved));
        }
    }
    // With the content of the next one that lies as it does.
    if let Some(next) =
        tree.keys().find(|next| next.as_str() > path && next.ends_with(name) && tree[*next] != *bytes)
    {
        all.push(put(format!("{path}: like {next}"), path, tree[next].clone()));
    }
    all.push((format!("{path}: gone"), gone));
    all
}

/// What can be done unseen to those files of an export of a call of this policy.
async fn unseen(policy: Policy, is_meant: fn(&str) -> bool) -> Vec<String> {
    let (tree, key) = exported(policy).await;
    let is_right = |tree: Tree| {
        let tree = listed(tree);
        let present = tree.keys().filter(|path| *path != layout::SUMS).cloned().collect();
        let given =
            Given { key: Some(&key), anchors: &TrustAnchors::default(), now: CLOSES.plus_secs(86_400) };
        check(&InMemory(&tree), &present, &given, 2).is_ok_and(|report| report.faults.is_empty())
    };
    assert!(is_right(tree.clone()));
    let (mut unseen, mut tried) = (Vec::new(), 0);
    for path in tree.keys().filter(|path| *path != layout::SUMS && is_meant(path)) {
        for (what, forged) in forgeries(&tree, path) {
            tried += 1;
            if is_right(forged) {
                unseen.push(what);
            }
        }
    }
    assert!(tried > 300, "{tried}");
    unseen
}

/// Of an export all is known but acts on the call that came after its publication: docs/adr/020-exports.md.
#[tokio::test]
async fn nothing_is_changed_left_out_or_put_in_unseen() {
    let unseen = unseen(Policy::AtClose, |_| true).await;
    assert_eq!(unseen.len(), 1, "{unseen:#?}");
    assert!(unseen[0].ends_with("-call_translated.proof: gone"), "{unseen:?}");
}

/// Nor where everything else of a submission is closed.
#[tokio::test]
async fn nothing_is_changed_of_what_is_only_counted() {
    let unseen = unseen(Policy::NeverWithCounts, |path| path.starts_with("submissions")).await;
    assert_eq!(unseen, [""; 0]);
}

/// The list itself, too, is as it is written and no other way.
#[tokio::test]
async fn the_list_of_files_is_written_in_one_way() {
    let (tree, _) = exported(Policy::AtClose).await;
    assert_eq!(faults(&tree), []);
    for (what, bytes) in rewritten(&tree[layout::SUMS]) {
        let mut other = tree.clone();
        other.insert(layout::SUMS.to_owned(), bytes);
        assert_ne!(faults(&other), [], "{what}");
    }
}
