//! Who takes part: classes of parties, regions, countries, and the party as a submission shows it.

pub mod country;

pub use country::{Country, DevelopmentFlags};

use crate::spelled::spelled;

spelled! {
    /// What a party is.
    pub enum PartyClass {
        /// A member state.
        MemberState = "member_state",
        /// A sector member.
        SectorMember = "sector_member",
        /// An associate.
        Associate = "associate",
        /// A university or a research institute.
        Academia = "academia",
        /// An intergovernmental organisation.
        Igo = "igo",
        /// A regional organisation.
        RegionalOrganisation = "regional_organisation",
        /// An agency of the United Nations.
        UnAgency = "un_agency",
        /// A company.
        Private = "private",
        /// An organisation of civil society.
        CivilSociety = "civil_society",
        /// Somebody who speaks for themselves.
        Individual = "individual",
        /// A state that observes.
        ObserverState = "observer_state",
    }
}

spelled! {
    /// A region of the ITU's development sector: not those of M49.
    pub enum Region {
        /// Africa.
        Africa = "africa",
        /// The Americas.
        Americas = "americas",
        /// The Arab States.
        ArabStates = "arab_states",
        /// Asia and the Pacific.
        AsiaPacific = "asia_pacific",
        /// The Commonwealth of Independent States.
        Cis = "cis",
        /// Europe.
        Europe = "europe",
    }
}

/// The party for which somebody submits, and who did it: as it was then, and as everybody may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyOfSubmission {
    /// What it is.
    pub class: PartyClass,
    /// Its name, or that by which an individual wants to be called: one line.
    pub name: String,
    /// Its country.
    pub country: Option<Country>,
    /// The person who acted for it, where that is shown: one line.
    pub person: Option<String>,
    /// In which capacity: one line, as a mandate says it.
    pub capacity: Option<String>,
}

impl PartyOfSubmission {
    /// The region of its country.
    pub fn region(&self) -> Option<Region> {
        self.country.map(Country::region)
    }
}
