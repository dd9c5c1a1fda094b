use super::*;

/// A message in the six languages; what stands in the place of one language is another file.
fn six(other: Option<(Lang, &str)>) -> Vec<File> {
    let texts = [
        (Lang::En, "hello = Good morning, { $name }\nleave = Leave\n"),
        (Lang::Fr, "hello = Bonjour, { $name }\nleave = Quitter\n"),
        (Lang::Es, "hello = Buenos días, { $name }\nleave = Salir\n"),
        (Lang::Ru, "hello = Доброе утро, { $name }\nleave = Выйти\n"),
        (Lang::Ar, "hello = صباح الخير يا { $name }\nleave = خروج\n"),
        (Lang::Zh, "hello = { $name }，早上好\nleave = 离开\n"),
    ];
    let file = |(lang, text): (Lang, &str)| {
        let text = other.filter(|(l, _)| *l == lang).map_or(text, |(_, text)| text).to_owned();
        File { lang, path: format!("{}/x.ftl", lang.tag()), text }
    };
    texts.map(file).into()
}

fn faults(files: &[File], same: &str) -> Vec<String> {
    generate(files, same).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// What is wrong when one language says this; without it, nothing is.
fn check(lang: Lang, text: &str, expected: &[&str]) {
    assert_eq!(faults(&six(Some((lang, text))), ""), expected, "{text}");
}

#[test]
fn six_complete_languages_have_no_faults() {
    assert_eq!(faults(&six(None), ""), [""; 0]);
}

#[test]
fn a_text_must_be_there_in_every_language() {
    check(Lang::Ru, "hello = Доброе утро, { $name }\n", &["ru: `leave` is missing"]);
    check(
        Lang::Fr,
        "hello = Bonjour, { $name }\nleave = Quitter\nstay = Rester\n",
        &["fr/x.ftl: `stay` is not in English"],
    );
    check(
        Lang::Es,
        "hello = Buenos días, { $name }\nleave = Salir\nleave = Irse\n",
        &["es/x.ftl: `leave` is there twice"],
    );
}

#[test]
fn a_text_must_be_translated() {
    let copied = "hello = Bonjour, { $name }\nleave = Leave\n";
    check(
        Lang::Fr,
        copied,
        &[
            "fr/x.ftl: `leave` is the same as in English; translate it, or list it in `same.txt` as `fr leave`",
        ],
    );
    let files = six(Some((Lang::Fr, copied)));
    assert_eq!(faults(&files, "# Right so.\nfr leave\n"), [""; 0]);
    // What is listed is looked at: it may have been translated since.
    assert_eq!(
        faults(&six(None), "fr leave\n"),
        ["fr: `leave` is listed in `same.txt`, and is not the same as in English"]
    );
    assert_eq!(faults(&six(None), "fr gone\n").len(), 1);
}

#[test]
fn a_text_must_be_in_its_script() {
    for (lang, text) in [
        (Lang::Ar, "hello = صباح الخير يا { $name }\nleave = Go away\n"),
        (Lang::Zh, "hello = { $name }，早上好\nleave = Go away\n"),
        (Lang::Ru, "hello = Доброе утро, { $name }\nleave = Go away\n"),
    ] {
        let said = format!("{}/x.ftl: `leave` has no letter of its language's script", lang.tag());
        check(lang, text, &[&said]);
    }
    // Latin words among others are names of things.
    check(Lang::Zh, "hello = { $name }，早上好\nleave = 离开 PDF\n", &[]);
    for (lang, text, letter) in [
        (Lang::Es, "hello = Buenos días, { $name }\nleave = Salir 离\n", '离'),
        (Lang::Ar, "hello = صباح الخير يا { $name }\nleave = خروج й\n", 'й'),
        (Lang::En, "hello = Good morning, { $name }\nleave = Leаve\n", 'а'),
    ] {
        let said = format!(
            "{}/x.ftl: `leave` has a letter of a script that its language does not use: `{letter}`",
            lang.tag()
        );
        check(lang, text, &[&said]);
    }
}

#[test]
fn translations_use_the_arguments_of_english() {
    check(
        Lang::Fr,
        "hello = Bonjour\nleave = Quitter\n",
        &["fr/x.ftl: `hello` does not use the same arguments as English: name"],
    );
    check(
        Lang::Fr,
        "hello = Bonjour, { $nom }\nleave = Quitter\n",
        &["fr/x.ftl: `hello` does not use the same arguments as English: name, nom"],
    );
    check(
        Lang::Fr,
        "hello = Bonjour, { NUMBER($name) }\nleave = Quitter\n",
        &["fr/x.ftl: `hello` `$name` is a number here and a text there"],
    );
}

/// A message that counts, in Russian, among five that are right.
fn counted(russian: &str) -> Vec<String> {
    let texts = [
        (Lang::En, "n = { $n ->\n    [one] { $n } day\n   *[other] { $n } days\n}\n"),
        (Lang::Fr, "n = { $n ->\n    [one] { $n } jour\n   *[other] { $n } jours\n}\n"),
        (Lang::Es, "n = { $n ->\n    [one] { $n } día\n   *[other] { $n } días\n}\n"),
        (Lang::Ru, russian),
        (
            Lang::Ar,
            "n = { $n ->\n    [one] يوم { $n }\n    [two] يومان\n    [few] { $n } أيام\n    [many] { $n } يومًا\n   *[other] { $n } يوم\n}\n",
        ),
        (Lang::Zh, "n = { $n } 天\n"),
    ];
    let file =
        |(lang, text): (Lang, &str)| File { lang, path: format!("{}/x.ftl", lang.tag()), text: text.into() };
    faults(&texts.map(file), "")
}

#[test]
fn a_choice_by_number_has_every_form_of_its_language() {
    let complete = "n = { $n ->\n    [one] { $n } день\n    [few] { $n } дня\n    [many] { $n } дней\n   *[other] { $n } дня\n}\n";
    assert_eq!(counted(complete), [""; 0]);
    // The default may be one of the forms.
    let by_default = "n = { $n ->\n    [one] { $n } день\n    [few] { $n } дня\n   *[many] { $n } дней\n}\n";
    assert_eq!(counted(by_default), [""; 0]);
    let lacking = "n = { $n ->\n    [one] { $n } день\n    [many] { $n } дней\n   *[other] { $n } дня\n}\n";
    assert_eq!(counted(lacking), ["ru/x.ftl: `n` lacks the plural form `few`"]);
}

#[test]
fn what_is_not_compiled_is_said() {
    for (text, expected) in [
        ("hello = Hello, { $name }\nleave = Leave\n    .title = T\n", "uses an attribute"),
        ("hello = { leave } { $name }\nleave = Leave\n", "uses a reference to another message"),
        ("hello = { DATETIME($name) }\nleave = Leave\n", "uses a function that is not NUMBER"),
        ("hello = { -gone } { $name }\nleave = Leave\n", "uses a term that is not there"),
        ("-a = { -a }\nhello = { -a } { $name }\nleave = Leave\n", "uses terms within terms without an end"),
    ] {
        let found = faults(&six(Some((Lang::En, text))), "");
        assert!(found.iter().any(|fault| fault.contains(expected)), "{text}: {found:?}");
    }
    let found = faults(&six(Some((Lang::En, "hello Hello\nleave = Leave\n"))), "");
    assert!(found.iter().any(|fault| fault.starts_with("en/x.ftl: is not Fluent: line")), "{found:?}");
}

/// What comes out: a method a message, whose arguments are those of the English text in order.
#[test]
fn messages_become_methods() {
    let english = "-office = The office\n\
        hello = Good morning, { $name }\n\
        leave = Leave { -office }\n\
        count = { $where }: { $n ->\n    [0] nobody\n    [one] { $n } person\n   *[other] { $n } people\n}\n\
        kind = { $kind ->\n    [a] first\n   *[b] second\n}\n";
    let (messages, faults) = read::all(&six(Some((Lang::En, english))));
    assert_eq!(faults, []);
    let rust = write::rust(&messages);
    for expected in [
        "pub(crate) struct T(pub ::base::Lang);",
        "pub(crate) fn hello(self, v_name: impl ::std::fmt::Display) -> String {",
        "pub(crate) const fn leave(self) -> &'static str {",
        "::base::Lang::En => \"Leave The office\",",
        "pub(crate) fn count(self, v_where: impl ::std::fmt::Display, v_n: impl ::web::format::Whole) -> String {",
        "(0, _) => {",
        "(_, ::web::format::Plural::One) => {",
        "out.push_str(&::web::format::number(self.0, v_n));",
        "match v_kind.as_str() {",
    ] {
        assert!(rust.contains(expected), "{expected}\n{rust}");
    }
}
