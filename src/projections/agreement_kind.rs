//! Kinds of agreements, by which policies and lists select them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::timeline_entry::EntryKind;
use crate::kernel::words::words;

/// Kind of agreement. `mou`: memorandum of understanding; `moa`: memorandum of agreement;
/// `academic_exchange`: exchange with a school or a research institute (학술교류); `contract`: contract
/// under the Local Contract Act (지방계약법).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementKind {
    Mou,
    Moa,
    Cooperation,
    Investment,
    Sisterhood,
    Implementation,
    AcademicExchange,
    Contract,
    Other,
}

impl From<AgreementKind> for EntryKind {
    fn from(kind: AgreementKind) -> Self {
        match kind {
            AgreementKind::Mou => Self::Mou,
            AgreementKind::Moa => Self::Moa,
            AgreementKind::Cooperation => Self::Cooperation,
            AgreementKind::Investment => Self::Investment,
            AgreementKind::Sisterhood => Self::Sisterhood,
            AgreementKind::Implementation => Self::Implementation,
            AgreementKind::AcademicExchange => Self::AcademicExchange,
            AgreementKind::Contract => Self::Contract,
            AgreementKind::Other => Self::Other,
        }
    }
}

words!(AgreementKind: Mou "업무협약(MOU)" "MOU", Moa "합의각서(MOA)" "MOA", Cooperation "협력협약" "Cooperation",
    Investment "투자협약" "Investment", Sisterhood "자매결연" "Sisterhood", Implementation "이행협약" "Implementation",
    AcademicExchange "학술교류" "Academic exchange", Contract "계약" "Contract", Other "기타" "Other");
