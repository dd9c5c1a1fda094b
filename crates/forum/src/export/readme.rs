//! What an export is and how it is checked, in plain words and six languages.

use base::Lang;

use crate::{Call, texts::T};

/// The text of README.txt.
pub(crate) fn text(call: &Call, address: &str) -> String {
    let one = |lang: Lang| {
        let t = T(lang);
        let title = call.said.title.get(lang).text;
        [
            format!("{} – {title}\n{address}", t.export_readme_heading()),
            t.export_readme_what().to_owned(),
            format!("{}\n\n    sahihi verify . --key NAME+ID+KEY", t.export_readme_check()),
            format!("{}\n\n    sha256sum -c SHA256SUMS", t.export_readme_sums()),
            t.export_readme_key().to_owned(),
            t.export_readme_proves().to_owned(),
            t.export_readme_not().to_owned(),
            t.export_readme_people().to_owned(),
        ]
        .join("\n\n")
    };
    [Lang::En, Lang::Fr, Lang::Es, Lang::Ru, Lang::Ar, Lang::Zh].map(one).join("\n\n----\n\n") + "\n"
}
