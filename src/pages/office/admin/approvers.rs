//! Who may approve by a policy, in words: holders of tokens, and people of the single sign-on.

use super::tokens;
use crate::access::oidc::Oidc;
use crate::access::types::{SignedInHolder, Token};
use crate::access::{open_sessions, tokens as stored};
use crate::db::AnyConnection;
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::ledger::RequestContext;
use crate::ledger::caller::Role;
use crate::pages::office::form::Choices;
use crate::pages::words::Words;

/// Those who act for a municipality.
pub struct Approvers {
    known: Vec<Known>,
    w: Words,
}

struct Known {
    id: TokenId,
    label: String,
    /// Whether they could approve today, if a policy names them.
    is_able: bool,
}

impl Approvers {
    /// # Errors
    /// Fails if the database does.
    pub fn of(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        oidc: Option<&Oidc>,
        municipality: OrganizationId,
        w: Words,
    ) -> Result<Self, ApiError> {
        let held = Successions::load(conn)?.held_by(municipality, cx.today);
        let tokens = stored::acting_for(conn, cx, &held)?;
        let people = open_sessions::acting_for(conn, cx, oidc, &held)?;
        let tokens = tokens.iter().map(|one| holder(w, cx, one));
        let people = people.iter().filter_map(|one| person(w, one));
        let known = tokens.chain(people).collect();
        Ok(Self { known, w })
    }

    /// Returns those whom a policy can name, and those whom it names: nobody goes unseen with a token that
    /// was revoked, or with the end of a session.
    pub fn choices(&self, named: &[TokenId]) -> Choices {
        let offered = self.known.iter();
        let offered = offered.filter(|one| one.is_able || named.contains(&one.id));
        let offered = offered.map(|one| (one.id.to_string(), one.label.clone()));
        let others = named.iter().filter(|id| self.find(**id).is_none());
        let others = others.map(|id| (id.to_string(), self.label(*id)));
        offered.chain(others).collect()
    }

    /// Returns who may approve by a policy that names some, or nobody.
    pub fn said(&self, named: Option<&[TokenId]>) -> Vec<String> {
        let all = || self.w.t("승인자와 관리자 모두", "Every approver and admin");
        match named {
            None => vec![all().to_owned()],
            Some(named) => named.iter().map(|id| self.label(*id)).collect(),
        }
    }

    fn find(&self, id: TokenId) -> Option<&Known> {
        self.known.iter().find(|one| one.id == id)
    }

    fn label(&self, id: TokenId) -> String {
        if let Some(one) = self.find(id) {
            return one.label.clone();
        }
        match self.w.tag() {
            "ko" => format!("{id} (이 지방자치단체의 토큰이 아니며 지금 로그인하지 않음)"),
            _ => format!("{id} (no token of this municipality, and not signed in at present)"),
        }
    }
}

fn is_able(role: Role) -> bool {
    matches!(role, Role::Admin | Role::Approver)
}

fn holder(w: Words, cx: &RequestContext, one: &Token) -> Known {
    let ended = tokens::ended(w, cx, one);
    let all = w.t("모든 지방자치단체", "every municipality");
    let mut said = vec![w.label("Role", &one.role)];
    said.extend(one.all_municipalities.then(|| all.to_owned()));
    said.extend(ended.map(str::to_lowercase));
    Known {
        id: one.meta.id,
        label: format!("{} ({})", one.name, said.join(", ")),
        is_able: is_able(one.role) && ended.is_none(),
    }
}

/// Returns somebody of the single sign-on; `None` for the holder of a token.
fn person(w: Words, one: &SignedInHolder) -> Option<Known> {
    let name = one.person.as_ref()?;
    let role = w.label("Role", &one.role);
    let sign_on = w.t("통합 로그인", "single sign-on");
    Some(Known {
        id: one.id,
        label: format!("{name} ({role}, {sign_on})"),
        is_able: is_able(one.role),
    })
}
