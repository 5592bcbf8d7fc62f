//! Encrypts the stored secrets of webhooks anew: those from before secrets were encrypted, and all
//! of them after the key was replaced.

use diesel::prelude::*;

use super::secret::EarlierSecret;
use crate::access::sealing::{Sealing, Unsealable};
use crate::db::schema::webhooks as w;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;

/// The outcome for all webhooks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Number of webhooks whose secrets were encrypted anew.
    pub anew: usize,
    /// Number of webhooks with a secret whose key is lost.
    pub lost: usize,
}

/// Returns true if a stored secret is not encrypted.
pub fn has_plain(conn: &mut AnyConnection) -> Result<bool, ApiError> {
    let plain = w::secret
        .not_like("sealed:%")
        .or(w::earlier_secrets.like("%whsec\\_%").escape('\\'));
    let found = w::table.filter(plain).select(w::id).first::<String>(conn);
    Ok(found.optional()?.is_some())
}

/// Encrypts every secret that is not encrypted with the present key.
///
/// # Errors
/// Fails if the key file cannot be used.
pub fn seal_all(conn: &mut AnyConnection, sealing: &Sealing) -> Result<Sealed, ApiError> {
    let mut sealed = Sealed::default();
    let rows: Vec<(String, String, Json<Vec<EarlierSecret>>)> = w::table
        .order(w::id)
        .select((w::id, w::secret, w::earlier_secrets))
        .load(conn)?;
    for (id, secret, Json(mut earlier)) in rows {
        let anew = |text: &mut String| {
            if sealing.is_current(text)? {
                return Ok(false);
            }
            *text = sealing.seal(&id, &sealing.open(&id, text)?)?;
            Ok::<_, Unsealable>(true)
        };
        let mut present = secret;
        let mut all = vec![anew(&mut present)];
        all.extend(earlier.iter_mut().map(|earlier| anew(&mut earlier.secret)));
        let (mut changed, mut lost) = (false, false);
        for one in all {
            match one {
                Ok(done) => changed |= done,
                Err(Unsealable::Lost { .. } | Unsealable::Changed) => lost = true,
                Err(other) => return Err(other.into()),
            }
        }
        if changed {
            diesel::update(w::table.find(&id))
                .set((w::secret.eq(present), w::earlier_secrets.eq(Json(&earlier))))
                .execute(conn)?;
        }
        sealed.anew += usize::from(changed);
        sealed.lost += usize::from(lost);
    }
    Ok(sealed)
}
