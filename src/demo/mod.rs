use crate::app::State;
pub async fn load(_: &State) -> Result<(), String> { Ok(()) }
pub fn greeting(url: &str) -> String { format!("{url}\n") }
