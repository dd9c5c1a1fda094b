//! The parties: who they are, and what each is told.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base::{Clock, Instant};
use crypto::{SystemRandom, random_array};
use formats::b64;

use forum::Country;

use super::{history, ott, people, secretariat::ANCHORS_2017};
use crate::{Failure, clock::SystemClock, config::Config, files, keys};

/// One party of the demonstration.
pub(super) struct Party {
    pub(super) name: &'static str,
    pub(super) directory: PathBuf,
    pub(super) identifier: String,
    pub(super) token: String,
}

impl Party {
    pub(super) fn anchor(&self) -> PathBuf {
        self.directory.join("anchor.pem")
    }

    pub(super) fn token_file(&self) -> PathBuf {
        self.directory.join("staff-token")
    }

    pub(super) fn config(&self) -> PathBuf {
        self.directory.join("config.toml")
    }
}

/// What a party is called, in six languages.
struct Names {
    en: &'static str,
    fr: &'static str,
    es: &'static str,
    ru: &'static str,
    ar: &'static str,
    zh: &'static str,
}

const ZAMUNARA: Names = Names {
    en: "State of Zamunara",
    fr: "État de Zamunara",
    es: "Estado de Zamunara",
    ru: "Государство Замунара",
    ar: "دولة زامونارا",
    zh: "扎穆纳拉国",
};

const CLINIC: Names = Names {
    en: "Port-Sahar Clinic",
    fr: "Clinique de Port-Sahar",
    es: "Clínica de Port-Sahar",
    ru: "Клиника Порт-Сахар",
    ar: "عيادة بورت سهار",
    zh: "萨哈尔港诊所",
};

const SECRETARIAT: Names = Names {
    en: "Secretariat of the Open Forum",
    fr: "Secrétariat du Forum ouvert",
    es: "Secretaría del Foro Abierto",
    ru: "Секретариат Открытого форума",
    ar: "أمانة المنتدى المفتوح",
    zh: "开放论坛秘书处",
};

/// What is written of a party into its configuration.
struct Told<'a> {
    name: &'static str,
    port: u16,
    names: &'a Names,
    /// Further settings of the party as a whole.
    top: &'a str,
    /// Tables.
    tables: &'a str,
    /// When it got its first keys, if that was not now.
    then: Option<Instant>,
}

/// The state: it keeps the register and issues.
pub(super) fn state(data: &Path, port: u16) -> Result<Party, Failure> {
    let tables = format!(
        "\n[issue]\n# A revocation shows at once.\nstatus_ttl_s = 1\n\n\
         # Its people and its staff sign in with what it issued.\n\
         [ask]\ncredential_anchors = [\"anchor.pem\"]\nstatus_max_age_s = 0\n\n\
         [login]\nmandate = [\"http://localhost:{port}/types/mandate/1\"]\npid = [\"urn:eudi:pid:1\"]\n"
    );
    let top = "handle = \"state\"\n";
    party(data, &Told { name: "state", port, names: &ZAMUNARA, top, tables: &tables, then: None })
}

/// A clinic, which asks.
pub(super) fn service(data: &Path, port: u16) -> Result<Party, Failure> {
    let tables = "\n[ask]\ncredential_anchors = [\"../state/anchor.pem\"]\n# A revocation shows at once.\nstatus_max_age_s = 0\n\n\
        [login]\npid = [\"urn:eudi:pid:1\"]\n";
    let top = "handle = \"service\"\n";
    party(
        data,
        &Told { name: "service", port: port.saturating_add(2), names: &CLINIC, top, tables, then: None },
    )
}

/// The secretariat's folder.
pub(super) const SECRETARIAT_NAME: &str = "secretariat";
/// It listens on the third port after the state's.
const AFTER: u16 = 3;

/// What it is called in addresses.
pub(super) fn secretariat_address(port: u16) -> String {
    format!("http://localhost:{}", port.saturating_add(AFTER))
}

/// The secretariat of the forum, whose mail goes to `smtp`.
pub(super) fn secretariat(data: &Path, port: u16, smtp: &str, then: Instant) -> Result<Party, Failure> {
    let own = port.saturating_add(AFTER);
    let tables = format!(
        "\n# It issues what anybody may have who takes part without a mandate.\n\
         [issue]\nonly = [\"participant\"]\nstatus_ttl_s = 1\n\n\
         # And it believes itself in that, and nobody else.\n\
         [ask]\nstatus_max_age_s = 0\n\n\
         [[ask.issuers]]\nanchors = \"anchor.pem\"\ntypes = [\"http://localhost:{own}/types/participant/1\"]\n\n\
         # What was signed in 2017 was signed under the root that it had then.\n\
         [[ask.issuers]]\nanchors = \"{ANCHORS_2017}\"\ntypes = [\"http://localhost:{own}/types/participant/1\"]\n\n\
         [login]\nmandate = [\"http://localhost:{port}/types/mandate/1\"]\n\
         participant = [\"http://localhost:{own}/types/participant/1\"]\n\n\
         [forum]\nhost_zone = \"{zone}\"\ncontact = \"{contact}\"\n\n\
         # Country by country, whose mandates count.\n\
         [[forum.mandates]]\ncountry = \"{country}\"\nanchors = \"../state/anchor.pem\"\n\
         types = [\"http://localhost:{port}/types/mandate/1\"]\n\n{then}\
         # A mail server of the demonstration, which delivers nowhere: ../mail\n\
         [mail]\nsmtp = \"{smtp}\"\nfrom = \"{contact}\"\n",
        zone = ott::ZONE,
        contact = ott::CONTACT,
        country = people::COUNTRY,
        then = mandates_of_2017(),
    );
    let top = format!("handle = \"secretariat\"\nclock_offset_file = \"{AHEAD}\"\n");
    party(
        data,
        &Told {
            name: SECRETARIAT_NAME,
            port: own,
            names: &SECRETARIAT,
            top: &top,
            tables: &tables,
            then: Some(then),
        },
    )
}

/// Whose mandates counted in 2017: made-up countries'.
fn mandates_of_2017() -> String {
    let one = |country: Country| {
        format!(
            "[[forum.mandates]]\ncountry = \"{country}\"\nanchors = \"{}\"\ntypes = [\"{}\"]\n\n",
            history::anchor_file(country),
            history::mandate_type(country),
        )
    };
    Country::every().filter(|country| country.is_made_up()).map(one).collect()
}

/// The file in the secretariat's folder that says how many seconds its clock is ahead.
pub(super) const AHEAD: &str = "seconds-ahead";

fn party(data: &Path, told: &Told<'_>) -> Result<Party, Failure> {
    let Told { name, port, names, top, tables, then: _ } = told;
    let directory = data.join(name);
    fs::create_dir_all(&directory)?;
    let token_file = directory.join("staff-token");
    let token = if token_file.exists() {
        fs::read_to_string(&token_file)?.trim().to_owned()
    } else {
        let token = b64::encode(&random_array::<32>(&SystemRandom));
        files::write_secret(&token_file, token.as_bytes())?;
        token
    };
    let digest = base16ct::lower::encode_string(&crypto::sha256(token.as_bytes()));
    let identifier = format!("http://localhost:{port}");
    let config = format!(
        "# Written by `sahihi demo` at each start.\n\
         name = {{ en = \"{en}\", fr = \"{fr}\", es = \"{es}\", ru = \"{ru}\", ar = \"{ar}\", zh = \"{zh}\" }}\n\
         organisation = \"{en}\"\n\
         country = \"{country}\"\n\
         identifier = \"{identifier}\"\n\
         listen = \"127.0.0.1:{port}\"\n\
         database = \"sqlite:{name}.sqlite\"\n\
         keys = \"keys\"\n\
         insecure_loopback = true\n\
         {top}\n\
         [[staff]]\nname = \"demonstration clerk\"\nsha256 = \"{digest}\"\n{tables}",
        country = people::COUNTRY,
        en = names.en,
        fr = names.fr,
        es = names.es,
        ru = names.ru,
        ar = names.ar,
        zh = names.zh,
    );
    let file = directory.join("config.toml");
    files::write(&file, config.as_bytes())?;
    let config = Config::read(&file)?;
    if let Some(then) = told.then
        && !keys::exist(&config)
    {
        keys::init_at(&config, then)?;
    }
    // Makes what is missing: an older demonstration had less.
    match keys::init_missing(&config) {
        Err(failure) if failure.code == "keys_exist" => {}
        made => made?,
    }
    let anchors = keys::anchors(&config, SystemClock.now())?.to_pem();
    let anchors = anchors.map_err(|e| Failure::new("keys", e.to_string()))?;
    files::write(&directory.join("anchor.pem"), anchors.as_bytes())?;
    Ok(Party { name, directory, identifier, token })
}
