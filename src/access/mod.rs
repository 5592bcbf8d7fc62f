//! Who may do what: tokens, roles, and the part of the registry that each caller sees.

mod caller;
pub mod command;
mod handlers;
pub mod matrix;
pub mod oidc;
pub mod scope;
mod session;
pub mod tokens;
pub mod types;

pub use caller::{Caller, Reach, Role, Use};
pub use handlers::{TokenSort, configure};
pub use scope::{Scope, Visibility};
pub use session::{RECORDED_AS_OF, Session, admit, may_ask_the_past, wrong_past};
